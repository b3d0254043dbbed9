//! Removes an article for good, and leaves a tombstone.

use diesel::prelude::*;

use crate::{
    model::{
        article::{Outcome, Status},
        change::ChangeKind,
        kind::Kind,
        stamp::Stamp,
    },
    store::{
        articles::rows::{put::Saved, save::Known, table::articles},
        audit::{self, Deed},
        changes,
        connection::DbConnection,
        error::StoreError,
        index, past,
    },
};

/// Removes the article of this row with its revisions and links, if it still has this version.
/// Gives it as unpublished, which is what readers see of it.
pub fn delete(
    connection: &mut DbConnection,
    row: i64,
    version: i64,
    stamp: &Stamp,
) -> Result<Saved, StoreError> {
    let known: Option<Known> = articles::table
        .find(row)
        .filter(articles::version.eq(version))
        .select(Known::as_select())
        .first(connection)
        .optional()?;
    let known = known.ok_or(StoreError::MovedOn)?;
    let public = known.first_published_at.is_some();
    index::remove(connection, row)?;
    diesel::delete(articles::table.find(row)).execute(connection)?;
    // The tombstone's slug is one that readers know, if they know any.
    let slug = known.public_slug.as_ref().unwrap_or(&known.slug);
    past::bury(connection, Kind::Article, &known.id, slug, public, stamp)?;
    if public {
        changes::record(
            connection,
            Kind::Article,
            &known.id,
            ChangeKind::Deleted,
            stamp.at,
        )?;
    }
    let deed = Deed::new("delete", Kind::Article, &known.id, &known.slug);
    audit::record(connection, stamp, deed, &[])?;
    Ok(Saved {
        row,
        id: known.id,
        slug: known.slug,
        outcome: Outcome::Updated,
        before: Status::parse(&known.status),
        status: Status::Unpublished,
        dated: false,
    })
}
