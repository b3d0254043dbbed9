//! Brings a database up to date, and refuses one that a newer Newsstand made.

use std::{thread, time::Duration};

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    migration::{Migration, MigrationSource},
    sql_query,
    sql_types::Text,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::store::{
    connection::{DbConnection, on_backend, patiently},
    error::StoreError,
    transactions::take_turn_on_postgres,
};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Key of the advisory lock that lets one process at a time migrate a Postgres database.
const MIGRATION_LOCK: i64 = 0x4e45_5753_0001;
/// How long a migration waits for a table on Postgres. Whoever comes meanwhile waits behind it,
/// also where they only read, as those do whom it waits for.
const AWAITED: Duration = Duration::from_secs(2);
/// How often migrations are tried.
const TRIES: u32 = 5;
/// What others have in between.
const PAUSE: Duration = Duration::from_secs(2);
/// What Postgres says to who has waited for too long, and to one of those who wait for each other.
const IN_VAIN: [&str; 2] = ["due to lock timeout", "deadlock detected"];

/// How a database's migrations compare with this binary's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    /// Known here, not applied there.
    pub(super) missing: Vec<String>,
    /// Applied there, not known here.
    pub(super) unknown: Vec<String>,
}

diesel::table! {
    /// Diesel's own, of what is applied.
    __diesel_schema_migrations (version) {
        /// Which.
        version -> Text,
    }
}

/// Whether the database lacks any that this binary knows. Unlike [`standing`], it can be asked in a
/// transaction that only reads.
pub(super) fn is_behind(connection: &mut DbConnection) -> Result<bool, StoreError> {
    use diesel::QueryDsl;
    let applied: Vec<String> = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .load(connection)?;
    let known = known(connection)?;
    Ok(known.iter().any(|version| !applied.contains(version)))
}

/// Applies what is missing; gives the names of what it applied.
pub(super) fn run(connection: &mut DbConnection) -> Result<Vec<String>, StoreError> {
    lock(connection, true)?;
    let applied = patiently(|| apply(connection));
    lock(connection, false)?;
    applied
}

fn apply(connection: &mut DbConnection) -> Result<Vec<String>, StoreError> {
    let standing = standing(connection)?;
    if !standing.unknown.is_empty() {
        return Err(StoreError::Newer(standing.unknown.join(", ")));
    }
    // All or none: with some of them, a database is one that neither this version nor the former
    // one serves.
    let applied = match connection {
        DbConnection::Postgres(inner) => apply_on_postgres(inner),
        DbConnection::Sqlite(inner) => {
            inner.immediate_transaction(|inner| run_pending(inner, SQLITE))
        }
    };
    match applied.map_err(|cause| cause.to_string()) {
        Ok(names) => Ok(names),
        // Another process may be applying them to the same SQLite file at the same time: what it
        // has done by now is why ours failed.
        Err(cause) => {
            let missing = self::standing(connection)?.missing;
            let is_under_way = missing != standing.missing || cause.contains("locked");
            match missing.is_empty() {
                true => Ok(Vec::new()),
                false if is_under_way => Err(StoreError::Unavailable(format!("locked: {cause}"))),
                false => Err(StoreError::Database(format!("migration failed: {cause}"))),
            }
        }
    }
}

/// Tries again where tables are in use, as while a dump of the database reads them, perhaps for
/// hours: between two tries everybody goes on.
fn apply_on_postgres(connection: &mut PgConnection) -> diesel::migration::Result<Vec<String>> {
    let patience = format!("SET LOCAL lock_timeout TO {}", AWAITED.as_millis());
    let mut tried = 1;
    loop {
        let applied = connection.transaction(|connection| {
            // Servers of the former version may be writing: who waited for them with half of the
            // tables locked might wait for ever. So this comes first, however long it takes.
            take_turn_on_postgres(connection)?;
            connection.batch_execute(&patience)?;
            run_pending(connection, POSTGRES)
        });
        let cause = match applied {
            Ok(names) => return Ok(names),
            Err(cause) => cause,
        };
        let told = cause.to_string();
        if !IN_VAIN.iter().any(|part| told.contains(part)) {
            return Err(cause);
        }
        let users = users(connection);
        if tried >= TRIES {
            let given_up = format!(
                "tables that it changes are in use by {users}, and were so {TRIES} times; nothing \
                 was changed, try again when that has ended ({told})"
            );
            return Err(given_up.into());
        }
        log::warn!(
            "an upgrade waits for tables that are in use by {users}; it is tried again in \
             {PAUSE:?} ({tried} of {TRIES}: {told})"
        );
        thread::sleep(PAUSE);
        tried += 1;
    }
}

#[derive(QueryableByName)]
struct User {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Some who have tables of this database in use: those who have had them longest, as far as we may
/// know that.
fn users(connection: &mut PgConnection) -> String {
    let found: Result<Vec<User>, _> = sql_query(
        "SELECT COALESCE(NULLIF(application_name, ''), 'a session') || ' (process ' || pid || ')' \
         AS name FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND pid IN (\
         SELECT pid FROM pg_locks WHERE granted AND locktype = 'relation' AND database = (\
         SELECT oid FROM pg_database WHERE datname = current_database())) \
         ORDER BY xact_start NULLS LAST, pid LIMIT 3",
    )
    .load(connection);
    let users = found.unwrap_or_default();
    let names: Vec<String> = users.into_iter().map(|user| user.name).collect();
    match names.is_empty() {
        true => "others".to_owned(),
        false => names.join(", "),
    }
}

fn run_pending<C, B>(
    connection: &mut C,
    source: EmbeddedMigrations,
) -> diesel::migration::Result<Vec<String>>
where
    C: MigrationHarness<B> + Connection<Backend = B>,
    B: diesel::backend::Backend,
{
    let versions = connection.run_pending_migrations(source)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

/// Compares what is applied with what this binary knows; changes nothing but diesel's own table.
pub(super) fn standing(connection: &mut DbConnection) -> Result<Standing, StoreError> {
    let applied: Vec<String> =
        on_backend!(connection, inner => MigrationHarness::applied_migrations(inner))
            .map_err(|cause| match cause.to_string() {
                cause if cause.contains("locked") => StoreError::Unavailable(cause),
                cause => StoreError::Database(cause),
            })?
            .iter()
            .map(ToString::to_string)
            .collect();
    let known = known(connection)?;
    let without = |all: &[String], others: &[String]| -> Vec<String> {
        let mut rest: Vec<String> = all
            .iter()
            .filter(|version| !others.contains(version))
            .cloned()
            .collect();
        rest.sort();
        rest
    };
    Ok(Standing {
        missing: without(&known, &applied),
        unknown: without(&applied, &known),
    })
}

/// What this binary knows for a database of this kind.
fn known(connection: &DbConnection) -> Result<Vec<String>, StoreError> {
    match connection {
        DbConnection::Postgres(_) => versions::<diesel::pg::Pg>(POSTGRES),
        DbConnection::Sqlite(_) => versions::<diesel::sqlite::Sqlite>(SQLITE),
    }
}

fn versions<B: diesel::backend::Backend>(
    source: EmbeddedMigrations,
) -> Result<Vec<String>, StoreError> {
    let migrations: Vec<Box<dyn Migration<B>>> = source
        .migrations()
        .map_err(|cause| StoreError::Database(cause.to_string()))?;
    Ok(migrations
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect())
}

/// SQLite needs no lock of ours: they are one transaction, and it has one writer at a time.
fn lock(connection: &mut DbConnection, taken: bool) -> Result<(), StoreError> {
    use diesel::sql_types::BigInt;
    if let DbConnection::Postgres(inner) = connection {
        let call = if taken {
            "SELECT pg_advisory_lock($1)"
        } else {
            "SELECT pg_advisory_unlock($1)"
        };
        sql_query(call)
            .bind::<BigInt, _>(MIGRATION_LOCK)
            .execute(inner)?;
    }
    Ok(())
}
