//! First answers to requests that may be sent again, kept for a day.

use diesel::prelude::*;

use crate::{
    model::{stamp::Stamp, time::UtcTime},
    store::{connection::DbConnection, error::StoreError, schema::idempotency_keys},
};

/// Milliseconds that an answer is kept.
const KEPT: i64 = 24 * 60 * 60 * 1_000;

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Tells one request from another.
    pub fingerprint: String,
    /// HTTP status.
    pub status: i64,
    /// Where what was made is.
    pub location: Option<String>,
    /// Its entity tag.
    pub etag: Option<String>,
    /// The body, if there was one.
    pub body: Option<String>,
}

/// The first answer to a request with this key by the same actor, if it is younger than a day.
pub fn find(
    connection: &mut DbConnection,
    key: &str,
    stamp: &Stamp,
) -> Result<Option<KeptAnswer>, StoreError> {
    type Row = (String, i64, Option<String>, Option<String>, Option<String>);
    let found: Option<Row> = idempotency_keys::table
        .find((&stamp.actor, key))
        .filter(idempotency_keys::created_at.gt(stamp.at.millis() - KEPT))
        .select((
            idempotency_keys::fingerprint,
            idempotency_keys::status,
            idempotency_keys::location,
            idempotency_keys::etag,
            idempotency_keys::body,
        ))
        .first(connection)
        .optional()?;
    Ok(
        found.map(|(fingerprint, status, location, etag, body)| KeptAnswer {
            fingerprint,
            status,
            location,
            etag,
            body,
        }),
    )
}

/// Keeps an answer, in the transaction that it tells of.
pub fn keep(
    connection: &mut DbConnection,
    key: &str,
    answer: &KeptAnswer,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    diesel::delete(idempotency_keys::table.find((&stamp.actor, key))).execute(connection)?;
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::actor.eq(&stamp.actor),
            idempotency_keys::key.eq(key),
            idempotency_keys::fingerprint.eq(&answer.fingerprint),
            idempotency_keys::status.eq(answer.status),
            idempotency_keys::location.eq(answer.location.as_deref()),
            idempotency_keys::etag.eq(answer.etag.as_deref()),
            idempotency_keys::body.eq(answer.body.as_deref()),
            idempotency_keys::created_at.eq(stamp.at.millis()),
        ))
        .execute(connection)?;
    Ok(())
}

/// Forgets answers that are older than a day; gives how many.
pub fn forget_old(connection: &mut DbConnection, now: UtcTime) -> Result<usize, StoreError> {
    let old = idempotency_keys::created_at.le(now.millis() - KEPT);
    Ok(diesel::delete(idempotency_keys::table.filter(old)).execute(connection)?)
}
