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
        self, Bell, Store, StoreError, articles, audit, idempotency, index, invalidation,
        related::{self, Learning},
    },
};

/// How often it looks: a scheduled article is late by no more than this.
const EVERY: Duration = Duration::from_millis(500);
/// How long the index waits for the next articles where many come one after the other: the more are
/// merged together, the less each costs.
const AT_LONGEST: Duration = Duration::from_secs(1);
/// So many at a time are many.
const MANY: usize = 5;
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
/// How far it stands behind requests, where processors are few.
const NICENESS: i32 = 10;
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

fn learn(state: &Weak<State>) {
    store::give_way(NICENESS);
    openapi::prepare();
    let mut failing = false;
    // Parts of the answers with related articles of which caches have not been told yet.
    let mut untold: Vec<u8> = Vec::new();
    while let Some(state) = state.upgrade() {
        match learn_or_tell(&state.store, &mut untold) {
            Ok(()) => failing = false,
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

fn learn_or_tell(store: &Store, untold: &mut Vec<u8>) -> Result<(), StoreError> {
    if let Some(part) = untold.last() {
        related::tell_part(store, *part)?;
        untold.pop();
    } else if related::learn_if_due(store)? == Learning::Untold {
        untold.extend(0..related::PARTS);
    }
    Ok(())
}

fn keep(state: &Weak<State>, bell: &Bell) {
    store::give_way(NICENESS);
    let mut rhythm = Rhythm::default();
    let mut forgotten: Option<Instant> = None;
    let mut failing = false;
    let mut counter = Counter::default();
    while let Some(state) = state.upgrade() {
        let forget = forgotten.is_none_or(|last| last.elapsed() >= FORGET_EVERY);
        if forget {
            forgotten = Some(Instant::now());
        }
        let outcome = round(&state.store, forget, rhythm.is_time());
        let outcome = outcome.and_then(|done| counter.look(&state).map(|()| done));
        if outcome.is_ok() {
            state.metrics.note_round();
        }
        drop(state);
        match outcome {
            Ok(done) => {
                failing = false;
                if !done.is_some_and(|done| done.more) {
                    give_back();
                }
                if let Some(done) = done {
                    rhythm.note(done, Instant::now());
                }
                rhythm.pause(bell);
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

/// What was done for the index, and for what is made of it.
#[derive(Debug, Clone, Copy)]
struct Done {
    /// Articles that were merged.
    merged: usize,
    /// Whether there was anything to do.
    any: bool,
    /// Whether there is more.
    more: bool,
}

/// When the index is seen to: soon while there is more to do; at once where something is written
/// after a quiet time; else two times a second, or more seldom where much is written, so that what
/// comes in a stream is done together.
#[derive(Default)]
struct Rhythm {
    /// When the next time is, at the earliest.
    next: Option<Instant>,
    /// How long was waited for it.
    held: Duration,
    has_more: bool,
}

impl Rhythm {
    fn is_time(&self) -> bool {
        self.next.is_none_or(|next| next <= Instant::now())
    }

    /// Takes in what was done until now.
    fn note(&mut self, done: Done, now: Instant) {
        self.has_more = done.more;
        if done.more {
            self.next = None;
            return;
        }
        self.held = match done.any {
            true if done.merged >= MANY => (self.held * 2).clamp(EVERY, AT_LONGEST),
            true => EVERY,
            false => Duration::ZERO,
        };
        self.next = Some(now + self.held);
    }

    /// Waits for the next round.
    fn pause(&self, bell: &Bell) {
        if self.has_more {
            return thread::sleep(BREATH);
        }
        let left = self.next.map(|next| next - Instant::now());
        match left.filter(|left| !left.is_zero()) {
            Some(left) => thread::sleep(left.min(EVERY)),
            None => {
                bell.wait(EVERY);
            }
        }
    }
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

/// Does what is to be done; for the index, and what is made of it, if it is time to, and tells what.
fn round(store: &Store, forget: bool, index_too: bool) -> Result<Option<Done>, StoreError> {
    let due = store.read_blocking(Sight::Desk, articles::next_due)?.value;
    if due.is_some_and(|due| due <= UtcTime::now()) {
        let stamp = Stamp::of_program("schedule");
        let published =
            store.write_waiting(move |connection| articles::publish_due(connection, &stamp))?;
        if published > 0 {
            log::info!("{published} scheduled articles went live");
        }
    }
    if forget {
        store.write_waiting(|connection| {
            let now = UtcTime::now();
            idempotency::forget_old(connection, now)?;
            invalidation::forget_old(connection, now)
        })?;
    }
    index_too.then(|| see_to_index(store)).transpose()
}

fn see_to_index(store: &Store) -> Result<Done, StoreError> {
    let is_indexed = store.read_blocking(Sight::Desk, articles::index_queue_is_empty)?;
    let is_indexed = is_indexed.value;
    if !is_indexed {
        store
            .write_waiting(|connection| articles::drain_index_queue(connection, INDEXED_AT_ONCE))?;
    }
    let waiting = !store
        .read_blocking(Sight::Desk, index::pending_is_empty)?
        .value;
    // What is merged outdates what readers computed before.
    let more_computed = related::keep_computed(store)?;
    let merged = match waiting {
        true => store.write_waiting(|connection| index::merge(connection, MERGED_AT_ONCE))?,
        false => 0,
    };
    let more_related = related::tend(store, TENDED_FOR)?;
    let is_full = i64::try_from(merged).is_ok_and(|merged| merged >= MERGED_AT_ONCE);
    let more = !is_indexed || is_full || more_computed || more_related;
    Ok(Done {
        merged,
        any: more || waiting,
        more,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(merged: usize) -> Done {
        Done {
            merged,
            any: merged > 0,
            more: false,
        }
    }

    /// How long the index waits behind rounds that have done so much.
    fn held(rounds: &[Done]) -> Duration {
        let (mut rhythm, now) = (Rhythm::default(), Instant::now());
        rounds.iter().for_each(|done| rhythm.note(*done, now));
        let next = rhythm.next.map(|next| next - now);
        next.unwrap_or_default()
    }

    #[test]
    fn what_is_written_after_a_quiet_time_is_seen_to_at_once_and_a_stream_now_and_then() {
        assert_eq!(held(&[]), Duration::ZERO);
        assert_eq!(held(&[done(0)]), Duration::ZERO);
        assert_eq!(held(&[done(1)]), EVERY);
        assert_eq!(held(&[done(1); 9]), EVERY);
        assert_eq!(held(&[done(MANY)]), EVERY);
        assert_eq!(held(&[done(MANY); 2]), EVERY * 2);
        assert_eq!(held(&[done(MANY); 9]), AT_LONGEST);
        assert_eq!(held(&[done(MANY), done(MANY), done(1)]), EVERY);
        assert_eq!(held(&[done(MANY), done(MANY), done(0), done(MANY)]), EVERY);
    }

    #[test]
    fn what_is_left_is_seen_to_at_once() {
        let full = Done {
            more: true,
            ..done(500)
        };
        assert_eq!(held(&[done(MANY), done(MANY), full]), Duration::ZERO);
    }
}
