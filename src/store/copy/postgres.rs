//! SQL of the copy that only Postgres understands.

use diesel::{
    PgConnection, RunQueryDsl,
    result::QueryResult,
    sql_query,
    sql_types::{BigInt, Bool},
};

/// Key of the advisory lock of the database that is copied to; one that is copied from must not
/// have it taken.
const COPY_LOCK: i64 = 0x4e45_5753_0003;

#[derive(diesel::QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

/// Marks the database as one that is copied to, until [`unlock`]; tells whether no other
/// connection had it.
pub(super) fn lock(connection: &mut PgConnection) -> QueryResult<bool> {
    try_lock(connection, "SELECT pg_try_advisory_lock($1) AS taken")
}

/// Takes the mark away.
pub(super) fn unlock(connection: &mut PgConnection) -> QueryResult<()> {
    sql_query("SELECT pg_advisory_unlock($1)")
        .bind::<BigInt, _>(COPY_LOCK)
        .execute(connection)?;
    Ok(())
}

/// Whether nobody copies to this database; so it stays until the transaction ends.
pub(super) fn is_only_read(connection: &mut PgConnection) -> QueryResult<bool> {
    try_lock(
        connection,
        "SELECT pg_try_advisory_xact_lock_shared($1) AS taken",
    )
}

fn try_lock(connection: &mut PgConnection, query: &str) -> QueryResult<bool> {
    let found: Taken = sql_query(query)
        .bind::<BigInt, _>(COPY_LOCK)
        .get_result(connection)?;
    Ok(found.taken)
}

/// Lets the counter of a column go on after the highest value that is there, never backwards.
pub(super) fn advance(connection: &mut PgConnection, table: &str, column: &str) -> QueryResult<()> {
    let counter = format!("pg_get_serial_sequence('{table}', '{column}')");
    sql_query(format!(
        "SELECT setval({counter}, GREATEST(nextval({counter}), COALESCE(MAX({column}), 0) + 1), \
         false) FROM {table}"
    ))
    .execute(connection)?;
    Ok(())
}
