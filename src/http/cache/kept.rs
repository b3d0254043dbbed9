//! Answers as they are kept, and what they weigh.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use quick_cache::Weighter;

use crate::{
    http::{cache::Left, metrics::Metrics, problem::Problem, stored::Stored},
    model::histogram::Histogram,
    store::{InvalidationKey, Moment},
};

/// Bytes that an entry takes beside what is counted, about: its places in tables, and what its
/// values share out.
const AROUND: usize = 512;

/// A kept answer.
#[derive(Debug)]
pub(super) struct Kept {
    /// The answer itself.
    pub(super) stored: Arc<Stored>,
    /// Taken before its reading began.
    pub(super) since: Moment,
    /// When its reading began.
    pub(super) began: Instant,
    /// What it depends on.
    pub(super) watched: Box<[InvalidationKey]>,
    /// The pattern of its path.
    pub(super) route: String,
    /// Where those are counted that got it whole, and those that had it already.
    whole: OnceLock<Arc<Histogram>>,
    unchanged: OnceLock<Arc<Histogram>>,
}

impl Kept {
    /// An answer that was made from what was read after a moment, and this time.
    pub(super) fn new(left: Left, since: Moment, began: Instant) -> Self {
        let Left {
            stored,
            watched,
            route,
        } = left;
        Self {
            stored,
            since,
            began,
            watched,
            route,
            whole: OnceLock::new(),
            unchanged: OnceLock::new(),
        }
    }

    /// Counts an answer by it. Where those to GET are counted is looked up once.
    pub(super) fn count(
        &self,
        metrics: &Metrics,
        method: &'static str,
        status: u16,
        took: Duration,
    ) {
        let find = || metrics.series(&self.route, method, status);
        match (method, status) {
            ("GET", 200) => self.whole.get_or_init(find).record(took),
            ("GET", 304) => self.unchanged.get_or_init(find).record(took),
            _ => find().record(took),
        }
    }

    /// Bytes of memory that it takes under a key, with the forms that it has now.
    pub(super) fn weight(&self, key: &str) -> u64 {
        let bytes = self.stored.size()
            + size_of::<Self>()
            + size_of_val(&*self.watched)
            + self.route.len()
            + key.len()
            + AROUND;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// What stands under a key.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    /// An answer, and what it weighed when it was put here: a weight must not change by itself.
    Kept {
        /// The answer.
        kept: Arc<Kept>,
        /// In bytes.
        weight: u64,
        /// Up to then it is given also where it can't be told whether it holds: none could be made
        /// in its place.
        stands_in: Option<Instant>,
    },
    /// Up to then, each who asks makes their own.
    Pass(Instant),
    /// None could be made for those who had asked up to then.
    Failed {
        /// Why.
        problem: Arc<Problem>,
        /// When it was given up.
        at: Instant,
    },
}

/// Weighs entries.
#[derive(Debug, Clone)]
pub(super) struct Weight;

impl Weighter<String, Entry> for Weight {
    fn weight(&self, key: &String, entry: &Entry) -> u64 {
        match entry {
            Entry::Kept { weight, .. } => *weight,
            Entry::Pass(_) | Entry::Failed { .. } => {
                u64::try_from(key.len() + AROUND).unwrap_or(u64::MAX)
            }
        }
    }
}
