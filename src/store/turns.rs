//! Turns to read: there are as many as connections. Who comes when all are taken waits in a row,
//! without a thread, and no longer than they would wait for a connection. So what bounds those who
//! wait is what bounds the requests in hand, and threads are needed for those alone who read.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::store::{
    error::StoreError,
    figures::{Counters, Waiting},
};

/// How long one waits behind others who may wait in vain.
const BRIEF: Duration = Duration::from_millis(250);

/// Turns to read.
#[derive(Clone)]
pub(super) struct Turns {
    free: Arc<Semaphore>,
    patience: Duration,
    counters: Arc<Counters>,
}

impl Turns {
    /// For so many at a time, where nobody waits longer than this.
    pub(super) fn new(at_a_time: u32, patience: Duration, counters: Arc<Counters>) -> Self {
        Self {
            free: Arc::new(Semaphore::new(at_a_time as usize)),
            patience,
            counters,
        }
    }

    /// A turn, which ends when it is dropped. Where those who have one may wait in vain, it is not
    /// waited for as long.
    pub(super) async fn take(&self, in_vain: bool) -> Result<OwnedSemaphorePermit, StoreError> {
        // Mostly there is one, and no timer need be set.
        if let Ok(turn) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(turn);
        }
        let patience = match in_vain {
            true => self.patience.min(BRIEF),
            false => self.patience,
        };
        let _waiting = Waiting::among(&self.counters.readers);
        let turn = timeout(patience, Arc::clone(&self.free).acquire_owned()).await;
        let busy = || {
            self.counters.note_refused();
            StoreError::Unavailable("all connections are in use".to_owned())
        };
        turn.ok().and_then(Result::ok).ok_or_else(busy)
    }

    /// How long one who came then may still wait.
    pub(super) fn patience(&self, since: Instant) -> Duration {
        self.patience.saturating_sub(since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join;
    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn who_comes_when_all_are_taken_waits_and_not_for_ever() {
        let runtime = Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(async {
            let turns = Turns::new(1, Duration::from_millis(20), Arc::default());
            let first = turns.take(false).await.expect("a turn");
            assert!(turns.take(false).await.is_err());
            let (second, ()) = join(turns.take(false), async { drop(first) }).await;
            assert!(second.is_ok());
        });
    }

    #[test]
    fn nobody_waits_long_behind_those_who_wait_in_vain() {
        let runtime = Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(async {
            let turns = Turns::new(1, Duration::from_secs(20), Arc::default());
            let _first = turns.take(true).await.expect("a turn");
            let started = Instant::now();
            assert!(turns.take(true).await.is_err());
            assert!(started.elapsed() < Duration::from_secs(10));
        });
    }
}
