//! The rankings that ours is held against.

use std::collections::HashMap;

use newsstand::model::words::tokens;

use crate::{Piece, Rankings};

/// Parameters of BM25 as search engines have them.
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// Defaults of a search engine's "more like this".
const MIN_TERM_FREQUENCY: u32 = 2;
const MIN_DOCUMENT_FREQUENCY: usize = 5;
const MAX_QUERY_TERMS: usize = 25;
const MINIMUM_SHOULD_MATCH: f64 = 0.3;

/// Each baseline by name.
pub fn all(pieces: &[Piece], sources: &[usize], results: usize) -> Vec<(&'static str, Rankings)> {
    let corpus = Corpus::new(pieces);
    let tfidf = Weighted::new(&corpus, |term, times, _| {
        f64::from(times) * (corpus.count() / corpus.with(term)).ln()
    });
    let bm25 = Weighted::new(&corpus, |term, times, document| {
        corpus.bm25_idf(term) * corpus.saturation(times, document)
    });
    let by = |rank: &dyn Fn(usize) -> Vec<usize>| -> Rankings {
        let one = |source: &usize| {
            let mut ranking = rank(*source);
            ranking.truncate(results);
            (*source, ranking)
        };
        sources.iter().map(one).collect()
    };
    let same = |source: usize| {
        let is_same = move |other: &usize| pieces[*other].outlet == pieces[source].outlet;
        (0..pieces.len())
            .filter(move |other| *other != source)
            .filter(is_same)
    };
    let any = |source: usize| (0..pieces.len()).filter(move |other| *other != source);
    vec![
        (
            "random",
            by(&|source| shuffled(any(source).collect(), source)),
        ),
        (
            "random in the same category",
            by(&|source| shuffled(same(source).collect(), source)),
        ),
        (
            "newest in the same category",
            by(&|source| newest(same(source).collect(), pieces)),
        ),
        (
            "more like this, defaults of search engines",
            by(&|source| corpus.more_like_this(source)),
        ),
        ("tf-idf cosine", by(&|source| tfidf.nearest(source))),
        ("BM25-weighted cosine", by(&|source| bm25.nearest(source))),
    ]
}

/// In an order that is the same each time for the same article.
fn shuffled(mut places: Vec<usize>, seed: usize) -> Vec<usize> {
    let mut state = seed as u64 ^ 0x5EED;
    for last in (1..places.len()).rev() {
        // SplitMix64 (Steele, Lea and Flood 2014).
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        places.swap(last, ((mixed ^ (mixed >> 31)) % (last as u64 + 1)) as usize);
    }
    places
}

fn newest(mut places: Vec<usize>, pieces: &[Piece]) -> Vec<usize> {
    places.sort_by(|one, other| {
        pieces[*other]
            .date
            .cmp(&pieces[*one].date)
            .then(one.cmp(other))
    });
    places
}

/// Places by falling score; those without any are left out.
fn best(scores: &[f64], source: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..scores.len())
        .filter(|place| *place != source && scores[*place] > 0.0)
        .collect();
    places.sort_by(|one, other| scores[*other].total_cmp(&scores[*one]).then(one.cmp(other)));
    places
}

/// The articles in words.
struct Corpus {
    /// Terms of each article, and how often it has them.
    documents: Vec<Vec<(usize, u32)>>,
    /// Articles of each term, and how often they have it.
    postings: Vec<Vec<(usize, u32)>>,
    /// Words of each article.
    lengths: Vec<f64>,
    mean_length: f64,
}

impl Corpus {
    fn new(pieces: &[Piece]) -> Self {
        let mut terms: HashMap<String, usize> = HashMap::new();
        let (mut documents, mut lengths) = (Vec::new(), Vec::new());
        let mut postings: Vec<Vec<(usize, u32)>> = Vec::new();
        for (place, piece) in pieces.iter().enumerate() {
            let words = tokens(&piece.words());
            lengths.push(words.len() as f64);
            let mut counts: HashMap<usize, u32> = HashMap::new();
            for word in words {
                let next = terms.len();
                *counts
                    .entry(*terms.entry(word).or_insert(next))
                    .or_default() += 1;
            }
            postings.resize(terms.len(), Vec::new());
            let mut document: Vec<(usize, u32)> = counts.into_iter().collect();
            document.sort_unstable();
            for (term, times) in &document {
                postings[*term].push((place, *times));
            }
            documents.push(document);
        }
        let mean_length = lengths.iter().sum::<f64>() / (lengths.len().max(1) as f64);
        Self {
            documents,
            postings,
            lengths,
            mean_length,
        }
    }

    fn count(&self) -> f64 {
        self.documents.len() as f64
    }

    fn with(&self, term: usize) -> f64 {
        self.postings[term].len() as f64
    }

    fn bm25_idf(&self, term: usize) -> f64 {
        let with = self.with(term);
        (1.0 + (self.count() - with + 0.5) / (with + 0.5)).ln()
    }

    fn saturation(&self, times: u32, document: usize) -> f64 {
        let times = f64::from(times);
        let length = self.lengths[document] / self.mean_length;
        times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * length))
    }

    /// As Lucene and Elasticsearch have it by default: the 25 terms of the article with the
    /// greatest tf-idf, of those that it has at least twice and that 5 articles have, as a query
    /// of which 30 % must match, ranked by BM25.
    fn more_like_this(&self, source: usize) -> Vec<usize> {
        let weight = |term: usize, times: u32| {
            f64::from(times) * (1.0 + ((self.count() + 1.0) / (self.with(term) + 1.0)).ln())
        };
        let mut terms: Vec<(usize, f64)> = self.documents[source]
            .iter()
            .filter(|(term, times)| {
                *times >= MIN_TERM_FREQUENCY && self.postings[*term].len() >= MIN_DOCUMENT_FREQUENCY
            })
            .map(|(term, times)| (*term, weight(*term, *times)))
            .collect();
        terms.sort_by(|(one, weight), (other, heavier)| {
            heavier.total_cmp(weight).then(one.cmp(other))
        });
        terms.truncate(MAX_QUERY_TERMS);
        let needed = (terms.len() as f64 * MINIMUM_SHOULD_MATCH).floor();
        let mut scores = vec![0.0; self.documents.len()];
        let mut matched = vec![0.0; self.documents.len()];
        for (term, _) in terms {
            for (place, times) in &self.postings[term] {
                scores[*place] += self.bm25_idf(term) * self.saturation(*times, *place);
                matched[*place] += 1.0;
            }
        }
        for (score, matched) in scores.iter_mut().zip(matched) {
            if matched < needed {
                *score = 0.0;
            }
        }
        best(&scores, source)
    }
}

/// Articles as vectors of length one.
struct Weighted {
    documents: Vec<Vec<(usize, f64)>>,
    postings: Vec<Vec<(usize, f64)>>,
}

impl Weighted {
    fn new(corpus: &Corpus, weight: impl Fn(usize, u32, usize) -> f64) -> Self {
        let mut postings = vec![Vec::new(); corpus.postings.len()];
        let mut documents = Vec::with_capacity(corpus.documents.len());
        for (place, document) in corpus.documents.iter().enumerate() {
            let weigh = |(term, times): &(usize, u32)| (*term, weight(*term, *times, place));
            let mut weights: Vec<(usize, f64)> = document.iter().map(weigh).collect();
            let squares: f64 = weights.iter().map(|(_, weight)| weight * weight).sum();
            let length = squares.sqrt().max(f64::MIN_POSITIVE);
            for (term, weight) in &mut weights {
                *weight /= length;
                postings[*term].push((place, *weight));
            }
            documents.push(weights);
        }
        Self {
            documents,
            postings,
        }
    }

    fn nearest(&self, source: usize) -> Vec<usize> {
        let mut scores = vec![0.0; self.documents.len()];
        for (term, weight) in &self.documents[source] {
            for (place, other) in &self.postings[*term] {
                scores[*place] += weight * other;
            }
        }
        best(&scores, source)
    }
}
