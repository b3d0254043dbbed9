//! Answers that are the same as long as the program runs.

use std::sync::{Arc, OnceLock};

use crate::http::{problem::Problem, reply::Reply, stored::Stored};

/// An answer that never changes, with its compressed forms: each is made once, when it is first
/// asked for.
pub(super) struct Fixed(OnceLock<Arc<Stored>>);

impl Fixed {
    /// One that was not asked for yet.
    pub(super) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The answer.
    pub(super) fn reply(
        &self,
        make: impl FnOnce() -> Result<Reply, Problem>,
    ) -> Result<Reply, Problem> {
        let stored = match self.0.get() {
            Some(stored) => stored,
            None => {
                let made = Arc::new(make()?.stored());
                // Whoever was quicker made the same.
                self.0.get_or_init(|| made)
            }
        };
        Ok(Reply::prepared(Arc::clone(stored)))
    }
}
