//! SQLite's log is carried into its file (a checkpoint) by the writer, after those who wait for a
//! commit were told of it. SQLite by itself does it within the commit that makes the log long, and
//! whoever has that one waits for two more syncs to the disk.
//!
//! It is not a thread of its own: the log is begun anew only when all of it was carried over and
//! nothing was written meanwhile. Beside a writer who never pauses it would grow without end.

use diesel::{
    QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query,
    sql_types::BigInt,
};

use crate::store::{connection::DbConnection, error::StoreError};

/// Pages in the log from which it is carried over. Up to 4,062, a reader that looks there for a
/// page looks into one table. SQLite's usual 1,000 would have the file synced four times as often,
/// and pages that change all the time, of which an index has many, written each time.
const LONG: i64 = 4_000;

#[derive(QueryableByName)]
struct Log {
    /// Pages in it, those that were carried over among them.
    #[diesel(sql_type = BigInt)]
    log: i64,
}

/// Carries the log over when it is long. Waits for nobody: what others are still reading is
/// carried over after a later commit.
pub(super) fn after_commit(connection: &mut DbConnection) {
    if let DbConnection::Sqlite(inner) = connection
        && let Err(cause) = carry_over(inner)
    {
        log::warn!("SQLite's log can't be carried over for now: {cause}");
    }
}

fn carry_over(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let found: Log = sql_query("PRAGMA wal_checkpoint(NOOP)").get_result(connection)?;
    if found.log >= LONG {
        connection.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?;
    }
    Ok(())
}
