//! What fills a list up where content has too few neighbours: shared tags, the same category, and
//! closeness in time.

use std::collections::{HashMap, HashSet};

use crate::store::{
    articles::rows::{self, Candidate, Facts, Near},
    connection::DbConnection,
    error::StoreError,
    related::{
        RelatedRequest,
        tags::{shared_tags, tags_of},
    },
};

/// What each piece of evidence adds, at most.
const TAGS_WEIGHT: f64 = 0.5;
const CATEGORY_WEIGHT: f64 = 0.25;
const TIME_WEIGHT: f64 = 0.2;
/// After so many days, closeness in time counts half.
const HALF_LIFE_DAYS: f64 = 30.0;
const MILLIS_PER_DAY: f64 = 86_400_000.0;
/// A filler scores one of so many parts of its evidence, and never more than the last neighbour by
/// content.
const PARTS: u16 = 50;

/// An article that may fill a list up, and its score in ten-thousandths.
pub(super) type Filler = (Facts, u16);

/// Days between two articles.
#[expect(clippy::cast_precision_loss, reason = "milliseconds are below 2^53")]
pub(super) fn days_between(one: &Facts, other: &Facts) -> f64 {
    one.sort_at.abs_diff(other.sort_at) as f64 / MILLIS_PER_DAY
}

/// Fillers of each source, best first, in a fixed number of statements; `most` on each side of
/// the source in time.
pub(super) fn fillers(
    connection: &mut DbConnection,
    sources: &[&Facts],
    request: RelatedRequest,
    most: usize,
) -> Result<HashMap<i64, Vec<Filler>>, StoreError> {
    if sources.is_empty() {
        return Ok(HashMap::new());
    }
    let pks: Vec<i64> = sources.iter().map(|source| source.pk).collect();
    let tags = tags_of(connection, &pks)?;
    let wanted = Near {
        at_most: most,
        same_category: request.same_category,
        include_newer: request.include_newer,
    };
    let mut candidates = rows::near(connection, sources, wanted)?;
    candidates.extend(tagged(connection, &pks, &tags)?);
    let found: HashSet<i64> = candidates.iter().map(|one| one.facts.pk).collect();
    let found: Vec<i64> = found.into_iter().collect();
    let tags_of_found = tags_of(connection, &found)?;
    let by_pk: HashMap<i64, &Facts> = sources.iter().map(|facts| (facts.pk, *facts)).collect();
    let none = HashSet::new();
    let mut fillers: HashMap<i64, Vec<Filler>> = HashMap::new();
    for Candidate { source, facts } in candidates {
        let Some(own) = by_pk.get(&source) else {
            continue;
        };
        let own_tags = tags.get(&source).unwrap_or(&none);
        let its_tags = tags_of_found.get(&facts.pk).unwrap_or(&none);
        let score = score(own, &facts, shared_tags(own_tags, its_tags));
        fillers.entry(source).or_default().push((facts, score));
    }
    for of_source in fillers.values_mut() {
        of_source.sort_by(|(one, score), (other, other_score)| {
            other_score
                .cmp(score)
                .then(other.sort_at.cmp(&one.sort_at))
                .then(one.id.cmp(&other.id))
        });
        of_source.dedup_by_key(|(facts, _)| facts.pk);
        // Only now, since it makes many scores equal.
        for (_, score) in of_source {
            *score /= PARTS;
        }
    }
    Ok(fillers)
}

/// Articles that share a tag, for each source.
fn tagged(
    connection: &mut DbConnection,
    sources: &[i64],
    tags: &HashMap<i64, HashSet<i64>>,
) -> Result<Vec<Candidate>, StoreError> {
    let wanted: HashSet<i64> = tags.values().flatten().copied().collect();
    let mut carriers: HashMap<i64, Vec<i64>> = HashMap::new();
    for source in sources {
        for tag in tags.get(source).into_iter().flatten() {
            carriers.entry(*tag).or_default().push(*source);
        }
    }
    let mut candidates = Vec::new();
    for (tag, facts) in rows::tagged(connection, wanted)? {
        for source in carriers.get(&tag).into_iter().flatten() {
            candidates.push(Candidate {
                source: *source,
                facts: facts.clone(),
            });
        }
    }
    Ok(candidates)
}

/// Shared tags, the category and closeness in time, in ten-thousandths. Authors are left to the
/// reasons.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to 9,500"
)]
fn score(source: &Facts, candidate: &Facts, shared_tags: f64) -> u16 {
    let category = source.category_pk;
    let same_category = category.is_some() && category == candidate.category_pk;
    let closeness = (-days_between(source, candidate) / HALF_LIFE_DAYS).exp2();
    let score = TAGS_WEIGHT * shared_tags.sqrt()
        + if same_category { CATEGORY_WEIGHT } else { 0.0 }
        + TIME_WEIGHT * closeness;
    (score * 10_000.0).round() as u16
}
