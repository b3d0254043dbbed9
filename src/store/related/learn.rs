//! Learns what is near in a publication from its own articles, again and again as it grows.

use diesel::prelude::*;

use crate::{
    model::{sight::Sight, time::UtcTime},
    ranking::{model::Model, svd::Threads},
    store::{
        Reader, Store,
        articles::rows::{self, columns},
        connection::{DbConnection, on_backend},
        error::StoreError,
        index::{self, Snapshot},
        related::{
            keys,
            memory::{self, State},
        },
        schema::{related_edited, related_models, related_queue, related_state},
    },
};

/// Articles that are learned from, at most.
const SAMPLED_AT_MOST: usize = 20_000;
/// It is learned anew when one of so many articles has changed.
const CHANGED_ONE_IN: i64 = 5;
/// In a publication of fewer articles, any change will do.
const SMALL: i64 = 50;
/// At the latest after a day, if anything has changed.
const LATEST: i64 = 24 * 60 * 60 * 1_000;
/// In a publication of so many articles, lists from before hold until they are found anew.
const HOLDING_FROM: i64 = 1_000;
/// Articles, the newest, that get their lists at once after a learning; others when they are read.
const QUEUED_AT_MOST: i64 = 100;

/// Whether the publication should be learned anew: a fifth of it has changed, or something has and
/// a day has gone by, or what was learned can't be read. So what is known of it is never older.
/// Not while articles wait to be merged, unless twice as many have changed as are enough: where
/// something is always written, some always wait.
pub fn is_due(reader: &mut Reader<'_>) -> Result<bool, StoreError> {
    let state = memory::state(reader.connection)?;
    let enough = match state.fitted_articles < SMALL {
        true => 1,
        false => state.fitted_articles / CHANGED_ONE_IN,
    };
    let age = UtcTime::now().millis().saturating_sub(state.fitted_at);
    let is_old = state.changed > 0 && (state.changed >= enough || age >= LATEST);
    let is_due = is_old || is_lost(reader, state)?;
    let is_overdue = state.fitted_articles >= SMALL && state.changed >= 2 * enough;
    Ok(is_due && (is_overdue || index::pending_is_empty(reader)?))
}

fn is_lost(reader: &mut Reader<'_>, state: State) -> Result<bool, StoreError> {
    if state.fitted_articles == 0 {
        return Ok(false);
    }
    let model = reader.memory.model(reader.connection, state.epoch)?;
    Ok(model.is_none())
}

/// What came of looking whether something is to be learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learning {
    /// It was not due.
    Undue,
    /// It was learned, and caches were told.
    Told,
    /// It was learned, and caches are to be told, [part by part](keys::tell_part): if all that they
    /// have of related articles ended at once, it would all be made anew at once.
    Untold,
}

/// Learns, if it [`is_due`], on one thread, for a server that has other things to do.
pub fn learn_if_due(store: &Store) -> Result<Learning, StoreError> {
    match store.read_blocking(Sight::Public, is_due)?.value {
        true => learn_on(Threads::ONE, store, false),
        false => Ok(Learning::Undue),
    }
}

/// What was learned.
struct Learned {
    /// How things stood when the articles were read.
    before: State,
    /// `None` where there was nothing to learn from.
    model: Option<Vec<u8>>,
    articles: i64,
}

/// Learns the publication anew. Lists that were kept are found anew when they are read, those of
/// the newest articles at once; where there are many articles, those from before the last learning
/// hold until they are: all of them looked for at once would keep readers waiting.
pub fn learn(store: &Store) -> Result<(), StoreError> {
    learn_on(Threads::all(), store, true).map(drop)
}

/// Tells caches at once where it is to, or where no list holds any longer.
fn learn_on(threads: Threads, store: &Store, tells_at_once: bool) -> Result<Learning, StoreError> {
    let (before, articles, samples) = store
        .read_blocking(Sight::Public, |reader| {
            let before = memory::state(reader.connection)?;
            let articles = Snapshot::open(reader)?.articles();
            let samples = index::sample(reader.connection, SAMPLED_AT_MOST)?;
            Ok((before, articles, samples))
        })?
        .value;
    let started = std::time::Instant::now();
    // Outside of any transaction: it may take a minute.
    let fit = || Model::fit_on(threads, &samples, articles).encode();
    let model = (!samples.is_empty()).then(fit);
    log::debug!(
        "learned from {} articles in {:?}",
        samples.len(),
        started.elapsed()
    );
    let learned = Learned {
        before,
        model,
        articles: i64::try_from(articles).unwrap_or(i64::MAX),
    };
    store.write_waiting(move |connection| keep(connection, learned, tells_at_once))
}

fn keep(
    connection: &mut DbConnection,
    learned: Learned,
    tells_at_once: bool,
) -> Result<Learning, StoreError> {
    let now = memory::state(connection)?;
    // Another process was quicker.
    if now.fitted_at != learned.before.fitted_at {
        return Ok(Learning::Undue);
    }
    let mut learning = Learning::Told;
    let (mut epoch, mut holds_from) = (now.epoch, now.holds_from);
    if let Some(model) = learned.model {
        epoch += 1;
        holds_from = match learned.articles >= HOLDING_FROM {
            true => now.epoch,
            false => epoch,
        };
        diesel::delete(related_models::table).execute(connection)?;
        diesel::insert_into(related_models::table)
            .values((
                related_models::epoch.eq(epoch),
                related_models::model.eq(model),
            ))
            .execute(connection)?;
        let former = related_edited::table.filter(related_edited::epoch.lt(holds_from));
        diesel::delete(former).execute(connection)?;
        queue_newest(connection)?;
        match tells_at_once || holds_from == epoch {
            true => keys::note_all(connection)?,
            false => learning = Learning::Untold,
        }
    }
    let changed = now.changed.saturating_sub(learned.before.changed).max(0);
    // Two learnings in one millisecond are still two.
    let at = UtcTime::now().millis().max(now.fitted_at + 1);
    diesel::update(related_state::table)
        .set((
            related_state::epoch.eq(epoch),
            related_state::holds_from.eq(holds_from),
            related_state::fitted_at.eq(at),
            related_state::fitted_articles.eq(learned.articles),
            related_state::changed.eq(changed),
        ))
        .execute(connection)?;
    Ok(learning)
}

fn queue_newest(connection: &mut DbConnection) -> Result<(), StoreError> {
    let newest: Vec<i64> = rows::published()
        .order((columns::sort_at.desc(), columns::id.desc()))
        .limit(QUEUED_AT_MOST)
        .select(columns::pk)
        .load(connection)?;
    let known: Vec<i64> = related_queue::table
        .filter(related_queue::article_pk.eq_any(newest.clone()))
        .select(related_queue::article_pk)
        .load(connection)?;
    let rows: Vec<_> = newest
        .into_iter()
        .filter(|pk| !known.contains(pk))
        .map(|pk| related_queue::article_pk.eq(pk))
        .collect();
    if !rows.is_empty() {
        on_backend!(connection, inner => {
            diesel::insert_into(related_queue::table).values(&rows).execute(inner)?;
        });
    }
    Ok(())
}

/// Merges all that waits and learns what is due: for programs that have written much. Quick where
/// there is nothing to do.
pub fn settle(store: &Store) -> Result<(), StoreError> {
    index::merge_all(store)?;
    match store.read_blocking(Sight::Public, is_due)?.value {
        true => learn(store),
        false => Ok(()),
    }
}
