//! Brings the kept lists up to date in the background: a new article gets its list, and enters
//! those of its neighbours; then lists that readers wanted are kept.

mod keep;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::{Duration, Instant},
};

use diesel::prelude::*;

use crate::{
    model::sight::Sight,
    store::{
        Reader, Store,
        among::{Numbers, among},
        articles::rows::{self, Facts},
        changes,
        connection::{DbConnection, on_backend},
        error::StoreError,
        index,
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
use keep::keep_kind;

/// New articles in one transaction, at most.
const TOLD_AT_ONCE: usize = 50;
/// Wanted lists in one transaction, at most.
const WANTED_AT_ONCE: usize = 20;
/// Of those, how many where there are new articles as well.
const WANTED_BESIDE: usize = 4;

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
    if round.articles.is_empty() {
        return Ok(more);
    }
    let is_first = store.write_waiting(move |connection| round.keep(connection))?;
    Ok(more || !is_first)
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

    /// Whether any of these articles is in one of its lists.
    fn has_any(&self, pks: &HashSet<i64>) -> bool {
        let mut lists = self.lists.iter().flatten();
        lists.any(|kept| kept.has_any(pks))
    }
}

/// Lists that go into the database together.
struct Round {
    /// How things stood when they were looked for.
    state: State,
    /// The last entry of the log of changes then.
    last_change: i64,
    /// How often new articles had been told to their neighbours.
    told: i64,
    /// Which lists neighbours are told of: those of a category where any such are kept.
    told_kinds: [bool; 2],
    articles: Vec<Found>,
    /// Wanted lists for which there was no time.
    left: Vec<Wanted>,
    more: bool,
}

impl Round {
    /// Looks for neighbours of new articles, and then of those whose lists are wanted; of a few
    /// where there are new ones, which are told without waiting for many. Of one at least.
    fn found(
        reader: &mut Reader<'_>,
        wanted: &[Wanted],
        is_late: impl Fn() -> bool,
    ) -> Result<Option<Self>, StoreError> {
        let told = memory::told(reader.connection)?;
        let queued = queued(reader.connection, told % 2 == 0)?;
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
            false => wanted.split_at(wanted.len().min(WANTED_BESIDE)),
        };
        let is_more = queued.len() > TOLD_AT_ONCE || now.len() >= WANTED_AT_ONCE;
        let of_category = kept::has_any_of_category(reader.connection, finder.state)?;
        let told_kinds = [true, of_category];
        let mut round = Self {
            state: finder.state,
            told_kinds,
            last_change: finder.last_change(reader.connection)?,
            told,
            articles: Vec::new(),
            left: later.to_vec(),
            more: is_more || !later.is_empty(),
        };
        let new = queued.into_iter().take(TOLD_AT_ONCE);
        let new = new.map(|pk| (pk, None, told_kinds));
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

    /// Keeps the lists, unless what they were found by no longer holds. Gives whether no other
    /// process told new articles to their neighbours meanwhile; where one did, those that were to
    /// be told here are looked at once more.
    fn keep(self, connection: &mut DbConnection) -> Result<bool, StoreError> {
        let state = memory::state(connection)?;
        if state.epoch != self.state.epoch {
            return Ok(true);
        }
        // What another process has merged since is not in lists that were wanted; what it has also
        // told is in none that was found here, and nobody tells it again.
        let is_unchanged = state == self.state;
        let is_first = memory::told(connection)? == self.told;
        let is_written = changes::last_sequence(connection)? != self.last_change;
        let holds = |found: &Found| match found.is_told {
            true => is_first,
            false => is_unchanged,
        };
        let articles = self.articles.into_iter().filter(holds).collect();
        let articles = current(connection, articles)?;
        let mut others: BTreeSet<i64> = BTreeSet::new();
        for (kind, same_category) in [false, true].into_iter().enumerate() {
            let is_told = self.told_kinds.get(kind) == Some(&true);
            let of_kind = articles.iter().filter(|found| is_told || !found.is_told);
            let of_kind: Vec<&Found> = of_kind.collect();
            let changed = keep_kind(connection, &of_kind, kind, same_category, state)?;
            others.extend(changed.others);
            // An answer may have been made of more articles than a first list.
            if is_written || !is_unchanged {
                others.extend(changed.first);
            }
        }
        let others: Vec<i64> = others.into_iter().collect();
        let ids = rows::ids(connection, &others)?;
        keys::note_of(connection, &ids)?;
        let told = articles.iter().filter(|found| found.is_told);
        let told: Vec<i64> = told.map(|found| found.pk).collect();
        if !told.is_empty() {
            memory::note_told(connection)?;
            let told = Numbers::new(told);
            let done = related_queue::table.filter(among(related_queue::article_pk, &told));
            on_backend!(connection, inner => diesel::delete(done).execute(inner)?);
        }
        Ok(is_first)
    }
}

/// Those that are still what they were. Others stay in the queue, and so do those with neighbours
/// that wait to be merged: it would not be noted that these were known already.
fn current(connection: &mut DbConnection, articles: Vec<Found>) -> Result<Vec<Found>, StoreError> {
    let waiting = index::waiting(connection)?;
    let pks = articles.iter().map(|found| found.pk).collect();
    let now = rows::published_facts(connection, pks)?;
    let now: HashMap<i64, i64> = now.iter().map(|one| (one.pk, one.version)).collect();
    let is_current =
        |found: &Found| now.get(&found.pk).copied() == found.version && !found.has_any(&waiting);
    Ok(articles.into_iter().filter(is_current).collect())
}

/// The newest and the oldest in the queue by turns, so that none waits for ever where more come than
/// are told; one more than are taken at once.
fn queued(connection: &mut DbConnection, newest_first: bool) -> Result<Vec<i64>, StoreError> {
    let half = i64::try_from(TOLD_AT_ONCE / 2 + 1).unwrap_or(i64::MAX);
    let queue = related_queue::table.select(related_queue::article_pk);
    let newest = queue.order(related_queue::article_pk.desc()).limit(half);
    let newest: Vec<i64> = newest.load(connection)?;
    let oldest = queue.order(related_queue::article_pk).limit(half);
    let oldest: Vec<i64> = oldest.load(connection)?;
    let (first, second) = match newest_first {
        true => (newest, oldest),
        false => (oldest, newest),
    };
    let mut seen = HashSet::new();
    let by_turns = first.into_iter().zip(second);
    let by_turns = by_turns.flat_map(|(one, other)| [one, other]);
    Ok(by_turns.filter(|pk| seen.insert(*pk)).collect())
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
        Ok::<_, StoreError>(Some(Kept::new(finder.state.epoch, found)))
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
