//! How transactions begin and end.

use std::time::Duration;

use diesel::{
    PgConnection, QueryResult, RunQueryDsl,
    connection::{AnsiTransactionManager, TransactionManager},
    sql_query,
    sql_types::BigInt,
};

use crate::store::{
    Connection, Invalidation, connection::trying_every, error::StoreError, file::FileWatch,
};

/// Key of the advisory lock that puts the writers of a Postgres database in a row.
const WRITER_LOCK: i64 = 0x4e45_5753_0002;
/// How often one tries who waits for the lock of writers on SQLite: an import in another process
/// lets go of it for a few milliseconds at a time.
const TRIED_EVERY: Duration = Duration::from_millis(1);

fn take_turn(connection: &mut Connection) -> Result<(), StoreError> {
    if let Connection::Postgres(inner) = connection {
        take_turn_on_postgres(inner)?;
    }
    Ok(())
}

/// Waits until no other writer of a Postgres database is in a transaction; others wait till the
/// end of this one.
pub(super) fn take_turn_on_postgres(connection: &mut PgConnection) -> QueryResult<()> {
    sql_query("SELECT pg_advisory_xact_lock($1)")
        .bind::<BigInt, _>(WRITER_LOCK)
        .execute(connection)?;
    Ok(())
}

type Transactions = <Connection as diesel::Connection>::TransactionManager;

/// How long the statements of a read may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// As long as a request waits: that is how connections that read are opened.
    Request,
    /// As long as they need, as far as Postgres itself is not told otherwise.
    Background,
}

/// Begins a transaction that sees one state and can't write.
pub(super) fn begin_read(connection: &mut Connection, pace: Pace) -> Result<(), StoreError> {
    let on_postgres = match pace {
        Pace::Request => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        // In the same breath.
        Pace::Background => {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
             SET LOCAL statement_timeout TO DEFAULT"
        }
    };
    begin(connection, on_postgres, "BEGIN")
}

fn begin(
    connection: &mut Connection,
    on_postgres: &str,
    on_sqlite: &str,
) -> Result<(), StoreError> {
    match connection {
        Connection::Postgres(inner) => {
            AnsiTransactionManager::begin_transaction_sql(inner, on_postgres)?;
        }
        Connection::Sqlite(inner) => {
            AnsiTransactionManager::begin_transaction_sql(inner, on_sqlite)?;
        }
    }
    Ok(())
}

/// Begins a transaction that writes, when it is one's turn.
pub(super) fn begin_write(connection: &mut Connection) -> Result<(), StoreError> {
    trying_every(TRIED_EVERY, || {
        begin(connection, "BEGIN", "BEGIN IMMEDIATE")
    })?;
    take_turn(connection).inspect_err(|_| rollback(connection))
}

/// Ends a transaction that has read.
pub(super) fn commit(connection: &mut Connection) -> Result<(), StoreError> {
    Ok(Transactions::commit_transaction(connection)?)
}

/// Commits, unless the database's file is gone. It is looked at again afterwards, so that nothing
/// is acknowledged that went into a file that nobody will find. What was changed has taken effect
/// on answers that are kept here when this returns.
pub(super) fn commit_write(
    connection: &mut Connection,
    file: &FileWatch,
    invalidation: &Invalidation,
) -> Result<(), StoreError> {
    let news = file.check().and_then(|()| invalidation.gather(connection));
    // Where reading failed, Postgres would undo what it is told to commit, and say nothing.
    let news = news.inspect_err(|_| rollback(connection))?;
    let committed = commit(connection).inspect_err(|_| rollback(connection));
    // Also when the commit is said to have failed: it may have gone through.
    if let Some(news) = &news {
        invalidation.apply(news, committed.is_ok());
    }
    committed?;
    file.check()
}

/// Takes back a transaction; what led to it is the cause to tell, whatever this says.
pub(super) fn rollback(connection: &mut Connection) {
    let depth = Transactions::transaction_manager_status_mut(connection).transaction_depth();
    if !matches!(depth, Ok(Some(_))) {
        return;
    }
    if let Err(failed) = Transactions::rollback_transaction(connection) {
        log::warn!("a rollback failed: {failed}");
    }
}

/// Does a part of a transaction that may fail by itself: then it is taken back, and what came
/// before it stays. Where it can't be taken back, all of the transaction is lost, and can't be
/// committed.
pub fn attempt<T, E: From<StoreError>>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    use StoreError as Cause;
    Transactions::begin_transaction(connection).map_err(Cause::from)?;
    match work(connection) {
        Ok(value) => {
            Transactions::commit_transaction(connection).map_err(Cause::from)?;
            Ok(value)
        }
        Err(failed) => {
            // Why it failed tells more.
            if let Err(cause) = Transactions::rollback_transaction(connection) {
                log::warn!("a part of a transaction can't be taken back: {cause}");
            }
            Err(failed)
        }
    }
}
