//! The keys of answers with related articles, and how caches are told of what changes them beside
//! the articles themselves.

use crate::store::{Store, connection::DbConnection, error::StoreError, invalidation};

/// The key of all of them.
pub const ALL: &str = "related";
/// The key of those that watch all articles as well: what is noted when the index has taken in
/// articles names single ones.
pub const MERGED: &str = "merged";

/// Parts into which those to all articles fall, about alike in size.
pub const PARTS: u8 = 64;

/// The key of the part to which those to an article of this id belong.
pub(super) fn part_of(id: &str) -> String {
    let sum = id.bytes().fold(0, u8::wrapping_add);
    part(sum % PARTS)
}

fn part(number: u8) -> String {
    format!("related-part-{number}")
}

/// Tells that those of one part are others now.
pub fn tell_part(store: &Store, number: u8) -> Result<(), StoreError> {
    store.write_waiting(move |connection| invalidation::note(connection, &[part(number)]))
}

/// The key of those to an article of this id.
pub(super) fn of(id: &str) -> String {
    format!("related-{id}")
}

/// Tells that those to any article are others now.
pub(in crate::store) fn note_all(connection: &mut DbConnection) -> Result<(), StoreError> {
    invalidation::note(connection, &[ALL.to_owned()])
}

/// Tells that those to the articles of these ids are others now.
pub(super) fn note_of(connection: &mut DbConnection, ids: &[String]) -> Result<(), StoreError> {
    let keys: Vec<String> = ids.iter().map(|id| of(id)).collect();
    invalidation::note(connection, &keys)
}
