//! Copies all content from one database to another, of either kind.
//!
//! The source is read in one transaction, so that one state of it is copied; the target is
//! written a few hundred rows at a time, and what is there already is left as it is. So a copy
//! that was ended half-way goes on when it is begun again.

mod hidden;
mod postgres;
pub(in crate::store) mod row;
mod sqlite;
mod steps;
mod tables;

use std::fs::canonicalize;

use diesel::{prelude::*, r2d2::PooledConnection};

use crate::{
    model::{sight::Sight, time::UtcTime},
    store::{
        Store,
        connection::{DatabaseUrl, DbConnection, Manager},
        error::StoreError,
        invalidation,
        schema::unfinished,
    },
};

pub use sqlite::write_file;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Looking for what the target has and the source does not.
    Comparing,
    /// Writing what the target lacks.
    Copying,
    /// Making the target's index of words.
    Indexing,
    /// Reading everything on both sides again.
    Verifying,
}

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// With which table.
    pub table: &'static str,
    /// Rows that are done.
    pub done: i64,
}

/// What reading both sides again found in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The table.
    pub table: &'static str,
    /// Rows of the source.
    pub rows: i64,
    /// Rows of the target.
    pub found: i64,
    /// Whether they are the same rows, by SHA-256.
    pub equal: bool,
}

/// What a copy did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copied {
    /// Rows that were written.
    pub written: i64,
    /// Rows that were there already, and alike.
    pub already: i64,
    /// Rows that were removed, since the source does not have them.
    pub removed: i64,
    /// Every table, as it is on both sides now.
    pub tables: Vec<Verified>,
}

impl Copied {
    /// Names of the tables that are not alike.
    pub fn differing(&self) -> Vec<&'static str> {
        let differing = self.tables.iter().filter(|found| !found.equal);
        differing.map(|found| found.table).collect()
    }
}

/// Makes the target's content that of the source, as it is at the beginning. Brings the target up
/// to date; the source must be. Unless told to `replace` it, content of the target that the source
/// never had makes this fail before anything is changed.
pub fn copy(
    source: &Store,
    target: &Store,
    replace: bool,
    observer: &mut dyn FnMut(Progress),
) -> Result<Copied, StoreError> {
    if is_same_file(source.url(), target.url()) {
        return Err(StoreError::Invalid("both are the same database".to_owned()));
    }
    source.check_version()?;
    let _lock = TargetLock::take(target)?;
    let copied = source.read_blocking(Sight::Desk, |reader| {
        let connection = &mut *reader.connection;
        if let DbConnection::Postgres(inner) = &mut *connection
            && !postgres::is_only_read(inner)?
        {
            return Err(StoreError::Invalid(
                "both are the same database, or another copy is written to the source".to_owned(),
            ));
        }
        target.migrate()?;
        steps::run(connection, target, replace, observer)
    })?;
    let is_whole = copied.value.differing().is_empty();
    target.write_blocking(|connection| {
        if is_whole {
            diesel::delete(unfinished::table.find(COPY)).execute(connection)?;
        }
        // Rows are copied past the log of changes, which is copied itself; so each transaction
        // tells it, whatever becomes of those after it.
        invalidation::note_everything(connection)
    })?;
    Ok(copied.value)
}

/// The work that a target is not whole before the end of.
const COPY: &str = "copy";

/// Notes that the target is not whole from here on. To be called once nothing speaks against the
/// copy.
fn begin(target: &Store) -> Result<(), StoreError> {
    target.write_blocking(|connection| {
        diesel::delete(unfinished::table.find(COPY)).execute(connection)?;
        let since = UtcTime::now().millis();
        diesel::insert_into(unfinished::table)
            .values((unfinished::work.eq(COPY), unfinished::since.eq(since)))
            .execute(connection)?;
        invalidation::note_everything(connection)
    })
}

/// Whether a copy into this database was begun and not finished.
pub(super) fn is_unfinished(connection: &mut DbConnection) -> Result<bool, StoreError> {
    let begun: i64 = unfinished::table.count().get_result(connection)?;
    Ok(begun > 0)
}

fn is_same_file(one: &DatabaseUrl, other: &DatabaseUrl) -> bool {
    let (DatabaseUrl::Sqlite(one), DatabaseUrl::Sqlite(other)) = (one, other) else {
        return false;
    };
    match (canonicalize(one), canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// Keeps other copies away from the target; only Postgres has such locks.
struct TargetLock(Option<PooledConnection<Manager>>);

impl TargetLock {
    fn take(target: &Store) -> Result<Self, StoreError> {
        if matches!(target.url(), DatabaseUrl::Sqlite(_)) {
            return Ok(Self(None));
        }
        let mut connection = target.writes.get()?;
        if let DbConnection::Postgres(inner) = &mut *connection
            && !postgres::lock(inner)?
        {
            return Err(StoreError::Invalid(
                "another copy is written to the target".to_owned(),
            ));
        }
        Ok(Self(Some(connection)))
    }
}

impl Drop for TargetLock {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.0
            && let DbConnection::Postgres(inner) = &mut **connection
            && let Err(cause) = postgres::unlock(inner)
        {
            log::warn!("the target stays locked until the connection ends: {cause}");
        }
    }
}
