//! The writer: one thread that takes work in the order in which it came, and commits what has
//! gathered meanwhile together. So writers are served fairly, none meets a locked database, and
//! one sync to disk is shared by all who wait for it. Nobody is answered before it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
};

use diesel::connection::TransactionManager;
use tokio::sync::oneshot;

use crate::store::{
    Checkpoints, Connection, Connections, Invalidation, begin_write, commit_write,
    error::StoreError, file::FileWatch, rollback,
};

/// Pieces of work that wait, at most; who comes then is told that the store is busy.
const WAITING_AT_MOST: usize = 1_024;
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
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(
        connections: Connections,
        file: FileWatch,
        invalidation: Arc<Invalidation>,
        checkpoints: Checkpoints,
    ) -> Result<Self, StoreError> {
        let (queue, jobs) = sync_channel(WAITING_AT_MOST);
        std::thread::Builder::new()
            .name("newsstand-writer".to_owned())
            .spawn(move || run(&jobs, &connections, &file, &invalidation, &checkpoints))
            .map_err(|cause| {
                StoreError::Unavailable(format!("no thread can be started: {cause}"))
            })?;
        Ok(Self { queue })
    }

    /// Does a piece of work in its turn; the answer comes when it is on disk.
    pub(super) fn write<T, E, F>(&self, work: F) -> Result<oneshot::Receiver<Result<T, E>>, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel::<Result<T, E>>();
        let job: Job = Box::new(move |connection| {
            let result = catch_unwind(AssertUnwindSafe(|| work(connection)));
            let result = result.unwrap_or_else(|_| {
                let cause = "a writer's work panicked".to_owned();
                Err(E::from(StoreError::Database(cause)))
            });
            Ran {
                keep: result.is_ok(),
                tell: Box::new(move |committed| {
                    let result = result.and_then(|value| match committed {
                        Ok(()) => Ok(value),
                        Err(cause) => Err(E::from(cause)),
                    });
                    // Whoever asked may be gone.
                    let _ = sender.send(result);
                }),
            }
        });
        match self.queue.try_send(job) {
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

fn run(
    jobs: &Receiver<Job>,
    connections: &Connections,
    file: &FileWatch,
    invalidation: &Invalidation,
    checkpoints: &Checkpoints,
) {
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        while group.len() < GROUP_AT_MOST
            && let Ok(next) = jobs.try_recv()
        {
            group.push(next);
        }
        run_group(group, connections, file, invalidation, checkpoints);
    }
}

/// One transaction for a group, and its outcome to each; then, when nobody waits for it any
/// longer, what SQLite needs.
fn run_group(
    group: Vec<Job>,
    connections: &Connections,
    file: &FileWatch,
    invalidation: &Invalidation,
    checkpoints: &Checkpoints,
) {
    let mut ran = Vec::with_capacity(group.len());
    let mut connection = connections.get();
    let outcome = match &mut connection {
        Ok(connection) => run_together(group, &mut ran, connection, file, invalidation),
        Err(cause) => Err(cause.clone()),
    };
    if let Err(cause) = &outcome {
        log::error!("writes were not committed: {cause}");
    }
    // Work that did not come to its turn is dropped, which tells those who wait for it.
    for done in ran {
        (done.tell)(outcome.clone());
    }
    if let (Ok(connection), Ok(())) = (&mut connection, &outcome) {
        checkpoints.after_commit(connection);
    }
}

/// Each piece of work has a savepoint of its own, so that one that fails takes back nothing but
/// its own changes.
fn run_together(
    group: Vec<Job>,
    ran: &mut Vec<Ran>,
    connection: &mut Connection,
    file: &FileWatch,
    invalidation: &Invalidation,
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
        false => commit_write(connection, file, invalidation),
    }
}
