//! Looks over a database: whether what it says in one place agrees with what it says in another.

use diesel::{RunQueryDsl, sql_query, sql_types::BigInt};

use crate::store::{
    Store, StoreError,
    articles::{drain_index_queue, rows},
    categories,
    connection::DbConnection,
    search,
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
            "the database file and its index are sound",
            search::structural_faults(connection)?,
        )];
        for check in rows::checks(search::indexed_rows(connection)) {
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

/// Articles that are indexed in one transaction.
const REINDEXED_AT_ONCE: i64 = 500;

/// Makes the full-text index anew.
pub fn reindex(store: &Store) -> Result<(), StoreError> {
    store.write_blocking(|connection: &mut DbConnection| {
        search::clear(connection)?;
        rows::queue_all(connection)
    })?;
    while store.write_blocking(|connection| drain_index_queue(connection, REINDEXED_AT_ONCE))? > 0 {
    }
    Ok(())
}
