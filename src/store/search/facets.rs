//! Facets: the hits counted by what they have.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::{
    model::{
        search::{FacetValue, Facets},
        time::UtcTime,
    },
    store::{
        Reader,
        among::{Numbers, among},
        articles::rows::{FiledAndDated, filed_and_dated},
        categories::Tree,
        connection::{DbConnection, on_backend},
        error::StoreError,
        schema::{article_authors, article_tags, authors, tags},
        search::Hit,
    },
};

/// Which facets are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FacetChoice {
    /// By category.
    pub category: bool,
    /// By tag.
    pub tag: bool,
    /// By author.
    pub author: bool,
    /// By year.
    pub year: bool,
}

/// Values of a facet, at most.
const FACET_AT_MOST: usize = 100;
/// Hits that are counted, at most; the counts of more are reckoned from so many of them.
const COUNTED_AT_MOST: usize = 10_000;

/// A value, its name, and how many hits have it.
type Count = (String, String, i64);

/// Counts the hits by what they have: exactly, or by an even part of them when they are many.
pub(in crate::store) fn facets(
    reader: &mut Reader<'_>,
    hits: &[Hit],
    choice: FacetChoice,
) -> Result<Facets, StoreError> {
    let pks = counted_ones(hits.iter().map(|hit| hit.pk).collect(), COUNTED_AT_MOST);
    let ratio = (hits.len(), pks.len());
    let is_part = pks.len() < hits.len();
    let pks = Numbers::new(pks);
    let shown = |counts: Vec<Count>| ranked(counts, ratio);
    let mut found = Facets {
        estimated: is_part,
        ..Facets::default()
    };
    if choice.category || choice.year {
        let rows = filed_and_dated(reader.connection, &reader.sight, &pks)?;
        if choice.category {
            found.category = Some(shown(by_category(reader, &rows)?));
        }
        if choice.year {
            found.year = Some(shown(by_year(&rows)));
        }
    }
    reader.go_on()?;
    if choice.tag {
        found.tag = Some(shown(by_tag(reader.connection, &pks)?));
    }
    if choice.author {
        found.author = Some(shown(by_author(reader.connection, &pks)?));
    }
    Ok(found)
}

/// At most so many of the rows, spread evenly over them and always the same.
fn counted_ones(mut pks: Vec<i64>, most: usize) -> Vec<i64> {
    if pks.len() > most {
        // Multiplying by an odd number takes rows to numbers without a pattern, no two to one.
        pks.sort_unstable_by_key(|pk| pk.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15));
        pks.truncate(most);
    }
    pks
}

/// A hit counts for its category and for all above it, since the filter by any of them lets it
/// pass.
fn by_category(reader: &mut Reader<'_>, rows: &[FiledAndDated]) -> Result<Vec<Count>, StoreError> {
    let held = counted(rows.iter().filter_map(|(category, _)| *category));
    let tree = Tree::load(reader.connection)?;
    Ok(tree.totals(&held, &reader.sight))
}

fn by_year(rows: &[FiledAndDated]) -> Vec<Count> {
    let years = rows.iter().map(|(_, at)| UtcTime::from_column(*at).year());
    let named = counted(years)
        .into_iter()
        .map(|(year, count)| (year.to_string(), year.to_string(), count));
    named.collect()
}

fn counted<T: std::hash::Hash + Eq>(values: impl Iterator<Item = T>) -> HashMap<T, i64> {
    let mut counts: HashMap<T, i64> = HashMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts
}

fn by_tag(connection: &mut DbConnection, hits: &Numbers) -> Result<Vec<Count>, StoreError> {
    let found: Vec<i64> = on_backend!(&mut *connection, inner => article_tags::table
        .filter(among(article_tags::article_pk, hits))
        .select(article_tags::tag_pk)
        .load(inner)?);
    let counts = greatest(counted(found.into_iter()));
    let rows = Numbers::new(counts.keys().copied().collect());
    let names = on_backend!(connection, inner => tags::table
        .filter(among(tags::pk, &rows))
        .select((tags::pk, tags::slug, tags::name))
        .load(inner)?);
    Ok(named(&counts, names))
}

fn by_author(connection: &mut DbConnection, hits: &Numbers) -> Result<Vec<Count>, StoreError> {
    let found: Vec<i64> = on_backend!(&mut *connection, inner => article_authors::table
        .filter(among(article_authors::article_pk, hits))
        .select(article_authors::author_pk)
        .load(inner)?);
    let counts = greatest(counted(found.into_iter()));
    let rows = Numbers::new(counts.keys().copied().collect());
    let names = on_backend!(connection, inner => authors::table
        .filter(among(authors::pk, &rows))
        .select((authors::pk, authors::slug, authors::name))
        .load(inner)?);
    Ok(named(&counts, names))
}

/// The counts that can be among those that are told: what ties with the last of them too.
fn greatest(mut counts: HashMap<i64, i64>) -> HashMap<i64, i64> {
    let mut all: Vec<i64> = counts.values().copied().collect();
    if all.len() > FACET_AT_MOST {
        let (_, least, _) =
            all.select_nth_unstable_by(FACET_AT_MOST - 1, |one, other| other.cmp(one));
        counts.retain(|_, count| *count >= *least);
    }
    counts
}

/// The counts of rows by slug and name.
fn named(counts: &HashMap<i64, i64>, names: Vec<(i64, String, String)>) -> Vec<Count> {
    let count = |(pk, slug, name)| Some((slug, name, *counts.get(&pk)?));
    names.into_iter().filter_map(count).collect()
}

/// Most hits first, ties by value; reckoned from `counted` to `all` hits.
fn ranked(mut rows: Vec<Count>, (all, counted): (usize, usize)) -> Vec<FacetValue> {
    rows.sort_by(|one, other| (other.2, &one.0).cmp(&(one.2, &other.0)));
    rows.truncate(FACET_AT_MOST);
    rows.into_iter()
        .map(|(value, name, count)| FacetValue {
            value,
            name,
            count: reckoned(count, all, counted),
        })
        .collect()
}

/// What a count of a part is in the whole, rounded.
fn reckoned(count: i64, all: usize, counted: usize) -> i64 {
    if counted == 0 || all == counted {
        return count;
    }
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let (all, counted) = (number(all), number(counted));
    (count.saturating_mul(all).saturating_add(counted / 2) / counted).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_even_and_always_the_same() {
        let part = counted_ones((0..100_000).collect(), 10_000);
        assert_eq!(part.len(), 10_000);
        for tenth in 0..10 {
            let within = part.iter().filter(|pk| **pk / 10_000 == tenth).count();
            assert!((900..1_100).contains(&within), "{tenth}: {within}");
        }
        let again = counted_ones((0..100_000).rev().collect(), 10_000);
        assert_eq!(part, again);
        assert_eq!(counted_ones(vec![3, 1, 2], 3), [3, 1, 2]);
    }

    #[test]
    fn no_count_that_may_be_told_is_left_out() {
        let many = i64::try_from(FACET_AT_MOST).unwrap();
        let counts: HashMap<i64, i64> = (0..2 * many).map(|pk| (pk, pk.min(many + 40))).collect();
        // The last forty or so tie.
        let kept = greatest(counts.clone());
        assert_eq!(
            kept.len(),
            counts.values().filter(|count| **count >= many).count()
        );
        let few: HashMap<i64, i64> = (0..many).map(|pk| (pk, 1)).collect();
        assert_eq!(greatest(few.clone()), few);
    }

    #[test]
    fn counts_of_a_part_are_reckoned_to_the_whole() {
        assert_eq!(reckoned(7, 40, 40), 7);
        assert_eq!(reckoned(7, 40_000, 10_000), 28);
        assert_eq!(reckoned(1, 10_001, 10_000), 1);
        assert_eq!(reckoned(0, 0, 0), 0);
    }
}
