//! Facets: the hits counted by what they have.

use std::collections::HashMap;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl};

use crate::{
    model::{
        search::{FacetValue, Facets},
        time::UtcTime,
    },
    store::{
        Reader,
        articles::rows::columns as articles,
        categories::Tree,
        connection::DbConnection,
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
/// Hits that are counted, at most; the counts of more are reckoned from so many of them. Within
/// SQLite's bound of 32,766 parameters.
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
    let shown = |counts: Vec<Count>| ranked(counts, ratio);
    let mut found = Facets {
        estimated: pks.len() < hits.len(),
        ..Facets::default()
    };
    if choice.category || choice.year {
        let rows = categories_and_dates(reader, &pks)?;
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

/// A hit's category and its editorial date in milliseconds.
type CategoryAndDate = (Option<i64>, i64);

fn categories_and_dates(
    reader: &mut Reader<'_>,
    pks: &[i64],
) -> Result<Vec<CategoryAndDate>, StoreError> {
    Ok(reader
        .articles()
        .filter(articles::pk.eq_any(pks.to_vec()))
        .select((articles::category_pk, articles::sort_at))
        .load(reader.connection)?)
}

/// A hit counts for its category and for all above it, since the filter by any of them lets it
/// pass.
fn by_category(
    reader: &mut Reader<'_>,
    rows: &[CategoryAndDate],
) -> Result<Vec<Count>, StoreError> {
    let held = counted(rows.iter().filter_map(|(category, _)| *category));
    let tree = Tree::load(reader.connection)?;
    Ok(tree.totals(&held, &reader.sight))
}

fn by_year(rows: &[CategoryAndDate]) -> Vec<Count> {
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

fn by_tag(connection: &mut DbConnection, pks: &[i64]) -> Result<Vec<Count>, StoreError> {
    Ok(article_tags::table
        .inner_join(tags::table)
        .filter(article_tags::article_pk.eq_any(pks.to_vec()))
        .group_by((tags::slug, tags::name))
        .select((tags::slug, tags::name, dsl::count_star()))
        .load(connection)?)
}

fn by_author(connection: &mut DbConnection, pks: &[i64]) -> Result<Vec<Count>, StoreError> {
    Ok(article_authors::table
        .inner_join(authors::table)
        .filter(article_authors::article_pk.eq_any(pks.to_vec()))
        .group_by((authors::slug, authors::name))
        .select((authors::slug, authors::name, dsl::count_star()))
        .load(connection)?)
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
    fn counts_of_a_part_are_reckoned_to_the_whole() {
        assert_eq!(reckoned(7, 40, 40), 7);
        assert_eq!(reckoned(7, 40_000, 10_000), 28);
        assert_eq!(reckoned(1, 10_001, 10_000), 1);
        assert_eq!(reckoned(0, 0, 0), 0);
    }
}
