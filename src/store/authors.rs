//! Authors with what they wrote.

use std::collections::HashMap;

use diesel::{dsl, prelude::*};

use crate::{
    model::{
        author::{Author, AuthorRef},
        page::{Page, PageRequest, Position, SortValue, Window},
        slug::Key,
        time::UtcTime,
    },
    store::{
        articles::is_published,
        connection::DbConnection,
        error::StoreError,
        schema::{article_authors, articles, authors},
    },
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = authors)]
struct AuthorRow {
    pk: i64,
    id: String,
    slug: String,
    name: String,
    name_key: String,
    description: Option<String>,
    avatar: Option<String>,
    updated_at: i64,
}

/// A page of authors by name, each with the value that it is sorted by.
pub fn list(
    connection: &mut DbConnection,
    request: &PageRequest,
) -> Result<Page<(Author, SortValue)>, StoreError> {
    let total = match request.wants_total() {
        true => Some(authors::table.count().get_result(connection)?),
        false => None,
    };
    let mut query = authors::table.select(AuthorRow::as_select()).into_boxed();
    query = match &request.window {
        Window::After(Position {
            value: SortValue::Text(name),
            id,
        }) => query.filter(
            authors::name_key.ge(name.clone()).and(
                authors::name_key
                    .gt(name.clone())
                    .or(authors::id.gt(id.clone())),
            ),
        ),
        Window::Before(Position {
            value: SortValue::Text(name),
            id,
        }) => query.filter(
            authors::name_key.le(name.clone()).and(
                authors::name_key
                    .lt(name.clone())
                    .or(authors::id.lt(id.clone())),
            ),
        ),
        _ => query,
    };
    query = if request.is_backward() {
        query.order((authors::name_key.desc(), authors::id.desc()))
    } else {
        query.order((authors::name_key.asc(), authors::id.asc()))
    };
    let rows = query
        .limit(request.limit + 1)
        .offset(request.offset())
        .load(connection)?;
    Ok(request.page_of(with_counts(connection, rows)?, total))
}

/// The author that a key names.
pub fn by_key(connection: &mut DbConnection, key: &Key) -> Result<Option<Author>, StoreError> {
    let query = authors::table.select(AuthorRow::as_select()).into_boxed();
    let query = match key {
        Key::Id(id) => query.filter(authors::id.eq(id)),
        Key::Slug(slug) => query.filter(authors::slug.eq(slug)),
    };
    let rows = query.load(connection)?;
    Ok(with_counts(connection, rows)?
        .pop()
        .map(|(author, _)| author))
}

fn with_counts(
    connection: &mut DbConnection,
    rows: Vec<AuthorRow>,
) -> Result<Vec<(Author, SortValue)>, StoreError> {
    let pks: Vec<i64> = rows.iter().map(|row| row.pk).collect();
    let counts: Vec<(i64, i64, Option<i64>)> = article_authors::table
        .inner_join(articles::table)
        .filter(is_published())
        .filter(article_authors::author_pk.eq_any(pks))
        .group_by(article_authors::author_pk)
        .select((
            article_authors::author_pk,
            dsl::count_star(),
            dsl::max(articles::sort_at),
        ))
        .load(connection)?;
    let counts: HashMap<i64, (i64, Option<i64>)> = counts
        .into_iter()
        .map(|(pk, count, latest)| (pk, (count, latest)))
        .collect();
    let complete = |row: AuthorRow| {
        let AuthorRow {
            pk,
            id,
            slug,
            name,
            name_key,
            description,
            avatar,
            updated_at,
        } = row;
        let (article_count, latest) = counts.get(&pk).copied().unwrap_or_default();
        let author = Author {
            author: AuthorRef {
                id,
                slug,
                name,
                avatar,
            },
            description,
            article_count,
            latest_published_at: latest.map(UtcTime::from_column),
            updated_at: UtcTime::from_column(updated_at),
        };
        (author, SortValue::Text(name_key))
    };
    Ok(rows.into_iter().map(complete).collect())
}
