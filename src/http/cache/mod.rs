//! Whole answers kept in memory, in front of everything that makes them.
//!
//! An answer is kept with the moment that was taken before its reading began, and with the things
//! that it depends on. It is given as long as the store knows of no change of any of them since
//! that moment; nothing need be found and thrown away when something changes. Of those who ask
//! for what is not there, one makes it and the others wait. Answers that depend on who asks, or on
//! the clock, never get here.

mod asked;
mod front;
mod kept;

use std::{
    cell::Cell,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use actix_web::{HttpMessage, HttpRequest};
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder,
    sync::{DefaultLifecycle, EntryAction, EntryResult, PlaceholderGuard},
};

pub use front::Front;
use kept::{Entry, Kept, Weight};

use crate::{
    http::stored::Stored,
    store::{Invalidation, InvalidationKey, Moment},
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
/// And for so long after one that failed: that may be for want of a connection, and then it is
/// better that few try.
const PASS_AFTER_FAILURE: Duration = Duration::from_millis(50);
/// So much later than in the process that wrote it, a write of another may be seen.
const CURRENT_FOR: Duration = Duration::from_secs(1);

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
    counts: Counts,
}

/// What became of those who asked.
#[derive(Debug, Default)]
struct Counts {
    hit: AtomicU64,
    miss: AtomicU64,
    stale: AtomicU64,
    collapsed: AtomicU64,
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
}

/// What there is for one who asks.
enum Found {
    /// An answer that holds.
    Good(Arc<Kept>),
    /// Each must make their own.
    Pass,
    /// An answer that holds no longer, or none.
    Nothing,
}

/// What there is for one who has waited for it.
enum Awaited<'a> {
    /// An answer, made by another.
    Made(Arc<Kept>),
    /// Each must make their own.
    Pass,
    /// They must make it; whether there was one that holds no longer.
    Turn(Turn<'a>, bool),
}

impl Asking<'_> {
    /// Whether an entry will do: an answer whose making began after they came will, whatever has
    /// changed since and whatever is known, so that many who wait are served while there are many
    /// changes, and while the database is slow.
    fn takes(&self, entry: &Entry) -> bool {
        match entry {
            Entry::Kept { kept, .. } => kept.began >= self.at || self.holds(kept),
            Entry::Pass(until) => *until > self.at,
        }
    }

    fn holds(&self, kept: &Kept) -> bool {
        let is_new = kept.since >= self.arrived;
        self.is_current && (is_new || self.changes.holds(kept.since, &kept.watched))
    }
}

impl Cache {
    /// One that takes so many bytes of memory, at most; with very few, nothing is kept.
    pub fn new(bytes: u64) -> Self {
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
            counts: Counts::default(),
        }
    }

    /// How many asked, by what came of it.
    pub(super) fn counts(&self) -> [(&'static str, u64); 5] {
        [
            ("hit", self.counts.hit.load(Relaxed)),
            ("miss", self.counts.miss.load(Relaxed)),
            ("stale", self.counts.stale.load(Relaxed)),
            ("collapsed", self.counts.collapsed.load(Relaxed)),
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
        match self.entries.as_ref().and_then(|entries| entries.get(key)) {
            Some(entry) if asking.takes(&entry) => match entry {
                Entry::Kept { kept, .. } => Found::Good(kept),
                Entry::Pass(_) => Found::Pass,
            },
            _ => Found::Nothing,
        }
    }

    /// What is kept under a key, or will be when it is made by another; or the turn to make it.
    /// No lock is held meanwhile.
    async fn wait(&self, key: &str, asking: &Asking<'_>) -> Awaited<'_> {
        let Some(entries) = &self.entries else {
            return Awaited::Pass;
        };
        let found = entries.entry_async(key, |_, entry| match asking.takes(entry) {
            true => EntryAction::Retain(entry.clone()),
            false => EntryAction::ReplaceWithGuard,
        });
        match found.await {
            EntryResult::Retained(Entry::Kept { kept, .. }) => Awaited::Made(kept),
            EntryResult::Vacant(turn) => Awaited::Turn(turn, false),
            EntryResult::Replaced(turn, former) => {
                Awaited::Turn(turn, matches!(former, Entry::Kept { .. }))
            }
            EntryResult::Retained(Entry::Pass(_))
            | EntryResult::Removed(..)
            | EntryResult::Timeout => Awaited::Pass,
        }
    }

    /// Ends a turn with what was made: keeps it, and gives it to those who wait. Without anything
    /// that can be kept, they go on by themselves, and so do those who come for a while.
    fn end(&self, turn: Turn<'_>, key: &str, kept: Option<Kept>, pass_for: Duration) {
        let entry = kept.and_then(|kept| {
            let weight = kept.weight(key);
            let kept = Arc::new(kept);
            (weight <= self.most).then_some(Entry::Kept { kept, weight })
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
            } => Arc::ptr_eq(kept, other) && *known != weight,
            Entry::Pass(_) => false,
        };
        if entries.peek(key).filter(is_lighter).is_none() {
            return;
        }
        match weight > self.most {
            true => drop(entries.remove_if(key, is_lighter)),
            false => {
                let kept = Arc::clone(kept);
                // Should this take the place of a newer one, that is made again: it holds no
                // longer.
                let _ = entries.replace(key.to_owned(), Entry::Kept { kept, weight }, true);
            }
        }
    }
}

/// Where an answer that may be kept is left for the one who makes it for others too.
#[derive(Clone, Default)]
pub(super) struct Deposit(Rc<Cell<Option<Left>>>);

/// An answer, and what is to be known of it.
pub(super) struct Left {
    pub(super) stored: Arc<Stored>,
    /// What it depends on.
    pub(super) watched: Box<[InvalidationKey]>,
    /// The pattern of its path.
    pub(super) route: String,
}

impl Deposit {
    /// The one of a request, if its answer is asked for.
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// Leaves an answer.
    pub(super) fn leave(&self, left: Left) {
        self.0.set(Some(left));
    }

    fn take(&self) -> Option<Left> {
        self.0.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::stored::Parts;

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
        };
        assert!(asking(true).takes(&older) && asking(true).takes(&newer));
        assert!(!asking(false).takes(&older) && asking(false).takes(&newer));
        changes.changed(["articles"]);
        assert!(!asking(true).takes(&older) && asking(true).takes(&newer));
    }
}
