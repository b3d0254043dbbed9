//! Turns to make an answer: of those who ask for one that is not there, one makes it and the others
//! wait.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use quick_cache::{
    DefaultHashBuilder,
    sync::{DefaultLifecycle, EntryAction, EntryResult, PlaceholderGuard},
};

use crate::http::{
    cache::{
        Cache,
        holds::{Asking, Found, Given},
        kept::{Entry, Kept, Weight},
    },
    problem::Problem,
};

/// For so long after an answer that can't be kept, each who asks makes their own, so that those
/// who wait do not go one after another.
pub(super) const PASS_FOR: Duration = Duration::from_secs(1);
/// And for so long after one that failed by a mistake of ours. Where the database is away, those
/// who waited are told so, and nobody passes.
pub(super) const PASS_AFTER_FAILURE: Duration = Duration::from_millis(50);
/// For so long after an answer that could not be made, the one before stands in for it.
const STANDS_IN_FOR: Duration = Duration::from_secs(2);

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

/// What there is for one who has waited for it.
pub(super) enum Awaited<'a> {
    /// An answer, made by another.
    Made(Given),
    /// Each must make their own.
    Pass,
    /// It could not be made.
    Failed(Arc<Problem>),
    /// They must make it.
    Turn(Making<'a>),
}

/// The turn to make an answer.
pub(super) struct Making<'a> {
    cache: &'a Cache,
    key: &'a str,
    turn: Option<Turn<'a>>,
    /// Whether there was one that holds no longer, as far as is known.
    pub(super) was_there: bool,
    /// That one, if it may stand in.
    pub(super) spare: Option<Given>,
}

impl Making<'_> {
    /// Ends the turn with what was made: keeps it, and gives it to those who wait. Without anything
    /// that can be kept, they go on by themselves, and so do those who come for a while.
    pub(super) fn end(mut self, kept: Option<Kept>, pass_for: Duration) {
        if let Some(turn) = self.turn.take() {
            self.cache.end(turn, self.key, kept, pass_for);
        }
    }

    /// Ends the turn without an answer: the problem is that of all who have waited up to now. Those
    /// who come later have another turn.
    pub(super) fn fail(mut self, problem: Problem) {
        if let Some(turn) = self.turn.take() {
            let failed = Entry::Failed {
                problem: Arc::new(problem),
                at: Instant::now(),
            };
            // It fails where the key was put out meanwhile: then one of them has the turn.
            let _ = turn.insert(failed);
        }
    }
}

/// What may stand in is there again, when the one who was to make another has failed, or has gone
/// away.
impl Drop for Making<'_> {
    fn drop(&mut self) {
        if let (Some(turn), Some(spare)) = (self.turn.take(), self.spare.take()) {
            let kept = spare.kept;
            let entry = Entry::Kept {
                weight: kept.weight(self.key),
                kept,
                stands_in: Some(Instant::now() + STANDS_IN_FOR),
            };
            // It fails where the key was put out meanwhile, which is no loss.
            let _ = turn.insert(entry);
        }
    }
}

impl Cache {
    /// What is kept under a key, or will be when it is made by another; or the turn to make it.
    /// No lock is held meanwhile.
    pub(super) async fn wait<'a>(&'a self, key: &'a str, asking: &Asking<'_>) -> Awaited<'a> {
        let Some(entries) = &self.entries else {
            return Awaited::Pass;
        };
        let found = entries.entry_async(key, |_, entry| match asking.found(entry.clone()) {
            Found::Nothing => EntryAction::ReplaceWithGuard,
            found => EntryAction::Retain(found),
        });
        match found.await {
            EntryResult::Retained(Found::Good(given)) => Awaited::Made(given),
            EntryResult::Retained(Found::Failed(problem)) => Awaited::Failed(problem),
            EntryResult::Vacant(turn) => Awaited::Turn(self.making(key, turn, None, asking)),
            EntryResult::Replaced(turn, former) => {
                let former = match former {
                    Entry::Kept { kept, .. } => Some(kept),
                    Entry::Pass(_) | Entry::Failed { .. } => None,
                };
                Awaited::Turn(self.making(key, turn, former, asking))
            }
            EntryResult::Retained(_) | EntryResult::Removed(..) | EntryResult::Timeout => {
                Awaited::Pass
            }
        }
    }

    fn making<'a>(
        &'a self,
        key: &'a str,
        turn: Turn<'a>,
        former: Option<Arc<Kept>>,
        asking: &Asking<'_>,
    ) -> Making<'a> {
        let was_there = former.is_some();
        let spare = former.and_then(|kept| {
            let stale = Some(asking.stale(&kept)?);
            Some(Given { kept, stale })
        });
        Making {
            cache: self,
            key,
            turn: Some(turn),
            was_there,
            spare,
        }
    }

    /// See [`Making::end`].
    fn end(&self, turn: Turn<'_>, key: &str, kept: Option<Kept>, pass_for: Duration) {
        let entry = kept.and_then(|kept| {
            let weight = kept.weight(key);
            let kept = Arc::new(kept);
            (weight <= self.most).then_some(Entry::Kept {
                kept,
                weight,
                stands_in: None,
            })
        });
        // It fails where the key was put out meanwhile, which is no loss.
        let _ = turn.insert(entry.unwrap_or_else(|| Entry::Pass(Instant::now() + pass_for)));
    }
}
