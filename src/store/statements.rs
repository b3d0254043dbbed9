//! Counts SQL statements, so that every answer's number of them can be told and tested.

use std::cell::Cell;

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

thread_local! {
    /// Statements started on this thread; store work runs on one thread from start to end.
    static STARTED: Cell<u32> = const { Cell::new(0) };
}

/// Lets every connection opened from now on count.
pub(super) fn install() {
    let made = || -> Option<Box<dyn Instrumentation>> { Some(Box::new(count)) };
    if set_default_instrumentation(made).is_err() {
        log::warn!("SQL statements can't be counted");
    }
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
