//! What happens to articles when something that they carry changes.

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};

use crate::{
    model::{change::ChangeKind, stamp::Stamp},
    store::{
        articles::rows::table::articles, changes, connection::DbConnection, error::StoreError,
    },
};

/// The articles that carry something, by its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Carriers {
    /// Of this author.
    Author(i64),
    /// With this tag.
    Tag(i64),
    /// Right in this category.
    Category(i64),
}

impl Carriers {
    /// A query of their rows, of whole numbers alone.
    fn rows(self) -> String {
        match self {
            Self::Author(pk) => {
                format!("SELECT article_pk FROM article_authors WHERE author_pk = {pk}")
            }
            Self::Tag(pk) => format!("SELECT article_pk FROM article_tags WHERE tag_pk = {pk}"),
            Self::Category(pk) => format!("SELECT pk FROM articles WHERE category_pk = {pk}"),
        }
    }
}

/// Notes that the articles themselves change with what they carry: their versions grow, clients
/// that keep in step are told, and their words are put into the index anew.
pub(in crate::store) fn touch(
    connection: &mut DbConnection,
    carriers: Carriers,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let rows = carriers.rows();
    sql_query(format!(
        "UPDATE articles SET version = version + 1, updated_at = $1 WHERE pk IN ({rows})"
    ))
    .bind::<BigInt, _>(stamp.at.millis())
    .execute(connection)?;
    let noted = changes::moment(connection, stamp.at)?;
    sql_query(format!(
        "INSERT INTO changes (entity_id, change, at, kind) SELECT id, $1, $2, 'article' \
         FROM articles WHERE status = 'published' AND pk IN ({rows}) ORDER BY pk"
    ))
    .bind::<Text, _>(ChangeKind::Updated.as_str())
    .bind::<BigInt, _>(noted.millis())
    .execute(connection)?;
    queue_index(connection, carriers)
}

/// Has the words of the articles put into the index anew, which is done a few at a time.
pub(in crate::store) fn queue_index(
    connection: &mut DbConnection,
    carriers: Carriers,
) -> Result<(), StoreError> {
    let rows = carriers.rows();
    sql_query(format!(
        "INSERT INTO index_queue (article_pk) SELECT pk FROM articles WHERE pk IN ({rows}) \
         AND pk NOT IN (SELECT article_pk FROM index_queue)"
    ))
    .execute(connection)?;
    Ok(())
}

/// Lets an article's version grow by itself, for what belongs to it and stands elsewhere.
pub(in crate::store) fn bump(
    connection: &mut DbConnection,
    pk: i64,
    version: i64,
) -> Result<(), StoreError> {
    let bumped = diesel::update(
        articles::table
            .find(pk)
            .filter(articles::version.eq(version)),
    )
    .set(articles::version.eq(version + 1))
    .execute(connection)?;
    match bumped {
        1 => Ok(()),
        _ => Err(StoreError::MovedOn),
    }
}

/// Articles of any status right in a category.
pub(in crate::store) fn count_in_category(
    connection: &mut DbConnection,
    pk: i64,
) -> Result<i64, StoreError> {
    Ok(articles::table
        .filter(articles::category_pk.eq(pk))
        .count()
        .get_result(connection)?)
}

/// Files the articles of one category under another.
pub(in crate::store) fn move_category(
    connection: &mut DbConnection,
    from: i64,
    to: i64,
) -> Result<(), StoreError> {
    diesel::update(articles::table.filter(articles::category_pk.eq(from)))
        .set(articles::category_pk.eq(to))
        .execute(connection)?;
    Ok(())
}
