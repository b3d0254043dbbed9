//! Work that is shared out among threads.

use std::{num::NonZero, thread};

/// Threads beyond these would wait for the memory.
const AT_MOST: usize = 8;

/// How many threads work at once. What they make is the same, to the bit, with any number: each
/// sum is one thread's, and taken in one order.
#[derive(Debug, Clone, Copy)]
pub struct Threads(usize);

impl Threads {
    /// The one that asks.
    pub const ONE: Self = Self(1);

    /// As many as the machine runs at once.
    pub fn all() -> Self {
        let count = thread::available_parallelism().map_or(1, NonZero::get);
        Self(count.min(AT_MOST))
    }

    /// So many, and one at least.
    #[cfg(test)]
    pub(super) fn of(count: usize) -> Self {
        Self(count.max(1))
    }

    /// How many they are.
    pub(super) fn count(self) -> usize {
        self.0
    }

    /// How many of so many things each of them gets, and one at least.
    pub(super) fn share(self, things: usize) -> usize {
        things.div_ceil(self.0).max(1)
    }

    /// Does the work of each part; there should be no more parts than threads.
    pub(super) fn each<T: Send>(self, parts: impl IntoIterator<Item = T>, work: impl Fn(T) + Sync) {
        let mut parts = parts.into_iter();
        let own = parts.next();
        let work = &work;
        thread::scope(|scope| {
            for part in parts {
                scope.spawn(move || work(part));
            }
            own.into_iter().for_each(work);
        });
    }
}
