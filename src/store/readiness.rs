//! Whether a database is such that readers can be served from it.

use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};

use crate::store::{Reader, articles, copy, error::StoreError, migrations};

/// What stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The database lacks migrations that this program needs.
    Migrations,
    /// A copy into it was begun and not finished.
    Copy,
}

/// What stands in the way, if anything does; fails where the database can't be read, or lacks our
/// tables. What a newer program has added is none: its servers are started beside the old ones.
pub fn obstacle(reader: &mut Reader<'_>) -> Result<Option<Obstacle>, StoreError> {
    reader
        .articles()
        .select(articles::rows::columns::pk)
        .first::<i64>(reader.connection)
        .optional()?;
    if migrations::is_behind(reader.connection)? {
        return Ok(Some(Obstacle::Migrations));
    }
    match copy::is_unfinished(reader.connection)? {
        true => Ok(Some(Obstacle::Copy)),
        false => Ok(None),
    }
}
