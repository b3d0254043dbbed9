//! A limit for each of any number of clients, in memory that never grows.
//!
//! Each client has a token bucket, kept as the generic cell rate algorithm keeps it (ITU-T I.371):
//! by the time at which it will be full again. So all requests may come at once, and then as many
//! as fill up.
//!
//! These times are kept in a count-min sketch (Cormode and Muthukrishnan 2005) with conservative
//! update (Estan and Varghese 2002). A client has four cells among many, by a hash whose key nobody
//! knows, and shares each with others; the earliest of their times counts, and is never earlier
//! than the client's own. So nobody gets more than the limit, whoever else asks: there is no table
//! that a flood of addresses could fill, and no entry that could be put out for another. What may
//! happen is the opposite, that somebody whose four cells are all of others at their limit is
//! limited too. That is so for one in a hundred where 100,000 are at their limit at the same time.
//! A million who each ask once cost everybody else some three requests, for as long as three
//! requests take to fill up.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::model::quota::Quota;

/// Parts of the cells, each with a lock of its own. A client has all its cells in one.
const SHARDS: usize = 1 << 6;
/// Cells of a part: with 8 bytes for each, it is 8 MiB for all.
const CELLS: usize = 1 << 14;
/// Where in a hash of 64 bits the numbers of a client's cells begin; below is that of their part.
const NUMBERS: [u32; 4] = [6, 20, 34, 48];

/// A limit.
#[derive(Debug)]
pub(super) struct Limiter {
    /// Nanoseconds in which a bucket is filled up by one request.
    interval: u64,
    /// And by all.
    burst: u64,
    started: Instant,
    hasher: RandomState,
    /// When buckets are full again, in nanoseconds since the start.
    shards: Box<[Mutex<Box<[u64]>>]>,
}

/// What is said of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Whether it may be answered.
    pub(super) is_allowed: bool,
    /// How many more may come at once.
    pub(super) remaining: u64,
    /// How long until there is one more than that.
    pub(super) wait: Duration,
}

impl Limiter {
    /// For each client so many requests.
    pub(super) fn new(quota: Quota) -> Self {
        Self::sized(quota, SHARDS, CELLS)
    }

    fn sized(quota: Quota, shards: usize, cells: usize) -> Self {
        let requests = u64::from(quota.requests).max(1);
        let window = u64::from(quota.seconds) * 1_000_000_000;
        // Rounded up, so that no more come through than was said.
        let interval = window.div_ceil(requests).max(1);
        let shard = |_| Mutex::new(vec![0; cells.max(1)].into_boxed_slice());
        Self {
            interval,
            burst: interval * requests,
            started: Instant::now(),
            hasher: RandomState::new(),
            shards: (0..shards.max(1)).map(shard).collect(),
        }
    }

    /// Counts a request of a client, unless it is one too many.
    pub(super) fn take(&self, client: &impl Hash) -> Verdict {
        self.decide(client, self.now(), true)
    }

    /// What would be said of a request of a client.
    pub(super) fn look(&self, client: &impl Hash) -> Verdict {
        self.decide(client, self.now(), false)
    }

    /// The share of cells that are not full again, as one part of them has it.
    pub(super) fn fill(&self) -> f64 {
        let now = self.now();
        let of_shard = |cells: MutexGuard<'_, Box<[u64]>>| {
            let used = cells.iter().filter(|full_at| **full_at > now).count();
            used as f64 / cells.len() as f64
        };
        self.shard(0).map_or(0.0, of_shard)
    }

    fn decide(&self, client: &impl Hash, now: u64, is_taken: bool) -> Verdict {
        let hash = self.hasher.hash_one(client);
        let mut shard = self.shard(hash);
        let cells: &mut [u64] = match &mut shard {
            Some(cells) => cells,
            None => &mut [],
        };
        let count = cells.len().max(1);
        let numbers = NUMBERS.map(|from| (hash >> from) as usize % count);
        let known = numbers.iter().filter_map(|number| cells.get(*number)).min();
        let full_at = known.copied().unwrap_or(0).max(now);
        let (then, latest) = (full_at + self.interval, now + self.burst);
        if then > latest {
            return Verdict {
                is_allowed: false,
                remaining: 0,
                wait: Duration::from_nanos(then - latest),
            };
        }
        if is_taken {
            for number in numbers {
                if let Some(cell) = cells.get_mut(number) {
                    *cell = then.max(*cell);
                }
            }
        }
        let left = latest - then;
        Verdict {
            is_allowed: true,
            remaining: left / self.interval,
            wait: Duration::from_nanos(self.interval - left % self.interval),
        }
    }

    /// The part that has a client's cells; there always is one.
    fn shard(&self, hash: u64) -> Option<MutexGuard<'_, Box<[u64]>>> {
        let number = hash as usize % self.shards.len().max(1);
        let shard = self.shards.get(number)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX / 2)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn quota(requests: u32, seconds: u32) -> Quota {
        Quota { requests, seconds }
    }

    fn bytes(limiter: &Limiter) -> usize {
        let of_shard = |number| {
            let cells = limiter.shard(number);
            cells.map_or(0, |cells| size_of_val(&**cells))
        };
        (0..limiter.shards.len() as u64).map(of_shard).sum()
    }

    #[test]
    fn all_may_come_at_once_and_then_as_many_as_fill_up() {
        let limiter = Limiter::new(quota(3, 60));
        let take = |now| limiter.decide(&"ann", now, true);
        for remaining in [2, 1, 0] {
            let verdict = take(0);
            assert!(verdict.is_allowed);
            assert_eq!(verdict.remaining, remaining);
            assert_eq!(verdict.wait, Duration::from_secs(20));
        }
        let refused = take(5 * SECOND);
        assert!(!refused.is_allowed);
        assert_eq!(refused.wait, Duration::from_secs(15));
        // Whoever is refused need not wait longer for having asked.
        assert!(take(20 * SECOND).is_allowed && !take(20 * SECOND).is_allowed);
        assert!(limiter.decide(&"bob", 20 * SECOND, true).is_allowed);
        assert_eq!(take(3_600 * SECOND).remaining, 2);
    }

    #[test]
    fn looking_counts_nothing() {
        let limiter = Limiter::new(quota(1, 60));
        for _ in 0..3 {
            assert!(limiter.look(&"ann").is_allowed);
        }
        assert!(limiter.take(&"ann").is_allowed && !limiter.look(&"ann").is_allowed);
    }

    #[test]
    fn a_million_clients_take_no_memory_free_nobody_and_limit_nobody() {
        let limiter = Limiter::new(quota(600, 60));
        let before = bytes(&limiter);
        assert_eq!(before, 8 * 1_024 * 1_024);
        while limiter.decide(&"greedy", 0, true).is_allowed {}
        for client in 0..1_000_000_u32 {
            assert!(limiter.decide(&client, 0, true).is_allowed, "{client}");
        }
        assert_eq!(bytes(&limiter), before);
        assert!(!limiter.decide(&"greedy", 0, true).is_allowed);
        for newcomer in 2_000_000..2_010_000_u32 {
            let verdict = limiter.decide(&newcomer, 0, false);
            assert!(verdict.remaining >= 580, "{verdict:?}");
        }
        // It is as if nothing had been when the flood is over.
        let later = limiter.decide(&2_000_000_u32, SECOND, false);
        assert_eq!(later.remaining, 599);
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_all_at_once_and_what_fills_up(
            requests in 1_u32..8,
            seconds in 1_u32..4,
            asked in vec((0_u8..6, 0_u64..SECOND), 1..200),
        ) {
            // So small that clients share all that they have.
            let limiter = Limiter::sized(quota(requests, seconds), 1, 5);
            let mut now = 0;
            let mut answered: [Vec<u64>; 6] = Default::default();
            for (client, pause) in asked {
                now += pause;
                if limiter.decide(&client, now, true).is_allowed {
                    answered[usize::from(client)].push(now);
                }
            }
            for times in answered {
                for (from, first) in times.iter().enumerate() {
                    for (to, last) in times.iter().enumerate().skip(from) {
                        let count = (to - from + 1) as u64;
                        let filled = (last - first) / limiter.interval;
                        prop_assert!(count <= u64::from(requests) + filled);
                    }
                }
            }
        }

        #[test]
        fn who_is_alone_gets_what_a_bucket_of_tokens_gives(
            requests in 1_u32..8,
            seconds in 1_u32..4,
            pauses in vec(0_u64..SECOND, 1..200),
        ) {
            let limiter = Limiter::sized(quota(requests, seconds), 1, 4);
            // In parts of a token of which one fills up in each nanosecond.
            let full = limiter.interval * u64::from(requests);
            let (mut now, mut tokens) = (0, full);
            for pause in pauses {
                now += pause;
                tokens = full.min(tokens + pause);
                let expected = tokens >= limiter.interval;
                prop_assert_eq!(limiter.decide(&"ann", now, true).is_allowed, expected);
                if expected {
                    tokens -= limiter.interval;
                }
            }
        }
    }
}
