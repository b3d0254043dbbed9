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
mod priority;
mod queues;
mod read;
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
mod write;
mod writer;

use std::{sync::Arc, time::Duration};

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
pub use priority::give_way;
pub use queues::{COUNTED_AT_MOST, Queues, queues};
pub use read::Measured;
pub use reader::Reader;
pub use readiness::{Obstacle, obstacle};
pub use transactions::attempt;
use turns::Turns;
use writer::Writer;

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
