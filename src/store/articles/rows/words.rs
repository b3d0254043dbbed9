//! Feeds the full-text index with what an article can be found by.

use diesel::prelude::*;

use crate::{
    model::{block::Block, words::joined_tokens},
    store::{
        Reader,
        articles::{ready::document, rows::table::articles},
        connection::DbConnection,
        error::StoreError,
        schema::{article_authors, article_bodies, article_tags, authors, index_queue, tags},
        search,
    },
};

/// The words of the names of an article's authors and tags.
pub(super) fn names(
    connection: &mut DbConnection,
    author_pks: &[i64],
    tag_pks: &[i64],
) -> Result<String, StoreError> {
    let mut names: Vec<String> = Vec::new();
    if !author_pks.is_empty() {
        let found: Vec<String> = authors::table
            .filter(authors::pk.eq_any(author_pks.to_vec()))
            .select(authors::name)
            .load(connection)?;
        names.extend(found);
    }
    if !tag_pks.is_empty() {
        let found: Vec<String> = tags::table
            .filter(tags::pk.eq_any(tag_pks.to_vec()))
            .select(tags::name)
            .load(connection)?;
        names.extend(found);
    }
    names.sort();
    Ok(names.iter().map(|name| joined_tokens(name)).collect())
}

/// Rows of an article's authors and of its tags, in order.
pub(super) fn names_of(
    connection: &mut DbConnection,
    pk: i64,
) -> Result<(Vec<i64>, Vec<i64>), StoreError> {
    let authors = article_authors::table
        .filter(article_authors::article_pk.eq(pk))
        .order(article_authors::position)
        .select(article_authors::author_pk)
        .load(connection)?;
    let tags = article_tags::table
        .filter(article_tags::article_pk.eq(pk))
        .order(article_tags::position)
        .select(article_tags::tag_pk)
        .load(connection)?;
    Ok((authors, tags))
}

/// Whether no article waits for its words.
pub fn index_queue_is_empty(reader: &mut Reader<'_>) -> Result<bool, StoreError> {
    let waiting: Option<i64> = index_queue::table
        .select(index_queue::article_pk)
        .first(reader.connection)
        .optional()?;
    Ok(waiting.is_none())
}

/// Puts the words of at most `most` waiting articles into the index; gives how many they were.
pub fn drain_index_queue(connection: &mut DbConnection, most: i64) -> Result<usize, StoreError> {
    let waiting: Vec<i64> = index_queue::table
        .order(index_queue::article_pk)
        .limit(most)
        .select(index_queue::article_pk)
        .load(connection)?;
    for pk in &waiting {
        reindex(connection, *pk)?;
    }
    diesel::delete(index_queue::table.filter(index_queue::article_pk.eq_any(waiting.clone())))
        .execute(connection)?;
    Ok(waiting.len())
}

fn reindex(connection: &mut DbConnection, pk: i64) -> Result<(), StoreError> {
    let (title, summary, blocks): (String, Option<String>, String) = articles::table
        .inner_join(article_bodies::table)
        .filter(articles::pk.eq(pk))
        .select((articles::title, articles::summary, article_bodies::blocks))
        .first(connection)?;
    let blocks: Vec<Block> = serde_json::from_str(&blocks)
        .map_err(|cause| StoreError::Corrupt(format!("body of row {pk}: {cause}")))?;
    let (author_pks, tag_pks) = names_of(connection, pk)?;
    let names = names(connection, &author_pks, &tag_pks)?;
    let document = document(&title, summary.as_deref(), &blocks);
    search::put(connection, pk, &document, &names, false)
}
