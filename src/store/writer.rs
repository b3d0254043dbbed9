//! The writer: one thread that takes work in the order in which it came, and commits what has
//! gathered meanwhile together. So writers are served fairly, none meets a locked database, and
//! one sync to disk is shared by all who wait for it. Nobody is answered before it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::Ordering::Relaxed,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    time::Instant,
};

use diesel::connection::TransactionManager;
use tokio::sync::oneshot;

use crate::store::{
    Checkpoints, Connection, Connections, Invalidation,
    error::StoreError,
    figures::Counters,
    file::FileWatch,
    priority::give_way,
    transactions::{begin_write, commit_write, rollback},
};

/// Pieces of work that wait, at most; who comes then is told that the store is busy.
const WAITING_AT_MOST: usize = 1_024;
/// How far it stands behind those who read, where processors are few: they are many, and wait for
/// less. What it does in one go, as merging articles into the index, may take a tenth of a second.
const NICENESS: i32 = 5;
/// Pieces of work in one transaction, at most.
const GROUP_AT_MOST: usize = 64;

type Transactions = <Connection as diesel::Connection>::TransactionManager;

/// What becomes of a piece of work after it ran.
struct Ran {
    /// Whether its changes are kept.
    keep: bool,
    /// Tells its outcome, once it is known whether the commit went well.
    tell: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

type Job = Box<dyn FnOnce(&mut Connection) -> Ran + Send>;

/// A handle on the writer; it ends when the last one goes.
#[derive(Clone)]
pub(super) struct Writer {
    queue: SyncSender<Job>,
    counters: Arc<Counters>,
}

/// What the thread works with.
struct Means {
    connections: Connections,
    file: FileWatch,
    invalidation: Arc<Invalidation>,
    checkpoints: Checkpoints,
    counters: Arc<Counters>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(
        connections: Connections,
        file: FileWatch,
        invalidation: Arc<Invalidation>,
        checkpoints: Checkpoints,
        counters: Arc<Counters>,
    ) -> Result<Self, StoreError> {
        let (queue, jobs) = sync_channel(WAITING_AT_MOST);
        let means = Means {
            connections,
            file,
            invalidation,
            checkpoints,
            counters: Arc::clone(&counters),
        };
        std::thread::Builder::new()
            .name("newsstand-writer".to_owned())
            .spawn(move || run(&jobs, &means))
            .map_err(|cause| {
                StoreError::Unavailable(format!("no thread can be started: {cause}"))
            })?;
        Ok(Self { queue, counters })
    }

    /// Does a piece of work in its turn; the answer comes when it is on disk.
    pub(super) fn write<T, E, F>(&self, work: F) -> Result<oneshot::Receiver<Result<T, E>>, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel::<Result<T, E>>();
        let asked = Instant::now();
        let counters = Arc::clone(&self.counters);
        let job: Job = Box::new(move |connection| {
            let result = catch_unwind(AssertUnwindSafe(|| work(connection)));
            let result = result.unwrap_or_else(|_| {
                let cause = "a writer's work panicked".to_owned();
                Err(E::from(StoreError::Database(cause)))
            });
            Ran {
                keep: result.is_ok(),
                tell: Box::new(move |committed| {
                    counters.note_written(asked);
                    let result = result.and_then(|value| match committed {
                        Ok(()) => Ok(value),
                        Err(cause) => Err(E::from(cause)),
                    });
                    // Whoever asked may be gone.
                    let _ = sender.send(result);
                }),
            }
        });
        let waiting = &self.counters.writers;
        // Before it is sent, since the thread may take it at once.
        waiting.fetch_add(1, Relaxed);
        let sent = self.queue.try_send(job).inspect_err(|_| {
            waiting.fetch_sub(1, Relaxed);
        });
        match sent {
            Ok(()) => Ok(receiver),
            Err(TrySendError::Full(_)) => Err(E::from(StoreError::Unavailable(
                "too many writers are waiting".to_owned(),
            ))),
            Err(TrySendError::Disconnected(_)) => Err(E::from(ended())),
        }
    }
}

/// What is told to those whose work did not come to its turn.
pub(super) fn ended() -> StoreError {
    StoreError::Unavailable("the writer could not begin".to_owned())
}

fn run(jobs: &Receiver<Job>, means: &Means) {
    give_way(NICENESS);
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        while group.len() < GROUP_AT_MOST
            && let Ok(next) = jobs.try_recv()
        {
            group.push(next);
        }
        let taken = u64::try_from(group.len()).unwrap_or(0);
        means.counters.writers.fetch_sub(taken, Relaxed);
        run_group(group, means);
    }
}

/// One transaction for a group, and its outcome to each; then, when nobody waits for it any
/// longer, what SQLite needs.
fn run_group(group: Vec<Job>, means: &Means) {
    let mut ran = Vec::with_capacity(group.len());
    let mut connection = means.connections.get();
    let outcome = match &mut connection {
        Ok(connection) => run_together(group, &mut ran, connection, means),
        Err(cause) => Err(cause.clone()),
    };
    means.counters.note_commit(outcome.is_ok());
    if let Err(cause) = &outcome {
        log::error!("writes were not committed: {cause}");
    }
    // Work that did not come to its turn is dropped, which tells those who wait for it.
    for done in ran {
        (done.tell)(outcome.clone());
    }
    if let (Ok(connection), Ok(())) = (&mut connection, &outcome) {
        means.checkpoints.after_commit(connection);
    }
}

/// Each piece of work has a savepoint of its own, so that one that fails takes back nothing but
/// its own changes.
fn run_together(
    group: Vec<Job>,
    ran: &mut Vec<Ran>,
    connection: &mut Connection,
    means: &Means,
) -> Result<(), StoreError> {
    let alone = group.len() == 1;
    begin_write(connection)?;
    for job in group {
        if alone {
            ran.push(job(connection));
            continue;
        }
        Transactions::begin_transaction(connection)?;
        let done = job(connection);
        let closed = match done.keep {
            true => Transactions::commit_transaction(connection),
            false => Transactions::rollback_transaction(connection),
        };
        ran.push(done);
        closed.map_err(|cause| {
            rollback(connection);
            // As after a disk was full: others may come again, and are then told for themselves.
            StoreError::Unavailable(format!("the transaction was lost: {cause}"))
        })?;
    }
    match alone && ran.iter().all(|done| !done.keep) {
        true => {
            rollback(connection);
            Ok(())
        }
        false => commit_write(connection, &means.file, &means.invalidation),
    }
}
