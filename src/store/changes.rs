//! The log of changes: written in the transaction that makes them, read oldest first.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::{
    model::{
        article::{Article, ArticleFilter},
        change::{Change, ChangeKind},
        time::UtcTime,
    },
    store::{
        articles::{self, filtered},
        connection::DbConnection,
        error::StoreError,
        schema::{articles as article_rows, changes},
    },
};

/// Where to begin reading the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// After the entry of this sequence number; 0 for all.
    Sequence(i64),
    /// At this instant, itself included.
    Time(UtcTime),
}

/// Adds an entry about an article.
pub(super) fn record(
    connection: &mut DbConnection,
    article_id: &str,
    change: ChangeKind,
    at: UtcTime,
) -> Result<(), StoreError> {
    diesel::insert_into(changes::table)
        .values((
            changes::article_id.eq(article_id),
            changes::change.eq(change.as_str()),
            changes::at.eq(at.millis()),
        ))
        .execute(connection)?;
    Ok(())
}

/// The next entries of the log, at most `limit`; whether more follow; and where the next call
/// begins. A filter leaves out entries about articles that are visible now and do not pass it,
/// never one about an article that is gone.
pub fn list(
    connection: &mut DbConnection,
    since: Since,
    filter: &ArticleFilter,
    limit: i64,
    with_body: bool,
) -> Result<(Vec<Change>, bool, i64), StoreError> {
    let mut query = changes::table
        .order(changes::sequence)
        .limit(limit + 1)
        .into_boxed();
    query = match since {
        Since::Sequence(sequence) => query.filter(changes::sequence.gt(sequence)),
        Since::Time(time) => query.filter(changes::at.ge(time.millis())),
    };
    let mut entries: Vec<(i64, String, String, i64)> = query.load(connection)?;
    let wanted = usize::try_from(limit).unwrap_or(0);
    let more = entries.len() > wanted;
    entries.truncate(wanted);
    let next = match (entries.last(), since) {
        (Some((sequence, ..)), _) => *sequence,
        (None, Since::Sequence(sequence)) => sequence,
        (None, Since::Time(_)) => last_sequence(connection)?,
    };
    let visible = visible(connection, &entries, with_body)?;
    let passing = passing(connection, &visible, filter)?;
    let mut found = Vec::with_capacity(entries.len());
    for (sequence, id, word, at) in entries {
        let kind = ChangeKind::parse(&word)
            .ok_or_else(|| StoreError::Corrupt(format!("change {sequence} is a {word}")))?;
        let article = visible.get(&id).cloned();
        let passes = match &article {
            Some(article) => passing.contains(&article.row),
            None => true,
        };
        if passes || kind.is_tombstone() {
            let at = UtcTime::from_column(at);
            found.push(Change {
                sequence,
                id,
                kind,
                at,
                article,
            });
        }
    }
    Ok((found, more, next))
}

fn last_sequence(connection: &mut DbConnection) -> Result<i64, StoreError> {
    let last: Option<i64> = changes::table
        .select(diesel::dsl::max(changes::sequence))
        .first(connection)?;
    Ok(last.unwrap_or(0))
}

fn visible(
    connection: &mut DbConnection,
    entries: &[(i64, String, String, i64)],
    with_body: bool,
) -> Result<HashMap<String, Article>, StoreError> {
    let mut ids: Vec<String> = entries.iter().map(|(_, id, ..)| id.clone()).collect();
    ids.sort();
    ids.dedup();
    let rows = articles::published()
        .filter(article_rows::id.eq_any(ids))
        .select(articles::ArticleRow::as_select())
        .load(connection)?;
    Ok(articles::complete(connection, rows, with_body)?
        .into_iter()
        .map(|article| (article.id.clone(), article))
        .collect())
}

/// Rows of those articles that pass the filter.
fn passing(
    connection: &mut DbConnection,
    visible: &HashMap<String, Article>,
    filter: &ArticleFilter,
) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<i64> = visible.values().map(|article| article.row).collect();
    if *filter == ArticleFilter::default() {
        return Ok(rows);
    }
    Ok(filtered(connection, filter)?
        .filter(article_rows::pk.eq_any(rows))
        .select(article_rows::pk)
        .load(connection)?)
}
