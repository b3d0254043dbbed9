//! Lists that readers computed, on their way into the database: a reader can't write.
//!
//! A list is kept if its article is still what it was, if nothing was learned and nothing was
//! merged into the index since the reader's transaction began, and if none of its articles waits to
//! be merged. Whatever the list lacks is merged later then, and with that queued; whoever takes it
//! from the queue, in whatever process, finds the list among those of its neighbours. What it has
//! is merged already, so that it is noted when that changes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::store::{
    Store,
    articles::rows,
    changes,
    connection::DbConnection,
    error::StoreError,
    index,
    related::{
        kept::{self, Kept},
        keys,
        memory::{self, State, Wanted},
    },
};

/// Lists in one transaction, at most.
const KEPT_AT_ONCE: usize = 200;

/// A list, and what it was computed from.
#[derive(Debug, Clone)]
pub(super) struct Computed {
    /// How things stood in the publication.
    pub(super) state: State,
    /// The last entry of the log of changes.
    pub(super) last_change: i64,
    /// The version of the article.
    pub(super) version: i64,
    /// The list itself.
    pub(super) kept: Kept,
}

/// Lists by what they are of.
type ByWanted = BTreeMap<Wanted, Computed>;

/// Keeps lists that readers computed, as far as they hold; others are looked for anew when lists
/// are tended. Gives whether there are more.
///
/// Caches are told of those that take the place of another one from before, and of those since which
/// something was written: then an answer may have been made of more articles than the list. Otherwise
/// it is what answers had without it.
pub fn keep_computed(store: &Store) -> Result<bool, StoreError> {
    let computed = store.memory.take_computed(KEPT_AT_ONCE);
    if computed.is_empty() {
        return Ok(false);
    }
    let more = computed.len() >= KEPT_AT_ONCE;
    let outdated = store.write_waiting(move |connection| keep(connection, computed))?;
    for wanted in outdated {
        store.memory.want(wanted);
    }
    Ok(more)
}

/// Keeps those that hold, and gives the others.
fn keep(connection: &mut DbConnection, computed: ByWanted) -> Result<Vec<Wanted>, StoreError> {
    let state = memory::state(connection)?;
    let last_change = changes::last_sequence(connection)?;
    let waiting: HashSet<i64> = index::waiting(connection)?;
    let pks: Vec<i64> = computed.keys().map(|(pk, _)| *pk).collect();
    let now = rows::published_facts(connection, pks)?;
    let versions: HashMap<i64, i64> = now.iter().map(|one| (one.pk, one.version)).collect();
    let holds = |((pk, _), one): &(Wanted, Computed)| {
        one.state == state && versions.get(pk) == Some(&one.version) && !one.kept.has_any(&waiting)
    };
    let (current, outdated): (ByWanted, ByWanted) = computed.into_iter().partition(holds);
    let mut told: BTreeSet<i64> = BTreeSet::new();
    for same_category in [false, true] {
        for (pk, is_another) in keep_kind(connection, &current, same_category, state)? {
            let one = current.get(&(pk, same_category));
            if is_another || one.is_some_and(|one| one.last_change != last_change) {
                told.insert(pk);
            }
        }
    }
    let ids = rows::ids(connection, &Vec::from_iter(told))?;
    keys::note_of(connection, &ids)?;
    Ok(outdated.into_keys().collect())
}

/// Keeps those of one kind that nobody has kept meanwhile, in place of those from before; gives
/// their articles, and whether each says something else than the one that it takes the place of.
fn keep_kind(
    connection: &mut DbConnection,
    current: &ByWanted,
    same_category: bool,
    state: State,
) -> Result<Vec<(i64, bool)>, StoreError> {
    let of_kind = current
        .iter()
        .filter(|((_, kind), _)| *kind == same_category);
    let mut lists: BTreeMap<i64, Option<Kept>> = of_kind
        .map(|((pk, _), one)| (*pk, Some(one.kept.clone())))
        .collect();
    let pks: Vec<i64> = lists.keys().copied().collect();
    let known = kept::load(connection, &pks, same_category, state)?;
    let is_former = |pk: &i64| {
        let known = known.get(pk);
        known.is_none_or(|known| known.epoch != state.epoch)
    };
    lists.retain(|pk, _| is_former(pk));
    if !lists.is_empty() {
        kept::store(connection, &lists, same_category)?;
    }
    let is_another = |pk: i64, new: Option<&Kept>| {
        let pair = known.get(&pk).zip(new);
        pair.is_some_and(|(known, new)| !known.says_the_same(new))
    };
    let stored = lists.iter();
    Ok(stored
        .map(|(pk, new)| (*pk, is_another(*pk, new.as_ref())))
        .collect())
}
