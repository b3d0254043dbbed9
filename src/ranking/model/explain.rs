//! The words that tell what an article is about, and those by which a reader sees why two are near.

use std::cmp::Ordering;

use crate::ranking::{
    model::{Learned, Model, tf},
    vector::{Term, Vector},
};

/// A word that is in more than one of so many articles tells a reader nothing.
const COMMON_ONE_IN: u32 = 5;
/// A word in so many articles is not common for that, however few articles there are.
const NEVER_COMMON: u32 = 4;

/// What an article is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Telling<T> {
    /// The word.
    pub word: T,
    /// How much it tells.
    pub weight: f32,
    /// In what share of the publication's articles it is, as far as was learned; from 0 to 1.
    pub share: f64,
}

impl Model {
    /// The terms that say most of what an article is about, best first: their places in what is
    /// written.
    pub fn strongest(&self, vector: &Vector, most: usize) -> Vec<Telling<u8>> {
        let weighted = |term: &Term| (self.weight(term), term.id, term.place);
        let found = vector.terms.iter().map(weighted).collect();
        best(found, most)
            .into_iter()
            .map(|(weight, id, word)| Telling {
                word,
                weight,
                share: self.share(self.place(id).and_then(|place| self.samples_with(place))),
            })
            .collect()
    }

    /// The terms of both articles by which a reader sees what links them, best first: their
    /// places in what is written of the one.
    pub fn shared(&self, one: &Vector, other: &Vector, most: usize) -> Vec<u8> {
        let of_both = |term: &Term| {
            let place = other
                .terms
                .binary_search_by_key(&term.id, |other| other.id)
                .ok()?;
            let product = self.weight(term) * self.weight(other.terms.get(place)?);
            let with = self.place(term.id);
            let with = with.and_then(|place| self.samples_with(place));
            let tells = with.is_none_or(|with| !self.learned.is_common(with));
            tells.then_some((product, term.id, term.place))
        };
        let found = one.terms.iter().filter_map(of_both).collect();
        best(found, most)
            .into_iter()
            .map(|(.., place)| place)
            .collect()
    }

    /// What a term weighs before the article's length is taken out.
    pub(super) fn weight(&self, term: &Term) -> f32 {
        tf(term.weight) * self.idf_at(self.place(term.id))
    }

    /// In how many samples the term at this place is.
    pub(super) fn samples_with(&self, place: usize) -> Option<u32> {
        self.learned.samples_with.get(place).copied()
    }

    /// The share of articles that have a term which is in so many samples. One that was not
    /// learned may be in one.
    pub(super) fn share(&self, samples_with: Option<u32>) -> f64 {
        let samples = f64::from(self.learned.samples.max(1));
        (f64::from(samples_with.unwrap_or(1)) / samples).min(1.0)
    }
}

impl Learned {
    /// Whether a term is in so many samples that it tells nothing.
    pub(super) fn is_common(&self, samples_with: u32) -> bool {
        let few = NEVER_COMMON.min(self.samples.saturating_sub(1)).max(2);
        samples_with > (self.samples / COMMON_ONE_IN).max(few)
    }
}

/// The greatest, greatest first; equal ones by id.
fn best<T>(mut found: Vec<(f32, u32, T)>, most: usize) -> Vec<(f32, u32, T)> {
    let order = |(one, id, _): &(f32, u32, T), (other, other_id, _): &(f32, u32, T)| -> Ordering {
        other.total_cmp(one).then(id.cmp(other_id))
    };
    if most > 0 && most < found.len() {
        found.select_nth_unstable_by(most - 1, order);
    }
    found.truncate(most);
    found.sort_unstable_by(order);
    found
}
