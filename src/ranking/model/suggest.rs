//! Words that an article lacks and that go with its topics.

use std::cmp::Ordering;

use crate::ranking::{
    model::{Learned, Model, Prepared, Telling},
    svd::narrow,
    wide,
};

/// A word that fewer than one of so many articles have leads to too few to be suggested.
const RARE_ONE_IN: u32 = 1_000;
/// Nor, in a large publication, one of fewer articles than this.
const NEVER_RARE: u32 = 5;
/// What rounding can add to a product, generously.
const ROUNDING: f64 = 1.000_001;

/// A term that may be suggested.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Suggestible {
    /// Where it is in the vocabulary.
    place: u32,
    /// Where its word starts and ends among the words.
    start: u32,
    end: u32,
    /// The length of its topics: no article whose topics are of length 1 gives it more weight.
    length: f32,
}

/// A term that is suggested: its weight, its id, and the term.
type Found = (f32, u32, Suggestible);

/// All terms that may be suggested, those with the longest topics first.
pub(super) fn suggestible(learned: &Learned) -> Vec<Suggestible> {
    let rare = (learned.samples / RARE_ONE_IN).min(NEVER_RARE);
    let rows = learned.topics.chunks_exact(learned.mean.len().max(1));
    let terms = (0_u32..)
        .zip(&learned.samples_with)
        .zip(rows)
        .zip(&learned.scales);
    let mut all = Vec::new();
    let mut start = 0;
    for ((((place, with), row), scale), word) in terms.zip(learned.words.split(' ')) {
        let end = start + word.len();
        let span = (u32::try_from(start), u32::try_from(end));
        start = end + 1;
        if *with >= rare
            && !learned.is_common(*with)
            && let (Ok(start), Ok(end)) = span
            && start < end
        {
            let squares = row.iter().map(|topic| i32::from(*topic).pow(2));
            let length = f64::from(squares.sum::<i32>()).sqrt() * f64::from(scale.abs());
            all.push(Suggestible {
                place,
                start,
                end,
                length: narrow(length),
            });
        }
    }
    all.sort_by(|one, other| other.length.total_cmp(&one.length));
    all
}

impl Model {
    /// Words that an article does not have but that go together with its topics, best first.
    ///
    /// A term's weight is a product of its topics and the article's, which is never greater than
    /// that of their lengths (Cauchy–Schwarz). So terms are gone through by length, and once enough
    /// are found, most need not be looked at.
    pub fn suggested(&self, prepared: &Prepared, most: usize) -> Vec<Telling<&str>> {
        if !prepared.has_topics || most == 0 {
            return Vec::new();
        }
        let topics: Vec<i16> = prepared.topics.iter().map(|topic| whole(*topic)).collect();
        let squares = topics.iter().map(|topic| i32::from(*topic).pow(2));
        let length = f64::from(squares.sum::<i32>()).sqrt() / f64::from(i16::MAX) * ROUNDING;
        let mut best: Vec<Found> = Vec::with_capacity(most + 1);
        for one in &self.suggestible {
            let at_most = f64::from(one.length) * length;
            if best.len() >= most
                && best
                    .last()
                    .is_some_and(|(least, ..)| at_most < f64::from(*least))
            {
                break;
            }
            if let Some((weight, id)) = self.weighed(*one, &topics)
                && weight > 0.0
            {
                let found = (weight, id, *one);
                let at = best.partition_point(|known| order(known, &found).is_lt());
                let own = || prepared.terms.binary_search_by_key(&id, |(id, _)| *id);
                if at < most && own().is_err() {
                    best.insert(at, found);
                    best.truncate(most);
                }
            }
        }
        let told = best.into_iter().filter_map(|(weight, _, term)| {
            let word = term.start as usize..term.end as usize;
            Some(Telling {
                word: self.learned.words.get(word)?,
                weight,
                share: self.share(self.samples_with(term.place as usize)),
            })
        });
        told.collect()
    }

    /// The weight of a term beside these topics, and its id.
    fn weighed(&self, one: Suggestible, topics: &[i16]) -> Option<(f32, u32)> {
        let place = one.place as usize;
        let start = place * self.topics();
        let row = self.learned.topics.get(start..start + self.topics())?;
        let weight = agreement(row, topics) * self.learned.scales.get(place)?;
        Some((weight, *self.learned.ids.get(place)?))
    }
}

/// The greatest weight first; equal ones by id.
fn order((one, id, _): &Found, (other, other_id, _): &Found) -> Ordering {
    other.total_cmp(one).then(id.cmp(other_id))
}

/// A number from -1 to 1 as a whole one.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is out of bounds ends at the bound"
)]
fn whole(number: f32) -> i16 {
    (number * f32::from(i16::MAX)).round() as i16
}

/// The product of a term's topics and an article's. In whole numbers, since thousands of terms are
/// asked for each article.
fn agreement(row: &[i8], topics: &[i16]) -> f32 {
    narrow(f64::from(wide::product(row, topics)) / f64::from(i16::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ranking::{
        model::Sample,
        vector::{Term, Vector},
    };

    /// Looks at every term.
    fn plain<'a>(model: &'a Model, prepared: &Prepared, most: usize) -> Vec<Telling<&'a str>> {
        let learned = &model.learned;
        let topics: Vec<i16> = prepared.topics.iter().map(|topic| whole(*topic)).collect();
        let rare = (learned.samples / RARE_ONE_IN).min(NEVER_RARE);
        let words: Vec<&str> = learned.words.split(' ').collect();
        let mut found: Vec<(f32, u32, usize)> = Vec::new();
        for (place, id) in learned.ids.iter().enumerate() {
            let with = learned.samples_with[place];
            let tells = with >= rare && !learned.is_common(with) && !words[place].is_empty();
            let is_own = prepared.terms.iter().any(|(own, _)| own == id);
            let row = &learned.topics[place * model.topics()..][..model.topics()];
            let weight = agreement(row, &topics) * learned.scales[place];
            if prepared.has_topics && tells && !is_own && weight > 0.0 {
                found.push((weight, *id, place));
            }
        }
        found.sort_by(|(one, id, _), (other, other_id, _)| {
            other.total_cmp(one).then(id.cmp(other_id))
        });
        found.truncate(most);
        let told = found.into_iter().map(|(weight, _, place)| Telling {
            word: words[place],
            weight,
            share: model.share(Some(learned.samples_with[place])),
        });
        told.collect()
    }

    fn samples() -> impl Strategy<Value = Vec<Sample>> {
        let terms = prop::collection::btree_map(0_u32..80, 1_u8..=255, 1..12);
        let sample = terms.prop_map(|terms| {
            let words: Vec<String> = terms.keys().map(|n| format!("w{n}")).collect();
            let term = |(place, (n, weight)): (u8, (u32, u8))| Term {
                id: n * 50_000_000,
                weight,
                place,
            };
            Sample {
                written: words.join(" "),
                vector: Vector {
                    terms: (0_u8..).zip(terms).map(term).collect(),
                    words: 100,
                },
            }
        });
        prop::collection::vec(sample, 6..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_words_are_those_that_are_found_among_all_terms(
            samples in samples(),
            most in 0_usize..20,
        ) {
            let model = Model::fit(&samples, samples.len());
            for sample in samples.iter().take(8) {
                let prepared = model.prepare(&sample.vector);
                let found = model.suggested(&prepared, most);
                prop_assert_eq!(found, plain(&model, &prepared, most));
            }
        }
    }
}
