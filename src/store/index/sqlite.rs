//! How SQLite reads and writes the index: one row at a time, by statements that are prepared once.

use std::collections::BTreeSet;

use diesel::{
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Binary, Bool, Text},
    sqlite::Sqlite,
};

use crate::{
    ranking::postings::Block,
    store::{
        index::{
            batch::{Document, Stem},
            merge::Edited,
            plan::{Change, Edits},
        },
        schema::{
            index_documents, index_languages, index_postings, index_stems, index_vectors,
            related_edited, related_queue,
        },
    },
};

/// For each term the blocks that its edits concern, in their order.
pub(super) fn concerned(
    connection: &mut SqliteConnection,
    edits: &[Edits],
) -> QueryResult<Vec<Vec<Block>>> {
    let mut concerned = Vec::with_capacity(edits.len());
    for edits in edits {
        let mut blocks = Vec::new();
        let mut wanted = edits.last();
        while let Some(pk) = wanted {
            let Some(block) = at(connection, edits, pk)? else {
                break;
            };
            wanted = edits.last_before(block.first_pk);
            blocks.push(block);
        }
        blocks.reverse();
        concerned.push(blocks);
    }
    Ok(concerned)
}

/// Asks for the block of a term that has an article, or would have it. Written out, since there is
/// one for each term of a batch: SQLite may look at a limit that is bound, as Diesel would bind it,
/// and plan the query anew each time.
struct BlockAt<'a> {
    term: &'a str,
    published: bool,
    pk: i64,
}

impl Query for BlockAt<'_> {
    type SqlType = (BigInt, Binary, Binary);
}

impl QueryId for BlockAt<'_> {
    type QueryId = BlockAt<'static>;
}

impl RunQueryDsl<SqliteConnection> for BlockAt<'_> {}

impl QueryFragment<Sqlite> for BlockAt<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("SELECT first_pk, docs, places FROM index_postings WHERE term = ");
        out.push_bind_param::<Text, str>(self.term)?;
        out.push_sql(" AND published = ");
        out.push_bind_param::<Bool, bool>(&self.published)?;
        out.push_sql(" AND first_pk <= ");
        out.push_bind_param::<BigInt, i64>(&self.pk)?;
        out.push_sql(" ORDER BY first_pk DESC LIMIT 1");
        Ok(())
    }
}

/// The block that has this article, or would have it.
fn at(connection: &mut SqliteConnection, edits: &Edits, pk: i64) -> QueryResult<Option<Block>> {
    let query = BlockAt {
        term: &edits.term,
        published: edits.published,
        pk,
    };
    let found: Option<(i64, Vec<u8>, Vec<u8>)> = query.get_result(connection).optional()?;
    Ok(found.map(|(first_pk, docs, places)| Block {
        first_pk,
        docs,
        places,
    }))
}

pub(super) fn write(connection: &mut SqliteConnection, changes: &[Edited<'_>]) -> QueryResult<()> {
    for one in changes {
        match &one.change {
            Change::Put(block) => {
                diesel::replace_into(index_postings::table)
                    .values((
                        index_postings::term.eq(one.term),
                        index_postings::published.eq(one.published),
                        index_postings::first_pk.eq(block.first_pk),
                        index_postings::docs.eq(block.docs.as_slice()),
                        index_postings::places.eq(block.places.as_slice()),
                    ))
                    .execute(connection)?;
            }
            Change::Delete(first_pk) => {
                let gone = index_postings::table
                    .filter(index_postings::term.eq(one.term))
                    .filter(index_postings::published.eq(one.published))
                    .filter(index_postings::first_pk.eq(*first_pk));
                diesel::delete(gone).execute(connection)?;
            }
        }
    }
    Ok(())
}

pub(super) fn put_documents(
    connection: &mut SqliteConnection,
    documents: &[Document<'_>],
) -> QueryResult<()> {
    for document in documents {
        diesel::replace_into(index_documents::table)
            .values((
                index_documents::article_pk.eq(document.pk),
                index_documents::published.eq(document.published),
                index_documents::written.eq(document.written),
                index_documents::words.eq(document.words.as_str()),
            ))
            .execute(connection)?;
        diesel::replace_into(index_vectors::table)
            .values((
                index_vectors::article_pk.eq(document.pk),
                index_vectors::vector.eq(document.vector),
            ))
            .execute(connection)?;
    }
    Ok(())
}

pub(super) fn add_stems(connection: &mut SqliteConnection, stems: &[Stem]) -> QueryResult<()> {
    for stem in stems {
        diesel::insert_or_ignore_into(index_stems::table)
            .values((
                index_stems::language.eq(stem.language.as_str()),
                index_stems::stem.eq(stem.stem.as_str()),
                index_stems::term.eq(stem.term.as_str()),
            ))
            .execute(connection)?;
    }
    Ok(())
}

pub(super) fn add_languages(
    connection: &mut SqliteConnection,
    languages: &BTreeSet<String>,
) -> QueryResult<()> {
    for language in languages {
        diesel::insert_or_ignore_into(index_languages::table)
            .values(index_languages::language.eq(language.as_str()))
            .execute(connection)?;
    }
    Ok(())
}

pub(super) fn queue_related(connection: &mut SqliteConnection, pks: &[i64]) -> QueryResult<()> {
    for pk in pks {
        diesel::insert_or_ignore_into(related_queue::table)
            .values(related_queue::article_pk.eq(*pk))
            .execute(connection)?;
    }
    Ok(())
}

pub(super) fn note_edited(
    connection: &mut SqliteConnection,
    pks: &[i64],
    epoch: i64,
) -> QueryResult<()> {
    for pk in pks {
        let edited = (
            related_edited::article_pk.eq(*pk),
            related_edited::epoch.eq(epoch),
        );
        diesel::replace_into(related_edited::table)
            .values(edited)
            .execute(connection)?;
    }
    Ok(())
}
