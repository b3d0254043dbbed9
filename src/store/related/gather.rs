//! Which articles share telling words with one: their postings, added up.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashSet},
};

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
/// Postings that are added up, at most, as far as can be told before they are read.
const POSTINGS_AT_MOST: f64 = 150_000.0;
/// A word of more articles than this, or than a tenth of all, tells little.
const COMMON_FROM: f64 = 2_000.0;
const COMMON_SHARE: f64 = 0.1;
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

/// A word as it is chosen.
struct Candidate {
    word: String,
    weight: f64,
    /// How many articles have it, as far as was learned.
    articles: f64,
}

/// At most so many articles that share words, those that share most first.
pub(super) fn by_words(
    connection: &mut DbConnection,
    snapshot: &Snapshot,
    model: &Model,
    source: &Source<'_>,
    most: usize,
) -> Result<Vec<i64>, StoreError> {
    let articles = snapshot.articles();
    let words = chosen(candidates(model, source, articles), articles);
    let sought = with_forms(connection, source.language, words)?;
    let lists = lists(connection, snapshot, &sought)?;
    let counted = lists.into_iter().map(|(list, weight)| {
        let counts = weight * idf(list.len(), articles);
        (list, counts)
    });
    Ok(best(&in_whole_numbers(counted.collect()), most))
}

/// Own words and suggested ones.
fn candidates(model: &Model, source: &Source<'_>, articles: usize) -> Vec<Candidate> {
    let all = in_float(articles);
    let written: Vec<&str> = source.written.split(' ').collect();
    let mut words = Vec::new();
    for telling in model.strongest(source.vector, OWN_WORDS) {
        let mut own = written
            .get(usize::from(telling.word))
            .map(|word| tokens(word))
            .unwrap_or_default();
        // A pair of words has no postings of its own.
        if own.len() == 1
            && let Some(word) = own.pop()
        {
            words.push(Candidate {
                word,
                weight: f64::from(telling.weight),
                articles: telling.share * all,
            });
        }
    }
    let sum: f64 = words.iter().map(|one| one.weight).sum();
    let usual = sum / in_float(words.len()).max(1.0);
    let suggested = model.suggested(source.prepared, SUGGESTED_WORDS);
    let greatest = suggested.iter().map(|telling| f64::from(telling.weight));
    let greatest = greatest.fold(f64::MIN_POSITIVE, f64::max);
    words.extend(suggested.into_iter().map(|telling| Candidate {
        word: telling.word.to_owned(),
        weight: usual * SUGGESTED_SHARE * f64::from(telling.weight) / greatest,
        articles: telling.share * all,
    }));
    words
}

/// The words to look up, the strongest first: as many as have not too many postings together,
/// and no common ones unless there are hardly others.
fn chosen(words: Vec<Candidate>, articles: usize) -> Vec<(String, f64)> {
    let most_common = COMMON_FROM.max(in_float(articles) * COMMON_SHARE);
    let (mut telling, mut common): (Vec<Candidate>, Vec<Candidate>) = words
        .into_iter()
        .partition(|one| one.articles <= most_common);
    telling.sort_by(|one, other| {
        let by_weight = other.weight.total_cmp(&one.weight);
        by_weight.then_with(|| one.word.cmp(&other.word))
    });
    common.sort_by(|one, other| {
        let by_articles = one.articles.total_cmp(&other.articles);
        by_articles.then_with(|| one.word.cmp(&other.word))
    });
    let lacking = FEWEST_WORDS.saturating_sub(telling.len());
    telling.extend(common.into_iter().take(lacking));
    let mut postings = 0.0;
    let mut chosen = Vec::with_capacity(telling.len());
    for one in telling {
        // One of many articles leaves room for others behind it.
        if postings + one.articles <= POSTINGS_AT_MOST || chosen.is_empty() {
            postings += one.articles;
            chosen.push((one.word, one.weight));
        }
    }
    chosen
}

#[expect(clippy::cast_precision_loss, reason = "counts of articles and words")]
fn in_float(count: usize) -> f64 {
    count as f64
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

/// The lists with what each counts as a whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 1 to 4,096"
)]
fn in_whole_numbers(lists: Vec<(List, f64)>) -> Vec<(List, u32)> {
    let counts = lists.iter().map(|(_, counts)| *counts);
    let greatest = counts.fold(f64::MIN_POSITIVE, f64::max);
    let whole = |(list, counts): (List, f64)| {
        let whole = (counts / greatest * STRONGEST).round();
        (list, whole.clamp(1.0, STRONGEST) as u32)
    };
    lists.into_iter().map(whole).collect()
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
    match span < DENSE_AT_MOST {
        true => greatest(dense(lists, low, span + 1), most),
        false => greatest(sparse(lists), most),
    }
}

/// The rows with the greatest sums. Most of very many are thrown away at once.
fn greatest(sums: impl IntoIterator<Item = (u32, i64)>, most: usize) -> Vec<i64> {
    let mut kept: BinaryHeap<Reverse<(u32, Reverse<i64>)>> = BinaryHeap::new();
    for (sum, pk) in sums {
        let one = Reverse((sum, Reverse(pk)));
        if kept.len() < most {
            kept.push(one);
        } else if let Some(mut least) = kept.peek_mut()
            && one < *least
        {
            *least = one;
        }
    }
    let best = kept.into_sorted_vec().into_iter();
    best.map(|Reverse((_, Reverse(pk)))| pk).collect()
}

fn dense(lists: &[(List, u32)], low: i64, length: usize) -> impl Iterator<Item = (u32, i64)> {
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
    named.filter(|(sum, _)| *sum > 0)
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
        fn the_greatest_are_those_that_sorting_gives(
            sums in prop::collection::vec(0_u32..9, 0..200),
            most in 0_usize..60,
        ) {
            let mut sorted: Vec<(u32, i64)> = sums.into_iter().zip(1_i64..).collect();
            let found = greatest(sorted.clone(), most);
            sorted.sort_by_key(|(sum, pk)| (Reverse(*sum), *pk));
            let expected: Vec<i64> = sorted.into_iter().map(|(_, pk)| pk).take(most).collect();
            prop_assert_eq!(found, expected);
        }

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
            let dense: Vec<(u32, i64)> = dense(&lists, 1, 500).collect();
            prop_assert_eq!(dense, sparse(&lists));
        }
    }
}
