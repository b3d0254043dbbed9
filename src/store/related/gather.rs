//! Which articles share telling words with one: their postings, added up.

use std::collections::HashSet;

use crate::{
    model::words::tokens,
    ranking::{
        bm25::idf,
        lists::{List, union},
        model::{Model, Prepared},
        stems::{primary, stem},
        vector::Vector,
    },
    store::{
        connection::DbConnection,
        error::StoreError,
        index::{self, Snapshot},
    },
};

/// Words of the source that are looked up.
const OWN_WORDS: usize = 48;
/// Words that it lacks and that go with its topics.
const SUGGESTED_WORDS: usize = 16;
/// What those count against its own.
const SUGGESTED_SHARE: f64 = 0.5;
/// Words looked up in one statement; the next ones only if there is room for more postings.
const WORDS_AT_ONCE: usize = 16;
/// Postings that are added up, at most.
const POSTINGS_AT_MOST: usize = 400_000;
/// A word of more articles than this, or than a tenth of all, tells little.
const COMMON_FROM: usize = 2_000;
const COMMON_SHARE: usize = 10;
/// With fewer words than this, common ones are taken too.
const FEWEST_WORDS: usize = 8;
/// What the strongest word counts; whole numbers, so that the order of a sum decides nothing.
const STRONGEST: f64 = 4_096.0;
/// Up to so many rows between the first and the last, sums lie in one array.
const DENSE_AT_MOST: usize = 4_000_000;

/// The article whose neighbours are sought.
pub(super) struct Source<'a> {
    pub(super) vector: &'a Vector,
    /// One word as written for each term of the vector.
    pub(super) written: &'a str,
    pub(super) prepared: &'a Prepared,
    /// BCP 47 tag.
    pub(super) language: &'a str,
}

/// A word in all of its forms, and what it counts.
struct Sought {
    forms: Vec<String>,
    weight: f64,
}

/// At most so many articles that share words, those that share most first.
pub(super) fn by_words(
    connection: &mut DbConnection,
    snapshot: &Snapshot,
    model: &Model,
    source: &Source<'_>,
    most: usize,
) -> Result<Vec<i64>, StoreError> {
    let sought = sought(connection, model, source)?;
    let articles = snapshot.articles();
    let most_common = COMMON_FROM.max(articles / COMMON_SHARE);
    let (mut telling, mut common) = (Vec::new(), Vec::new());
    let mut postings = 0_usize;
    for words in sought.chunks(WORDS_AT_ONCE) {
        if postings >= POSTINGS_AT_MOST {
            break;
        }
        for (list, weight) in lists(connection, snapshot, words)? {
            let counts = weight * idf(list.len(), articles);
            match list.len() > most_common {
                true => common.push((list, counts)),
                false => {
                    postings += list.len();
                    telling.push((list, counts));
                }
            }
        }
    }
    if telling.len() < FEWEST_WORDS {
        common.sort_by_key(|(list, _): &(List, f64)| list.len());
        telling.extend(common.into_iter().take(FEWEST_WORDS - telling.len()));
    }
    Ok(best(&in_bounds(telling), most))
}

/// Own words and suggested ones, the strongest first.
fn sought(
    connection: &mut DbConnection,
    model: &Model,
    source: &Source<'_>,
) -> Result<Vec<Sought>, StoreError> {
    let written: Vec<&str> = source.written.split(' ').collect();
    let mut words: Vec<(String, f64)> = Vec::new();
    for (place, weight) in model.strongest(source.vector, OWN_WORDS) {
        let mut own = written
            .get(usize::from(place))
            .map(|word| tokens(word))
            .unwrap_or_default();
        // A pair of words has no postings of its own.
        if own.len() == 1
            && let Some(word) = own.pop()
        {
            words.push((word, f64::from(weight)));
        }
    }
    let sum: f64 = words.iter().map(|(_, weight)| weight).sum();
    let count = u32::try_from(words.len()).unwrap_or(u32::MAX).max(1);
    let usual = sum / f64::from(count);
    let suggested = model.suggested(source.prepared, SUGGESTED_WORDS);
    let greatest = suggested.iter().map(|(_, weight)| f64::from(*weight));
    let greatest = greatest.fold(f64::MIN_POSITIVE, f64::max);
    for (word, weight) in suggested {
        let share = f64::from(weight) / greatest;
        words.push((word.to_owned(), usual * SUGGESTED_SHARE * share));
    }
    words.sort_by(|(one, weight), (other, other_weight)| {
        other_weight.total_cmp(weight).then_with(|| one.cmp(other))
    });
    with_forms(connection, source.language, words)
}

/// All forms of each word that the index knows by its stem; each form for the first word alone.
fn with_forms(
    connection: &mut DbConnection,
    language: &str,
    words: Vec<(String, f64)>,
) -> Result<Vec<Sought>, StoreError> {
    let language = primary(language);
    let stems: Vec<(String, String)> = words
        .iter()
        .map(|(word, _)| (language.clone(), stem(&language, word).into_owned()))
        .collect();
    let known = index::terms_of_stems(connection, &stems)?;
    let mut taken: HashSet<String> = HashSet::new();
    let mut sought = Vec::with_capacity(words.len());
    for ((word, weight), (_, own_stem)) in words.into_iter().zip(stems) {
        let of_stem = known.iter().filter(|(_, stem, _)| *stem == own_stem);
        let others = of_stem.map(|(_, _, term)| term.clone());
        let mut forms: Vec<String> = others.chain([own_stem.clone(), word]).collect();
        forms.sort();
        forms.dedup();
        forms.retain(|form| taken.insert(form.clone()));
        if !forms.is_empty() {
            sought.push(Sought { forms, weight });
        }
    }
    Ok(sought)
}

/// The postings of each word, its forms taken together.
fn lists(
    connection: &mut DbConnection,
    snapshot: &Snapshot,
    words: &[Sought],
) -> Result<Vec<(List, f64)>, StoreError> {
    let terms: Vec<String> = words.iter().flat_map(|word| word.forms.clone()).collect();
    let mut found = snapshot.lists(connection, &terms)?;
    let mut lists = Vec::with_capacity(words.len());
    for word in words {
        let forms: Vec<List> = word
            .forms
            .iter()
            .filter_map(|form| found.remove(form))
            .collect();
        let list = union(forms);
        if !list.is_empty() {
            lists.push((list, word.weight));
        }
    }
    Ok(lists)
}

/// The strongest lists that fit, with what each counts as a whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 1 to 4,096"
)]
fn in_bounds(mut lists: Vec<(List, f64)>) -> Vec<(List, u32)> {
    lists.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let greatest = lists.first().map_or(1.0, |(_, counts)| *counts);
    let mut postings = 0_usize;
    let mut taken = Vec::with_capacity(lists.len());
    for (list, counts) in lists {
        postings += list.len();
        if postings > POSTINGS_AT_MOST && !taken.is_empty() {
            break;
        }
        let whole = (counts / greatest.max(f64::MIN_POSITIVE) * STRONGEST).round();
        taken.push((list, whole.clamp(1.0, STRONGEST) as u32));
    }
    taken
}

/// The articles with the greatest sums, at most so many; ties go to the smaller row.
fn best(lists: &[(List, u32)], most: usize) -> Vec<i64> {
    let first = lists.iter().filter_map(|(list, _)| list.first());
    let last = lists.iter().filter_map(|(list, _)| list.last());
    let low = first.map(|entry| entry.pk).min();
    let high = last.map(|entry| entry.pk).max();
    let (Some(low), Some(high)) = (low, high) else {
        return Vec::new();
    };
    let span = usize::try_from(high.saturating_sub(low)).unwrap_or(usize::MAX);
    let mut sums = match span < DENSE_AT_MOST {
        true => dense(lists, low, span + 1),
        false => sparse(lists),
    };
    let order =
        |one: &(u32, i64), other: &(u32, i64)| other.0.cmp(&one.0).then(one.1.cmp(&other.1));
    if sums.len() > most {
        sums.select_nth_unstable_by(most, order);
        sums.truncate(most);
    }
    sums.sort_unstable_by(order);
    sums.into_iter().map(|(_, pk)| pk).collect()
}

fn dense(lists: &[(List, u32)], low: i64, length: usize) -> Vec<(u32, i64)> {
    let mut sums = vec![0_u32; length];
    for (list, counts) in lists {
        for entry in list {
            let place = usize::try_from(entry.pk - low).unwrap_or(usize::MAX);
            if let Some(sum) = sums.get_mut(place) {
                *sum = sum.saturating_add(counts.saturating_mul(entry.weight));
            }
        }
    }
    let named = sums.into_iter().zip(low..);
    named.filter(|(sum, _)| *sum > 0).collect()
}

fn sparse(lists: &[(List, u32)]) -> Vec<(u32, i64)> {
    let all = lists.iter().flat_map(|(list, counts)| {
        let sum = |weight: u32| counts.saturating_mul(weight);
        list.iter().map(move |entry| (entry.pk, sum(entry.weight)))
    });
    let mut all: Vec<(i64, u32)> = all.collect();
    all.sort_unstable();
    let mut sums: Vec<(u32, i64)> = Vec::new();
    for (pk, more) in all {
        match sums.last_mut() {
            Some((sum, last)) if *last == pk => *sum = sum.saturating_add(more),
            _ => sums.push((more, pk)),
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ranking::postings::Entry;

    fn list(entries: &[(i64, u32)]) -> List {
        let entry = |(pk, weight): &(i64, u32)| Entry {
            pk: *pk,
            weight: *weight,
        };
        entries.iter().map(entry).collect()
    }

    #[test]
    fn what_shares_more_comes_first() {
        let lists = [
            (list(&[(1, 10), (2, 10), (9, 127)]), 100),
            (list(&[(2, 10), (3, 10)]), 50),
        ];
        assert_eq!(best(&lists, 10), [9, 2, 1, 3]);
        assert_eq!(best(&lists, 2), [9, 2]);
        assert!(best(&[], 2).is_empty());
    }

    proptest! {
        #[test]
        fn both_ways_to_add_up_agree(
            lists in prop::collection::vec(
                (prop::collection::btree_map(1_i64..500, 1_u32..128, 0..60), 1_u32..4_096),
                1..6,
            )
        ) {
            let lists: Vec<(List, u32)> = lists
                .into_iter()
                .map(|(entries, counts)| {
                    let entries: Vec<(i64, u32)> = entries.into_iter().collect();
                    (list(&entries), counts)
                })
                .collect();
            prop_assert_eq!(dense(&lists, 1, 500), sparse(&lists));
        }
    }
}
