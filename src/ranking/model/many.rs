//! Many articles made ready at once.

use crate::ranking::{
    model::{Model, Prepared, tf},
    vector::Vector,
    wide,
};

/// Articles whose topics are summed up together: their sums stay in the processor's cache.
const AT_ONCE: usize = 256;

/// A term of the vocabulary in an article.
struct Use {
    place: u32,
    article: u16,
    weight: u8,
}

impl Model {
    /// Makes articles ready for comparison, each as [`Self::prepare`] does, to the last digit.
    ///
    /// It goes term by term through all of them: the topics of a term are read and unpacked once
    /// for all articles that have it, and that is what takes the time.
    pub fn prepare_all(&self, vectors: &[&Vector]) -> Vec<Prepared> {
        let some = vectors.chunks(AT_ONCE);
        some.flat_map(|vectors| self.prepare_some(vectors))
            .collect()
    }

    fn prepare_some(&self, vectors: &[&Vector]) -> Vec<Prepared> {
        let terms = vectors.iter().map(|vector| vector.terms.len());
        let mut uses: Vec<Use> = Vec::with_capacity(terms.sum());
        let mut words: Vec<Prepared> = Vec::with_capacity(vectors.len());
        for (article, vector) in (0_u16..).zip(vectors) {
            let mut terms: Vec<(u32, f32)> = Vec::with_capacity(vector.terms.len());
            for term in &vector.terms {
                let place = self.place(term.id);
                terms.push((term.id, tf(term.weight) * self.idf_at(place)));
                if let Some(Ok(place)) = place.map(u32::try_from) {
                    let weight = term.weight;
                    uses.push(Use {
                        place,
                        article,
                        weight,
                    });
                }
            }
            words.push(Prepared::of_words(terms));
        }
        // Terms are in order of ids, in the vocabulary as in an article: each article's are added
        // up in their order.
        uses.sort_unstable_by_key(|one| one.place);
        let topics = self.topics();
        let mut sums: Vec<f32> = vec![0.0; topics * vectors.len()];
        let mut row: Vec<f32> = vec![0.0; topics];
        for uses in uses.chunk_by(|one, next| one.place == next.place) {
            self.fold_in_all(uses, &mut row, &mut sums);
        }
        let finished = (0..).zip(words).map(|(article, words)| {
            let of_article = sums.get(article * topics..(article + 1) * topics);
            self.finished(of_article.unwrap_or_default().to_vec(), words)
        });
        finished.collect()
    }

    /// Adds what one term says of the topics of all articles that have it; `row` is where it is
    /// unpacked.
    fn fold_in_all(&self, uses: &[Use], row: &mut [f32], sums: &mut [f32]) {
        let topics = self.topics();
        let place = uses.first().map_or(0, |one| one.place as usize);
        let packed = self
            .learned
            .topics
            .get(place * topics..(place + 1) * topics);
        let (Some(packed), Some(factor)) = (packed, self.factors.get(place)) else {
            return;
        };
        wide::widen(row, packed);
        for one in uses {
            let start = usize::from(one.article) * topics;
            let sums = sums.get_mut(start..start + topics);
            let logarithm = self.logarithms.get(usize::from(one.weight));
            if let (Some(sums), Some(logarithm)) = (sums, logarithm) {
                wide::add(sums, logarithm * factor, row);
            }
        }
    }
}
