//! Articles in the database: rows, and how they become articles.

mod addresses;
mod elsewhere;
mod filter;
mod get;
mod list;
mod names;
mod ready;
pub(in crate::store) mod rows;

use std::collections::HashMap;

use diesel::prelude::*;

pub use addresses::{ArticleAddress, addresses, any_after, count};
pub use elsewhere::{Address, by_addresses, by_former_path};
pub(super) use filter::filtered;
pub use get::{by_key, by_rows, published_by_rows};
pub use list::{list, search};
use names::Names;
pub use ready::Ready;
use rows::columns as articles;
pub use rows::{
    AuthorSeed, CategorySeed, Revision, RevisionContent, Saved, StatusChange, TagSeed, create,
    delete, drain_index_queue, index_queue_is_empty, next_due, publish_due, put, records, replace,
    restore, restore_revision, revision, revision_records, revisions, row_by_external_id,
    scheduled, seed_author, seed_category, seed_tag, set_status,
};

use crate::{
    model::{
        article::{Article, Image, Status},
        stored_body,
        time::UtcTime,
    },
    store::{connection::DbConnection, error::StoreError},
};

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

/// Completes rows to articles, in their order, with one statement for all that they name, and one
/// for their bodies, however many rows there are.
pub(super) fn complete(
    connection: &mut DbConnection,
    rows: Vec<ArticleRow>,
    with_body: bool,
) -> Result<Vec<Article>, StoreError> {
    let pks = || rows.iter().map(|row| row.pk).collect();
    let mut bodies = match with_body {
        true => names::bodies(connection, pks())?,
        false => HashMap::new(),
    };
    let category_pks = rows.iter().filter_map(|row| row.category_pk).collect();
    let mut all = names::read(connection, pks(), category_pks)?;
    rows.into_iter()
        .map(|row| {
            let mut names = all.of_articles.remove(&row.pk).unwrap_or_default();
            let category = row.category_pk.and_then(|pk| all.categories.get(&pk));
            if let Some(category) = category {
                names.add(category.clone());
            }
            let body = bodies.remove(&row.pk);
            article(row, names, body)
        })
        .collect()
}

/// An article of its row, what it names, and its body as it is kept, if it was read.
fn article(row: ArticleRow, names: Names, body: Option<String>) -> Result<Article, StoreError> {
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
    let body = body.map(|json| stored_body::read(&json)).transpose();
    let body = body.map_err(|cause| corrupt(&id, &cause))?;
    let image: Option<Image> = image
        .map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(|cause| corrupt(&id, &cause))?;
    let status = Status::parse(&status)
        .ok_or_else(|| StoreError::Corrupt(format!("article {id} has status {status}")))?;
    Ok(Article {
        row: pk,
        id,
        slug,
        title,
        title_provisional,
        summary,
        category: names.category,
        tags: names.tags,
        authors: names.authors,
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
        names_updated_at: names.updated_at.map(UtcTime::from_column),
        body,
    })
}

fn corrupt(id: &str, cause: &serde_json::Error) -> StoreError {
    StoreError::Corrupt(format!("article {id}: {cause}"))
}
