//! What a server does by itself: scheduled articles go live, words waiting for the index get
//! there, new articles become known to those that they are related to, what is old is forgotten;
//! and on a thread of its own, since it may take half a minute, the publication's topics are
//! learned anew. Both threads end with the state that they are for.

use std::{
    hint::black_box,
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use crate::{
    http::{State, openapi},
    model::{sight::Sight, stamp::Stamp, time::UtcTime},
    store::{
        self, Bell, Store, StoreError, articles, audit, idempotency, index, invalidation, related,
    },
};

/// How often it looks: a scheduled article is late by no more than this.
const EVERY: Duration = Duration::from_millis(500);
/// How often old answers, and what caches were told, are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(15 * 60);
/// How often it counts what waits, for those who watch.
const COUNT_EVERY: Duration = Duration::from_secs(5);
/// How long it pauses when there is more to do, so that writers get in between.
const BREATH: Duration = Duration::from_millis(20);
/// Articles whose words are read anew in one transaction.
const INDEXED_AT_ONCE: i64 = 100;
/// Articles whose words are merged into the index in one transaction.
const MERGED_AT_ONCE: i64 = 500;
/// How long it looks for related articles before it sees to the rest again.
const TENDED_FOR: Duration = Duration::from_millis(300);

/// Starts the threads.
pub(super) fn start(state: &Arc<State>) -> std::io::Result<()> {
    let (keeper, learner) = (Arc::downgrade(state), Arc::downgrade(state));
    let bell = Arc::clone(state.store.bell());
    thread::Builder::new()
        .name("newsstand-housekeeping".to_owned())
        .spawn(move || keep(&keeper, &bell))?;
    thread::Builder::new()
        .name("newsstand-learning".to_owned())
        .spawn(move || learn(&learner))?;
    Ok(())
}

/// How far work in the background stands behind that of requests; 19 is the furthest.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Lets requests go first where there are few processors. Linux has a priority for each thread;
/// elsewhere nothing changes.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(cause) =
        rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS)
    {
        log::debug!("work in the background has the priority of requests: {cause}");
    }
}

fn learn(state: &Weak<State>) {
    give_way();
    openapi::prepare();
    let mut failing = false;
    while let Some(state) = state.upgrade() {
        let learned = related::learn_if_due(&state.store);
        match learned {
            Ok(_) => failing = false,
            Err(cause) if !failing => {
                failing = true;
                log::warn!("learning waits: {cause}");
            }
            Err(_) => {}
        }
        drop(state);
        thread::sleep(EVERY);
    }
}

fn keep(state: &Weak<State>, bell: &Bell) {
    give_way();
    let mut rhythm = Rhythm::new(bell);
    let mut forgotten: Option<Instant> = None;
    let mut failing = false;
    let mut counter = Counter::default();
    while let Some(state) = state.upgrade() {
        let forget = forgotten.is_none_or(|last| last.elapsed() >= FORGET_EVERY);
        if forget {
            forgotten = Some(Instant::now());
        }
        let outcome = round(&state.store, forget);
        let outcome = outcome.and_then(|more| counter.look(&state).map(|()| more));
        if outcome.is_ok() {
            state.metrics.note_round();
        }
        drop(state);
        match outcome {
            Ok(more) => {
                failing = false;
                if !more {
                    give_back();
                }
                rhythm.pause(more);
            }
            Err(cause) => {
                // Said once, not twice a second.
                if !failing {
                    failing = true;
                    log::warn!("housekeeping waits: {cause}");
                }
                thread::sleep(EVERY);
            }
        }
    }
}

/// When the next round begins: soon while there is more to do; at once where something is written
/// after a quiet time; else two times a second, so that what comes in a stream is done together.
struct Rhythm<'a> {
    bell: &'a Bell,
    /// When there was something to do last.
    busy: Option<Instant>,
}

impl<'a> Rhythm<'a> {
    fn new(bell: &'a Bell) -> Self {
        Self { bell, busy: None }
    }

    /// Waits for the next round, behind one that has left more to do, or not.
    fn pause(&mut self, more: bool) {
        if more {
            self.busy = Some(Instant::now());
            thread::sleep(BREATH);
            return;
        }
        let held_back = held_back(self.busy.map(|busy| busy.elapsed()));
        thread::sleep(held_back);
        self.bell.wait(EVERY - held_back);
    }
}

/// For how long nothing that is written begins a round, when there was something to do so long ago.
fn held_back(since: Option<Duration>) -> Duration {
    since.map_or(Duration::ZERO, |since| EVERY.saturating_sub(since))
}

/// Has the allocator give the system what was freed more than a second ago. It does so when a
/// thread ends, and when one has asked it for memory ten thousand times; in a server that was busy
/// and is quiet since, no thread does either, and it would go on having what it needed then.
fn give_back() {
    // One that asked for nothing is none to the allocator.
    let asks = || drop(black_box(Vec::<u8>::with_capacity(1)));
    let ending = thread::Builder::new()
        .name("newsstand-ending".to_owned())
        .spawn(asks);
    // Where the system refuses a thread, it is given back later.
    let _ = ending.map(thread::JoinHandle::join);
}

/// Counts what waits, and what was done to content, now and then.
#[derive(Default)]
struct Counter {
    looked: Option<Instant>,
    /// The last entry of the audit trail that was counted.
    counted: Option<i64>,
}

impl Counter {
    /// Counts if it is time to.
    fn look(&mut self, state: &State) -> Result<(), StoreError> {
        if self.looked.is_some_and(|at| at.elapsed() < COUNT_EVERY) {
            return Ok(());
        }
        let counted = self.counted;
        let found = state.store.read_blocking(Sight::Desk, |reader| {
            let queues = store::queues(reader)?;
            Ok((queues, audit::counted_since(reader, counted)?))
        })?;
        let (queues, (deeds, last)) = found.value;
        state.metrics.note_content(queues, deeds);
        self.counted = Some(last);
        self.looked = Some(Instant::now());
        Ok(())
    }
}

/// Does what is to be done; gives whether there is more.
fn round(store: &Store, forget: bool) -> Result<bool, StoreError> {
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
    let waiting = !store
        .read_blocking(Sight::Desk, index::pending_is_empty)?
        .value;
    // What is merged outdates what readers computed before.
    let more_computed = related::keep_computed(store)?;
    if waiting {
        store.write_waiting(|connection| index::merge(connection, MERGED_AT_ONCE))?;
    }
    let more_related = related::tend(store, TENDED_FOR)?;
    if forget {
        store.write_waiting(|connection| {
            let now = UtcTime::now();
            idempotency::forget_old(connection, now)?;
            invalidation::forget_old(connection, now)
        })?;
    }
    Ok(!indexed || waiting || more_computed || more_related)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_after_a_quiet_time_is_seen_to_at_once_and_a_stream_now_and_then() {
        assert_eq!(held_back(None), Duration::ZERO);
        assert_eq!(held_back(Some(EVERY * 3)), Duration::ZERO);
        assert_eq!(held_back(Some(EVERY)), Duration::ZERO);
        assert_eq!(held_back(Some(EVERY / 5)), EVERY / 5 * 4);
        assert_eq!(held_back(Some(Duration::ZERO)), EVERY);
    }
}
