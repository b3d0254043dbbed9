//! What was learned of a publication from its own articles: how much each word tells, and which
//! words go together. By it two articles are compared.
//!
//! *Words*: the cosine of the articles' terms, each weighted by its saturated frequency and its
//! idf. *Topics*: the cosine of their positions among at most 256 directions, which are the
//! greatest singular vectors of the articles' log-entropy weights (Dumais 1991); so two articles
//! meet that say the same in other words. A new article is folded in: its place follows from its
//! terms alone, and nothing but the model has to be kept.

mod codec;
mod explain;
mod fit;
mod many;
mod score;
mod suggest;

pub use explain::Telling;
pub use score::{Beside, Channels, Parts};
use suggest::Suggestible;

use crate::ranking::{
    bm25,
    svd::{Threads, narrow},
    vector::{SATURATION, Term, Vector},
    wide,
};

/// As if so many articles had been seen that have none of the terms: in a publication of five a
/// term of three is not common yet.
const ARTICLES_BEFORE: usize = 10;

/// An article to learn from.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its terms.
    pub vector: Vector,
    /// A word as written for each of them, by their place, parted by single spaces.
    pub written: String,
}

/// idf and topics of a publication.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    learned: Learned,
    /// How much each term of the vocabulary tells.
    idf: Vec<f32>,
    /// How much a term tells that is not in the vocabulary.
    idf_of_unknown: f32,
    /// The logarithm of a frequency, by the weight that was made of it.
    logarithms: Vec<f32>,
    /// For each term what its topics are to be multiplied by, so that they are what one of it adds
    /// to an article's topics. Those stay packed: unpacked, they would be four times as much to
    /// read, which is what takes the time.
    factors: Vec<f32>,
    places: Places,
    /// Terms that may be suggested, in the order in which they are looked at.
    suggestible: Vec<Suggestible>,
}

/// What is kept of a model; all else follows from it.
#[derive(Debug, Clone, PartialEq, Default)]
struct Learned {
    /// Articles of the publication when it was learned.
    articles: u32,
    /// Articles that it was learned from.
    samples: u32,
    /// The lexical cosine that two articles have by chance.
    usual: f32,
    /// The vocabulary, in order of ids.
    ids: Vec<u32>,
    /// In how many samples each term is.
    samples_with: Vec<u32>,
    /// How unevenly each term lies over the samples, from 0 to 1 (its entropy weight).
    unevenness: Vec<f32>,
    /// For each term its topics, from -127 to 127.
    topics: Vec<i8>,
    /// For each term what its topics are to be multiplied by.
    scales: Vec<f32>,
    /// How much each topic counts, from 0 to 1.
    strengths: Vec<f32>,
    /// The topics of the average article.
    mean: Vec<f32>,
    /// For each term the word that is written for it most often, folded; parted by single spaces.
    words: String,
}

/// An article made ready for comparison.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prepared {
    /// Ids and weights in order of ids; the weights are of length 1.
    terms: Vec<(u32, f32)>,
    /// Of length 1, or all zero when no term is known.
    topics: Vec<f32>,
    has_topics: bool,
}

impl Prepared {
    /// Of terms with their weights, whatever their length together.
    fn of_words(mut terms: Vec<(u32, f32)>) -> Self {
        let squares = terms
            .iter()
            .map(|(_, weight)| f64::from(*weight) * f64::from(*weight));
        let length = squares.sum::<f64>().sqrt();
        if length > 0.0 {
            let scale = narrow(1.0 / length);
            terms.iter_mut().for_each(|(_, weight)| *weight *= scale);
        }
        Self {
            terms,
            ..Self::default()
        }
    }
}

impl Model {
    /// Learns from articles of a publication that has so many.
    pub fn fit(samples: &[Sample], articles: usize) -> Self {
        Self::fit_on(Threads::ONE, samples, articles)
    }

    /// [`Self::fit`] on several threads.
    pub fn fit_on(threads: Threads, samples: &[Sample], articles: usize) -> Self {
        fit::model(threads, samples, articles)
    }

    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(&self.learned)
    }

    /// From bytes, if they are those of a model.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        codec::decode(bytes).map(Self::of)
    }

    /// How many articles it was learned from.
    pub fn samples(&self) -> usize {
        self.learned.samples as usize
    }

    /// How many articles the publication had when it was learned.
    pub fn articles(&self) -> usize {
        self.learned.articles as usize
    }

    /// The number of topics.
    pub fn topics(&self) -> usize {
        self.learned.mean.len()
    }

    fn of(learned: Learned) -> Self {
        let articles = (learned.samples as usize).saturating_add(ARTICLES_BEFORE);
        let idf = |with: usize| narrow(bm25::idf(with, articles));
        Self {
            idf: learned
                .samples_with
                .iter()
                .map(|with| idf(*with as usize))
                .collect(),
            idf_of_unknown: idf(1),
            logarithms: (0..=u8::MAX).map(logarithm).collect(),
            factors: factors(&learned),
            places: Places::of(&learned.ids),
            suggestible: suggest::suggestible(&learned),
            learned,
        }
    }

    /// Makes an article ready for comparison.
    pub fn prepare(&self, vector: &Vector) -> Prepared {
        let mut topics = vec![0.0; self.topics()];
        for term in &vector.terms {
            if let Some(place) = self.place(term.id) {
                self.fold_in(&mut topics, place, term.weight);
            }
        }
        self.finished(topics, self.prepare_words(vector))
    }

    /// An article of these words, whose terms came to these topics.
    fn finished(&self, mut topics: Vec<f32>, words: Prepared) -> Prepared {
        for (topic, strength) in topics.iter_mut().zip(&self.learned.strengths) {
            *topic *= strength;
        }
        let has_topics = normalise(&mut topics) && {
            for (topic, mean) in topics.iter_mut().zip(&self.learned.mean) {
                *topic -= mean;
            }
            normalise(&mut topics)
        };
        Prepared {
            topics,
            has_topics,
            ..words
        }
    }

    /// Makes an article ready for a comparison of words alone, which costs a tenth.
    pub fn prepare_words(&self, vector: &Vector) -> Prepared {
        let weighted = |term: &Term| (term.id, self.weight(term));
        Prepared::of_words(vector.terms.iter().map(weighted).collect())
    }

    /// Adds what a term says of an article's topics.
    fn fold_in(&self, topics: &mut [f32], place: usize, weight: u8) {
        let start = place * self.topics();
        let row = self.learned.topics.get(start..start + self.topics());
        let logarithm = self.logarithms.get(usize::from(weight));
        let factor = self.factors.get(place);
        if let (Some(row), Some(logarithm), Some(factor)) = (row, logarithm, factor) {
            wide::add_whole(topics, logarithm * factor, row);
        }
    }

    /// Where a term is in the vocabulary.
    fn place(&self, id: u32) -> Option<usize> {
        self.places.find(&self.learned.ids, id)
    }

    fn idf_at(&self, place: Option<usize>) -> f32 {
        place
            .and_then(|place| self.idf.get(place).copied())
            .unwrap_or(self.idf_of_unknown)
    }
}

fn factors(learned: &Learned) -> Vec<f32> {
    let factors = learned.unevenness.iter().zip(&learned.scales);
    factors
        .map(|(unevenness, scale)| unevenness * scale)
        .collect()
}

/// The saturated frequency that a weight stands for.
fn tf(weight: u8) -> f32 {
    f32::from(weight) / f32::from(u8::MAX)
}

/// The logarithm of the frequency that a weight was made of: the saturation is undone.
fn logarithm(weight: u8) -> f32 {
    let most = f64::from(u8::MAX);
    let saturated = f64::from(weight) / most;
    let frequency = SATURATION * saturated / (1.0 - saturated).max(1.0 / most);
    narrow(frequency.ln_1p())
}

/// Makes numbers of length 1; false when all are zero.
fn normalise(numbers: &mut [f32]) -> bool {
    let squared = dot(numbers, numbers);
    // Below it rounding is all that is left.
    if squared <= 1e-12 {
        numbers.fill(0.0);
        return false;
    }
    let scale = 1.0 / squared.sqrt();
    numbers.iter_mut().for_each(|number| *number *= scale);
    true
}

/// The sum of products, in eight sums side by side: always in the same order, and quick.
fn dot(one: &[f32], other: &[f32]) -> f32 {
    let (ones, rest_of_one) = one.as_chunks::<8>();
    let (others, rest_of_other) = other.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (one, other) in ones.iter().zip(others) {
        for (sum, (one, other)) in sums.iter_mut().zip(one.iter().zip(other)) {
            *sum += one * other;
        }
    }
    let rest = rest_of_one.iter().zip(rest_of_other);
    sums.iter().sum::<f32>() + rest.map(|(one, other)| one * other).sum::<f32>()
}

/// Where ids are in a sorted list, by their first bits. Ids are hashes and lie evenly, so that
/// there is about one to look at.
#[derive(Debug, Clone, PartialEq)]
struct Places {
    shift: u32,
    /// Where the ids of each beginning start, and at last where all end.
    starts: Vec<u32>,
}

impl Places {
    fn of(ids: &[u32]) -> Self {
        let bits = ids.len().max(2).ilog2().clamp(1, 16);
        let shift = u32::BITS - bits;
        let mut starts: Vec<u32> = vec![0; (1 << bits) + 1];
        for id in ids {
            if let Some(number) = starts.get_mut((*id >> shift) as usize + 1) {
                *number += 1;
            }
        }
        let mut before = 0;
        for start in &mut starts {
            before += *start;
            *start = before;
        }
        Self { shift, starts }
    }

    fn find(&self, ids: &[u32], id: u32) -> Option<usize> {
        let beginning = (id >> self.shift) as usize;
        let start = *self.starts.get(beginning)? as usize;
        let end = *self.starts.get(beginning + 1)? as usize;
        let among = ids.get(start..end)?.binary_search(&id).ok()?;
        Some(start + among)
    }
}

#[cfg(test)]
mod tests;
