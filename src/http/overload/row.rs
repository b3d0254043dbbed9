//! The row before the places of a gate: who gets the next, who waits, and who is refused at once.
//! It knows no clock: all that it is asked comes with a time.
//!
//! The row may be long for a moment, when many come together, but not for long. CoDel (RFC 8289)
//! tells a burst from a queue that stands: that one is never empty within an interval. While it
//! stands, only those are let into it who will come to their turn within a target, a twentieth of
//! the interval, and those who have waited for twice as long are refused. And while the first has
//! waited beyond the target, the last comes first, so that some are answered in time where else all
//! would be answered late. Maurer (*Fail at Scale*, 2015) does likewise with whole requests.
//!
//! The target is what a request takes of late, and at least what the settings say. So waiting grows
//! with the work that is waited for, and stays a small multiple of it, on any machine and for any
//! publication. What it takes of late is more than what it takes alone, when processors are shared:
//! a target of four requests let the slowest wait eight times as long as alone.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use tokio::sync::oneshot::{Receiver, Sender, channel};

/// What a gate lets in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Requests in hand at a time; one at least.
    pub(super) places: u32,
    /// Requests that wait for a place, at most.
    pub(super) waiting: usize,
    /// How long they may wait, at least, while there are always some who wait.
    pub(super) target: Duration,
}

/// Targets in an interval (RFC 8289 section 3.2).
const TARGETS: u32 = 20;
/// Nobody waits longer, unless the target is set to more than half of it.
const PATIENCE: Duration = Duration::from_secs(1);
/// What a request is taken to need before any was seen.
const AT_FIRST: Duration = Duration::from_millis(50);
/// What one request counts for in the average, at most.
const LONGEST: Duration = Duration::from_secs(60);
/// The last request makes one of so many parts of the average.
const PARTS: u32 = 32;

impl Bounds {
    /// Nobody waits longer.
    pub(super) fn patience(&self) -> Duration {
        PATIENCE.max(self.target.saturating_mul(2))
    }
}

/// One who waits; dropped, they are refused.
#[derive(Debug)]
struct Waiter {
    since: Instant,
    turn: Sender<()>,
}

/// What becomes of one who comes.
#[derive(Debug)]
pub(super) enum Arrival {
    /// They have a place.
    Place,
    /// They have one when this says so, and are refused when it ends without.
    Wait(Receiver<()>),
    /// They are refused.
    Refused,
}

/// What came of those who came.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// They had a place at once.
    pub(super) at_once: u64,
    /// They waited for their place.
    pub(super) after_waiting: u64,
    /// They had none.
    pub(super) refused: u64,
}

/// Places, and who waits for them.
#[derive(Debug)]
pub(super) struct Row {
    bounds: Bounds,
    /// Places that nobody has. While there are any, nobody waits.
    free: u32,
    waiting: VecDeque<Waiter>,
    /// Since when there was always somebody who waited.
    stands_since: Option<Instant>,
    /// When somebody was refused last.
    refused_at: Option<Instant>,
    /// What a request takes of late.
    usual: Duration,
    counts: Counts,
}

impl Row {
    /// All places are free.
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            free: bounds.places,
            waiting: VecDeque::new(),
            stands_since: None,
            refused_at: None,
            usual: AT_FIRST,
            counts: Counts::default(),
        }
    }

    /// What came of those who came.
    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// How many have a place, and how many wait for one.
    pub(super) fn lengths(&self) -> (u32, usize) {
        let in_hand = self.bounds.places.saturating_sub(self.free);
        (in_hand, self.waiting.len())
    }

    /// One comes.
    pub(super) fn arrive(&mut self, now: Instant) -> Arrival {
        if self.free > 0 {
            self.free -= 1;
            self.counts.at_once += 1;
            return Arrival::Place;
        }
        if self.turns_away(now) {
            return Arrival::Refused;
        }
        let (turn, receiver) = channel();
        self.stands_since.get_or_insert(now);
        self.waiting.push_back(Waiter { since: now, turn });
        Arrival::Wait(receiver)
    }

    /// Whether one who comes now is refused; they are counted if they are.
    pub(super) fn turns_away(&mut self, now: Instant) -> bool {
        self.forget_the_gone();
        let refuses = self.refuses(now);
        if refuses {
            self.note_refused(now);
        }
        refuses
    }

    fn refuses(&self, now: Instant) -> bool {
        if self.free > 0 {
            return false;
        }
        if self.waiting.len() >= self.bounds.waiting {
            return true;
        }
        if !self.stands(now) {
            return false;
        }
        let target = self.target();
        let before = u32::try_from(self.waiting.len() + 1).unwrap_or(u32::MAX);
        let expected = self.usual.saturating_mul(before) / self.bounds.places.max(1);
        // Those in hand may take longer than any did of late.
        expected > target || self.first_waited(now) > target * 2
    }

    /// One is refused, here or by their own clock.
    pub(super) fn note_refused(&mut self, now: Instant) {
        self.refused_at = Some(now);
        self.counts.refused += 1;
    }

    /// One leaves their place; `took` is how long they had it, where they made use of it.
    pub(super) fn leave(&mut self, now: Instant, took: Option<Duration>) {
        if let Some(took) = took {
            self.usual = self.usual - self.usual / PARTS + took.min(LONGEST) / PARTS;
        }
        while let Some(next) = self.take_next(now) {
            // It fails where they have gone.
            if next.turn.send(()).is_ok() {
                self.counts.after_waiting += 1;
                self.forget_the_gone();
                return;
            }
        }
        self.free += 1;
        self.stands_since = None;
    }

    /// Whose turn it is.
    fn take_next(&mut self, now: Instant) -> Option<Waiter> {
        let target = self.target();
        let stands = self.stands(now);
        while stands && self.first_waited(now) > target * 2 {
            let late = self.waiting.pop_front()?;
            if !late.turn.is_closed() {
                self.note_refused(now);
            }
        }
        match self.first_waited(now) > target {
            true => self.waiting.pop_back(),
            false => self.waiting.pop_front(),
        }
    }

    /// Those whose patience has ended stand first. Others who have gone, as when a client goes
    /// away, are passed over when it is their turn.
    fn forget_the_gone(&mut self) {
        let is_gone = |waiter: &Waiter| waiter.turn.is_closed();
        while self.waiting.front().is_some_and(is_gone) {
            self.waiting.pop_front();
        }
        if self.waiting.is_empty() {
            self.stands_since = None;
        }
    }

    /// Zero where nobody waits.
    fn first_waited(&self, now: Instant) -> Duration {
        let first = self.waiting.front();
        first.map_or(Duration::ZERO, |first| {
            now.saturating_duration_since(first.since)
        })
    }

    fn target(&self) -> Duration {
        let most = self.bounds.patience() / 2;
        self.usual.clamp(self.bounds.target, most)
    }

    /// Whether this is no burst: there was always somebody who waited for an interval, or somebody
    /// was refused within one.
    fn stands(&self, now: Instant) -> bool {
        let interval = (self.target() * TARGETS).min(self.bounds.patience());
        let age = |at: Instant| now.saturating_duration_since(at);
        self.stands_since.is_some_and(|at| age(at) >= interval)
            || self.refused_at.is_some_and(|at| age(at) < interval)
    }
}

#[cfg(test)]
mod tests {
    use std::{cmp::Reverse, collections::BinaryHeap};

    use tokio::sync::oneshot::error::TryRecvError;

    use super::*;

    const BOUNDS: Bounds = Bounds {
        places: 4,
        waiting: 1_024,
        target: Duration::from_millis(5),
    };

    fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    #[test]
    fn who_comes_when_all_places_are_taken_waits_for_the_next() {
        let now = Instant::now();
        let mut row = Row::new(Bounds {
            places: 1,
            waiting: 1,
            ..BOUNDS
        });
        assert!(matches!(row.arrive(now), Arrival::Place));
        let Arrival::Wait(mut turn) = row.arrive(now) else {
            panic!("there is room in the row");
        };
        assert!(row.refuses(now) && matches!(row.arrive(now), Arrival::Refused));
        assert!(turn.try_recv().is_err());
        row.leave(now, Some(micros(10)));
        assert!(turn.try_recv().is_ok());
        assert_eq!(row.lengths(), (1, 0));
        row.leave(now, Some(micros(10)));
        assert_eq!(row.lengths(), (0, 0));
        let counts = row.counts();
        let counts = (counts.at_once, counts.after_waiting, counts.refused);
        assert_eq!(counts, (1, 1, 1));
    }

    #[test]
    fn who_has_gone_keeps_nobody_from_a_place() {
        let now = Instant::now();
        let mut row = Row::new(Bounds {
            places: 1,
            waiting: 2,
            ..BOUNDS
        });
        assert!(matches!(row.arrive(now), Arrival::Place));
        let Arrival::Wait(gone) = row.arrive(now) else {
            panic!("there is room in the row");
        };
        let Arrival::Wait(mut turn) = row.arrive(now) else {
            panic!("there is room in the row");
        };
        drop(gone);
        row.leave(now, None);
        assert!(turn.try_recv().is_ok());
        drop(turn);
        row.leave(now, None);
        assert_eq!(row.lengths(), (0, 0));
    }

    #[test]
    fn a_burst_is_served_whole() {
        let begin = Instant::now();
        let mut row = Row::new(BOUNDS);
        let mut waiting = Vec::new();
        for _ in 0..104 {
            match row.arrive(begin) {
                Arrival::Place => {}
                Arrival::Wait(turn) => waiting.push(turn),
                Arrival::Refused => panic!("a burst is no overload"),
            }
        }
        assert_eq!(waiting.len(), 100);
        for number in 0..100 {
            row.leave(begin + micros(500) * number, Some(micros(2_000)));
        }
        assert!(waiting.iter_mut().all(|turn| turn.try_recv().is_ok()));
    }

    #[test]
    fn while_the_row_stands_as_many_wait_as_come_to_their_turn_in_time() {
        let begin = Instant::now();
        let mut row = Row::new(BOUNDS);
        row.usual = micros(1_000);
        let mut waiting = Vec::new();
        for _ in 0..5 {
            if let Arrival::Wait(turn) = row.arrive(begin) {
                waiting.push(turn);
            }
        }
        // What takes 1 ms on 4 places is done 20 times in 5 ms.
        let later = begin + micros(100_000);
        row.waiting.front_mut().unwrap().since = later;
        for _ in 1..20 {
            match row.arrive(later) {
                Arrival::Wait(turn) => waiting.push(turn),
                other => panic!("{other:?}"),
            }
        }
        assert!(matches!(row.arrive(later), Arrival::Refused));
        assert_eq!(row.lengths(), (4, 20));
    }

    #[test]
    fn who_waited_too_long_is_refused_when_a_place_comes_free() {
        let begin = Instant::now();
        let mut row = Row::new(BOUNDS);
        row.usual = micros(1_000);
        let mut late = Vec::new();
        for _ in 0..24 {
            if let Arrival::Wait(turn) = row.arrive(begin) {
                late.push(turn);
            }
        }
        row.leave(begin + micros(200_000), Some(micros(1_000)));
        assert_eq!(row.lengths(), (3, 0));
        for mut turn in late {
            assert_eq!(turn.try_recv(), Err(TryRecvError::Closed));
        }
        assert_eq!(row.counts().refused, 20);
    }

    /// Requests come evenly, and each takes 1 ms of a place; gives how long those waited who were
    /// served.
    fn simulated(row: &mut Row, begin: Instant, every: Duration, count: u32) -> Vec<Duration> {
        let mut waits = Vec::new();
        let mut waiting: Vec<(Instant, Receiver<()>)> = Vec::new();
        let mut ends: BinaryHeap<Reverse<Instant>> = BinaryHeap::new();
        let takes = micros(1_000);
        let mut come = 0;
        loop {
            let next = (come < count).then(|| begin + every * come);
            let end = ends.peek().map(|Reverse(end)| *end);
            match (next, end) {
                (Some(now), end) if end.is_none_or(|end| now <= end) => {
                    come += 1;
                    match row.arrive(now) {
                        Arrival::Place => {
                            waits.push(Duration::ZERO);
                            ends.push(Reverse(now + takes));
                        }
                        Arrival::Wait(turn) => waiting.push((now, turn)),
                        Arrival::Refused => {}
                    }
                }
                (_, Some(now)) => {
                    ends.pop();
                    row.leave(now, Some(takes));
                    waiting.retain_mut(|(since, turn)| match turn.try_recv() {
                        Ok(()) => {
                            waits.push(now.saturating_duration_since(*since));
                            ends.push(Reverse(now + takes));
                            false
                        }
                        Err(cause) => cause == TryRecvError::Empty,
                    });
                }
                _ => return waits,
            }
        }
    }

    #[test]
    fn at_ten_times_the_capacity_the_work_is_done_and_few_wait_long() {
        let begin = Instant::now();
        let mut row = Row::new(BOUNDS);
        // 4 places do 4,000 a second; 40,000 come, for two seconds.
        let mut waits = simulated(&mut row, begin, micros(25), 80_000);
        assert!(waits.len() >= 7_900, "{}", waits.len());
        waits.sort_unstable();
        let most = waits[waits.len() * 99 / 100];
        assert!(most <= BOUNDS.target * 2, "{most:?}");
        // And it is over when no more come.
        assert_eq!(row.lengths(), (0, 0));
        let later = begin + Duration::from_secs(3);
        let after = simulated(&mut row, later, micros(300), 1_000);
        assert_eq!(after.len(), 1_000);
        assert!(after.iter().all(|wait| *wait <= micros(1_000)));
    }
}
