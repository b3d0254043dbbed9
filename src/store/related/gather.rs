//! Which articles share telling words with one: their postings, added up.

use std::collections::{BTreeSet, HashSet};

use crate::{
    ranking::{
        bm25::idf,
        model::{Model, Prepared},
        stems::{primary, stem},
        sums,
        vector::{Vector, term},
    },
    store::{connection::DbConnection, error::StoreError, index::Snapshot},
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
    let sought = with_forms(connection, snapshot, source.language, words)?;
    let terms: Vec<String> = sought.iter().flat_map(|word| word.forms.clone()).collect();
    let packed = snapshot.packed(connection, &terms)?;
    // Gone through twice, since what a word counts is known when its articles have been counted:
    // laid out, they would be the most memory by far that an answer takes.
    let lists = sought.iter().filter_map(|word| {
        let list = packed.any_of(&word.forms);
        let with = list.clone().count();
        (with > 0).then(|| (list, word.weight * idf(with, articles)))
    });
    Ok(sums::greatest(in_whole_numbers(lists.collect()), most))
}

/// Own words and suggested ones.
fn candidates(model: &Model, source: &Source<'_>, articles: usize) -> Vec<Candidate> {
    let all = in_float(articles);
    let written: Vec<&str> = source.written.split(' ').collect();
    let mut words = Vec::new();
    for telling in model.strongest(source.vector, OWN_WORDS) {
        let own = written.get(usize::from(telling.word));
        if let Some(word) = own.and_then(|word| term(word)) {
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

/// All forms of each word that are known by its stem; each form for the first word alone.
fn with_forms(
    connection: &mut DbConnection,
    snapshot: &Snapshot,
    language: &str,
    words: Vec<(String, f64)>,
) -> Result<Vec<Sought>, StoreError> {
    let language = primary(language);
    let stems: Vec<String> = words
        .iter()
        .map(|(word, _)| stem(&language, word).into_owned())
        .collect();
    let wanted: BTreeSet<&str> = stems.iter().map(String::as_str).collect();
    let known = snapshot.terms_of_stems(connection, &language, &wanted)?;
    let mut taken: HashSet<String> = HashSet::new();
    let mut sought = Vec::with_capacity(words.len());
    for ((word, weight), own_stem) in words.into_iter().zip(&stems) {
        let of_stem = known.iter().filter(|(stem, _)| stem == own_stem);
        let others = of_stem.map(|(_, term)| term.clone());
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

/// The lists with what each counts as a whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 1 to 4,096"
)]
fn in_whole_numbers<L>(lists: Vec<(L, f64)>) -> Vec<(L, u32)> {
    let counts = lists.iter().map(|(_, counts)| *counts);
    let greatest = counts.fold(f64::MIN_POSITIVE, f64::max);
    let whole = |(list, counts): (L, f64)| {
        let whole = (counts / greatest * STRONGEST).round();
        (list, whole.clamp(1.0, STRONGEST) as u32)
    };
    lists.into_iter().map(whole).collect()
}
