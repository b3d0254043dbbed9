//! One article by key, or several that are known.

use diesel::prelude::*;

use crate::{
    model::{
        article::{Article, Status},
        slug::{Key, is_slug},
    },
    store::{
        articles::{ArticleRow, complete, published},
        connection::DbConnection,
        error::StoreError,
        schema::{articles, former_slugs},
    },
};

/// What a key leads to.
#[derive(Debug, Clone)]
pub enum Found {
    /// A published article.
    Here(Box<Article>),
    /// The slug is a former one; the present slug is this.
    Moved(String),
    /// There was a published article, and it was taken away.
    Gone,
    /// There never was one.
    Never,
}

/// The article that a key names; three statements more when it is not found by it.
pub fn by_key(
    connection: &mut DbConnection,
    key: &Key,
    with_body: bool,
) -> Result<Found, StoreError> {
    let query = match key {
        Key::Id(id) => published().filter(articles::id.eq(id)),
        Key::Slug(slug) if is_slug(slug) => published().filter(articles::slug.eq(slug)),
        Key::Slug(_) => return Ok(Found::Never),
    };
    let row = query
        .select(ArticleRow::as_select())
        .first(connection)
        .optional()?;
    if let Some(row) = row {
        let article = complete(connection, vec![row], with_body)?.pop();
        return Ok(article.map_or(Found::Never, |article| Found::Here(Box::new(article))));
    }
    absent(connection, key)
}

/// Slug, status, and when it was first published.
type Standing = (String, String, Option<i64>);

/// Why a key names no published article.
fn absent(connection: &mut DbConnection, key: &Key) -> Result<Found, StoreError> {
    let standing = articles::table.select((
        articles::slug,
        articles::status,
        articles::first_published_at,
    ));
    let (holder, was_renamed): (Option<Standing>, bool) = match key {
        Key::Id(id) => (
            standing
                .filter(articles::id.eq(id))
                .first(connection)
                .optional()?,
            false,
        ),
        Key::Slug(slug) => {
            let holder = standing
                .filter(articles::slug.eq(slug))
                .first(connection)
                .optional()?;
            match holder {
                Some(holder) => (Some(holder), false),
                None => (
                    former_slugs::table
                        .inner_join(articles::table.on(articles::pk.eq(former_slugs::article_pk)))
                        .filter(former_slugs::slug.eq(slug))
                        .select((
                            articles::slug,
                            articles::status,
                            articles::first_published_at,
                        ))
                        .first(connection)
                        .optional()?,
                    true,
                ),
            }
        }
    };
    Ok(match holder {
        Some((slug, status, first_published_at)) => match Status::parse(&status) {
            Some(Status::Published) if was_renamed => Found::Moved(slug),
            // Readers once saw it. What they never saw stays unknown to them.
            _ if first_published_at.is_some() => Found::Gone,
            _ => Found::Never,
        },
        None => Found::Never,
    })
}

/// The published articles among these rows, in the order of the rows.
pub fn by_rows(connection: &mut DbConnection, pks: &[i64]) -> Result<Vec<Article>, StoreError> {
    let mut rows: Vec<ArticleRow> = published()
        .filter(articles::pk.eq_any(pks.to_vec()))
        .select(ArticleRow::as_select())
        .load(connection)?;
    rows.sort_by_key(|row| pks.iter().position(|pk| *pk == row.pk));
    complete(connection, rows, false)
}

/// The published articles among these slugs, in the order of the slugs, without bodies.
pub fn by_slugs(
    connection: &mut DbConnection,
    slugs: &[String],
) -> Result<Vec<Article>, StoreError> {
    let mut rows: Vec<ArticleRow> = published()
        .filter(articles::slug.eq_any(slugs.to_vec()))
        .select(ArticleRow::as_select())
        .load(connection)?;
    rows.sort_by_key(|row| slugs.iter().position(|slug| *slug == row.slug));
    complete(connection, rows, false)
}
