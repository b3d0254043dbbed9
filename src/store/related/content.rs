//! What may be shown: pins, neighbours by content, and fillers where those are too few.

use std::collections::{HashMap, HashSet};

use crate::store::{
    Reader,
    articles::rows::Facts,
    error::StoreError,
    related::{
        Asked, RelatedRequest,
        filler::{self, Filler, days_between},
        kept::{KEPT_AT_MOST, Neighbour},
        keys,
        listed::{ByRow, Listed, correct, depends_on_all, known, lists},
        nearest::{Finder, is_twin},
        thin::SPARE,
    },
};

/// What a pin scores, in ten-thousandths.
const PINNED: u16 = 10_000;

/// An article that may be shown.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) facts: Facts,
    /// In ten-thousandths.
    pub(super) score: u16,
    pub(super) is_pinned: bool,
    /// Whether it only fills the list up.
    pub(super) is_filler: bool,
}

/// The articles that may be shown with another.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// In the editor's order.
    pub(super) pins: Vec<Choice>,
    /// Best first.
    pub(super) others: Vec<Choice>,
}

/// Chooses for each article that is asked about.
pub(super) fn chosen(
    reader: &mut Reader<'_>,
    mut finder: Option<&mut Finder>,
    asked: &[Asked],
    request: RelatedRequest,
) -> Result<HashMap<i64, Chosen>, StoreError> {
    reader.depends_on(keys::ALL);
    for one in asked {
        reader.depends_on(keys::part_of(&one.facts.id));
        reader.depends_on(keys::of(&one.facts.id));
    }
    let mut lists = match &mut finder {
        Some(finder) => lists(reader, finder, asked, request)?,
        None => HashMap::new(),
    };
    let read = finder.as_deref().map(Finder::facts);
    let known = known(reader, asked, &lists, read)?;
    if let Some(finder) = &mut finder {
        correct(reader, finder, asked, &mut lists, &known, request)?;
    }
    let mut chosen: HashMap<i64, Chosen> = HashMap::new();
    for one in asked {
        let of_one = Chosen {
            pins: pinned(one, &known.facts, request),
            others: match lists.get(&one.facts.pk) {
                Some(listed) => {
                    let finder = finder.as_deref_mut();
                    neighbours(reader, finder, one, listed, &known.facts, request)?
                }
                None => Vec::new(),
            },
        };
        chosen.insert(one.facts.pk, of_one);
    }
    fill(reader, asked, &mut chosen, request)?;
    Ok(chosen)
}

fn pinned(one: &Asked, facts: &ByRow, request: RelatedRequest) -> Vec<Choice> {
    let pins = one.pins.iter().filter_map(|pk| facts.get(pk));
    pins.filter(|facts| one.allows(facts, request))
        .map(|facts| Choice {
            facts: facts.clone(),
            score: PINNED,
            is_pinned: true,
            is_filler: false,
        })
        .collect()
}

/// The neighbours that will do; looked for anew where a list that was cut has too few of them.
fn neighbours(
    reader: &mut Reader<'_>,
    finder: Option<&mut Finder>,
    one: &Asked,
    listed: &Listed,
    facts: &ByRow,
    request: RelatedRequest,
) -> Result<Vec<Choice>, StoreError> {
    let list = &listed.list;
    let found = fitting(one, &list.entries, facts, request);
    // To look for the same as just now would find the same.
    let is_all = listed.is_computed && request.include_newer;
    if let Some(finder) = finder
        && list.is_cut
        && found.len() < request.limit
        && !is_all
    {
        let constraint = one.constraint(request);
        let entries = finder.compute(reader, &one.facts, constraint, KEPT_AT_MOST)?;
        depends_on_all(reader);
        return Ok(fitting(one, &entries, finder.facts(), request));
    }
    Ok(found)
}

fn fitting(
    one: &Asked,
    entries: &[Neighbour],
    facts: &ByRow,
    request: RelatedRequest,
) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::with_capacity(entries.len());
    for (pk, score) in entries {
        let Some(facts) = facts.get(pk) else {
            continue;
        };
        if may_follow(one, facts, request) {
            choices.push(Choice {
                score: faded(*score, closeness(&one.facts, facts, request)),
                facts: facts.clone(),
                is_pinned: false,
                is_filler: false,
            });
        }
    }
    choices.sort_by(|one, other| {
        (other.score.cmp(&one.score))
            .then(other.facts.sort_at.cmp(&one.facts.sort_at))
            .then(one.facts.id.cmp(&other.facts.id))
    });
    choices
}

/// Whether an article may come after the pins.
fn may_follow(one: &Asked, facts: &Facts, request: RelatedRequest) -> bool {
    one.allows(facts, request) && !one.pins.contains(&facts.pk) && !is_twin(&one.facts, facts)
}

/// What a score is multiplied by for the days between two articles; 1 where they do not count.
pub(super) fn closeness(one: &Facts, other: &Facts, request: RelatedRequest) -> f64 {
    request.half_life_days.map_or(1.0, |half_life| {
        (-days_between(one, other) / f64::from(half_life.max(1))).exp2()
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it only gets smaller"
)]
fn faded(score: u16, closeness: f64) -> u16 {
    (f64::from(score) * closeness).round() as u16
}

/// Adds fillers where there are too few, in a fixed number of statements.
fn fill(
    reader: &mut Reader<'_>,
    asked: &[Asked],
    chosen: &mut HashMap<i64, Chosen>,
    request: RelatedRequest,
) -> Result<(), StoreError> {
    let wanted = request.limit + SPARE;
    let has_few = |one: &&Asked| {
        let of_one = chosen.get(&one.facts.pk);
        of_one.is_none_or(|of_one| of_one.pins.len() + of_one.others.len() < wanted)
    };
    let lacking: Vec<&Asked> = asked.iter().filter(has_few).collect();
    if !lacking.is_empty() {
        depends_on_all(reader);
    }
    // So many of those that are read may be chosen already, or excluded.
    let useless = lacking.iter().map(|one| {
        let known = chosen.get(&one.facts.pk);
        one.excluded.len() + known.map_or(0, |known| known.pins.len() + known.others.len())
    });
    let most = wanted + useless.max().unwrap_or(0);
    let sources: Vec<&Facts> = lacking.iter().map(|one| &one.facts).collect();
    let mut fillers = filler::fillers(reader.connection, &sources, request, most)?;
    for one in lacking {
        let of_one = chosen.entry(one.facts.pk).or_default();
        add(one, of_one, fillers.remove(&one.facts.pk), request);
    }
    Ok(())
}

fn add(one: &Asked, of_one: &mut Chosen, fillers: Option<Vec<Filler>>, request: RelatedRequest) {
    let known: HashSet<i64> = of_one.others.iter().map(|other| other.facts.pk).collect();
    // Never above a neighbour by content, also where distance in time made that one small.
    let lowest = of_one.others.last().map_or(u16::MAX, |last| last.score);
    for (facts, score) in fillers.into_iter().flatten() {
        if !known.contains(&facts.pk) && may_follow(one, &facts, request) {
            of_one.others.push(Choice {
                facts,
                score: score.min(lowest),
                is_pinned: false,
                is_filler: true,
            });
        }
    }
}
