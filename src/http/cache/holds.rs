//! Whether what is kept holds, for one who asks.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    http::{
        cache::kept::{Entry, Kept},
        problem::Problem,
    },
    store::{Invalidation, Moment},
};

/// So much later than in the process that wrote it, a write of another may be seen.
const CURRENT_FOR: Duration = Duration::from_secs(1);

/// Whether all is known that other processes had changed a little while ago. Where it is not, as
/// when the database is away, what is kept may be older than it may be.
pub(in crate::http) fn is_current(changes: &Invalidation, now: Instant) -> bool {
    let looked_at = changes.looked_at();
    looked_at.is_some_and(|at| now.saturating_duration_since(at) < CURRENT_FOR)
}

/// One who asks.
pub(super) struct Asking<'a> {
    /// Where changes are known.
    pub(super) changes: &'a Invalidation,
    /// What changed up to then, they may know of.
    pub(super) arrived: Moment,
    /// When they came.
    pub(super) at: Instant,
    /// Whether all is known that others had changed a little while before.
    pub(super) is_current: bool,
    /// For how long an answer may stand in.
    pub(super) stale_for: Duration,
}

/// What there is for one who asks.
pub(super) enum Found {
    /// An answer.
    Good(Given),
    /// Each must make their own.
    Pass,
    /// The answer that they waited for could not be made.
    Failed(Arc<Problem>),
    /// An answer that holds no longer, or none.
    Nothing,
}

/// An answer that is given.
pub(super) struct Given {
    /// The answer.
    pub(super) kept: Arc<Kept>,
    /// For how long it has not been known whether it holds, where it only stands in.
    pub(super) stale: Option<Duration>,
}

impl Asking<'_> {
    /// What an entry is to them. An answer whose making began after they came will do, whatever has
    /// changed since and whatever is known, so that many who wait are served while there are many
    /// changes, and while the database is slow. One that may stand in will do while none could be
    /// made in its place a little while ago.
    pub(super) fn found(&self, entry: Entry) -> Found {
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
    pub(super) fn stale(&self, kept: &Kept) -> Option<Duration> {
        let known_at = self.changes.looked_at()?.max(kept.began);
        let age = self.at.saturating_duration_since(known_at);
        let may = age < self.stale_for && self.changes.holds(kept.since, &kept.watched);
        may.then_some(age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{
        cache::Left,
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
