//! Articles that the rest of the index has not taken in yet, as they are now.

use diesel::{dsl, prelude::*, sql_types::BigInt};

use crate::{
    ranking::forward::Forward,
    store::{
        among::{Numbers, among},
        connection::{DbConnection, on_backend},
        error::StoreError,
        schema::index_pending,
    },
};

/// Bytes of the words of articles that are taken together, at most, unless it is but one: a long
/// one has a megabyte, where thousands of usual ones have some kilobytes each.
const BYTES_AT_ONCE: i64 = 128 * 1_024 * 1_024;

/// An article that waits, with its words or the bytes of them.
pub(super) struct Waiting<Words = Forward> {
    pub(super) pk: i64,
    pub(super) published: bool,
    /// None: it is gone.
    pub(super) forward: Option<Words>,
}

/// One as it is stored.
type Row = (i64, bool, Option<Vec<u8>>);

/// Lets an article wait, in place of what it waited with.
pub(super) fn put(
    connection: &mut DbConnection,
    pk: i64,
    published: bool,
    forward: Option<&[u8]>,
) -> Result<(), StoreError> {
    let row = (
        index_pending::article_pk.eq(pk),
        index_pending::published.eq(published),
        index_pending::forward.eq(forward),
    );
    match connection {
        DbConnection::Postgres(inner) => diesel::insert_into(index_pending::table)
            .values(row)
            .on_conflict(index_pending::article_pk)
            .do_update()
            .set((
                index_pending::published.eq(published),
                index_pending::forward.eq(forward),
            ))
            .execute(inner)?,
        // Unlike that, it is prepared once.
        DbConnection::Sqlite(inner) => diesel::replace_into(index_pending::table)
            .values(row)
            .execute(inner)?,
    };
    Ok(())
}

/// At most so many, by article, with the bytes of their words; fewer where those are very long.
pub(super) fn first(
    connection: &mut DbConnection,
    most: i64,
) -> Result<Vec<Waiting<Vec<u8>>>, StoreError> {
    let length = dsl::sql::<BigInt>("CAST(COALESCE(LENGTH(forward), 0) AS BIGINT)");
    let lengths: Vec<i64> = index_pending::table
        .order(index_pending::article_pk)
        .limit(most)
        .select(length)
        .load(connection)?;
    let rows: Vec<Row> = index_pending::table
        .order(index_pending::article_pk)
        .limit(fitting(&lengths, BYTES_AT_ONCE))
        .select((
            index_pending::article_pk,
            index_pending::published,
            index_pending::forward,
        ))
        .load(connection)?;
    let waiting = |(pk, published, forward)| Waiting {
        pk,
        published,
        forward,
    };
    Ok(rows.into_iter().map(waiting).collect())
}

/// How many of the first of these lengths come to so many bytes at most; one at least.
fn fitting(lengths: &[i64], at_most: i64) -> i64 {
    let mut bytes = 0_i64;
    let fits = |length: &&i64| {
        bytes = bytes.saturating_add(**length);
        bytes <= at_most
    };
    let count = lengths.iter().take_while(fits).count();
    i64::try_from(count.max(1)).unwrap_or(1)
}

/// Who waits, by article: all of them, and with their words those that `seen` chooses by whether
/// they are published.
pub(super) fn all(
    connection: &mut DbConnection,
    seen: impl Fn(bool) -> bool,
) -> Result<Vec<Waiting>, StoreError> {
    let rows: Vec<Row> = index_pending::table
        .order(index_pending::article_pk)
        .select((
            index_pending::article_pk,
            index_pending::published,
            index_pending::forward,
        ))
        .load(connection)?;
    rows.into_iter()
        .map(|(pk, published, forward)| {
            decoded((pk, published, forward.filter(|_| seen(published))))
        })
        .collect()
}

/// Those of these articles that wait.
pub(super) fn of(connection: &mut DbConnection, pks: &[i64]) -> Result<Vec<Waiting>, StoreError> {
    let pks = Numbers::new(pks.to_vec());
    let rows: Vec<Row> = on_backend!(connection, inner => index_pending::table
        .filter(among(index_pending::article_pk, &pks))
        .select((
            index_pending::article_pk,
            index_pending::published,
            index_pending::forward,
        ))
        .load(inner)?);
    rows.into_iter().map(decoded).collect()
}

/// These no longer wait.
pub(super) fn forget(connection: &mut DbConnection, pks: &[i64]) -> Result<(), StoreError> {
    let pks = Numbers::new(pks.to_vec());
    let waiting = index_pending::table.filter(among(index_pending::article_pk, &pks));
    on_backend!(connection, inner => diesel::delete(waiting).execute(inner)?);
    Ok(())
}

fn decoded((pk, published, forward): Row) -> Result<Waiting, StoreError> {
    let forward = match forward {
        None => None,
        Some(bytes) => Some(Forward::decode(&bytes).ok_or_else(|| corrupt(pk))?),
    };
    Ok(Waiting {
        pk,
        published,
        forward,
    })
}

/// Of an article whose words can't be read.
pub(super) fn corrupt(pk: i64) -> StoreError {
    StoreError::Corrupt(format!("words of row {pk} that wait for the index"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_are_taken_than_memory_is_for() {
        assert_eq!(fitting(&[3, 4, 5, 1], 7), 2);
        assert_eq!(fitting(&[3, 4, 5, 1], 100), 4);
        assert_eq!(fitting(&[0, 0, 9], 7), 2);
        assert_eq!(fitting(&[9, 1], 7), 1);
        assert_eq!(fitting(&[i64::MAX, i64::MAX], 7), 1);
        assert_eq!(fitting(&[], 7), 1);
    }
}
