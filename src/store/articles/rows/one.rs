//! One published article in one statement, which is what readers ask for most.

use diesel::prelude::*;

use crate::{
    model::slug::Key,
    store::{
        articles::{
            ArticleRow,
            rows::{table::articles, visible::is_published},
        },
        connection::{DbConnection, on_backend},
        error::StoreError,
        schema::article_bodies,
    },
};

/// An article, and its body as it is kept.
type Found = (ArticleRow, Option<String>);

/// Reads it. A macro, since each condition is a type of its own, which is what Diesel knows a
/// prepared statement by.
macro_rules! found {
    ($connection:expr, $condition:expr, $with_body:expr) => {
        on_backend!($connection, inner => match $with_body {
            true => articles::table
                .left_join(article_bodies::table)
                .filter(is_published())
                .filter($condition)
                .select((ArticleRow::as_select(), article_bodies::blocks.nullable()))
                .load::<Found>(inner)?
                .pop(),
            false => articles::table
                .filter(is_published())
                .filter($condition)
                .select(ArticleRow::as_select())
                .load::<ArticleRow>(inner)?
                .pop()
                .map(|row| (row, None)),
        })
    };
}

/// The published article that a key names.
pub(in crate::store) fn published_one(
    connection: &mut DbConnection,
    key: &Key,
    with_body: bool,
) -> Result<Option<Found>, StoreError> {
    Ok(match key {
        Key::Id(id) => found!(connection, articles::id.eq(id), with_body),
        Key::Slug(slug) => found!(connection, articles::slug.eq(slug), with_body),
    })
}
