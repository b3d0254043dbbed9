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
mod holds;
mod kept;
mod making;
mod respond;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use quick_cache::{DefaultHashBuilder, OptionsBuilder, sync::DefaultLifecycle};

pub(super) use deposit::{Deposit, Left};
pub use front::Front;
pub(super) use holds::is_current;
use holds::{Asking, Found};
use kept::{Entry, Kept, Weight};

/// Parts of the cache, each with a lock and a share of the memory of its own.
const SHARDS: usize = 4;
/// An answer may take one of so many parts of the memory: half of what a shard has.
const PARTS: u64 = 8;
/// Bytes of a usual answer; it need not be exact.
const USUAL: u64 = 8 * 1_024;
/// With fewer bytes, not even marks of what can't be kept fit in.
const LEAST: u64 = 16 * 1_024;

type Entries = quick_cache::sync::Cache<String, Entry, Weight>;

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
