//! Articles in the database: rows, and how they become articles.

mod addresses;
mod elsewhere;
mod filter;
mod get;
mod list;
mod ready;
pub(in crate::store) mod rows;

use std::collections::HashMap;

use diesel::prelude::*;

pub use addresses::{ArticleAddress, addresses, any_after, count};
pub use elsewhere::{Address, by_addresses, by_former_path};
pub(super) use filter::filtered;
pub use get::{by_key, by_rows, published_by_rows};
pub use list::{list, search};
pub use ready::Ready;
use rows::columns as articles;
pub use rows::{
    AuthorSeed, CategorySeed, Revision, RevisionContent, Saved, StatusChange, TagSeed, create,
    delete, drain_index_queue, index_queue_is_empty, next_due, publish_due, put, records, replace,
    restore, restore_revision, revision, revision_records, revisions, row_by_external_id,
    seed_author, seed_category, seed_tag, set_status,
};

use crate::{
    model::{
        article::{Article, Image, Status},
        author::AuthorRef,
        block::Block,
        category::CategoryRef,
        tag::TagRef,
        time::UtcTime,
    },
    store::{
        connection::DbConnection,
        error::StoreError,
        schema::{article_authors, article_bodies, article_tags, authors, categories, tags},
    },
};

/// Most articles named in one `IN`: within SQLite's bound of 32,766 parameters.
pub(super) const IN_AT_MOST: usize = 10_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
pub(super) struct ArticleRow {
    pk: i64,
    id: String,
    slug: String,
    title: String,
    title_provisional: bool,
    summary: Option<String>,
    category_pk: Option<i64>,
    image: Option<String>,
    status: String,
    language: String,
    featured: bool,
    canonical_url: Option<String>,
    published_at: Option<i64>,
    first_published_at: Option<i64>,
    modified_at: i64,
    updated_at: i64,
    reading_minutes: Option<i64>,
    word_count: i64,
    sort_at: i64,
    version: i64,
}

/// Completes rows to articles, in their order, with one statement for each kind of thing that
/// they name, however many rows there are.
pub(super) fn complete(
    connection: &mut DbConnection,
    rows: Vec<ArticleRow>,
    with_body: bool,
) -> Result<Vec<Article>, StoreError> {
    let pks: Vec<i64> = rows.iter().map(|row| row.pk).collect();
    let mut category_pks: Vec<i64> = rows.iter().filter_map(|row| row.category_pk).collect();
    category_pks.sort_unstable();
    category_pks.dedup();
    let categories = category_refs(connection, &category_pks)?;
    let mut authors = author_refs(connection, &pks)?;
    let mut tags = tag_refs(connection, &pks)?;
    let mut bodies = match with_body {
        true => bodies(connection, &pks)?,
        false => HashMap::new(),
    };
    rows.into_iter()
        .map(|row| {
            let names = ArticleNames {
                category: row.category_pk.and_then(|pk| categories.get(&pk).cloned()),
                authors: authors.remove(&row.pk).unwrap_or_default(),
                tags: tags.remove(&row.pk).unwrap_or_default(),
            };
            let body = bodies.remove(&row.pk);
            article(row, names, body)
        })
        .collect()
}

/// A name, with when it last changed.
type Dated<T> = (T, i64);

/// What an article names.
struct ArticleNames {
    category: Option<Dated<CategoryRef>>,
    authors: Vec<Dated<AuthorRef>>,
    tags: Vec<Dated<TagRef>>,
}

fn article(
    row: ArticleRow,
    names: ArticleNames,
    body: Option<Vec<Block>>,
) -> Result<Article, StoreError> {
    let dates = (names.category.iter().map(|(_, date)| *date))
        .chain(names.authors.iter().map(|(_, date)| *date))
        .chain(names.tags.iter().map(|(_, date)| *date));
    let names_updated_at = dates.max();
    let ArticleRow {
        pk,
        id,
        slug,
        title,
        title_provisional,
        summary,
        category_pk: _,
        image,
        status,
        language,
        featured,
        canonical_url,
        published_at,
        first_published_at,
        modified_at,
        updated_at,
        reading_minutes,
        word_count,
        sort_at: _,
        version,
    } = row;
    let image: Option<Image> = image.map(|json| from_json(&id, &json)).transpose()?;
    let status = Status::parse(&status)
        .ok_or_else(|| StoreError::Corrupt(format!("article {id} has status {status}")))?;
    Ok(Article {
        row: pk,
        id,
        slug,
        title,
        title_provisional,
        summary,
        category: names.category.map(|(category, _)| category),
        tags: names.tags.into_iter().map(|(tag, _)| tag).collect(),
        authors: names
            .authors
            .into_iter()
            .map(|(author, _)| author)
            .collect(),
        image,
        status,
        language,
        featured,
        canonical_url,
        published_at: published_at.map(UtcTime::from_column),
        first_published_at: first_published_at.map(UtcTime::from_column),
        modified_at: UtcTime::from_column(modified_at),
        updated_at: UtcTime::from_column(updated_at),
        reading_minutes,
        word_count,
        version,
        links: Vec::new(),
        names_updated_at: names_updated_at.map(UtcTime::from_column),
        body,
    })
}

fn from_json<T: serde::de::DeserializeOwned>(id: &str, json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json)
        .map_err(|cause| StoreError::Corrupt(format!("article {id}: {cause}")))
}

fn category_refs(
    connection: &mut DbConnection,
    pks: &[i64],
) -> Result<HashMap<i64, Dated<CategoryRef>>, StoreError> {
    type Row = (i64, String, String, String, String, i64);
    let found: Vec<Row> = categories::table
        .filter(categories::pk.eq_any(pks.to_vec()))
        .select((
            categories::pk,
            categories::id,
            categories::slug,
            categories::name,
            categories::path,
            categories::updated_at,
        ))
        .load(connection)?;
    let reference = |(pk, id, slug, name, path, updated_at): Row| {
        let category = CategoryRef {
            id,
            slug,
            name,
            path,
        };
        (pk, (category, updated_at))
    };
    Ok(found.into_iter().map(reference).collect())
}

fn author_refs(
    connection: &mut DbConnection,
    pks: &[i64],
) -> Result<HashMap<i64, Vec<Dated<AuthorRef>>>, StoreError> {
    type Row = (i64, String, String, String, Option<String>, i64);
    let found: Vec<Row> = article_authors::table
        .inner_join(authors::table)
        .filter(article_authors::article_pk.eq_any(pks.to_vec()))
        .order((article_authors::article_pk, article_authors::position))
        .select((
            article_authors::article_pk,
            authors::id,
            authors::slug,
            authors::name,
            authors::avatar,
            authors::updated_at,
        ))
        .load(connection)?;
    let mut by_article: HashMap<i64, Vec<Dated<AuthorRef>>> = HashMap::new();
    for (pk, id, slug, name, avatar, updated_at) in found {
        let author = AuthorRef {
            id,
            slug,
            name,
            avatar,
        };
        by_article.entry(pk).or_default().push((author, updated_at));
    }
    Ok(by_article)
}

fn tag_refs(
    connection: &mut DbConnection,
    pks: &[i64],
) -> Result<HashMap<i64, Vec<Dated<TagRef>>>, StoreError> {
    let found: Vec<(i64, String, String, String, i64)> = article_tags::table
        .inner_join(tags::table)
        .filter(article_tags::article_pk.eq_any(pks.to_vec()))
        .order((article_tags::article_pk, article_tags::position))
        .select((
            article_tags::article_pk,
            tags::id,
            tags::slug,
            tags::name,
            tags::updated_at,
        ))
        .load(connection)?;
    let mut by_article: HashMap<i64, Vec<Dated<TagRef>>> = HashMap::new();
    for (pk, id, slug, name, updated_at) in found {
        let tag = TagRef { id, slug, name };
        by_article.entry(pk).or_default().push((tag, updated_at));
    }
    Ok(by_article)
}

fn bodies(
    connection: &mut DbConnection,
    pks: &[i64],
) -> Result<HashMap<i64, Vec<Block>>, StoreError> {
    let found: Vec<(i64, String)> = article_bodies::table
        .filter(article_bodies::article_pk.eq_any(pks.to_vec()))
        .select((article_bodies::article_pk, article_bodies::blocks))
        .load(connection)?;
    found
        .into_iter()
        .map(|(pk, json)| Ok((pk, from_json(&pk.to_string(), &json)?)))
        .collect()
}
