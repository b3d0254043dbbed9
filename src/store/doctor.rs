//! Looks over a database: whether what it says in one place agrees with what it says in another.

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};

use crate::{
    ranking::model::Model,
    store::{
        Store, StoreError,
        articles::{drain_index_queue, rows},
        categories,
        connection::DbConnection,
        index, related,
        schema::{related_lists, related_models, related_state},
    },
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
        for (holds, faults) in index::faults(connection)? {
            findings.push(finding(holds, faults));
        }
        let (model, lists) = related_at_fault(connection)?;
        findings.push(finding(
            "what was learned of the publication can be read",
            model,
        ));
        findings.push(finding(
            "every list of related articles that is kept can be read",
            lists,
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

/// Lists of related articles that are read at a time.
const LISTS_AT_ONCE: i64 = 1_000;

/// Whether what was learned of the publication, or what is noted of it, is lost or can't be read,
/// and how many of the lists that hold now can't.
fn related_at_fault(connection: &mut DbConnection) -> Result<(i64, i64), StoreError> {
    let state: Option<(i64, i64, i64)> = related_state::table
        .select((
            related_state::epoch,
            related_state::holds_from,
            related_state::fitted_articles,
        ))
        .first(connection)
        .optional()?;
    // Without it nothing is ever learned again, and no list holds.
    let Some((epoch, holds_from, fitted_articles)) = state else {
        return Ok((1, 0));
    };
    let model: Option<Vec<u8>> = related_models::table
        .find(epoch)
        .select(related_models::model)
        .first(connection)
        .optional()?;
    let is_lost = match model {
        Some(bytes) => Model::decode(&bytes).is_none(),
        None => fitted_articles > 0,
    };
    let mut lists = 0;
    for same_category in [false, true] {
        lists += lists_at_fault(connection, holds_from, same_category)?;
    }
    Ok((i64::from(is_lost), lists))
}

fn lists_at_fault(
    connection: &mut DbConnection,
    holds_from: i64,
    same_category: bool,
) -> Result<i64, StoreError> {
    let (mut faults, mut after) = (0, i64::MIN);
    loop {
        let rows: Vec<(i64, Vec<u8>)> = related_lists::table
            .filter(related_lists::article_pk.gt(after))
            .filter(related_lists::same_category.eq(same_category))
            .filter(related_lists::epoch.ge(holds_from))
            .order(related_lists::article_pk)
            .limit(LISTS_AT_ONCE)
            .select((related_lists::article_pk, related_lists::entries))
            .load(connection)?;
        let Some((last, _)) = rows.last() else {
            return Ok(faults);
        };
        after = *last;
        let damaged = rows.iter().filter(|(_, bytes)| !related::is_list(bytes));
        faults += i64::try_from(damaged.count()).unwrap_or(i64::MAX);
    }
}

/// Articles whose words are read in one transaction.
const REINDEXED_AT_ONCE: i64 = 500;

/// Makes the index anew, and what was learned from it; and counts all articles anew.
pub fn reindex(store: &Store) -> Result<(), StoreError> {
    store.write_blocking(|connection: &mut DbConnection| {
        related::restore_state(connection)?;
        index::clear(connection)?;
        rows::recount(connection)?;
        rows::recount_names(connection)?;
        rows::queue_all(connection)
    })?;
    catch_up(store, |_| {})
}

/// Brings the index up to date with the articles, and learns from it what is due. Tells how many
/// articles it has read so far.
pub fn catch_up(store: &Store, mut told: impl FnMut(usize)) -> Result<(), StoreError> {
    let (mut done, mut unmerged) = (0, 0);
    loop {
        let read =
            store.write_blocking(|connection| drain_index_queue(connection, REINDEXED_AT_ONCE))?;
        if read == 0 {
            return related::settle(store);
        }
        done += read;
        unmerged += read;
        if unmerged >= index::MERGED_AFTER {
            index::merge_all(store)?;
            unmerged = 0;
        }
        told(done);
    }
}
