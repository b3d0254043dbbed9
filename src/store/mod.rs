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
mod readiness;
pub mod records;
pub mod related;
mod schema;
pub mod search;
mod statements;
pub mod tags;
pub mod tokens;
mod transactions;
mod turns;
mod writer;

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    task::{JoinError, spawn_blocking},
    time::timeout,
};

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
pub use readiness::{Obstacle, obstacle};
pub use transactions::attempt;
use transactions::{begin_read, begin_write, commit, commit_write, rollback};
use turns::Turns;
use writer::Writer;

use crate::model::sight::Sight;

/// A transaction that reads, and who is looking.
pub struct Reader<'a> {
    connection: &'a mut Connection,
    sight: Sight,
    memory: Arc<related::Memory>,
    hidden_keys: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    /// For one who may see so much.
    pub fn new(connection: &'a mut Connection, sight: Sight) -> Self {
        Self {
            connection,
            sight,
            memory: Arc::default(),
            hidden_keys: BTreeSet::new(),
        }
    }

    /// With what the store keeps in memory between reads.
    fn remembering(self, memory: &Arc<related::Memory>) -> Self {
        let memory = Arc::clone(memory);
        Self { memory, ..self }
    }

    /// For everyone.
    pub fn public(connection: &'a mut Connection) -> Self {
        Self::new(connection, Sight::Public)
    }

    /// For an editor.
    pub fn desk(connection: &'a mut Connection) -> Self {
        Self::new(connection, Sight::Desk)
    }

    /// The articles that may be seen: where every read of them begins.
    fn articles<'q>(&self) -> articles::rows::Articles<'q> {
        articles::rows::visible(&self.sight)
    }

    /// Notes the key of something that what is read depends on, beside what it shows.
    pub fn depends_on(&mut self, key: impl Into<String>) {
        self.hidden_keys.insert(key.into());
    }

    /// Takes the keys that were noted. They may name what the one who looks may not see, so they
    /// are for caches in this process, never for headers.
    pub fn take_hidden_keys(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.hidden_keys)
    }
}

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Which database.
    pub url: DatabaseUrl,
    /// Connections for reading, at most.
    pub pool_size: u32,
    /// How long to wait for a free connection before saying that the store is unavailable.
    pub pool_timeout: Duration,
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

impl Store {
    /// Opens the database; fails at once, and says why, when it can't be reached.
    pub fn open(options: &StoreOptions) -> Result<Self, StoreError> {
        statements::install();
        let reach = Reach::default();
        let first = Manager {
            url: options.url.clone(),
            purpose: Purpose::Write,
            reach: reach.clone(),
        };
        // Creates a missing SQLite file and its WAL before any connection that only reads.
        let file = FileWatch::new(&options.url, first.open()?)?;
        let on_sqlite = matches!(options.url, DatabaseUrl::Sqlite(_));
        let patience = options.pool_timeout;
        let pool = |purpose, size| Connections::new(&options.url, purpose, size, patience, &reach);
        // One for the writer, and on Postgres one for work that is done on its caller's thread.
        let writes = pool(Purpose::Write, if on_sqlite { 1 } else { 2 });
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
            reads: pool(Purpose::Read, options.pool_size),
            turns: Turns::new(options.pool_size, patience, Arc::clone(&counters)),
            writer,
            checkpoints,
            writes,
            file,
            url: options.url.clone(),
            memory: Arc::default(),
            invalidation,
            longest_read: None,
            counters,
        })
    }

    /// The same, where no [`Store::read`] may take longer than this.
    pub fn with_longest_read(self, longest: Duration) -> Self {
        let longest_read = Some(longest);
        Self {
            longest_read,
            ..self
        }
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
        let started = Instant::now();
        let turn = self.turns.take(self.is_mute()).await?;
        let store = self.clone();
        let read = move || {
            // It ends with the work, also where nobody waits for that any longer.
            let _turn = turn;
            store.read_since(started, store.longest_read, sight, work)
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
        self.read_since(Instant::now(), None, sight, work)
    }

    /// [`Store::read_blocking`] for one who has waited since then, and waits no longer than this.
    fn read_since<T>(
        &self,
        started: Instant,
        longest: Option<Duration>,
        sight: Sight,
        work: impl FnOnce(&mut Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<Measured<T>, StoreError> {
        let connection = self.reads.get_within(self.turns.patience(started));
        let mut connection = connection.inspect_err(|_| self.counters.note_refused())?;
        let began = Instant::now();
        let (value, statements) = statements::counted(|| {
            begin_read(&mut connection, longest)?;
            let mut reader = Reader::new(&mut connection, sight).remembering(&self.memory);
            let value = work(&mut reader);
            match value {
                Ok(value) => commit(&mut connection).map(|()| value),
                Err(cause) => {
                    rollback(&mut connection);
                    Err(cause)
                }
            }
        });
        let waited = began.saturating_duration_since(started);
        self.counters.note_read(waited, began.elapsed(), statements);
        Ok(Measured {
            value: value?,
            statements,
            elapsed: started.elapsed(),
        })
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
        done.unwrap_or_else(|_| Err(E::from(writer::ended())))
    }

    /// [`Store::write`] for a thread that may wait.
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
