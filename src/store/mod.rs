//! The store: what is kept, on SQLite or on Postgres. Nothing else knows Diesel.
//!
//! Functions of its modules take a [`Connection`] and run inside the transaction that
//! [`Store::read`] or [`Store::write`] opened. Everything that a reader can see comes from
//! `articles::published`, so no read can forget that drafts are not for everyone.

pub mod articles;
pub mod authors;
pub mod categories;
pub mod changes;
mod connection;
mod error;
mod migrations;
pub mod related;
mod schema;
pub mod search;
mod statements;
pub mod tags;

use std::time::Duration;

use diesel::{
    connection::{AnsiTransactionManager, TransactionManager},
    r2d2::{Pool, PooledConnection},
};

pub use connection::{DatabaseUrl, DbConnection as Connection};
use connection::{Manager, Purpose};
pub use error::StoreError;

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Which database.
    pub url: DatabaseUrl,
    /// Connections for reading, at most; on Postgres also those for writing.
    pub pool_size: u32,
    /// How long to wait for a free connection before saying that the store is unavailable.
    pub pool_timeout: Duration,
}

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    reads: Pool<Manager>,
    writes: Pool<Manager>,
    url: DatabaseUrl,
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
        let manager = |purpose| Manager {
            url: options.url.clone(),
            purpose,
        };
        // Creates a missing SQLite file and its WAL before any connection that only reads.
        drop(manager(Purpose::Write).open()?);
        let on_sqlite = matches!(options.url, DatabaseUrl::Sqlite(_));
        let pool = |purpose, size| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(1))
                .test_on_check_out(!on_sqlite)
                .connection_timeout(options.pool_timeout)
                .build_unchecked(manager(purpose))
        };
        let writers = if on_sqlite { 1 } else { options.pool_size };
        Ok(Self {
            reads: pool(Purpose::Read, options.pool_size),
            writes: pool(Purpose::Write, writers),
            url: options.url.clone(),
        })
    }

    /// Which database this is, without its password.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Runs `work` in a transaction that sees one unchanging state and can't write.
    pub async fn read<T, F>(&self, work: F) -> Result<Measured<T>, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let store = self.clone();
        tokio::task::spawn_blocking(move || store.read_blocking(work))
            .await
            .map_err(|cause| StoreError::Database(format!("a read ended early: {cause}")))?
    }

    /// [`Store::read`] for a thread that may wait.
    pub fn read_blocking<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<Measured<T>, StoreError> {
        let started = std::time::Instant::now();
        let mut connection = checked_out(&self.reads)?;
        let (value, statements) = statements::counted(|| {
            transaction(
                &mut connection,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                "BEGIN",
                work,
            )
        });
        Ok(Measured {
            value: value?,
            statements,
            elapsed: started.elapsed(),
        })
    }

    /// Runs `work` in a transaction that may write: all of it happens, or nothing.
    ///
    /// Writers go one after another on both databases. On SQLite the lock is taken at `BEGIN`,
    /// so no transaction fails half-way because another was faster. On Postgres an advisory lock
    /// does the same, and thereby entries of the change log become visible in their order.
    pub fn write_blocking<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = checked_out(&self.writes)?;
        transaction(&mut connection, "BEGIN", "BEGIN IMMEDIATE", |inner| {
            take_turn(inner)?;
            work(inner)
        })
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
        migrations::run(&mut *checked_out(&self.writes)?)
    }

    /// Fails when the database is older or newer than this binary, saying by what.
    pub fn check_version(&self) -> Result<(), StoreError> {
        let standing = migrations::standing(&mut *checked_out(&self.writes)?)?;
        if !standing.unknown.is_empty() {
            return Err(StoreError::Newer(standing.unknown.join(", ")));
        }
        if !standing.missing.is_empty() {
            return Err(StoreError::Older(standing.missing.join(", ")));
        }
        Ok(())
    }

    /// Lets the database gather what its query planner needs; worth it after a large import.
    pub fn optimize(&self) -> Result<(), StoreError> {
        use diesel::connection::SimpleConnection;
        let mut connection = checked_out(&self.writes)?;
        match &mut *connection {
            Connection::Postgres(inner) => inner.batch_execute("ANALYZE")?,
            Connection::Sqlite(inner) => inner.batch_execute("PRAGMA optimize = 0x10002")?,
        }
        Ok(())
    }
}

fn checked_out(pool: &Pool<Manager>) -> Result<PooledConnection<Manager>, StoreError> {
    pool.get()
        .map_err(|cause| StoreError::Unavailable(cause.to_string()))
}

/// Key of the advisory lock that puts the writers of a Postgres database in a row.
const WRITER_LOCK: i64 = 0x4e45_5753_0002;

fn take_turn(connection: &mut Connection) -> Result<(), StoreError> {
    use diesel::{RunQueryDsl, sql_query, sql_types::BigInt};
    if let Connection::Postgres(inner) = connection {
        sql_query("SELECT pg_advisory_xact_lock($1)")
            .bind::<BigInt, _>(WRITER_LOCK)
            .execute(inner)?;
    }
    Ok(())
}

fn transaction<T>(
    connection: &mut Connection,
    on_postgres: &str,
    on_sqlite: &str,
    work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    type Manager = <Connection as diesel::Connection>::TransactionManager;
    match connection {
        Connection::Postgres(inner) => {
            AnsiTransactionManager::begin_transaction_sql(inner, on_postgres)?;
        }
        Connection::Sqlite(inner) => {
            AnsiTransactionManager::begin_transaction_sql(inner, on_sqlite)?;
        }
    }
    match work(connection) {
        Ok(value) => {
            <Manager as TransactionManager<Connection>>::commit_transaction(connection)?;
            Ok(value)
        }
        Err(cause) => {
            // The first cause is the one to tell, whatever the rollback says.
            if let Err(failed) =
                <Manager as TransactionManager<Connection>>::rollback_transaction(connection)
            {
                log::warn!("a rollback failed: {failed}");
            }
            Err(cause)
        }
    }
}

/// Reads a little, to see that the database answers and has our tables.
pub fn check_readable(connection: &mut Connection) -> Result<(), StoreError> {
    use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};
    articles::published()
        .select(schema::articles::pk)
        .first::<i64>(connection)
        .optional()?;
    Ok(())
}
