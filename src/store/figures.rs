//! What the store has done since it was opened, and is doing, for those who watch it.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::Instant,
};

use crate::{
    model::histogram::{Counted, Histogram},
    store::{Store, error::StoreError},
};

/// What is counted while the store works.
#[derive(Debug, Default)]
pub(super) struct Counters {
    waited: Histogram,
    read: Histogram,
    statements: AtomicU64,
    refused: AtomicU64,
    timed_out: AtomicU64,
    /// Those who wait for a turn to read.
    pub(super) readers: AtomicU64,
    /// Pieces of work that wait for the writer.
    pub(super) writers: AtomicU64,
    written: Histogram,
    committed: AtomicU64,
    failed: AtomicU64,
    is_failing: AtomicBool,
}

impl Counters {
    /// Counts a reading that is done, of one who asked and then had a connection.
    pub(super) fn note_read(&self, asked: Instant, began: Instant, statements: u32) {
        self.waited.record(began.saturating_duration_since(asked));
        self.read.record(began.elapsed());
        self.statements.fetch_add(u64::from(statements), Relaxed);
    }

    /// Counts one who got no connection in time.
    pub(super) fn note_refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    /// Counts one whose reading failed, if that was for want of time.
    pub(super) fn note_failed(&self, cause: &StoreError) {
        if matches!(cause, StoreError::TooLong(_)) {
            self.timed_out.fetch_add(1, Relaxed);
        }
    }

    /// Counts a piece of work whose outcome is told now.
    pub(super) fn note_written(&self, asked: Instant) {
        self.written.record(asked.elapsed());
    }

    /// Counts a transaction that wrote, by whether it went well.
    pub(super) fn note_commit(&self, is_good: bool) {
        let counter = match is_good {
            true => &self.committed,
            false => &self.failed,
        };
        counter.fetch_add(1, Relaxed);
        self.is_failing.store(!is_good, Relaxed);
    }
}

/// One who waits, and is counted as long as this is there.
pub(super) struct Waiting<'a>(&'a AtomicU64);

impl<'a> Waiting<'a> {
    /// Begins to wait.
    pub(super) fn among(others: &'a AtomicU64) -> Self {
        others.fetch_add(1, Relaxed);
        Self(others)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// Connections that read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionFigures {
    /// As many as there may be.
    pub most: u32,
    /// Those that are at work.
    pub busy: u32,
    /// Those that are open and have nothing to do.
    pub idle: u32,
    /// Whether the last one that was to be opened could be, to read or to write.
    pub are_to_be_had: bool,
}

/// Figures of a store, since it was opened unless they are of now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Connections that read, now.
    pub connections: ConnectionFigures,
    /// How long who reads waited for a connection.
    pub waited: Counted,
    /// How long they had it.
    pub read: Counted,
    /// Statements of those who read.
    pub statements: u64,
    /// Those who got no connection in time.
    pub refused: u64,
    /// Those whose reading took longer than it may.
    pub timed_out: u64,
    /// Those who wait for a turn to read, now.
    pub readers: u64,
    /// Pieces of work that wait for the writer, now.
    pub writers: u64,
    /// How long a piece of work took from asking until it was on disk, or not.
    pub written: Counted,
    /// Transactions that wrote.
    pub committed: u64,
    /// Those that could not begin, or be committed.
    pub failed: u64,
    /// Whether the last of them is one of those.
    pub is_failing: bool,
}

impl Store {
    /// What it has done, and is doing.
    pub fn figures(&self) -> Figures {
        let counters = &self.counters;
        Figures {
            connections: self.reads.figures(),
            waited: counters.waited.counted(),
            read: counters.read.counted(),
            statements: counters.statements.load(Relaxed),
            refused: counters.refused.load(Relaxed),
            timed_out: counters.timed_out.load(Relaxed),
            readers: counters.readers.load(Relaxed),
            writers: counters.writers.load(Relaxed),
            written: counters.written.counted(),
            committed: counters.committed.load(Relaxed),
            failed: counters.failed.load(Relaxed),
            is_failing: counters.is_failing.load(Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_counted_as_long_as_they_do() {
        let counters = Counters::default();
        let first = Waiting::among(&counters.readers);
        let second = Waiting::among(&counters.readers);
        drop(first);
        assert_eq!(counters.readers.load(Relaxed), 1);
        drop(second);
        assert_eq!(counters.readers.load(Relaxed), 0);
    }

    #[test]
    fn the_last_commit_tells_whether_writing_fails() {
        let counters = Counters::default();
        for is_good in [false, true, false] {
            counters.note_commit(is_good);
            assert_eq!(counters.is_failing.load(Relaxed), !is_good);
        }
        assert_eq!(counters.failed.load(Relaxed), 2);
    }
}
