//! Counts SQL statements, so that every answer's number of them can be told and tested, and so that
//! what takes more than one is known to need a transaction.

use std::cell::Cell;

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

use crate::store::error::StoreError;

thread_local! {
    /// Statements started on this thread; store work runs on one thread from start to end.
    static STARTED: Cell<u32> = const { Cell::new(0) };
}

/// Lets every connection opened from now on count.
pub(super) fn install() -> Result<(), StoreError> {
    let made = || -> Option<Box<dyn Instrumentation>> { Some(Box::new(count)) };
    set_default_instrumentation(made)
        .map_err(|_| StoreError::Database("SQL statements can't be counted".to_owned()))
}

fn count(event: InstrumentationEvent<'_>) {
    if let InstrumentationEvent::StartQuery { .. } = event {
        STARTED.with(|started| started.set(started.get().wrapping_add(1)));
    }
}

/// The number of statements that `work` ran on this thread, beside its result.
pub(super) fn counted<T>(work: impl FnOnce() -> T) -> (T, u32) {
    let before = STARTED.with(Cell::get);
    let result = work();
    (result, STARTED.with(Cell::get).wrapping_sub(before))
}
