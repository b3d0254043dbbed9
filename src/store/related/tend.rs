//! Brings the kept lists up to date in the background: a new article gets its list, and enters
//! those of its neighbours; then lists that readers wanted are kept.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use diesel::prelude::*;

use crate::{
    model::sight::Sight,
    store::{
        Reader, Store,
        articles::rows::{self, Facts},
        connection::DbConnection,
        error::StoreError,
        related::{
            computed::keep_computed,
            kept::{self, KEPT_AT_MOST, Kept},
            keys,
            memory::{self, State, Wanted},
            nearest::{Constraint, Finder},
        },
        schema::related_queue,
    },
};

/// New articles in one transaction, at most.
const TOLD_AT_ONCE: usize = 50;
/// Wanted lists in one transaction, at most.
const WANTED_AT_ONCE: usize = 20;

/// Works for about so long at lists that are to be kept, and writes them down; gives whether there
/// are more. Before anything was learned there is nothing to do.
pub fn tend(store: &Store, at_most: Duration) -> Result<bool, StoreError> {
    let started = Instant::now();
    let more_computed = keep_computed(store)?;
    let wanted = store.memory.take_wanted(WANTED_AT_ONCE);
    let is_late = move || started.elapsed() >= at_most;
    let round = store
        .read_blocking(Sight::Public, move |reader| {
            Round::found(reader, &wanted, is_late)
        })?
        .value;
    let Some(round) = round else {
        return Ok(more_computed);
    };
    let more = round.more || more_computed;
    for wanted in &round.left {
        store.memory.want(*wanted);
    }
    if !round.articles.is_empty() {
        store.write_waiting(move |connection| round.keep(connection))?;
    }
    Ok(more)
}

/// What was found for one article.
struct Found {
    pk: i64,
    /// The version that it was found for; `None` for one that is not published.
    version: Option<i64>,
    /// Whether its neighbours are to be told.
    is_told: bool,
    /// Its neighbours, and those of its category; `None` where they were not looked for.
    lists: [Option<Kept>; 2],
}

impl Found {
    /// Its list of one kind.
    fn list(&self, kind: usize) -> Option<&Kept> {
        self.lists.get(kind).and_then(Option::as_ref)
    }
}

/// Lists that go into the database together.
struct Round {
    /// How things stood when they were looked for.
    state: State,
    articles: Vec<Found>,
    /// Wanted lists for which there was no time.
    left: Vec<Wanted>,
    more: bool,
}

impl Round {
    /// Looks for neighbours of new articles, the newest first, or where there are none, of those
    /// whose lists are wanted: a new one is told without waiting for them. Of one at least.
    fn found(
        reader: &mut Reader<'_>,
        wanted: &[Wanted],
        is_late: impl Fn() -> bool,
    ) -> Result<Option<Self>, StoreError> {
        let queued = queued(reader.connection)?;
        if queued.is_empty() && wanted.is_empty() {
            return Ok(None);
        }
        let Some(mut finder) = Finder::new(reader)? else {
            return Ok(None);
        };
        let pks = queued.iter().chain(wanted.iter().map(|(pk, _)| pk));
        let facts = rows::published_facts(reader.connection, pks.copied().collect())?;
        let facts: HashMap<i64, Facts> = facts.into_iter().map(|one| (one.pk, one)).collect();
        let (now, later) = match queued.is_empty() {
            true => wanted.split_at(wanted.len()),
            false => wanted.split_at(0),
        };
        let is_more = queued.len() > TOLD_AT_ONCE || now.len() >= WANTED_AT_ONCE;
        let mut round = Self {
            state: finder.state,
            articles: Vec::new(),
            left: later.to_vec(),
            more: is_more || !later.is_empty(),
        };
        let new = queued.into_iter().take(TOLD_AT_ONCE);
        let new = new.map(|pk| (pk, None, [true, true]));
        let old = now.iter().map(|wanted| {
            let (pk, same_category) = *wanted;
            (pk, Some(*wanted), [!same_category, same_category])
        });
        for (pk, wanted, kinds) in new.chain(old) {
            if is_late() && !round.articles.is_empty() {
                round.more = true;
                round.left.extend(wanted);
                continue;
            }
            let facts = facts.get(&pk);
            round.articles.push(Found {
                pk,
                version: facts.map(|facts| facts.version),
                is_told: wanted.is_none(),
                lists: lists(reader, &mut finder, facts, kinds)?,
            });
        }
        Ok(Some(round))
    }

    /// Keeps the lists, unless what they were found by no longer holds.
    fn keep(self, connection: &mut DbConnection) -> Result<(), StoreError> {
        let state = memory::state(connection)?;
        if state.epoch != self.state.epoch {
            return Ok(());
        }
        // What another process has merged and told since is not in lists that were wanted.
        let is_unchanged = state == self.state;
        let pks = self.articles.iter().map(|found| found.pk).collect();
        let now = rows::published_facts(connection, pks)?;
        let now: HashMap<i64, i64> = now.iter().map(|one| (one.pk, one.version)).collect();
        // One that has changed meanwhile stays in the queue.
        let is_current = |found: &Found| {
            let version = now.get(&found.pk).copied();
            version == found.version && (found.is_told || is_unchanged)
        };
        let articles: Vec<Found> = self.articles.into_iter().filter(is_current).collect();
        let mut others: BTreeSet<i64> = BTreeSet::new();
        for (kind, same_category) in [false, true].into_iter().enumerate() {
            let changed = keep_kind(connection, &articles, kind, same_category, state.epoch)?;
            others.extend(changed);
        }
        let others: Vec<i64> = others.into_iter().collect();
        let ids = rows::ids(connection, &others)?;
        keys::note_of(connection, &ids)?;
        let told = articles.iter().filter(|found| found.is_told);
        let told: Vec<i64> = told.map(|found| found.pk).collect();
        diesel::delete(related_queue::table.filter(related_queue::article_pk.eq_any(told)))
            .execute(connection)?;
        Ok(())
    }
}

/// The newest in the queue; one more than are taken at once.
fn queued(connection: &mut DbConnection) -> Result<Vec<i64>, StoreError> {
    let most = i64::try_from(TOLD_AT_ONCE + 1).unwrap_or(i64::MAX);
    Ok(related_queue::table
        .order(related_queue::article_pk.desc())
        .limit(most)
        .select(related_queue::article_pk)
        .load(connection)?)
}

/// Lists of both kinds, as far as they are asked for.
fn lists(
    reader: &mut Reader<'_>,
    finder: &mut Finder,
    facts: Option<&Facts>,
    kinds: [bool; 2],
) -> Result<[Option<Kept>; 2], StoreError> {
    let Some(facts) = facts else {
        return Ok([None, None]);
    };
    let mut find = |category: Option<i64>| {
        let constraint = Constraint {
            category,
            not_newer_than: None,
        };
        let found = finder.compute(reader, facts, constraint, KEPT_AT_MOST)?;
        Ok::<_, StoreError>(Some(Kept::new(found)))
    };
    let [of_all, of_category] = kinds;
    // First, since it looks for more of those that share words, and the other takes from them.
    let of_category = match facts.category_pk.filter(|_| of_category) {
        Some(category) => find(Some(category))?,
        None => None,
    };
    let of_all = if of_all { find(None)? } else { None };
    Ok([of_all, of_category])
}

/// Keeps the lists of one kind, and has each new article enter those of its neighbours, or leave
/// the lists of those that it was near to before. Gives the articles with a list that is another
/// than the one that was kept.
///
/// Not those with a first list: it is what answers had without it, computed by the same function
/// from the same articles, and such an answer depends on all articles, so that none is left that
/// was computed from others.
fn keep_kind(
    connection: &mut DbConnection,
    articles: &[Found],
    kind: usize,
    same_category: bool,
    epoch: i64,
) -> Result<Vec<i64>, StoreError> {
    let own: Vec<i64> = articles.iter().map(|found| found.pk).collect();
    let mut before = kept::load(connection, &own, same_category, epoch)?;
    let told = || articles.iter().filter(|found| found.is_told);
    let mut concerned: BTreeSet<i64> = BTreeSet::new();
    for found in told() {
        concerned.extend(neighbours(found.list(kind)));
        concerned.extend(neighbours(before.get(&found.pk)));
    }
    let concerned: Vec<i64> = concerned.into_iter().collect();
    let mut lists = kept::load(connection, &concerned, same_category, epoch)?;
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
        kept::store(connection, &changed, same_category, epoch)?;
    }
    let had_one = |pk: &i64| before.contains_key(pk);
    Ok(changed.into_keys().filter(had_one).collect())
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
