//! Work that is shared out among threads.

use std::{
    num::NonZero,
    sync::{Mutex, PoisonError},
    thread,
};

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

    /// Does the work of each part; there should be no more parts than threads. Where the system
    /// refuses a thread, the others do its part as well.
    pub(super) fn each<T: Send>(self, parts: impl IntoIterator<Item = T>, work: impl Fn(T) + Sync) {
        let left: Mutex<Vec<T>> = Mutex::new(parts.into_iter().collect());
        let work_on = || {
            while let Some(part) = taken(&left) {
                work(part);
            }
        };
        thread::scope(|scope| {
            for _ in 1..self.0 {
                if thread::Builder::new().spawn_scoped(scope, work_on).is_err() {
                    break;
                }
            }
            work_on();
        });
    }
}

/// One of the parts that are left. Others may take theirs while its work is done.
fn taken<T>(left: &Mutex<Vec<T>>) -> Option<T> {
    left.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn each_part_is_done_once_by_however_many() {
        for threads in 1..9 {
            for parts in 0..12_u32 {
                let done = AtomicU32::new(0);
                let note = |part: u32| {
                    let before = done.fetch_xor(1 << part, Ordering::Relaxed);
                    assert_eq!(before & (1 << part), 0);
                };
                Threads::of(threads).each(0..parts, note);
                assert_eq!(done.into_inner(), (1 << parts) - 1);
            }
        }
    }
}
