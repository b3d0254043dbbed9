//! Articles that the rest of the index has not taken in yet, as they are now.

use diesel::prelude::*;

use crate::{
    ranking::forward::Forward,
    store::{
        articles::IN_AT_MOST, connection::DbConnection, error::StoreError, schema::index_pending,
    },
};

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

/// At most so many, by article, with the bytes of their words.
pub(super) fn first(
    connection: &mut DbConnection,
    most: i64,
) -> Result<Vec<Waiting<Vec<u8>>>, StoreError> {
    let rows: Vec<Row> = index_pending::table
        .order(index_pending::article_pk)
        .limit(most)
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
    let mut found = Vec::new();
    for chunk in pks.chunks(IN_AT_MOST) {
        let rows: Vec<Row> = index_pending::table
            .filter(index_pending::article_pk.eq_any(chunk.to_vec()))
            .select((
                index_pending::article_pk,
                index_pending::published,
                index_pending::forward,
            ))
            .load(connection)?;
        for row in rows {
            found.push(decoded(row)?);
        }
    }
    Ok(found)
}

/// These no longer wait.
pub(super) fn forget(connection: &mut DbConnection, pks: &[i64]) -> Result<(), StoreError> {
    for chunk in pks.chunks(IN_AT_MOST) {
        let waiting = index_pending::article_pk.eq_any(chunk.to_vec());
        diesel::delete(index_pending::table.filter(waiting)).execute(connection)?;
    }
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
