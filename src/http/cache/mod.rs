//! Whole answers kept in memory, in front of everything that makes them.
//!
//! An answer is kept with the moment that was taken before its reading began, and with the things
//! that it depends on. It is given as long as the store knows of no change of any of them since
//! that moment; nothing need be found and thrown away when something changes. Of those who ask
//! for what is not there, one makes it and the others wait. Answers that depend on who asks, or on
//! the clock, never get here.

mod asked;
mod deposit;
mod front;
mod kept;
mod respond;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use quick_cache::{
    DefaultHashBuilder, OptionsBuilder,
    sync::{DefaultLifecycle, EntryAction, EntryResult, PlaceholderGuard},
};

pub(super) use deposit::{Deposit, Left};
pub use front::Front;
use kept::{Entry, Kept, Weight};

use crate::{
    http::problem::Problem,
    store::{Invalidation, Moment},
};

/// Parts of the cache, each with a lock and a share of the memory of its own.
const SHARDS: usize = 4;
/// An answer may take one of so many parts of the memory: half of what a shard has.
const PARTS: u64 = 8;
/// Bytes of a usual answer; it need not be exact.
const USUAL: u64 = 8 * 1_024;
/// With fewer bytes, not even marks of what can't be kept fit in.
const LEAST: u64 = 16 * 1_024;
/// For so long after an answer that can't be kept, each who asks makes their own, so that those
/// who wait do not go one after another.
const PASS_FOR: Duration = Duration::from_secs(1);
/// And for so long after one that failed by a mistake of ours. Where the database is away, those
/// who waited are told so, and nobody passes.
const PASS_AFTER_FAILURE: Duration = Duration::from_millis(50);
/// So much later than in the process that wrote it, a write of another may be seen.
const CURRENT_FOR: Duration = Duration::from_secs(1);
/// For so long after an answer that could not be made, the one before stands in for it.
const STANDS_IN_FOR: Duration = Duration::from_secs(2);

type Entries = quick_cache::sync::Cache<String, Entry, Weight>;

/// The right, and the duty, to make an answer that others wait for. When it is dropped without
/// one, as when the client goes away, the next of them has it.
type Turn<'a> = PlaceholderGuard<
    'a,
    String,
    Entry,
    Weight,
    DefaultHashBuilder,
    DefaultLifecycle<String, Entry>,
>;

/// Answers that are kept ready, for all workers.
#[derive(Debug)]
pub struct Cache {
    entries: Option<Entries>,
    /// What one answer may weigh.
    most: u64,
    /// For how long an answer may stand in of which can't be told whether it holds.
    stale_for: Duration,
    counts: Counts,
}

/// What became of those who asked.
#[derive(Debug, Default)]
struct Counts {
    hit: AtomicU64,
    miss: AtomicU64,
    stale: AtomicU64,
    collapsed: AtomicU64,
    stood_in: AtomicU64,
    passed: AtomicU64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

/// Whether all is known that other processes had changed a little while ago. Where it is not, as
/// when the database is away, what is kept may be older than it may be.
pub(super) fn is_current(changes: &Invalidation, now: Instant) -> bool {
    let looked_at = changes.looked_at();
    looked_at.is_some_and(|at| now.saturating_duration_since(at) < CURRENT_FOR)
}

/// One who asks.
struct Asking<'a> {
    changes: &'a Invalidation,
    /// What changed up to then, they may know of.
    arrived: Moment,
    at: Instant,
    /// Whether all is known that others had changed a little while before.
    is_current: bool,
    /// For how long an answer may stand in.
    stale_for: Duration,
}

/// What there is for one who asks.
enum Found {
    /// An answer.
    Good(Given),
    /// Each must make their own.
    Pass,
    /// The answer that they waited for could not be made.
    Failed(Arc<Problem>),
    /// An answer that holds no longer, or none.
    Nothing,
}

/// What there is for one who has waited for it.
enum Awaited<'a> {
    /// An answer, made by another.
    Made(Given),
    /// Each must make their own.
    Pass,
    /// It could not be made.
    Failed(Arc<Problem>),
    /// They must make it.
    Turn(Making<'a>),
}

/// An answer that is given.
struct Given {
    kept: Arc<Kept>,
    /// For how long it has not been known whether it holds, where it only stands in.
    stale: Option<Duration>,
}

/// The turn to make an answer.
struct Making<'a> {
    cache: &'a Cache,
    key: &'a str,
    turn: Option<Turn<'a>>,
    /// Whether there was one that holds no longer, as far as is known.
    was_there: bool,
    /// That one, if it may stand in.
    spare: Option<Given>,
}

impl Asking<'_> {
    /// What an entry is to them. An answer whose making began after they came will do, whatever has
    /// changed since and whatever is known, so that many who wait are served while there are many
    /// changes, and while the database is slow. One that may stand in will do while none could be
    /// made in its place a little while ago.
    fn found(&self, entry: Entry) -> Found {
        match entry {
            Entry::Kept { kept, .. } if self.is_sure(&kept) => {
                let stale = None;
                Found::Good(Given { kept, stale })
            }
            Entry::Kept {
                kept,
                stands_in: Some(until),
                ..
            } if until > self.at => match self.stale(&kept) {
                None => Found::Nothing,
                stale => Found::Good(Given { kept, stale }),
            },
            Entry::Pass(until) if until > self.at => Found::Pass,
            Entry::Failed { problem, at } if at >= self.at => Found::Failed(problem),
            Entry::Kept { .. } | Entry::Pass(_) | Entry::Failed { .. } => Found::Nothing,
        }
    }

    fn is_sure(&self, kept: &Kept) -> bool {
        kept.began >= self.at || self.holds(kept)
    }

    fn holds(&self, kept: &Kept) -> bool {
        let is_new = kept.since >= self.arrived;
        self.is_current && (is_new || self.changes.holds(kept.since, &kept.watched))
    }

    /// For how long it has not been known whether an answer holds, if it may stand in for one that
    /// can't be made: nothing in it has changed as far as is known, which is all that this process
    /// has written, and what others had written up to then.
    fn stale(&self, kept: &Kept) -> Option<Duration> {
        let known_at = self.changes.looked_at()?.max(kept.began);
        let age = self.at.saturating_duration_since(known_at);
        let may = age < self.stale_for && self.changes.holds(kept.since, &kept.watched);
        may.then_some(age)
    }
}

impl Making<'_> {
    /// Ends the turn with what was made: keeps it, and gives it to those who wait. Without anything
    /// that can be kept, they go on by themselves, and so do those who come for a while.
    fn end(mut self, kept: Option<Kept>, pass_for: Duration) {
        if let Some(turn) = self.turn.take() {
            self.cache.end(turn, self.key, kept, pass_for);
        }
    }

    /// Ends the turn without an answer: the problem is that of all who have waited up to now. Those
    /// who come later have another turn.
    fn fail(mut self, problem: Problem) {
        if let Some(turn) = self.turn.take() {
            let failed = Entry::Failed {
                problem: Arc::new(problem),
                at: Instant::now(),
            };
            // It fails where the key was put out meanwhile: then one of them has the turn.
            let _ = turn.insert(failed);
        }
    }
}

/// What may stand in is there again, when the one who was to make another has failed, or has gone
/// away.
impl Drop for Making<'_> {
    fn drop(&mut self) {
        if let (Some(turn), Some(spare)) = (self.turn.take(), self.spare.take()) {
            let kept = spare.kept;
            let entry = Entry::Kept {
                weight: kept.weight(self.key),
                kept,
                stands_in: Some(Instant::now() + STANDS_IN_FOR),
            };
            // It fails where the key was put out meanwhile, which is no loss.
            let _ = turn.insert(entry);
        }
    }
}

impl Cache {
    /// One that takes so many bytes of memory, at most; with very few, nothing is kept. While the
    /// database is away, what was kept stands in for so long.
    pub fn new(bytes: u64, stale_for: Duration) -> Self {
        let usual = usize::try_from(bytes / USUAL).unwrap_or(usize::MAX);
        let options = OptionsBuilder::new()
            .shards(SHARDS)
            .estimated_items_capacity(usual.max(1))
            .weight_capacity(bytes)
            .build();
        let make = |options| {
            let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
            Entries::with_options(options, Weight, hasher, lifecycle)
        };
        Self {
            entries: options.ok().filter(|_| bytes >= LEAST).map(make),
            most: bytes / PARTS,
            stale_for,
            counts: Counts::default(),
        }
    }

    /// How many asked, by what came of it.
    pub(super) fn counts(&self) -> [(&'static str, u64); 6] {
        [
            ("hit", self.counts.hit.load(Relaxed)),
            ("miss", self.counts.miss.load(Relaxed)),
            ("stale", self.counts.stale.load(Relaxed)),
            ("collapsed", self.counts.collapsed.load(Relaxed)),
            ("stood_in", self.counts.stood_in.load(Relaxed)),
            ("pass", self.counts.passed.load(Relaxed)),
        ]
    }

    /// Bytes of memory that are taken, about.
    pub(super) fn bytes(&self) -> u64 {
        self.entries.as_ref().map_or(0, Entries::weight)
    }

    /// Answers that are kept, and marks of such as can't be.
    pub(super) fn entries(&self) -> usize {
        self.entries.as_ref().map_or(0, Entries::len)
    }

    /// What is kept under a key. Takes no lock that a writer of another shard holds.
    fn find(&self, key: &str, asking: &Asking<'_>) -> Found {
        let entry = self.entries.as_ref().and_then(|entries| entries.get(key));
        entry.map_or(Found::Nothing, |entry| asking.found(entry))
    }

    /// What is kept under a key, or will be when it is made by another; or the turn to make it.
    /// No lock is held meanwhile.
    async fn wait<'a>(&'a self, key: &'a str, asking: &Asking<'_>) -> Awaited<'a> {
        let Some(entries) = &self.entries else {
            return Awaited::Pass;
        };
        let found = entries.entry_async(key, |_, entry| match asking.found(entry.clone()) {
            Found::Nothing => EntryAction::ReplaceWithGuard,
            found => EntryAction::Retain(found),
        });
        match found.await {
            EntryResult::Retained(Found::Good(given)) => Awaited::Made(given),
            EntryResult::Retained(Found::Failed(problem)) => Awaited::Failed(problem),
            EntryResult::Vacant(turn) => Awaited::Turn(self.making(key, turn, None, asking)),
            EntryResult::Replaced(turn, former) => {
                let former = match former {
                    Entry::Kept { kept, .. } => Some(kept),
                    Entry::Pass(_) | Entry::Failed { .. } => None,
                };
                Awaited::Turn(self.making(key, turn, former, asking))
            }
            EntryResult::Retained(_) | EntryResult::Removed(..) | EntryResult::Timeout => {
                Awaited::Pass
            }
        }
    }

    fn making<'a>(
        &'a self,
        key: &'a str,
        turn: Turn<'a>,
        former: Option<Arc<Kept>>,
        asking: &Asking<'_>,
    ) -> Making<'a> {
        let was_there = former.is_some();
        let spare = former.and_then(|kept| {
            let stale = Some(asking.stale(&kept)?);
            Some(Given { kept, stale })
        });
        Making {
            cache: self,
            key,
            turn: Some(turn),
            was_there,
            spare,
        }
    }

    /// See [`Making::end`].
    fn end(&self, turn: Turn<'_>, key: &str, kept: Option<Kept>, pass_for: Duration) {
        let entry = kept.and_then(|kept| {
            let weight = kept.weight(key);
            let kept = Arc::new(kept);
            (weight <= self.most).then_some(Entry::Kept {
                kept,
                weight,
                stands_in: None,
            })
        });
        // It fails where the key was put out meanwhile, which is no loss.
        let _ = turn.insert(entry.unwrap_or_else(|| Entry::Pass(Instant::now() + pass_for)));
    }

    /// Weighs an answer anew that has got another form.
    fn weigh(&self, key: &str, kept: &Arc<Kept>) {
        let Some(entries) = &self.entries else {
            return;
        };
        let weight = kept.weight(key);
        let is_lighter = |entry: &Entry| match entry {
            Entry::Kept {
                kept: other,
                weight: known,
                ..
            } => Arc::ptr_eq(kept, other) && *known != weight,
            Entry::Pass(_) | Entry::Failed { .. } => false,
        };
        let Some(Entry::Kept { stands_in, .. }) = entries.peek(key).filter(is_lighter) else {
            return;
        };
        match weight > self.most {
            true => drop(entries.remove_if(key, is_lighter)),
            false => {
                let kept = Arc::clone(kept);
                // Should this take the place of a newer one, that is made again: it holds no
                // longer.
                let entry = Entry::Kept {
                    kept,
                    weight,
                    stands_in,
                };
                let _ = entries.replace(key.to_owned(), entry, true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{
        code::Code,
        stored::{Parts, Stored},
    };

    fn kept(changes: &Invalidation, began: Instant) -> Entry {
        let stored = Stored::new(Parts {
            body: Vec::new(),
            content_type: "text/plain",
            hash: String::new(),
            last_modified: None,
            keys: Vec::new(),
            link: None,
            no_store: false,
        });
        let left = Left {
            stored: Arc::new(stored),
            watched: [Invalidation::key("articles")].into(),
            route: String::new(),
        };
        Entry::Kept {
            kept: Arc::new(Kept::new(left, changes.now(), began)),
            weight: 1,
            stands_in: None,
        }
    }

    #[test]
    fn without_news_of_others_only_what_was_begun_later_will_do() {
        let changes = Invalidation::default();
        let before = Instant::now();
        let at = before + Duration::from_millis(1);
        let (older, newer) = (kept(&changes, before), kept(&changes, at));
        let asking = |is_current| Asking {
            changes: &changes,
            arrived: changes.now(),
            at,
            is_current,
            stale_for: Duration::ZERO,
        };
        let takes = |is_current, entry: &Entry| {
            !matches!(asking(is_current).found(entry.clone()), Found::Nothing)
        };
        assert!(takes(true, &older) && takes(true, &newer));
        assert!(!takes(false, &older) && takes(false, &newer));
        changes.changed(["articles"]);
        assert!(!takes(true, &older) && takes(true, &newer));
    }
    #[test]
    fn a_failure_is_that_of_those_who_had_asked_before() {
        let changes = Invalidation::default();
        let at = Instant::now();
        let problem = Arc::new(Problem::new(Code::Unavailable, "it was tried"));
        let failed = Entry::Failed { problem, at };
        let is_theirs = |asked_at| {
            let asking = Asking {
                changes: &changes,
                arrived: changes.now(),
                at: asked_at,
                is_current: true,
                stale_for: Duration::ZERO,
            };
            matches!(asking.found(failed.clone()), Found::Failed(_))
        };
        assert!(is_theirs(at));
        assert!(!is_theirs(at + Duration::from_millis(1)));
    }
}
