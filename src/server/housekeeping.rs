//! What a server does by itself: scheduled articles go live, words waiting for the index get
//! there, old answers are forgotten. It ends with the state that it is for.

use std::{
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use crate::{
    http::State,
    model::{sight::Sight, stamp::Stamp, time::UtcTime},
    store::{Store, StoreError, articles, idempotency},
};

/// How often it looks: a scheduled article is late by no more than this.
const EVERY: Duration = Duration::from_millis(500);
/// How often old answers are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(15 * 60);
/// Articles whose words are put into the index in one transaction.
const INDEXED_AT_ONCE: i64 = 100;

/// Starts the thread.
pub(super) fn start(state: &Arc<State>) -> std::io::Result<()> {
    let state = Arc::downgrade(state);
    thread::Builder::new()
        .name("newsstand-housekeeping".to_owned())
        .spawn(move || keep(&state))?;
    Ok(())
}

fn keep(state: &Weak<State>) {
    let mut forgotten: Option<Instant> = None;
    let mut failing = false;
    while let Some(state) = state.upgrade() {
        let forget = forgotten.is_none_or(|last| last.elapsed() >= FORGET_EVERY);
        if forget {
            forgotten = Some(Instant::now());
        }
        match round(&state.store, forget) {
            Ok(()) => failing = false,
            // Said once, not twice a second.
            Err(cause) if !failing => {
                failing = true;
                log::warn!("housekeeping waits: {cause}");
            }
            Err(_) => {}
        }
        drop(state);
        thread::sleep(EVERY);
    }
}

fn round(store: &Store, forget: bool) -> Result<(), StoreError> {
    let (due, indexed) = store
        .read_blocking(Sight::Desk, |reader| {
            let due = articles::next_due(reader)?;
            Ok((due, articles::index_queue_is_empty(reader)?))
        })?
        .value;
    if due.is_some_and(|due| due <= UtcTime::now()) {
        let stamp = Stamp::of_program("schedule");
        let published =
            store.write_waiting(move |connection| articles::publish_due(connection, &stamp))?;
        if published > 0 {
            log::info!("{published} scheduled articles went live");
        }
    }
    if !indexed {
        store
            .write_waiting(|connection| articles::drain_index_queue(connection, INDEXED_AT_ONCE))?;
    }
    if forget {
        store.write_waiting(|connection| idempotency::forget_old(connection, UtcTime::now()))?;
    }
    Ok(())
}
