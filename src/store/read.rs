//! Reads: each in a transaction that sees one state and can't write, and those for requests when it
//! is their turn, on a thread that may wait.

use std::time::{Duration, Instant};

use diesel::r2d2::PooledConnection;
use tokio::{
    task::{JoinError, spawn_blocking},
    time::timeout,
};

use crate::{
    model::sight::Sight,
    store::{
        Reader, Store,
        connection::Manager,
        error::StoreError,
        statements,
        transactions::{Pace, begin_read, commit, rollback},
    },
};

/// From so long on without a word, a database may be one that hangs.
const MUTE_FROM: Duration = Duration::from_secs(2);

/// What a piece of store work gave, and what it cost.
#[derive(Debug)]
pub struct Measured<T> {
    /// The result itself.
    pub value: T,
    /// SQL statements it took, `BEGIN` and `COMMIT` among them.
    pub statements: u32,
    /// Time in the database, the wait for a connection included.
    pub elapsed: Duration,
}

impl<T> Measured<T> {
    /// The same of what is made of it.
    pub(super) fn map<U>(self, make: impl FnOnce(T) -> U) -> Measured<U> {
        Measured {
            value: make(self.value),
            statements: self.statements,
            elapsed: self.elapsed,
        }
    }
}

impl Store {
    /// Whether the database has said nothing for a while, as far as is watched: then those who
    /// read wait in vain, and so would those who come after them.
    fn is_mute(&self) -> bool {
        let looked_at = self.invalidation.looked_at();
        looked_at.is_some_and(|at| at.elapsed() >= MUTE_FROM)
    }

    /// Runs `work` in a transaction that sees one unchanging state and can't write.
    pub async fn read<T, F>(&self, sight: Sight, work: F) -> Result<Measured<T>, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Reader<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.read_then(sight, work, |read| read).await
    }

    /// [`Store::read`], and what `make` makes of it on the same thread, when the connection is
    /// free again. The turn ends with that, so that no more threads are at it than have turns.
    pub async fn read_then<T, U, F, M>(
        &self,
        sight: Sight,
        work: F,
        make: M,
    ) -> Result<Measured<U>, StoreError>
    where
        T: 'static,
        U: Send + 'static,
        F: FnOnce(&mut Reader<'_>) -> Result<T, StoreError> + Send + 'static,
        M: FnOnce(T) -> U + Send + 'static,
    {
        self.in_turn(move |store, started| {
            let read = store.read_since(started, Pace::Request, sight, work)?;
            Ok(read.map(make))
        })
        .await
    }

    /// Reads on a thread that may wait, when it is one's turn, for one who has waited since then.
    pub(super) async fn in_turn<T, F>(&self, read: F) -> Result<Measured<T>, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Self, Instant) -> Result<Measured<T>, StoreError> + Send + 'static,
    {
        let started = Instant::now();
        let turn = self.turns.take(self.is_mute()).await?;
        let store = self.clone();
        let read = move || {
            // It ends with the work, also where nobody waits for that any longer.
            let _turn = turn;
            read(&store, started)
        };
        let reading = spawn_blocking(read);
        let done = match self.longest_read {
            None => reading.await,
            Some(longest) => {
                let done = timeout(longest, reading).await;
                done.unwrap_or_else(|_| Ok(Err(StoreError::TooLong(format!("{longest:?}")))))
            }
        };
        let ended = |cause: JoinError| StoreError::Database(format!("a read ended early: {cause}"));
        let outcome = done.map_err(ended)?;
        outcome.inspect_err(|cause| self.counters.note_failed(cause))
    }

    /// [`Store::read`] for a thread that may wait.
    pub fn read_blocking<T>(
        &self,
        sight: Sight,
        work: impl FnOnce(&mut Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<Measured<T>, StoreError> {
        self.read_since(Instant::now(), Pace::Background, sight, work)
    }

    /// [`Store::read_blocking`] for one who has waited since then.
    pub(super) fn read_since<T>(
        &self,
        started: Instant,
        pace: Pace,
        sight: Sight,
        work: impl FnOnce(&mut Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<Measured<T>, StoreError> {
        let mut connection = self.reader_since(started)?;
        let began = Instant::now();
        let (value, statements) = statements::counted(|| {
            begin_read(&mut connection, pace)?;
            let until = self.longest_read.filter(|_| pace == Pace::Request);
            let mut reader = Reader::new(&mut connection, sight)
                .remembering(&self.memory)
                .until(until.map(|longest| started + longest));
            let value = work(&mut reader);
            match value {
                Ok(value) => commit(&mut connection).map(|()| value),
                Err(cause) => {
                    rollback(&mut connection);
                    Err(cause)
                }
            }
        });
        self.counters.note_read(started, began, statements);
        Ok(Measured {
            value: value?,
            statements,
            elapsed: started.elapsed(),
        })
    }

    /// A connection to read with, for one who has waited since then.
    pub(super) fn reader_since(
        &self,
        started: Instant,
    ) -> Result<PooledConnection<Manager>, StoreError> {
        let connection = self.reads.get_within(self.turns.patience(started));
        connection.inspect_err(|_| self.counters.note_refused())
    }
}
