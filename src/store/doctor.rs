//! Looks over a database: whether what it says in one place agrees with what it says in another.

use diesel::{
    RunQueryDsl, sql_query,
    sql_types::{BigInt, Text},
};

use crate::store::{
    Store, StoreError,
    articles::{drain_index_queue, rows},
    categories,
    connection::DbConnection,
    index, related,
};

/// What a look at one thing found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What holds when all is well.
    pub holds: String,
    /// Where it does not.
    pub faults: i64,
}

#[derive(diesel::QueryableByName)]
struct Faults {
    #[diesel(sql_type = BigInt)]
    faults: i64,
}

/// Looks at everything. Reads the whole database, and holds its writers meanwhile, so that it
/// sees one state.
pub fn examine(store: &Store) -> Result<Vec<Finding>, StoreError> {
    store.rehearse_blocking(|connection| {
        let finding = |holds: &str, faults| Finding {
            holds: holds.to_owned(),
            faults,
        };
        let mut findings = vec![finding(
            "the database file is sound",
            structural_faults(connection)?,
        )];
        for check in rows::checks(index::INDEXED) {
            let found: Faults = sql_query(check.sql).get_result(connection)?;
            findings.push(finding(check.holds, found.faults));
        }
        findings.push(finding(
            "every body is whole, and its hash and number of words are right",
            rows::bodies_at_fault(connection)?,
        ));
        findings.push(finding(
            "every category lies where its path says",
            categories::paths_at_fault(connection)?,
        ));
        Ok(findings)
    })
}

#[derive(diesel::QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// What the database itself finds wrong with its files. Postgres checks pages as it reads them.
fn structural_faults(connection: &mut DbConnection) -> Result<i64, StoreError> {
    let DbConnection::Sqlite(inner) = connection else {
        return Ok(0);
    };
    let told: Vec<Told> = sql_query("PRAGMA integrity_check").load(inner)?;
    let wrong = told.iter().filter(|line| line.integrity_check != "ok");
    Ok(i64::try_from(wrong.count()).unwrap_or(i64::MAX))
}

/// Articles whose words are read and merged in one go.
const REINDEXED_AT_ONCE: i64 = 500;

/// Makes the index anew, and what was learned from it.
pub fn reindex(store: &Store) -> Result<(), StoreError> {
    store.write_blocking(|connection: &mut DbConnection| {
        index::clear(connection)?;
        rows::queue_all(connection)
    })?;
    catch_up(store, |_| {})
}

/// Brings the index up to date with the articles, and learns from it what is due. Tells how many
/// articles it has read so far.
pub fn catch_up(store: &Store, mut told: impl FnMut(usize)) -> Result<(), StoreError> {
    let mut done = 0;
    loop {
        let read =
            store.write_blocking(|connection| drain_index_queue(connection, REINDEXED_AT_ONCE))?;
        if read == 0 {
            return related::settle(store);
        }
        // Searches look through what is not merged one by one: it must not pile up.
        index::merge_all(store)?;
        done += read;
        told(done);
    }
}
