//! Which kept lists are others now, and in what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::store::{
    connection::DbConnection,
    error::StoreError,
    related::{
        kept::{self, Kept},
        memory::State,
        tend::Found,
    },
};

/// The articles whose lists of one kind have changed.
#[derive(Default)]
pub(super) struct ChangedLists {
    /// With a list in place of another.
    pub(super) others: Vec<i64>,
    /// With a list where none was kept.
    pub(super) first: Vec<i64>,
}

/// Keeps the lists of one kind, and has each new article enter those of its neighbours, or leave
/// the lists of those that it was near to before. Gives the articles with a list that is another
/// than the one that was kept, and those with a first one.
///
/// A first list is what answers had without it, computed by the same function from the same
/// articles, unless something was written since it was looked for: such an answer depends on all
/// articles, so that none is left from before, but one may have been made since.
pub(super) fn keep_kind(
    connection: &mut DbConnection,
    articles: &[&Found],
    kind: usize,
    same_category: bool,
    state: State,
) -> Result<ChangedLists, StoreError> {
    let own: Vec<i64> = articles.iter().map(|found| found.pk).collect();
    let mut before = kept::load_outdated_too(connection, &own, same_category, state)?;
    let told = || articles.iter().filter(|found| found.is_told);
    let mut concerned: BTreeSet<i64> = BTreeSet::new();
    for found in told() {
        concerned.extend(neighbours(found.list(kind)));
        concerned.extend(neighbours(before.get(&found.pk)));
    }
    let concerned: Vec<i64> = concerned.into_iter().collect();
    let mut lists = kept::load(connection, &concerned, same_category, state)?;
    before.extend(lists.iter().map(|(pk, kept)| (*pk, kept.clone())));
    let mut changed: BTreeSet<i64> = BTreeSet::new();
    for found in articles {
        let Some(kept) = found.list(kind) else {
            if found.is_told && before.contains_key(&found.pk) {
                lists.remove(&found.pk);
                changed.insert(found.pk);
            }
            continue;
        };
        // Lists of one category are kept for those alone that were asked for them.
        if !same_category || !found.is_told || before.contains_key(&found.pk) {
            lists.insert(found.pk, kept.clone());
            changed.insert(found.pk);
        }
    }
    for found in told() {
        changed.extend(placed(found, kind, before.get(&found.pk), &mut lists));
    }
    let changed: BTreeMap<i64, Option<Kept>> = changed
        .into_iter()
        .map(|pk| (pk, lists.remove(&pk)))
        .filter(|(pk, kept)| before.get(pk) != kept.as_ref())
        .collect();
    if !changed.is_empty() {
        kept::store(connection, &changed, same_category)?;
    }
    let mut lists = ChangedLists::default();
    for (pk, after) in &changed {
        match (before.get(pk), after) {
            (None, _) => lists.first.push(*pk),
            // Only looked for anew, behind a learning.
            (Some(before), Some(after)) if before.says_the_same(after) => {}
            (Some(_), _) => lists.others.push(*pk),
        }
    }
    Ok(lists)
}

/// Puts an article where it belongs in the lists of its neighbours, those from before among them;
/// gives the articles whose lists these are, where they are others now.
fn placed(
    found: &Found,
    kind: usize,
    before: Option<&Kept>,
    lists: &mut HashMap<i64, Kept>,
) -> Vec<i64> {
    let own = found.list(kind).map(|kept| kept.entries.iter().copied());
    let scores: HashMap<i64, u16> = own.into_iter().flatten().collect();
    let mut others = neighbours(before);
    others.extend(scores.keys());
    others.sort_unstable();
    others.dedup();
    let place = |other: &i64| {
        let kept = lists.get_mut(other);
        kept.is_some_and(|kept| kept.place(found.pk, scores.get(other).copied()))
    };
    others.retain(place);
    others
}

/// The articles that a list has.
fn neighbours(kept: Option<&Kept>) -> Vec<i64> {
    let entries = kept.map(|kept| kept.entries.iter().map(|(pk, _)| *pk));
    entries.into_iter().flatten().collect()
}
