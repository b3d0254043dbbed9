//! How SQLite reads and writes the index: one row at a time, by statements that are prepared once.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::{
    ranking::postings::Block,
    store::{
        index::{
            batch::{Document, Stem},
            merge::Edited,
            plan::{Change, Edits},
        },
        schema::{index_documents, index_languages, index_postings, index_stems, related_queue},
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

/// The block that has this article, or would have it.
fn at(connection: &mut SqliteConnection, edits: &Edits, pk: i64) -> QueryResult<Option<Block>> {
    let found: Option<(i64, Vec<u8>, Vec<u8>)> = index_postings::table
        .filter(index_postings::term.eq(edits.term.as_str()))
        .filter(index_postings::published.eq(edits.published))
        .filter(index_postings::first_pk.le(pk))
        .order(index_postings::first_pk.desc())
        .select((
            index_postings::first_pk,
            index_postings::docs,
            index_postings::places,
        ))
        .first(connection)
        .optional()?;
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
                index_documents::vector.eq(document.vector),
                index_documents::written.eq(document.written),
                index_documents::words.eq(document.words.as_str()),
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
