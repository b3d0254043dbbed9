//! Takes articles in: creates one, replaces one, or does whichever fits.

mod insert;
mod update;

use diesel::prelude::*;

use insert::insert;
use update::update;

use crate::{
    model::{
        article::{Outcome, Status},
        stamp::Stamp,
    },
    store::{
        articles::{
            ready::Ready,
            rows::{save::Known, table::articles},
        },
        connection::{DbConnection, on_backend},
        error::StoreError,
    },
};

/// What became of an article that was put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Its row.
    pub row: i64,
    /// Its id.
    pub id: String,
    /// Its slug.
    pub slug: String,
    /// Whether it is new, changed or the same.
    pub outcome: Outcome,
    /// Its status before, if it was there.
    pub before: Option<Status>,
    /// Its status now.
    pub status: Status,
    /// Whether it has a date that it had not before.
    pub dated: bool,
}

impl Saved {
    /// Whether this decided what readers see, or when they will: an article appeared, is to
    /// appear, or disappeared.
    pub fn is_publication(&self) -> bool {
        let is_out = |status: Status| matches!(status, Status::Published | Status::Scheduled);
        let stepped = self.before != Some(self.status);
        (stepped && (is_out(self.status) || self.before.is_some_and(is_out)))
            || (self.status == Status::Scheduled && self.dated)
    }
}

/// Creates or updates an article, known again by its external id, else by its slug.
pub fn put(
    connection: &mut DbConnection,
    ready: &Ready,
    stamp: &Stamp,
) -> Result<Saved, StoreError> {
    match known(connection, ready)? {
        Some(known) => update(connection, ready, &known, stamp),
        None => insert(connection, ready, stamp),
    }
}

/// Creates an article; refuses one whose external id or slug is another's.
pub fn create(
    connection: &mut DbConnection,
    ready: &Ready,
    stamp: &Stamp,
) -> Result<Saved, StoreError> {
    if let Some(external_id) = &ready.input.external_id
        && row_by_external_id(connection, external_id)?.is_some()
    {
        return Err(external_id_of_another());
    }
    insert(connection, ready, stamp)
}

/// Puts an article in place of the one of this row, if that still has this version.
pub fn replace(
    connection: &mut DbConnection,
    row: i64,
    version: i64,
    ready: &Ready,
    stamp: &Stamp,
) -> Result<Saved, StoreError> {
    let known: Option<Known> = articles::table
        .find(row)
        .filter(articles::version.eq(version))
        .select(Known::as_select())
        .first(connection)
        .optional()?;
    let known = known.ok_or(StoreError::MovedOn)?;
    if let Some(external_id) = &ready.input.external_id {
        let holder = row_by_external_id(connection, external_id)?;
        if holder.is_some_and(|holder| holder != row) {
            return Err(external_id_of_another());
        }
    }
    update(connection, ready, &known, stamp)
}

fn external_id_of_another() -> StoreError {
    StoreError::Taken {
        member: "external_id",
        message: "is another article's".to_owned(),
    }
}

/// The row of the article that came in under an external id.
pub fn row_by_external_id(
    connection: &mut DbConnection,
    external_id: &str,
) -> Result<Option<i64>, StoreError> {
    Ok(articles::table
        .filter(articles::external_id.eq(external_id))
        .select(articles::pk)
        .first(connection)
        .optional()?)
}

/// The first article that passes a filter, with what is to be known of one that is changed.
macro_rules! first_known {
    ($connection:expr, $filter:expr) => {{
        let known = articles::table.filter($filter).order(articles::id);
        on_backend!($connection, inner => {
            let found = known.select(Known::as_select()).first(inner);
            found.optional().map_err(StoreError::from)
        })
    }};
}

/// The article that this one is already known as: by its external id; else by its slug; else, for
/// one that has neither, by title and body: two stories under one title stay two.
fn known(connection: &mut DbConnection, ready: &Ready) -> Result<Option<Known>, StoreError> {
    let input = &ready.input;
    let Some(external_id) = &input.external_id else {
        return match &input.slug {
            Some(slug) => first_known!(connection, articles::slug.eq(slug)),
            None => {
                let of_no_system = articles::external_id.is_null();
                let alike = articles::title
                    .eq(&input.title)
                    .and(articles::body_hash.eq(&ready.body_hash));
                first_known!(connection, of_no_system.and(alike))
            }
        };
    };
    let found: Option<Known> = first_known!(connection, articles::external_id.eq(external_id))?;
    match (found, &input.slug) {
        // A slug finds again only what has no other external id.
        (None, Some(slug)) if !input.yields_slug => {
            let of_no_system = articles::external_id.is_null();
            first_known!(connection, articles::slug.eq(slug).and(of_no_system))
        }
        (found, _) => Ok(found),
    }
}
