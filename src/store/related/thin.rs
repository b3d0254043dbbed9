//! Thins a list out: of articles that are all but the same one stays, and not all of the first
//! are about one event.

use std::collections::HashMap;

use crate::{
    ranking::{
        model::{Model, Prepared},
        variety::varied,
        vector::Vector,
    },
    store::{
        connection::DbConnection,
        error::StoreError,
        index,
        related::{
            Asked, RelatedRequest,
            content::{Choice, Chosen},
            nearest::{is_twin, vectors},
        },
    },
};

/// How many more than are wanted are looked at, since some may fall out.
pub(super) const SPARE: usize = 8;
/// Two articles with so much likeness of words tell of one event.
const ONE_EVENT: f64 = 0.5;

/// Of so many, the first, not all are of one event.
const FIRST: usize = 5;

/// An article with less than one of so many parts of the best score does not stand before a nearer
/// one for the sake of variety.
const FAR: u16 = 4;
/// Characters of a word as written that are told, at most.
const LONGEST: usize = 100;

/// What is shown, by source.
pub(super) type Shown = HashMap<i64, Vec<Choice>>;

/// The words of an article that is asked about.
pub(super) struct Words {
    pub(super) vector: Vector,
    /// One word as written for each term of the vector.
    pub(super) written: Vec<String>,
    pub(super) prepared: Prepared,
}

/// What was looked at on the way, and what it was looked at with.
pub(super) struct Looked<'a> {
    pub(super) model: Option<&'a Model>,
    /// Whether topics are asked for too, and not words alone.
    with_topics: bool,
    pub(super) sources: HashMap<i64, Words>,
    pub(super) others: HashMap<i64, (Vector, Prepared)>,
}

impl<'a> Looked<'a> {
    fn at(
        connection: &mut DbConnection,
        model: Option<&'a Model>,
        with_topics: bool,
        sources: &[i64],
    ) -> Result<Self, StoreError> {
        let mut looked = Self {
            model,
            with_topics,
            sources: HashMap::new(),
            others: HashMap::new(),
        };
        if let Some(model) = model {
            for (pk, (vector, written)) in index::written(connection, sources)? {
                let words = Words {
                    prepared: looked.prepared(model, &vector),
                    // Pairs of words are joined by a space that does not part.
                    written: written
                        .split(' ')
                        .map(|word| word.replace('\u{a0}', " ").chars().take(LONGEST).collect())
                        .collect(),
                    vector,
                };
                looked.sources.insert(pk, words);
            }
        }
        Ok(looked)
    }

    fn prepared(&self, model: &Model, vector: &Vector) -> Prepared {
        match self.with_topics {
            true => model.prepare(vector),
            false => model.prepare_words(vector),
        }
    }

    fn look_at(&mut self, connection: &mut DbConnection, pks: Vec<i64>) -> Result<(), StoreError> {
        let Some(model) = self.model else {
            return Ok(());
        };
        let is_new = |pk: &i64| !self.others.contains_key(pk);
        let mut new: Vec<i64> = pks.into_iter().filter(is_new).collect();
        new.sort_unstable();
        new.dedup();
        if new.is_empty() {
            return Ok(());
        }
        for (pk, vector) in vectors(connection, &new)? {
            let prepared = self.prepared(model, &vector);
            self.others.insert(pk, (vector, prepared));
        }
        Ok(())
    }

    /// Likeness of words of two that were looked at.
    fn likeness(&self, one: i64, other: i64) -> Likeness {
        let prepared = |pk: i64| self.others.get(&pk).map(|(_, prepared)| prepared);
        self.compared(prepared(one), prepared(other))
    }

    fn compared(&self, one: Option<&Prepared>, other: Option<&Prepared>) -> Likeness {
        let (Some(model), Some(one), Some(other)) = (self.model, one, other) else {
            return Likeness::default();
        };
        let channels = model.channels(one, other);
        Likeness {
            is_same: Model::is_near_duplicate(one, other, channels),
            is_one_event: channels.lexical >= ONE_EVENT,
        }
    }

    fn is_same_as_source(&self, source: i64, other: i64) -> bool {
        let own = self.sources.get(&source).map(|words| &words.prepared);
        let prepared = self.others.get(&other).map(|(_, prepared)| prepared);
        self.compared(own, prepared).is_same
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Likeness {
    is_same: bool,
    is_one_event: bool,
}

/// The first `limit` of each source, thinned out.
pub(super) fn thinned<'a>(
    connection: &mut DbConnection,
    model: Option<&'a Model>,
    asked: &[Asked],
    chosen: &HashMap<i64, Chosen>,
    request: RelatedRequest,
) -> Result<(Shown, Looked<'a>), StoreError> {
    let limit = request.limit;
    let sources: Vec<i64> = asked.iter().map(|one| one.facts.pk).collect();
    let mut looked = Looked::at(connection, model, request.explain, &sources)?;
    let some = limit + SPARE;
    let firsts = chosen.values().flat_map(|of_one| {
        let pins = of_one.pins.iter().take(limit);
        pins.chain(of_one.others.iter().take(some))
    });
    looked.look_at(connection, firsts.map(|one| one.facts.pk).collect())?;
    let mut shown = Shown::new();
    // Where too many fell out, or too many are alike, all that are left are looked at.
    let mut lacking: Vec<i64> = Vec::new();
    for (source, of_one) in chosen {
        let (list, will_do) = list(&looked, *source, of_one, some, limit);
        if !will_do && of_one.others.len() > some {
            lacking.push(*source);
        }
        shown.insert(*source, list);
    }
    let rest = lacking.iter().filter_map(|source| chosen.get(source));
    let rest = rest.flat_map(|of_one| &of_one.others);
    looked.look_at(connection, rest.map(|one| one.facts.pk).collect())?;
    for source in lacking {
        if let Some(of_one) = chosen.get(&source) {
            let (list, _) = list(&looked, source, of_one, usize::MAX, limit);
            shown.insert(source, list);
        }
    }
    Ok((shown, looked))
}

/// The first `limit` of a source, of which `some` are looked at beside those that are pinned; and
/// whether these were as many and as various as is wanted.
fn list(
    looked: &Looked<'_>,
    source: i64,
    of_one: &Chosen,
    some: usize,
    limit: usize,
) -> (Vec<Choice>, bool) {
    let mut list: Vec<Choice> = of_one.pins.iter().take(limit).cloned().collect();
    let wanted = limit - list.len();
    if wanted == 0 {
        return (list, true);
    }
    let is_pinned_already = |other: &Choice| {
        let mut pins = list.iter();
        pins.any(|pin| {
            is_twin(&pin.facts, &other.facts)
                || looked.likeness(pin.facts.pk, other.facts.pk).is_same
        })
    };
    let others: Vec<&Choice> = of_one
        .others
        .iter()
        .take(some)
        .filter(|other| !looked.is_same_as_source(source, other.facts.pk))
        .filter(|other| !is_pinned_already(other))
        .collect();
    let others = distinct(looked, others);
    let nearest = others.first().map_or(0, |first| first.score);
    let is_near = |other: &&Choice| !other.is_filler && other.score >= nearest / FAR;
    let (near, far) = others.split_at(others.partition_point(is_near));
    let row = |place: usize| near.get(place).map(|other| other.facts.pk);
    let is_alike = |one: usize, other: usize| {
        let both = row(one).zip(row(other));
        both.is_some_and(|(one, other)| looked.likeness(one, other).is_one_event)
    };
    let scores: Vec<u16> = near.iter().map(|other| other.score).collect();
    let order = varied(&scores, is_alike, wanted.min(FIRST));
    let in_order = order.places.iter().filter_map(|place| near.get(*place));
    let choices = in_order.chain(far).take(wanted);
    list.extend(choices.map(|choice| (*choice).clone()));
    // Others than those looked at are farther still.
    let is_various = order.is_varied || !far.is_empty();
    let will_do = is_various && list.len() >= limit;
    (list, will_do)
}

/// Of those that are all but the same, the newest; of those of one date, the one with the
/// smallest id.
fn distinct<'a>(looked: &Looked<'_>, others: Vec<&'a Choice>) -> Vec<&'a Choice> {
    let goes = |(place, one): (usize, &&'a Choice)| {
        others.iter().enumerate().any(|(other_place, other)| {
            let is_older =
                (one.facts.sort_at, &other.facts.id) < (other.facts.sort_at, &one.facts.id);
            let is_same = || {
                is_twin(&one.facts, &other.facts)
                    || looked.likeness(one.facts.pk, other.facts.pk).is_same
            };
            place != other_place && is_older && is_same()
        })
    };
    let stays: Vec<bool> = others.iter().enumerate().map(|one| !goes(one)).collect();
    let kept = others.iter().zip(stays);
    kept.filter(|(_, stays)| *stays)
        .map(|(one, _)| *one)
        .collect()
}
