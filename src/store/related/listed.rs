//! The neighbours of articles: as they are kept, put right where articles were edited since, or
//! computed now.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::{
    model::kind::Kind,
    store::{
        Reader,
        articles::rows::{self, Facts},
        error::StoreError,
        invalidation::all_of,
        related::{
            Asked, RelatedRequest,
            computed::Computed,
            kept::{self, KEPT_AT_MOST, Kept, Neighbour},
            nearest::{Constraint, Finder},
        },
    },
};

/// What the ranking needs of articles, by row.
pub(super) type ByRow = HashMap<i64, Facts>;

/// The neighbours of an article.
pub(super) struct Listed {
    /// At most as many as are kept.
    pub(super) list: Kept,
    /// Whether it was computed just now.
    pub(super) is_computed: bool,
}

/// What was read of pins and neighbours.
#[derive(Default)]
pub(super) struct Known {
    /// Of those that are published.
    pub(super) facts: ByRow,
    /// Those that a kept list may have with what they scored before.
    pub(super) edited: HashSet<i64>,
}

/// Notes that any article may change what is chosen: where it was looked for among all of them.
pub(super) fn depends_on_all(reader: &mut Reader<'_>) {
    reader.depends_on(all_of(Kind::Article));
}

/// Each article's neighbours: as they are kept, or computed now and kept soon. They are of any
/// date, also where older ones alone are asked for, so that an answer is the same either way.
pub(super) fn lists(
    reader: &mut Reader<'_>,
    finder: &mut Finder,
    asked: &[Asked],
    request: RelatedRequest,
) -> Result<HashMap<i64, Listed>, StoreError> {
    // What is no longer published is not brought up to date, so it is computed.
    let published = asked.iter().filter(|one| one.is_published);
    let pks: Vec<i64> = published.map(|one| one.facts.pk).collect();
    let epoch = finder.state.epoch;
    let of_category = request.same_category;
    let kept = kept::load_settled(reader.connection, &pks, of_category, finder.state)?;
    let mut lists: HashMap<i64, Listed> = HashMap::new();
    for (pk, list) in kept {
        // What a score is made of is told by what was learned last, and so must the score be.
        let is_former = list.epoch != epoch;
        if is_former && request.explain {
            continue;
        }
        if is_former {
            reader.memory.want((pk, request.same_category));
        }
        let is_computed = false;
        lists.insert(pk, Listed { list, is_computed });
    }
    for one in asked {
        let pk = one.facts.pk;
        if lists.contains_key(&pk) || one.is_alone(request) {
            continue;
        }
        let of_any_date = Constraint {
            not_newer_than: None,
            ..one.constraint(request)
        };
        let found = finder.compute(reader, &one.facts, of_any_date, KEPT_AT_MOST)?;
        let list = Kept::new(epoch, found);
        depends_on_all(reader);
        if one.is_published {
            let computed = Computed {
                state: finder.state,
                last_change: finder.last_change(reader.connection)?,
                version: one.facts.version,
                kept: list.clone(),
            };
            let wanted = (pk, request.same_category);
            reader.memory.hand_over(wanted, computed);
        }
        let is_computed = true;
        lists.insert(pk, Listed { list, is_computed });
    }
    Ok(lists)
}

/// What there is to know of all pins and neighbours. Those that are not published may be later, and
/// then belong there too. Of lists that were computed, most has been read.
pub(super) fn known(
    reader: &mut Reader<'_>,
    asked: &[Asked],
    lists: &HashMap<i64, Listed>,
    read: Option<&ByRow>,
) -> Result<Known, StoreError> {
    let (computed, kept): (Vec<&Listed>, Vec<&Listed>) =
        lists.values().partition(|listed| listed.is_computed);
    let of_kept = kept.into_iter().flat_map(|listed| &listed.list.entries);
    let pins = asked.iter().flat_map(|one| &one.pins);
    let mut unread: BTreeSet<i64> = of_kept.map(|(pk, _)| pk).chain(pins).copied().collect();
    let mut known = Known::default();
    for (pk, _) in computed.into_iter().flat_map(|listed| &listed.list.entries) {
        match read.and_then(|read| read.get(pk)) {
            Some(facts) if !unread.contains(pk) => {
                reader.depends_on(format!("article-{}", facts.id));
                known.facts.insert(*pk, facts.clone());
            }
            Some(_) => {}
            None => {
                unread.insert(*pk);
            }
        }
    }
    for named in rows::named(reader.connection, &Vec::from_iter(unread))? {
        let facts = named.facts;
        reader.depends_on(format!("article-{}", facts.id));
        if named.is_edited {
            known.edited.insert(facts.pk);
        }
        if named.is_published {
            known.facts.insert(facts.pk, facts);
        }
    }
    Ok(known)
}

/// Puts right what edited articles score in kept lists, since only those lists are told of an edit
/// that are near to its article. Such a list is found anew soon.
pub(super) fn correct(
    reader: &mut Reader<'_>,
    finder: &mut Finder,
    asked: &[Asked],
    lists: &mut HashMap<i64, Listed>,
    known: &Known,
    request: RelatedRequest,
) -> Result<(), StoreError> {
    // What is not published now is scored when it is shown again.
    let is_doubtful = |(pk, _): &&Neighbour| {
        let is_shown = known.facts.contains_key(pk);
        is_shown && known.edited.contains(pk)
    };
    let mut doubtful: Vec<(&Facts, Vec<Neighbour>)> = Vec::new();
    for one in asked {
        let listed = lists.get(&one.facts.pk);
        let kept = listed.filter(|listed| !listed.is_computed);
        let entries = kept.into_iter().flat_map(|listed| &listed.list.entries);
        let entries: Vec<Neighbour> = entries.filter(is_doubtful).copied().collect();
        if !entries.is_empty() {
            doubtful.push((&one.facts, entries));
        }
    }
    if doubtful.is_empty() {
        return Ok(());
    }
    let scores = finder.scores(reader.connection, &doubtful)?;
    for (own, entries) in doubtful {
        let (Some(scores), Some(listed)) = (scores.get(&own.pk), lists.get_mut(&own.pk)) else {
            continue;
        };
        let wrong = entries
            .iter()
            .filter(|(pk, score)| scores.get(pk) != Some(score));
        let wrong: Vec<i64> = wrong.map(|(pk, _)| *pk).collect();
        if !wrong.is_empty() {
            listed.list.rescore(&wrong, scores);
            reader.memory.want((own.pk, request.same_category));
        }
    }
    Ok(())
}
