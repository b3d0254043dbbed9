//! What things were called once, and what is no more: former slugs and tombstones of every kind.

use diesel::prelude::*;

use crate::{
    model::{kind::Kind, slug::Key, stamp::Stamp},
    store::{
        connection::{DbConnection, on_backend},
        error::StoreError,
        invalidation,
        schema::{former_slugs, tombstones},
    },
};

/// What a key leads to.
#[derive(Debug, Clone)]
pub enum Found<T> {
    /// Something that may be seen.
    Here(Box<T>),
    /// The slug is a former one; the present slug is this.
    Moved(String),
    /// It could be seen once, and was taken away.
    Gone,
    /// There never was anything to be seen.
    Never,
}

impl<T> Found<T> {
    /// The same of another thing made of it.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Found<U> {
        match self {
            Self::Here(found) => Found::Here(Box::new(change(*found))),
            Self::Moved(slug) => Found::Moved(slug),
            Self::Gone => Found::Gone,
            Self::Never => Found::Never,
        }
    }

    /// The same of another thing made of it, where that can be made.
    pub fn try_map<U, E>(self, change: impl FnOnce(T) -> Result<U, E>) -> Result<Found<U>, E> {
        Ok(match self {
            Self::Here(found) => Found::Here(Box::new(change(*found)?)),
            Self::Moved(slug) => Found::Moved(slug),
            Self::Gone => Found::Gone,
            Self::Never => Found::Never,
        })
    }

    /// The thing itself, if it is here.
    pub fn here(self) -> Option<T> {
        match self {
            Self::Here(found) => Some(*found),
            _ => None,
        }
    }
}

/// What the past knows of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Past {
    /// It was the slug of what has this id.
    Renamed { id: String, public: bool },
    /// It was the key of something that was deleted.
    Deleted { public: bool },
}

/// What became of what a key once named.
pub(super) fn of(
    connection: &mut DbConnection,
    kind: Kind,
    key: &Key,
) -> Result<Option<Past>, StoreError> {
    let slug = match key {
        Key::Id(id) => return Ok(tombstone(connection, kind, id)?.map(deleted)),
        Key::Slug(slug) => slug,
    };
    let former: Option<(String, bool)> = former_slugs::table
        .find((kind.as_str(), slug))
        .select((former_slugs::id, former_slugs::public))
        .first(connection)
        .optional()?;
    if let Some((id, public)) = former {
        let buried = tombstone(connection, kind, &id)?;
        return Ok(Some(match buried {
            Some(seen) => deleted(seen && public),
            None => Past::Renamed { id, public },
        }));
    }
    let buried = tombstones::table
        .filter(tombstones::kind.eq(kind.as_str()))
        .filter(tombstones::slug.eq(slug))
        .order((tombstones::public.desc(), tombstones::deleted_at.desc()))
        .select(tombstones::public)
        .first(connection)
        .optional()?;
    Ok(buried.map(deleted))
}

fn deleted(public: bool) -> Past {
    Past::Deleted { public }
}

fn tombstone(
    connection: &mut DbConnection,
    kind: Kind,
    id: &str,
) -> Result<Option<bool>, StoreError> {
    Ok(tombstones::table
        .find(id)
        .filter(tombstones::kind.eq(kind.as_str()))
        .select(tombstones::public)
        .first(connection)
        .optional()?)
}

/// The id of what had this slug once, if it is there still or was deleted.
pub(super) fn former_holder(
    connection: &mut DbConnection,
    kind: Kind,
    slug: &str,
) -> Result<Option<String>, StoreError> {
    let holder = former_slugs::table
        .find((kind.as_str(), slug))
        .select(former_slugs::id);
    Ok(on_backend!(connection, inner => holder.first(inner).optional()?))
}

/// Notes that a thing gave up a slug for another, which may be one of its own former ones.
pub(super) fn renamed(
    connection: &mut DbConnection,
    kind: Kind,
    id: &str,
    (from, to): (&str, &str),
    public: bool,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    diesel::delete(former_slugs::table.find((kind.as_str(), to))).execute(connection)?;
    diesel::insert_into(former_slugs::table)
        .values((
            former_slugs::kind.eq(kind.as_str()),
            former_slugs::slug.eq(from),
            former_slugs::id.eq(id),
            former_slugs::public.eq(public),
            former_slugs::retired_at.eq(stamp.at.millis()),
        ))
        .execute(connection)?;
    // A hidden thing has no entry in the log of changes, but a slug of what is gone may be its.
    invalidation::note(connection, &[invalidation::all_of(kind).to_owned()])
}

/// Notes that a thing was deleted.
pub(super) fn bury(
    connection: &mut DbConnection,
    kind: Kind,
    id: &str,
    slug: &str,
    public: bool,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    diesel::insert_into(tombstones::table)
        .values((
            tombstones::id.eq(id),
            tombstones::kind.eq(kind.as_str()),
            tombstones::slug.eq(slug),
            tombstones::public.eq(public),
            tombstones::deleted_at.eq(stamp.at.millis()),
        ))
        .execute(connection)?;
    Ok(())
}
