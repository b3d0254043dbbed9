//! The store: what is kept, on SQLite or on Postgres. Nothing else knows Diesel.
//!
//! What reads takes a [`Reader`], which knows who is looking; what writes takes the [`Connection`]
//! of the transaction that [`Store::write`] opened. The table of articles is known to
//! `articles::rows` alone, and a reader gets from there what it may see, so that no read can
//! forget that drafts are not for everyone.

mod among;
pub mod articles;
pub mod audit;
pub mod authors;
mod bell;
pub mod categories;
pub mod changes;
mod checkpoint;
mod connection;
pub mod copy;
pub mod doctor;
mod error;
mod figures;
mod file;
pub mod idempotency;
pub mod index;
pub mod invalidation;
mod migrations;
mod names;
mod past;
mod pool;
pub mod previews;
mod queues;
mod reader;
mod readiness;
pub mod records;
pub mod related;
mod schema;
pub mod search;
mod single;
mod statements;
pub mod tags;
pub mod tokens;
mod transactions;
mod turns;
mod writer;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::r2d2::PooledConnection;
use tokio::{
    task::{JoinError, spawn_blocking},
    time::timeout,
};

pub use bell::Bell;
use checkpoint::Checkpoints;
pub use connection::{DatabaseUrl, DbConnection as Connection};
use connection::{Manager, Purpose};
pub use error::StoreError;
use figures::Counters;
pub use figures::{ConnectionFigures, Figures};
use file::FileWatch;
pub use invalidation::{Invalidation, Key as InvalidationKey, Moment};
pub use past::Found;
use pool::{Connections, Reach};
pub use queues::{COUNTED_AT_MOST, Queues, queues};
pub use reader::Reader;
pub use readiness::{Obstacle, obstacle};
pub use transactions::attempt;
use transactions::{Pace, begin_read, begin_write, commit, commit_write, rollback};
use turns::Turns;
use writer::Writer;

use crate::model::sight::Sight;

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Which database.
    pub url: DatabaseUrl,
    /// Connections for reading, at most.
    pub pool_size: u32,
    /// How long to wait for a free connection before saying that the store is unavailable.
    pub pool_timeout: Duration,
    /// How long a read for a request may take; as long as it needs, where this says nothing.
    pub longest_read: Option<Duration>,
}

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    reads: Connections,
    turns: Turns,
    writes: Connections,
    writer: Writer,
    checkpoints: Checkpoints,
    file: FileWatch,
    url: DatabaseUrl,
    memory: Arc<related::Memory>,
    invalidation: Arc<Invalidation>,
    longest_read: Option<Duration>,
    counters: Arc<Counters>,
    bell: Arc<Bell>,
}

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
    fn map<U>(self, make: impl FnOnce(T) -> U) -> Measured<U> {
        Measured {
            value: make(self.value),
            statements: self.statements,
            elapsed: self.elapsed,
        }
    }
}

impl Store {
    /// Opens the database; fails at once, and says why, when it can't be reached.
    pub fn open(options: &StoreOptions) -> Result<Self, StoreError> {
        statements::install()?;
        let reach = Reach::default();
        let manager = |purpose| Manager {
            url: options.url.clone(),
            purpose,
            reach: reach.clone(),
        };
        // Creates a missing SQLite file and its WAL before any connection that only reads.
        let file = FileWatch::new(&options.url, manager(Purpose::Write).open()?)?;
        let on_sqlite = matches!(options.url, DatabaseUrl::Sqlite(_));
        let patience = options.pool_timeout;
        let pool = |purpose, size| Connections::new(manager(purpose), size, patience);
        // One for the writer, and on Postgres one for work that is done on its caller's thread.
        let writes = pool(Purpose::Write, if on_sqlite { 1 } else { 2 });
        let longest_read = options.longest_read;
        let invalidation = Arc::new(Invalidation::unwatched());
        let checkpoints = Checkpoints::default();
        let counters = Arc::new(Counters::default());
        let writer = Writer::start(
            writes.clone(),
            file.clone(),
            Arc::clone(&invalidation),
            checkpoints.clone(),
            Arc::clone(&counters),
        )?;
        Ok(Self {
            reads: pool(Purpose::Read { longest_read }, options.pool_size),
            turns: Turns::new(options.pool_size, patience, Arc::clone(&counters)),
            writer,
            checkpoints,
            writes,
            file,
            url: options.url.clone(),
            memory: Arc::default(),
            invalidation,
            longest_read,
            counters,
            bell: Arc::default(),
        })
    }

    /// Which database this is, without its password.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// What has changed since when, for those who keep answers. Before [`Store::watch`] nothing
    /// that they keep holds.
    pub fn invalidation(&self) -> &Arc<Invalidation> {
        &self.invalidation
    }

    /// Rings when something was written by [`Store::write`].
    pub fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }

    /// Begins to note what changes, here and in other processes: for servers, after the database
    /// was brought up to date. Programs that keep no answers are spared the reading; what they
    /// write, servers see.
    pub fn watch(&self) -> Result<(), StoreError> {
        let mut connection = self.writes.get()?;
        self.invalidation.watch(&mut connection, &self.url)
    }

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
    async fn in_turn<T, F>(&self, read: F) -> Result<Measured<T>, StoreError>
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
    fn read_since<T>(
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
    fn reader_since(&self, started: Instant) -> Result<PooledConnection<Manager>, StoreError> {
        let connection = self.reads.get_within(self.turns.patience(started));
        connection.inspect_err(|_| self.counters.note_refused())
    }

    /// Runs `work` in a transaction that may write: all of it happens, or nothing. Returns when
    /// it is on disk.
    ///
    /// Writers go one after another on both databases, in the order in which they came: within
    /// this process by one thread, which commits those that wait together; among processes by
    /// SQLite's lock, taken at `BEGIN`, and by an advisory lock on Postgres. Thereby entries of
    /// the change log become visible in their order.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    {
        let done = self.writer.write(work)?.await;
        let done = done.unwrap_or_else(|_| Err(E::from(writer::ended())));
        if done.is_ok() {
            self.bell.ring();
        }
        done
    }

    /// [`Store::write`] for a thread that may wait, and that rings no bell.
    pub fn write_waiting<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let done = self.writer.write(work)?.blocking_recv();
        done.unwrap_or_else(|_| Err(writer::ended()))
    }

    /// [`Store::write`] on the thread of the caller, who may wait, and outside of the row: for
    /// programs that do nothing else.
    pub fn write_blocking<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.writes.get()?;
        begin_write(&mut connection)?;
        match work(&mut connection) {
            Ok(value) => {
                commit_write(&mut connection, &self.file, &self.invalidation)?;
                self.checkpoints.after_commit(&mut connection);
                Ok(value)
            }
            Err(cause) => {
                rollback(&mut connection);
                Err(cause)
            }
        }
    }

    /// Fails when what is written would be lost.
    pub fn check_file(&self) -> Result<(), StoreError> {
        self.file.check()
    }

    /// Runs `work` as [`Store::write_blocking`] does, then undoes it all; gives its result.
    pub fn rehearse_blocking<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut result = None;
        let undone = self.write_blocking(|connection| {
            result = Some(work(connection));
            Err::<(), _>(StoreError::Invalid("a rehearsal".to_owned()))
        });
        match (result, undone) {
            (Some(result), _) => result,
            (None, Err(cause)) => Err(cause),
            (None, Ok(())) => Err(StoreError::Database("the rehearsal did not run".to_owned())),
        }
    }

    /// Applies missing migrations; gives their names.
    pub fn migrate(&self) -> Result<Vec<String>, StoreError> {
        migrations::run(&mut *self.writes.get()?)
    }

    /// Fails when the database is older or newer than this binary, or not whole, saying by what.
    pub fn check_version(&self) -> Result<(), StoreError> {
        let standing = migrations::standing(&mut *self.writes.get()?)?;
        if !standing.unknown.is_empty() {
            return Err(StoreError::Newer(standing.unknown.join(", ")));
        }
        if !standing.missing.is_empty() {
            return Err(StoreError::Older(standing.missing.join(", ")));
        }
        if copy::is_unfinished(&mut *self.writes.get()?)? {
            return Err(StoreError::Unfinished);
        }
        Ok(())
    }

    /// Lets Postgres gather what its query planner needs, and note which pages it need not look at
    /// when an index tells all; worth it after a large import. SQLite's planner goes by fixed
    /// figures (see its migration `planning`).
    pub fn optimize(&self) -> Result<(), StoreError> {
        use diesel::connection::SimpleConnection;
        if let Connection::Postgres(inner) = &mut *self.writes.get()? {
            inner.batch_execute("VACUUM (ANALYZE)")?;
        }
        Ok(())
    }
}

/// From so long on without a word, a database may be one that hangs.
const MUTE_FROM: Duration = Duration::from_secs(2);
