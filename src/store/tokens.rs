//! Tokens that were revoked before their time, and secrets that the server made for itself.

use diesel::prelude::*;

use crate::{
    model::{secret::SecretText, stamp::Stamp, time::UtcTime},
    store::{
        Reader,
        audit::{self, Deed},
        connection::DbConnection,
        error::StoreError,
        schema::{revoked_tokens, secrets},
    },
};

/// Whether the token of this id was revoked.
pub fn is_revoked(reader: &mut Reader<'_>, jti: &str) -> Result<bool, StoreError> {
    let found: Option<i64> = revoked_tokens::table
        .find(jti)
        .select(revoked_tokens::revoked_at)
        .first(reader.connection)
        .optional()?;
    Ok(found.is_some())
}

/// Revokes the token of this id for ever; gives when it was first revoked.
pub fn revoke(
    connection: &mut DbConnection,
    jti: &str,
    stamp: &Stamp,
) -> Result<UtcTime, StoreError> {
    let known: Option<i64> = revoked_tokens::table
        .find(jti)
        .select(revoked_tokens::revoked_at)
        .first(connection)
        .optional()?;
    if let Some(at) = known {
        return Ok(UtcTime::from_column(at));
    }
    diesel::insert_into(revoked_tokens::table)
        .values((
            revoked_tokens::jti.eq(jti),
            revoked_tokens::revoked_at.eq(stamp.at.millis()),
            revoked_tokens::revoked_by.eq(&stamp.actor),
        ))
        .execute(connection)?;
    let deed = Deed {
        action: "revoke",
        kind: "token",
        id: jti,
        slug: None,
    };
    audit::record(connection, stamp, deed, &[])?;
    Ok(stamp.at)
}

/// A secret that the server made for itself, if it is there yet.
pub fn secret(reader: &mut Reader<'_>, name: &str) -> Result<Option<SecretText>, StoreError> {
    let found: Option<String> = secrets::table
        .find(name)
        .select(secrets::value)
        .first(reader.connection)
        .optional()?;
    Ok(found.map(SecretText::from))
}

/// Keeps a secret, unless there is one of this name; gives the one that there is.
pub fn keep_secret(
    connection: &mut DbConnection,
    name: &str,
    value: &SecretText,
) -> Result<SecretText, StoreError> {
    if let Some(known) = secret(&mut Reader::desk(connection), name)? {
        return Ok(known);
    }
    diesel::insert_into(secrets::table)
        .values((secrets::name.eq(name), secrets::value.eq(value.reveal())))
        .execute(connection)?;
    Ok(value.clone())
}
