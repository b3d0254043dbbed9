//! The index of all articles, from which searches and related articles are answered: ordinary
//! tables, alike on both databases.
//!
//! Who writes an article puts its words into `index_pending`, in the same transaction; reads take
//! from there what is new, so that an article is found at once. Now and then [`merge()`] takes
//! waiting articles into the packed lists of `index_postings`, many at a time, since one article
//! stands in hundreds of lists. What a read answers is the same before and after.

mod article;
mod batch;
mod check;
mod forms;
mod merge;
mod packed;
mod pending;
mod plan;
mod postgres;
mod read;
mod snapshot;
mod sqlite;
mod union;

use std::collections::HashSet;

use diesel::prelude::*;

pub(in crate::store) use check::faults;
pub use merge::{MERGED_AFTER, merge, merge_all};
pub(in crate::store) use read::{languages, sample, terms_of_stems, vectors, written};
pub(in crate::store) use snapshot::Snapshot;

use crate::store::{
    Reader,
    connection::DbConnection,
    error::StoreError,
    invalidation,
    schema::{
        index_documents, index_languages, index_pending, index_postings, index_shelves,
        index_stems, index_vectors, related_edited, related_lists, related_queue,
    },
};

/// A query of the rows that the index has.
pub(in crate::store) const INDEXED: &str = "SELECT article_pk AS pk FROM index_documents \
     WHERE article_pk NOT IN (SELECT article_pk FROM index_pending WHERE forward IS NULL) \
     UNION SELECT article_pk AS pk FROM index_pending WHERE forward IS NOT NULL";

/// Puts an article's words, as [`Analysis::finish`] gives them, into the index, in place of any
/// that it had.
///
/// [`Analysis::finish`]: crate::ranking::forward::Analysis::finish
pub(in crate::store) fn put(
    connection: &mut DbConnection,
    pk: i64,
    published: bool,
    forward: &[u8],
) -> Result<(), StoreError> {
    pending::put(connection, pk, published, Some(forward))
}

/// Takes an article out of the index.
pub(in crate::store) fn remove(connection: &mut DbConnection, pk: i64) -> Result<(), StoreError> {
    pending::put(connection, pk, false, None)
}

/// Empties the index, and the lists of related articles with it. Searches find less until it is
/// filled again, so what they answer changes.
pub(in crate::store) fn clear(connection: &mut DbConnection) -> Result<(), StoreError> {
    diesel::delete(index_pending::table).execute(connection)?;
    diesel::delete(index_documents::table).execute(connection)?;
    diesel::delete(index_vectors::table).execute(connection)?;
    diesel::delete(index_postings::table).execute(connection)?;
    diesel::delete(index_stems::table).execute(connection)?;
    diesel::delete(index_languages::table).execute(connection)?;
    diesel::delete(related_lists::table).execute(connection)?;
    diesel::delete(related_queue::table).execute(connection)?;
    diesel::delete(related_edited::table).execute(connection)?;
    diesel::update(index_shelves::table)
        .set(index_shelves::articles.eq(0_i64))
        .execute(connection)?;
    invalidation::note_everything(connection)
}

/// The articles that wait to be merged.
pub(in crate::store) fn waiting(connection: &mut DbConnection) -> Result<HashSet<i64>, StoreError> {
    let waiting: Vec<i64> = index_pending::table
        .select(index_pending::article_pk)
        .load(connection)?;
    Ok(waiting.into_iter().collect())
}

/// Whether no article waits to be merged.
pub fn pending_is_empty(reader: &mut Reader<'_>) -> Result<bool, StoreError> {
    let waiting: Option<i64> = index_pending::table
        .select(index_pending::article_pk)
        .first(reader.connection)
        .optional()?;
    Ok(waiting.is_none())
}
