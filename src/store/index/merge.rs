//! Takes waiting articles into the rest of the index.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::{
    model::kind::Kind,
    store::{
        Store,
        among::{Numbers, among},
        articles::rows,
        connection::{DbConnection, on_backend},
        error::StoreError,
        index::{
            batch::{Batch, Before, Document, Gathering},
            pending,
            plan::{self, Change, Edits},
            postgres,
            read::languages,
            sqlite,
        },
        invalidation::{self, all_of},
        related,
        schema::{
            index_documents, index_shelves, index_vectors, related_edited, related_lists,
            related_models, related_queue, related_state,
        },
    },
};

/// Terms whose blocks are held in memory together.
const TERMS_AT_ONCE: usize = 2_000;
/// Articles that a program writes, or reads anew, before it has them merged: the more at a time the
/// cheaper, but searches look through what is not merged one by one.
pub const MERGED_AFTER: usize = 5_000;
/// Articles that [`merge_all`] merges in one transaction: a term's postings are written once for
/// all of them.
const ARTICLES_AT_ONCE: i64 = 5_000;
/// With more articles than this in its queue, it is cheaper to compute related articles anew, as
/// they are asked for, than to tell each article of all the others.
const FLOOD: usize = 1_000;

/// A change of one block.
pub(super) struct Edited<'a> {
    pub(super) term: &'a str,
    pub(super) published: bool,
    pub(super) change: Change,
}

/// Merges at most `most` waiting articles, fewer where those are very long; gives how many they
/// were.
pub fn merge(connection: &mut DbConnection, most: i64) -> Result<usize, StoreError> {
    let started = std::time::Instant::now();
    let waiting = pending::first(connection, most)?;
    let pks: Vec<i64> = waiting.iter().map(|article| article.pk).collect();
    if pks.is_empty() {
        return Ok(0);
    }
    let before = before(connection, &pks)?;
    let mut gathering = Gathering::of(&waiting, &before)?;
    while let Some(edits) = gathering.next_edits() {
        for edits in edits.chunks(TERMS_AT_ONCE) {
            edit_postings(connection, edits)?;
        }
    }
    let batch = gathering.finish();
    keep_documents(connection, &batch.documents, &batch.gone)?;
    let languages = languages(connection)?;
    match connection {
        DbConnection::Postgres(inner) => {
            postgres::add_stems(inner, &batch.stems)?;
            postgres::add_languages(inner, &batch.languages)?;
        }
        DbConnection::Sqlite(inner) => {
            sqlite::add_stems(inner, &batch.stems)?;
            sqlite::add_languages(inner, &batch.languages)?;
        }
    }
    for (published, more) in batch.shelves {
        count(connection, published, more)?;
    }
    let speaks_anew = batch.languages.iter().any(|new| !languages.contains(new));
    tell_caches(connection, &batch.published, &before, speaks_anew)?;
    tell_related(connection, &batch, &before)?;
    note_changed(connection, pks.len())?;
    pending::forget(connection, &pks)?;
    let took = started.elapsed();
    log::debug!("merged {} articles into the index in {took:?}", pks.len());
    Ok(pks.len())
}

/// Merges all waiting articles, in as many transactions as it takes.
pub fn merge_all(store: &Store) -> Result<(), StoreError> {
    while store.write_blocking(|connection| merge(connection, ARTICLES_AT_ONCE))? > 0 {}
    Ok(())
}

fn before(connection: &mut DbConnection, pks: &[i64]) -> Result<HashMap<i64, Before>, StoreError> {
    let pks = Numbers::new(pks.to_vec());
    let rows: Vec<(i64, bool, String)> = on_backend!(connection, inner => index_documents::table
        .filter(among(index_documents::article_pk, &pks))
        .select((
            index_documents::article_pk,
            index_documents::published,
            index_documents::words,
        ))
        .load(inner)?);
    let before = |(pk, published, words)| (pk, Before { published, words });
    Ok(rows.into_iter().map(before).collect())
}

fn edit_postings(connection: &mut DbConnection, edits: &[Edits]) -> Result<(), StoreError> {
    let concerned = match connection {
        DbConnection::Postgres(inner) => postgres::concerned(inner, edits)?,
        DbConnection::Sqlite(inner) => sqlite::concerned(inner, edits)?,
    };
    let mut changes: Vec<Edited<'_>> = Vec::new();
    for (edits, blocks) in edits.iter().zip(&concerned) {
        let of_term = plan::changes(&edits.edits, blocks);
        changes.extend(of_term.into_iter().map(|change| Edited {
            term: &edits.term,
            published: edits.published,
            change,
        }));
    }
    match connection {
        DbConnection::Postgres(inner) => postgres::write(inner, &changes)?,
        DbConnection::Sqlite(inner) => sqlite::write(inner, &changes)?,
    }
    Ok(())
}

fn keep_documents(
    connection: &mut DbConnection,
    documents: &[Document<'_>],
    gone: &[i64],
) -> Result<(), StoreError> {
    match connection {
        DbConnection::Postgres(inner) => postgres::put_documents(inner, documents)?,
        DbConnection::Sqlite(inner) => sqlite::put_documents(inner, documents)?,
    }
    if gone.is_empty() {
        return Ok(());
    }
    let gone = Numbers::new(gone.to_vec());
    on_backend!(connection, inner => {
        let documents = index_documents::table.filter(among(index_documents::article_pk, &gone));
        diesel::delete(documents).execute(inner)?;
        let vectors = index_vectors::table.filter(among(index_vectors::article_pk, &gone));
        diesel::delete(vectors).execute(inner)?;
    });
    Ok(())
}

/// Searches and lists read what waits as it will be merged, so that merging changes no answer but
/// two kinds: related articles are compared by what was merged last of those that had been merged
/// before, and a language that is new gives words other forms. Those that watch all articles, and
/// so no single ones, have a key of their own.
fn tell_caches(
    connection: &mut DbConnection,
    published: &[i64],
    before: &HashMap<i64, Before>,
    speaks_anew: bool,
) -> Result<(), StoreError> {
    let again = published.iter().filter(|pk| before.contains_key(pk));
    let again: Vec<i64> = again.copied().collect();
    let ids = rows::ids(connection, &again)?;
    let articles = ids.iter().map(|id| format!("article-{id}"));
    let lists = speaks_anew.then(|| all_of(Kind::Article).to_owned());
    let merged = (!ids.is_empty()).then(|| related::MERGED.to_owned());
    let keys: Vec<String> = articles.chain(lists).chain(merged).collect();
    invalidation::note(connection, &keys)
}

/// So many articles more are on this shelf.
fn count(connection: &mut DbConnection, published: bool, more: i64) -> Result<(), StoreError> {
    if more == 0 {
        return Ok(());
    }
    let shelf = index_shelves::table.filter(index_shelves::published.eq(published));
    let counted = diesel::update(shelf)
        .set(index_shelves::articles.eq(index_shelves::articles + more))
        .execute(connection)?;
    if counted == 0 {
        diesel::insert_into(index_shelves::table)
            .values((
                index_shelves::published.eq(published),
                index_shelves::articles.eq(more),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Has the neighbours of published articles looked for, and those of hidden ones forgotten. Of
/// those that were published before, it is noted that kept lists have them as they were: not all
/// such lists are among those that are told. Their own lists hold no longer.
fn tell_related(
    connection: &mut DbConnection,
    batch: &Batch<'_>,
    before: &HashMap<i64, Before>,
) -> Result<(), StoreError> {
    if !batch.hidden.is_empty() {
        let hidden = Numbers::new(batch.hidden.clone());
        on_backend!(connection, inner => {
            let lists = related_lists::table.filter(among(related_lists::article_pk, &hidden));
            diesel::delete(lists).execute(inner)?;
            let queued = related_queue::table.filter(among(related_queue::article_pk, &hidden));
            diesel::delete(queued).execute(inner)?;
        });
    }
    if batch.published.len() > FLOOD {
        return begin_epoch(connection);
    }
    let were_published = before.iter().filter(|(_, before)| before.published);
    let edited: Vec<i64> = were_published.map(|(pk, _)| *pk).collect();
    let epoch = epoch(connection)?.unwrap_or(0);
    match connection {
        DbConnection::Postgres(inner) => {
            postgres::queue_related(inner, &batch.published)?;
            postgres::note_edited(inner, &edited, epoch)?;
        }
        DbConnection::Sqlite(inner) => {
            sqlite::queue_related(inner, &batch.published)?;
            sqlite::note_edited(inner, &edited, epoch)?;
        }
    }
    let edited = Numbers::new(edited);
    on_backend!(connection, inner => {
        let own = related_lists::table.filter(among(related_lists::article_pk, &edited));
        let outdated = related_lists::epoch.eq(related::OUTDATED);
        diesel::update(own).set(outdated).execute(inner)?;
    });
    let last: Option<i64> = related_queue::table
        .select(related_queue::article_pk)
        .order(related_queue::article_pk)
        .offset(i64::try_from(FLOOD).unwrap_or(i64::MAX))
        .first(connection)
        .optional()?;
    match last {
        Some(_) => begin_epoch(connection),
        None => Ok(()),
    }
}

/// Counts the learnings; `None` where that note is lost.
fn epoch(connection: &mut DbConnection) -> Result<Option<i64>, StoreError> {
    let state = related_state::table.select(related_state::epoch);
    Ok(state.first(connection).optional()?)
}

/// Ends the hold of all lists of related articles, and empties their queue; what was learned of
/// the publication goes on to hold.
fn begin_epoch(connection: &mut DbConnection) -> Result<(), StoreError> {
    diesel::delete(related_queue::table).execute(connection)?;
    diesel::delete(related_edited::table).execute(connection)?;
    let Some(epoch) = epoch(connection)? else {
        return Ok(());
    };
    diesel::update(related_state::table)
        .set((
            related_state::epoch.eq(epoch + 1),
            related_state::holds_from.eq(epoch + 1),
        ))
        .execute(connection)?;
    diesel::delete(related_models::table.filter(related_models::epoch.ne(epoch)))
        .execute(connection)?;
    diesel::update(related_models::table)
        .set(related_models::epoch.eq(epoch + 1))
        .execute(connection)?;
    related::note_all(connection)
}

fn note_changed(connection: &mut DbConnection, articles: usize) -> Result<(), StoreError> {
    let articles = i64::try_from(articles).unwrap_or(i64::MAX);
    diesel::update(related_state::table)
        .set(related_state::changed.eq(related_state::changed + articles))
        .execute(connection)?;
    Ok(())
}
