//! One article by key, or several that are known.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::{
    model::{
        article::Article,
        kind::Kind,
        sight::Sight,
        slug::{Key, is_slug},
    },
    store::{
        Found, Reader,
        articles::{
            ArticleRow, article, complete,
            rows::{self, columns as articles},
        },
        connection::DbConnection,
        error::StoreError,
        past::{self, Past},
    },
};

/// The article that a key names: one statement for readers, and one or two more when it is not
/// found by it.
pub fn by_key(
    reader: &mut Reader<'_>,
    key: &Key,
    with_body: bool,
) -> Result<Found<Article>, StoreError> {
    if matches!(key, Key::Slug(slug) if !is_slug(slug)) {
        return Ok(Found::Never);
    }
    let found = match reader.sight {
        Sight::Public => published_by_key(reader.connection, key, with_body)?,
        Sight::Preview(_) | Sight::Desk => visible_by_key(reader, key, with_body)?,
    };
    match found {
        Some(article) => Ok(Found::Here(Box::new(article))),
        None => absent(reader, key),
    }
}

fn published_by_key(
    connection: &mut DbConnection,
    key: &Key,
    with_body: bool,
) -> Result<Option<Article>, StoreError> {
    let found = rows::published_one(connection, key, with_body)?;
    let found = found.map(|(row, body, names)| article(row, names, body));
    found.transpose()
}

fn visible_by_key(
    reader: &mut Reader<'_>,
    key: &Key,
    with_body: bool,
) -> Result<Option<Article>, StoreError> {
    let query = match key {
        Key::Id(id) => reader.articles().filter(articles::id.eq(id.clone())),
        Key::Slug(slug) => reader.articles().filter(articles::slug.eq(slug.clone())),
    };
    let row = query
        .select(ArticleRow::as_select())
        .first(reader.connection)
        .optional()?;
    Ok(complete(reader.connection, row.into_iter().collect(), with_body)?.pop())
}

/// Why a key names no article that this one may see.
fn absent(reader: &mut Reader<'_>, key: &Key) -> Result<Found<Article>, StoreError> {
    reader.more()?;
    if rows::was_public(reader.connection, key)? {
        return Ok(Found::Gone);
    }
    let past = past::of(reader.connection, Kind::Article, key)?;
    match past {
        Some(Past::Renamed { id, public }) if public || reader.sight != Sight::Public => {
            let present = reader
                .articles()
                .filter(articles::id.eq(id.clone()))
                .select(articles::slug)
                .first(reader.connection)
                .optional()?;
            match present {
                Some(slug) => Ok(Found::Moved(slug)),
                // It leads to what was taken away, or to what readers never saw.
                None => match rows::was_public(reader.connection, &Key::Id(id))? {
                    true => Ok(Found::Gone),
                    false => Ok(Found::Never),
                },
            }
        }
        Some(Past::Deleted { public }) if public || reader.sight == Sight::Desk => Ok(Found::Gone),
        _ => Ok(Found::Never),
    }
}

/// The published articles among these rows, in the order of the rows.
pub fn published_by_rows(
    connection: &mut DbConnection,
    pks: &[i64],
) -> Result<Vec<Article>, StoreError> {
    let rows = rows::published_rows(connection, pks)?;
    in_order(connection, rows, pks, false)
}

/// The articles that may be seen among these rows, in the order of the rows.
pub fn by_rows(
    reader: &mut Reader<'_>,
    pks: &[i64],
    with_body: bool,
) -> Result<Vec<Article>, StoreError> {
    let rows = match reader.sight {
        Sight::Public => rows::published_rows(reader.connection, pks)?,
        Sight::Preview(_) | Sight::Desk => reader
            .articles()
            .filter(articles::pk.eq_any(pks.to_vec()))
            .select(ArticleRow::as_select())
            .load(reader.connection)?,
    };
    in_order(reader.connection, rows, pks, with_body)
}

fn in_order(
    connection: &mut DbConnection,
    mut rows: Vec<ArticleRow>,
    pks: &[i64],
    with_body: bool,
) -> Result<Vec<Article>, StoreError> {
    let place: HashMap<i64, usize> = pks.iter().enumerate().map(|(at, pk)| (*pk, at)).collect();
    rows.sort_by_key(|row| place.get(&row.pk).copied());
    complete(connection, rows, with_body)
}
