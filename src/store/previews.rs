//! Preview links: each belongs to one article, ends, and can be taken back before.

use diesel::prelude::*;

use crate::{
    model::{article::Article, preview::PreviewLink, slug::new_id, stamp::Stamp, time::UtcTime},
    store::{
        Reader,
        articles::rows::columns as articles,
        audit::{self, Deed},
        connection::DbConnection,
        error::StoreError,
        schema::preview_links,
    },
};

/// The most links of one article that are listed; the newest.
pub const LISTED_AT_MOST: i64 = 100;

#[derive(Queryable, Selectable)]
#[diesel(table_name = preview_links)]
struct LinkRow {
    id: String,
    created_at: i64,
    created_by: String,
    expires_at: i64,
    revoked_at: Option<i64>,
}

impl From<LinkRow> for PreviewLink {
    fn from(row: LinkRow) -> Self {
        let LinkRow {
            id,
            created_at,
            created_by,
            expires_at,
            revoked_at,
        } = row;
        Self {
            id,
            created_at: UtcTime::from_column(created_at),
            created_by,
            expires_at: UtcTime::from_column(expires_at),
            revoked_at: revoked_at.map(UtcTime::from_column),
        }
    }
}

/// Makes a link to an article.
pub fn create(
    connection: &mut DbConnection,
    article: &Article,
    expires_at: UtcTime,
    stamp: &Stamp,
) -> Result<PreviewLink, StoreError> {
    let link = PreviewLink {
        id: new_id(),
        created_at: stamp.at,
        created_by: stamp.actor.clone(),
        expires_at,
        revoked_at: None,
    };
    diesel::insert_into(preview_links::table)
        .values((
            preview_links::id.eq(&link.id),
            preview_links::article_pk.eq(article.row),
            preview_links::created_at.eq(link.created_at.millis()),
            preview_links::created_by.eq(&link.created_by),
            preview_links::expires_at.eq(expires_at.millis()),
        ))
        .execute(connection)?;
    record(connection, "create", &link.id, article, stamp)?;
    Ok(link)
}

/// Takes a link of an article back; whether there is such a one.
pub fn revoke(
    connection: &mut DbConnection,
    article: &Article,
    id: &str,
    stamp: &Stamp,
) -> Result<bool, StoreError> {
    let link = preview_links::table
        .find(id)
        .filter(preview_links::article_pk.eq(article.row));
    let known: Option<Option<i64>> = link
        .select(preview_links::revoked_at)
        .first(connection)
        .optional()?;
    match known {
        None => Ok(false),
        Some(Some(_)) => Ok(true),
        Some(None) => {
            diesel::update(preview_links::table.find(id))
                .set(preview_links::revoked_at.eq(stamp.at.millis()))
                .execute(connection)?;
            record(connection, "revoke", id, article, stamp)?;
            Ok(true)
        }
    }
}

fn record(
    connection: &mut DbConnection,
    action: &'static str,
    id: &str,
    article: &Article,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let deed = Deed {
        action,
        kind: "preview_link",
        id,
        slug: Some(&article.slug),
    };
    audit::record(connection, stamp, deed, &[])
}

/// The links of an article, newest first.
pub fn list(reader: &mut Reader<'_>, article: &Article) -> Result<Vec<PreviewLink>, StoreError> {
    let found: Vec<LinkRow> = preview_links::table
        .filter(preview_links::article_pk.eq(article.row))
        .order(preview_links::id.desc())
        .limit(LISTED_AT_MOST)
        .select(LinkRow::as_select())
        .load(reader.connection)?;
    Ok(found.into_iter().map(PreviewLink::from).collect())
}

/// A link of an article.
pub fn get(
    reader: &mut Reader<'_>,
    article: &Article,
    id: &str,
) -> Result<Option<PreviewLink>, StoreError> {
    let found: Option<LinkRow> = preview_links::table
        .find(id)
        .filter(preview_links::article_pk.eq(article.row))
        .select(LinkRow::as_select())
        .first(reader.connection)
        .optional()?;
    Ok(found.map(PreviewLink::from))
}

/// Whether a link to the article of this id is there, runs still and was not taken back.
pub fn is_good(
    reader: &mut Reader<'_>,
    id: &str,
    article_id: &str,
    now: UtcTime,
) -> Result<bool, StoreError> {
    let article: Option<i64> = preview_links::table
        .find(id)
        .filter(preview_links::revoked_at.is_null())
        .filter(preview_links::expires_at.gt(now.millis()))
        .select(preview_links::article_pk)
        .first(reader.connection)
        .optional()?;
    let Some(article) = article else {
        return Ok(false);
    };
    let sight = crate::model::sight::Sight::Preview(article_id.to_owned());
    let found: Option<String> = Reader::new(reader.connection, sight)
        .articles()
        .filter(articles::pk.eq(article))
        .select(articles::id)
        .first(reader.connection)
        .optional()?;
    Ok(found.as_deref() == Some(article_id))
}
