//! What waits to be done without anybody asking for it: for those who watch a server.

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};

use crate::{
    model::time::UtcTime,
    store::{Reader, articles, connection::DbConnection, error::StoreError},
};

/// No more of a queue are counted than these: the words of each may take a page.
pub const COUNTED_AT_MOST: i64 = 10_000;

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queues {
    /// Scheduled articles.
    pub scheduled: i64,
    /// When the next of them is due.
    pub due: Option<UtcTime>,
    /// Articles whose words are to be read anew.
    pub to_read: i64,
    /// Articles whose words are to be merged into the index.
    pub to_merge: i64,
    /// Articles whose neighbours are to be looked for.
    pub to_relate: i64,
}

/// What waits now.
pub fn queues(reader: &mut Reader<'_>) -> Result<Queues, StoreError> {
    let (scheduled, due) = articles::scheduled(reader)?;
    Ok(Queues {
        scheduled,
        due,
        to_read: length(reader.connection, "index_queue")?,
        to_merge: length(reader.connection, "index_pending")?,
        to_relate: length(reader.connection, "related_queue")?,
    })
}

#[derive(QueryableByName)]
struct Length {
    #[diesel(sql_type = BigInt)]
    length: i64,
}

fn length(connection: &mut DbConnection, queue: &'static str) -> Result<i64, StoreError> {
    let counted = format!(
        "SELECT COUNT(*) AS length FROM (SELECT 1 FROM {queue} LIMIT {COUNTED_AT_MOST}) AS queue"
    );
    let found: Length = sql_query(counted).get_result(connection)?;
    Ok(found.length)
}
