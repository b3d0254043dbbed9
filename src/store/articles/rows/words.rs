//! Feeds the index with what an article can be found by.

use diesel::prelude::*;

use crate::{
    model::{
        article::Status,
        block::{Block, headings, plain_text},
        kind::Kind,
    },
    ranking::forward::{self, Analysis, Fields},
    store::{
        Reader,
        among::{Numbers, among},
        articles::rows::table::articles,
        connection::{DbConnection, on_backend},
        error::StoreError,
        index, invalidation,
        schema::{article_authors, article_bodies, article_tags, authors, index_queue, tags},
    },
};

/// The names of an article's authors and tags.
fn names(
    connection: &mut DbConnection,
    author_pks: &[i64],
    tag_pks: &[i64],
) -> Result<Vec<String>, StoreError> {
    let mut names: Vec<String> = Vec::new();
    if !author_pks.is_empty() {
        let pks = Numbers::new(author_pks.to_vec());
        let found: Vec<String> = on_backend!(connection, inner => authors::table
            .filter(among(authors::pk, &pks))
            .select(authors::name)
            .load(inner)?);
        names.extend(found);
    }
    if !tag_pks.is_empty() {
        let pks = Numbers::new(tag_pks.to_vec());
        let found: Vec<String> = on_backend!(connection, inner => tags::table
            .filter(among(tags::pk, &pks))
            .select(tags::name)
            .load(inner)?);
        names.extend(found);
    }
    Ok(names)
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
    if !waiting.is_empty() {
        let pks = Numbers::new(waiting.clone());
        let done = index_queue::table.filter(among(index_queue::article_pk, &pks));
        on_backend!(connection, inner => diesel::delete(done).execute(inner)?);
        // Searches may find them by other words now, and no entry in the log of changes tells it.
        let lists = invalidation::all_of(Kind::Article);
        invalidation::note(connection, &[lists.to_owned()])?;
    }
    Ok(waiting.len())
}

/// Where an article stands among others, for the index.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) pk: i64,
    pub(super) published: bool,
    /// Its editorial date in milliseconds.
    pub(super) sort_at: i64,
}

/// Has an article's words put into the index, with the names of its authors and tags.
pub(super) fn index(
    connection: &mut DbConnection,
    standing: Standing,
    analysis: &Analysis,
    mut names: Vec<String>,
) -> Result<(), StoreError> {
    names.sort();
    let forward = analysis.finish(&names, forward::day(standing.sort_at));
    index::put(connection, standing.pk, standing.published, &forward)
}

/// Has the words of a stored article put into the index, as they are now.
pub(super) fn reindex(connection: &mut DbConnection, pk: i64) -> Result<(), StoreError> {
    let row: StoredWords = articles::table
        .inner_join(article_bodies::table)
        .filter(articles::pk.eq(pk))
        .select(StoredWords::as_select())
        .first(connection)?;
    let blocks: Vec<Block> = serde_json::from_str(&row.blocks)
        .map_err(|cause| StoreError::Corrupt(format!("body of row {pk}: {cause}")))?;
    let (author_pks, tag_pks) = names_of(connection, pk)?;
    let analysis = Analysis::of(&Fields {
        language: &row.language,
        title: &row.title,
        summary: row.summary.as_deref().unwrap_or_default(),
        headings: &headings(&blocks),
        body: &plain_text(&blocks),
    });
    let standing = Standing {
        pk,
        published: row.status == Status::Published.as_str(),
        sort_at: row.sort_at,
    };
    let names = names(connection, &author_pks, &tag_pks)?;
    index(connection, standing, &analysis, names)
}

/// What of a stored article the index has.
#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct StoredWords {
    language: String,
    title: String,
    summary: Option<String>,
    status: String,
    sort_at: i64,
    #[diesel(select_expression = article_bodies::blocks)]
    blocks: String,
}
