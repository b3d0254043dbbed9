//! A client that does not take what it is sent, or takes it a little at a time.

use std::{io, pin::Pin, task::Context, time::Duration};

use actix_web::rt::time::{Instant, Sleep, sleep_until};

/// How long a client may take for what it is sent, and how many bytes each further second needs.
/// What the system keeps for it, as a rule some megabytes, it may take as slowly as it likes.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);
const SLOWEST: u64 = 4 * 1024;

/// Since when it is waited for, and what it has taken since.
pub(super) struct Slow {
    since: Instant,
    taken: u64,
    timer: Pin<Box<Sleep>>,
}

impl Slow {
    /// It is waited for from now on.
    pub(super) fn new() -> Self {
        let since = Instant::now();
        Self {
            since,
            taken: 0,
            timer: Box::pin(sleep_until(since + TAKEN_WITHIN)),
        }
    }

    /// It has taken so many bytes.
    pub(super) fn took(&mut self, bytes: usize) {
        self.taken = self.taken.saturating_add(bytes as u64);
    }

    /// It is to be waited for; fails when it has taken too little for that.
    pub(super) fn wait(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let more = Duration::from_secs(self.taken / SLOWEST);
        self.timer.as_mut().reset(self.since + TAKEN_WITHIN + more);
        match self.timer.as_mut().poll(context).is_ready() {
            true => Err(io::ErrorKind::TimedOut.into()),
            false => Ok(()),
        }
    }
}
