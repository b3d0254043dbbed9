//! Learning a model.

use std::{cmp::Reverse, collections::HashMap};

use crate::{
    model::words,
    ranking::{
        model::{Learned, Model, Prepared, Sample, logarithm},
        svd::{self, Sparse, Svd, Threads, narrow},
        vector::{Vector, term},
    },
};

/// Articles that are learned from, at most.
const SAMPLES_AT_MOST: usize = 20_000;
/// Terms of the vocabulary, at most: those of the most articles.
const TERMS_AT_MOST: usize = 50_000;
/// A term in fewer articles links none.
const ARTICLES_AT_LEAST: usize = 2;
/// Topics, at most.
pub(super) const TOPICS_AT_MOST: usize = 256;
/// So many articles make a topic; two topics are the fewest.
const ARTICLES_PER_TOPIC: usize = 3;
/// As if so many pairs of articles had been seen that have nothing in common.
const PAIRS_BEFORE: f64 = 50.0;
/// What is more in common than this, all have in common because they are about one thing.
const USUAL_AT_MOST: f64 = 0.15;

/// Learns from samples of a publication that has so many articles.
pub(super) fn model(threads: Threads, samples: &[Sample], articles: usize) -> Model {
    let samples = samples.get(..SAMPLES_AT_MOST).unwrap_or(samples);
    let (ids, samples_with) = vocabulary(samples);
    let unevenness = unevenness(samples, &ids);
    let found = directions(threads, samples, &ids, &unevenness);
    let (topics, scales) = quantised(&found, ids.len());
    let mut model = Model::of(Learned {
        articles: count(articles),
        samples: count(samples.len()),
        usual: 0.0,
        words: spelt(samples, &ids).join(" "),
        ids,
        samples_with,
        unevenness,
        topics,
        scales,
        strengths: strengths(&found.values, samples.len()),
        mean: vec![0.0; found.values.len()],
    });
    learn_averages(&mut model, samples);
    model
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The terms that are learned, in order, and in how many samples each is.
fn vocabulary(samples: &[Sample]) -> (Vec<u32>, Vec<u32>) {
    let terms = samples.iter().flat_map(|sample| &sample.vector.terms);
    let mut all: Vec<u32> = terms.map(|term| term.id).collect();
    all.sort_unstable();
    let mut found: Vec<(u32, u32)> = all
        .chunk_by(|one, next| one == next)
        .filter(|same| same.len() >= ARTICLES_AT_LEAST)
        .filter_map(|same| Some((*same.first()?, count(same.len()))))
        .collect();
    if found.len() > TERMS_AT_MOST {
        found.sort_unstable_by_key(|(id, with)| (Reverse(*with), *id));
        found.truncate(TERMS_AT_MOST);
        found.sort_unstable();
    }
    found.into_iter().unzip()
}

/// An article's terms as far as they are in the vocabulary: their places in it, and the
/// logarithms of their frequencies.
fn frequencies(vector: &Vector, ids: &[u32]) -> impl Iterator<Item = (usize, f32)> {
    vector.terms.iter().filter_map(move |term| {
        let place = ids.binary_search(&term.id).ok()?;
        Some((place, logarithm(term.weight)))
    })
}

/// How unevenly each term lies over the samples: 1 less the entropy of its distribution, as a
/// share of the greatest.
fn unevenness(samples: &[Sample], ids: &[u32]) -> Vec<f32> {
    let of_all = move || {
        samples
            .iter()
            .flat_map(move |sample| frequencies(&sample.vector, ids))
    };
    let mut totals = vec![0.0; ids.len()];
    for (place, frequency) in of_all() {
        if let Some(total) = totals.get_mut(place) {
            *total += f64::from(frequency);
        }
    }
    let mut entropies = vec![0.0; ids.len()];
    for (place, frequency) in of_all() {
        let share = f64::from(frequency) / totals.get(place).copied().unwrap_or(1.0);
        if let Some(entropy) = entropies.get_mut(place)
            && share > 0.0
        {
            *entropy -= share * share.ln();
        }
    }
    let greatest = f64::from(count(samples.len().max(2))).ln();
    let of_term = |entropy: f64| match 1.0 - entropy / greatest {
        // Rounding alone is left of a term that is alike in all.
        nothing if nothing < 1e-9 => 0.0,
        rest => narrow(rest),
    };
    entropies.into_iter().map(of_term).collect()
}

/// The directions in which the samples differ most. None where there are too few to tell.
fn directions(threads: Threads, samples: &[Sample], ids: &[u32], unevenness: &[f32]) -> Svd {
    let most = (samples.len() / ARTICLES_PER_TOPIC).min(TOPICS_AT_MOST);
    if most < 2 {
        return Svd::default();
    }
    let mut matrix = Sparse::new(ids.len());
    let of_sample = |sample: &Sample| frequencies(&sample.vector, ids).count();
    matrix.reserve(samples.len(), samples.iter().map(of_sample).sum());
    for sample in samples {
        let weighted = |(place, frequency): (usize, f32)| {
            let unevenness = unevenness.get(place).copied().unwrap_or_default();
            (place, frequency * unevenness)
        };
        let row: Vec<(usize, f32)> = frequencies(&sample.vector, ids).map(weighted).collect();
        let squares = row.iter().map(|(_, weight)| f64::from(weight * weight));
        let length = squares.sum::<f64>().sqrt();
        let scale = if length > 0.0 {
            narrow(1.0 / length)
        } else {
            0.0
        };
        matrix.push(
            row.into_iter()
                .map(|(place, weight)| (place, weight * scale)),
        );
    }
    svd::truncated(threads, &matrix, most)
}

/// The topics of each term in a byte each, and what each term's are to be multiplied by.
fn quantised(found: &Svd, terms: usize) -> (Vec<i8>, Vec<f32>) {
    let most = f32::from(i8::MAX);
    let mut topics = Vec::with_capacity(found.vectors.len());
    let mut scales = Vec::with_capacity(terms);
    for row in found.vectors.chunks_exact(found.values.len().max(1)) {
        let greatest = row
            .iter()
            .fold(0.0, |most: f32, topic| most.max(topic.abs()));
        let scale = greatest / most;
        let steps = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        topics.extend(row.iter().map(|topic| byte(topic * steps)));
        scales.push(scale);
    }
    scales.resize(terms, 0.0);
    (topics, scales)
}

/// How much each topic counts: a power of its singular value, as a share of the greatest. Of many
/// articles even the small topics are learned well; of few they are mostly chance.
fn strengths(values: &[f64], samples: usize) -> Vec<f32> {
    const MANY: f64 = 3_200.0;
    let power = (MANY / f64::from(count(samples.max(1)))).log10();
    let greatest = values.first().copied().unwrap_or(1.0);
    let strength = |value: &f64| (value / greatest).powf(power.clamp(0.2, 1.0));
    values.iter().map(|value| narrow(strength(value))).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what is out of bounds ends at the bound"
)]
fn byte(number: f32) -> i8 {
    number.round() as i8
}

/// The word that is written for each term most often, folded; of several the first.
fn spelt(samples: &[Sample], ids: &[u32]) -> Vec<String> {
    let mut uses: HashMap<(usize, &str), u32> = HashMap::new();
    for sample in samples {
        let written: Vec<&str> = sample.written.split(' ').collect();
        for term in &sample.vector.terms {
            let word = written.get(usize::from(term.place));
            if let (Ok(place), Some(word)) = (ids.binary_search(&term.id), word) {
                *uses.entry((place, *word)).or_default() += 1;
            }
        }
    }
    let mut most_used = vec![(0, Reverse("")); ids.len()];
    for ((place, word), used) in uses {
        if let Some(most) = most_used.get_mut(place) {
            *most = (*most).max((used, Reverse(word)));
        }
    }
    let folded = |(_, Reverse(word)): (u32, Reverse<&str>)| {
        let several = || words::tokens(word).into_iter().next();
        term(word).or_else(several).unwrap_or_default()
    };
    most_used.into_iter().map(folded).collect()
}

/// What articles have in common because they are of one publication.
fn learn_averages(model: &mut Model, samples: &[Sample]) {
    // As long as the mean is zero, an article's topics are those before it is taken out.
    let mut topics = vec![0.0; model.topics()];
    let mut weights = vec![0.0; model.learned.ids.len()];
    let mut with_themselves = 0.0;
    for sample in samples {
        let prepared = model.prepare(&sample.vector);
        for (sum, topic) in topics.iter_mut().zip(&prepared.topics) {
            *sum += f64::from(*topic);
        }
        with_themselves += add_weights(model, &prepared, &mut weights);
    }
    let samples = f64::from(count(samples.len().max(1)));
    let mean = topics.into_iter().map(|sum| narrow(sum / samples));
    // All pairs at once: what the sum of the articles is beside the sum of their squares.
    let of_all: f64 = weights.iter().map(|weight| weight * weight).sum();
    let pairs = samples * (samples - 1.0) / 2.0 + PAIRS_BEFORE;
    let usual = (of_all - with_themselves) / 2.0 / pairs;
    model.learned.mean = mean.collect();
    model.learned.usual = narrow(usual.clamp(0.0, USUAL_AT_MOST));
}

/// Adds an article's weights to those of all, and gives the sum of their squares.
fn add_weights(model: &Model, prepared: &Prepared, weights: &mut [f64]) -> f64 {
    let mut squares = 0.0;
    for (id, weight) in &prepared.terms {
        let place = model.place(*id);
        if let Some(sum) = place.and_then(|place| weights.get_mut(place)) {
            *sum += f64::from(*weight);
            squares += f64::from(*weight) * f64::from(*weight);
        }
    }
    squares
}
