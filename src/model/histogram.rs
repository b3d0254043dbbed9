//! Durations, counted by how long they were.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Seconds up to which durations are told apart.
const BOUNDS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

/// Durations since the start of the process.
#[derive(Debug, Default)]
pub struct Histogram {
    count: AtomicU64,
    nanoseconds: AtomicU64,
    /// Each with those alone that no bucket before it has.
    buckets: [AtomicU64; BOUNDS.len()],
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counted {
    /// How many were of so many seconds, or less.
    pub within: [(f64, u64); BOUNDS.len()],
    /// How many there were.
    pub count: u64,
    /// How many seconds all of them were.
    pub seconds: f64,
}

impl Histogram {
    /// Counts one.
    pub fn record(&self, took: Duration) {
        self.count.fetch_add(1, Relaxed);
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Relaxed);
        let seconds = took.as_secs_f64();
        let mut buckets = self.buckets.iter().zip(BOUNDS);
        if let Some((bucket, _)) = buckets.find(|(_, bound)| seconds <= *bound) {
            bucket.fetch_add(1, Relaxed);
        }
    }

    /// What was counted up to now.
    pub fn counted(&self) -> Counted {
        let mut within = BOUNDS.map(|bound| (bound, 0));
        let mut sum = 0;
        for (bucket, (_, count)) in self.buckets.iter().zip(&mut within) {
            sum += bucket.load(Relaxed);
            *count = sum;
        }
        Counted {
            within,
            // After the buckets, which must not hold more than this.
            count: self.count.load(Relaxed),
            seconds: Duration::from_nanos(self.nanoseconds.load(Relaxed)).as_secs_f64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_has_all_that_are_shorter() {
        let histogram = Histogram::default();
        for millis in [1, 2, 30, 60_000] {
            histogram.record(Duration::from_millis(millis));
        }
        let counted = histogram.counted();
        let within = counted.within.map(|(_, count)| count);
        assert_eq!(within, [1, 2, 2, 2, 2, 3, 3, 3, 3]);
        assert_eq!(counted.count, 4);
        assert!((counted.seconds - 60.033).abs() < 1e-9);
    }
}
