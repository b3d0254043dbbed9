//! A gate, which many threads go through: the row behind a lock, and its clock.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::oneshot::Receiver, time::timeout};

use crate::http::overload::row::{Arrival, Bounds, Counts, Row};

/// Lets requests of one kind in.
#[derive(Debug)]
pub(super) struct Gate {
    row: Mutex<Row>,
    patience: Duration,
}

/// That there is no place, and none soon.
#[derive(Debug)]
pub(super) struct Full;

/// A place, which is free again when this is dropped.
#[derive(Debug)]
pub(in crate::http) struct Place {
    gate: Arc<Gate>,
    since: Instant,
}

impl Drop for Place {
    fn drop(&mut self) {
        let now = Instant::now();
        let took = now.saturating_duration_since(self.since);
        self.gate.row().leave(now, Some(took));
    }
}

/// One who waits. Should they go away just as they get a place, it is for the next.
struct Waiting<'a> {
    gate: &'a Gate,
    turn: Receiver<()>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.turn.close();
        if self.turn.try_recv().is_ok() {
            self.gate.row().leave(Instant::now(), None);
        }
    }
}

impl Gate {
    /// One that lets in so much.
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            patience: bounds.patience(),
            row: Mutex::new(Row::new(bounds)),
        }
    }

    /// Waits for a place, if that can be soon: no longer than one may who has waited for so long
    /// already, as for the answer that another was about to make.
    pub(super) async fn enter_after(self: &Arc<Self>, waited: Duration) -> Result<Place, Full> {
        let arrival = self.row().arrive(Instant::now());
        match arrival {
            Arrival::Place => {}
            Arrival::Refused => return Err(Full),
            Arrival::Wait(turn) => self.wait(turn, waited).await?,
        }
        Ok(Place {
            gate: Arc::clone(self),
            since: Instant::now(),
        })
    }

    async fn wait(&self, turn: Receiver<()>, waited: Duration) -> Result<(), Full> {
        let mut waiting = Waiting { gate: self, turn };
        let left = self.patience.saturating_sub(waited);
        match timeout(left, &mut waiting.turn).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Full),
            Err(_) => {
                self.row().note_refused(Instant::now());
                Err(Full)
            }
        }
    }

    /// Whether one who comes now is refused; for those who come in later.
    pub(super) fn turns_away(&self) -> bool {
        self.row().turns_away(Instant::now())
    }

    /// What came of those who came; how many have a place, and how many wait for one.
    pub(super) fn figures(&self) -> (Counts, (u32, usize)) {
        let row = self.row();
        (row.counts(), row.lengths())
    }

    fn row(&self) -> MutexGuard<'_, Row> {
        self.row.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join;
    use tokio::runtime::Builder;

    use super::*;

    fn gate(waiting: usize) -> Arc<Gate> {
        Arc::new(Gate::new(Bounds {
            places: 1,
            waiting,
            target: Duration::from_millis(5),
        }))
    }

    async fn enter(gate: &Arc<Gate>) -> Result<Place, Full> {
        gate.enter_after(Duration::ZERO).await
    }

    fn run(test: impl Future<Output = ()>) {
        let runtime = Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(test);
    }

    #[test]
    fn a_place_that_is_left_is_for_the_one_who_waits() {
        run(async {
            let gate = gate(1);
            let first = enter(&gate).await.expect("a place");
            assert_eq!(gate.figures().1, (1, 0));
            let (second, ()) = join(enter(&gate), async {
                assert!(gate.turns_away() && enter(&gate).await.is_err());
                drop(first);
            })
            .await;
            assert!(second.is_ok());
            drop(second);
            assert_eq!(gate.figures().1, (0, 0));
        });
    }

    #[test]
    fn nobody_waits_for_ever() {
        run(async {
            let gate = gate(1);
            let place = enter(&gate).await.expect("a place");
            let started = Instant::now();
            assert!(enter(&gate).await.is_err());
            assert!(started.elapsed() >= Duration::from_millis(900));
            drop(place);
            assert!(enter(&gate).await.is_ok());
        });
    }

    #[test]
    fn who_has_waited_already_gets_what_is_free_and_waits_no_longer() {
        run(async {
            let gate = gate(4);
            let place = enter(&gate).await.expect("a place");
            let (waited, started) = (Duration::from_secs(1), Instant::now());
            for _ in 0..20 {
                assert!(gate.enter_after(waited).await.is_err());
            }
            assert!(started.elapsed() < Duration::from_millis(900));
            drop(place);
            assert_eq!(gate.figures().1, (0, 0));
            assert!(gate.enter_after(waited).await.is_ok());
        });
    }

    #[test]
    fn who_goes_away_leaves_their_turn_to_others() {
        run(async {
            let gate = gate(2);
            let place = enter(&gate).await.expect("a place");
            let gone = timeout(Duration::from_millis(20), enter(&gate)).await;
            assert!(gone.is_err());
            // Gone between being told and being run.
            let mut told = Box::pin(enter(&gate));
            let waited = timeout(Duration::from_millis(1), &mut told).await;
            assert!(waited.is_err());
            drop(place);
            drop(told);
            assert_eq!(gate.figures().1, (0, 0));
            assert!(enter(&gate).await.is_ok());
        });
    }
}
