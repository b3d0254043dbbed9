//! Lists that readers computed, on their way into the database: a reader can't write.
//!
//! A list is kept if its article is still what it was, and if nothing was learned and nothing was
//! merged into the index since the reader's transaction began. Whatever the list lacks is merged
//! later then, and with that queued; whoever takes it from the queue, in whatever process, finds
//! the list among those of its neighbours.

use std::collections::{BTreeMap, HashMap};

use crate::store::{
    Store,
    articles::rows,
    connection::DbConnection,
    error::StoreError,
    related::{
        kept::{self, Kept},
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
/// No cache is told of them: each is what answers had without it.
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
    let pks: Vec<i64> = computed.keys().map(|(pk, _)| *pk).collect();
    let now = rows::published_facts(connection, pks)?;
    let versions: HashMap<i64, i64> = now.iter().map(|one| (one.pk, one.version)).collect();
    let holds = |((pk, _), one): &(Wanted, Computed)| {
        one.state == state && versions.get(pk) == Some(&one.version)
    };
    let (current, outdated): (ByWanted, ByWanted) = computed.into_iter().partition(holds);
    for same_category in [false, true] {
        keep_kind(connection, &current, same_category, state.epoch)?;
    }
    Ok(outdated.into_keys().collect())
}

/// Keeps those of one kind that nobody has kept meanwhile.
fn keep_kind(
    connection: &mut DbConnection,
    current: &ByWanted,
    same_category: bool,
    epoch: i64,
) -> Result<(), StoreError> {
    let of_kind = current
        .iter()
        .filter(|((_, kind), _)| *kind == same_category);
    let mut lists: BTreeMap<i64, Option<Kept>> = of_kind
        .map(|((pk, _), one)| (*pk, Some(one.kept.clone())))
        .collect();
    let pks: Vec<i64> = lists.keys().copied().collect();
    for known in kept::load(connection, &pks, same_category, epoch)?.keys() {
        lists.remove(known);
    }
    match lists.is_empty() {
        true => Ok(()),
        false => kept::store(connection, &lists, same_category, epoch),
    }
}
