//! How Postgres reads and writes the index: by statements that take thousands of keys at a time.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{
    PgConnection, QueryableByName, RunQueryDsl,
    result::QueryResult,
    sql_query,
    sql_types::{Array, BigInt, Binary, Bool, Text},
};

use crate::{
    ranking::postings::Block,
    store::index::{
        batch::{Document, Stem},
        merge::Edited,
        plan::{Change, Edits},
    },
};

/// Rows that one statement asks for, or writes.
const ROWS_AT_ONCE: usize = 2_000;

/// Which block is asked for, and for which of the terms by their number.
#[derive(Clone, Copy)]
struct Key<'a> {
    number: i64,
    term: &'a str,
    published: bool,
    pk: i64,
}

impl<'a> Key<'a> {
    fn new(number: i64, edits: &'a Edits, pk: i64) -> Self {
        Self {
            number,
            term: &edits.term,
            published: edits.published,
            pk,
        }
    }
}

/// A query by keys.
macro_rules! by_keys {
    ($query:expr, $keys:expr) => {
        sql_query($query)
            .bind::<Array<BigInt>, _>(column($keys, |key| key.number))
            .bind::<Array<Text>, _>(column($keys, |key| key.term))
            .bind::<Array<Bool>, _>(column($keys, |key| key.published))
            .bind::<Array<BigInt>, _>(column($keys, |key| key.pk))
    };
}

fn column<'a, T>(keys: &[Key<'a>], of: impl Fn(Key<'a>) -> T) -> Vec<T> {
    keys.iter().map(|key| of(*key)).collect()
}

#[derive(QueryableByName)]
struct FoundBlock {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = BigInt)]
    first_pk: i64,
    #[diesel(sql_type = Binary)]
    docs: Vec<u8>,
    #[diesel(sql_type = Binary)]
    places: Vec<u8>,
}

#[derive(QueryableByName)]
struct FoundKey {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = BigInt)]
    first_pk: i64,
}

/// The blocks that have the articles of the keys, or would have them.
const BLOCKS_AT: &str = r#"
    SELECT k.number, b.first_pk, b.docs, b.places
    FROM unnest($1::bigint[], $2::text[], $3::bool[], $4::bigint[])
        AS k (number, term, published, pk)
    CROSS JOIN LATERAL (
        SELECT p.first_pk, p.docs, p.places FROM index_postings AS p
        WHERE p.term = k.term COLLATE "C" AND p.published = k.published AND p.first_pk <= k.pk
        ORDER BY p.first_pk DESC LIMIT 1
    ) AS b"#;

/// Where those blocks begin.
const KEYS_AT: &str = r#"
    SELECT DISTINCT k.number, b.first_pk
    FROM unnest($1::bigint[], $2::text[], $3::bool[], $4::bigint[])
        AS k (number, term, published, pk)
    CROSS JOIN LATERAL (
        SELECT p.first_pk FROM index_postings AS p
        WHERE p.term = k.term COLLATE "C" AND p.published = k.published AND p.first_pk <= k.pk
        ORDER BY p.first_pk DESC LIMIT 1
    ) AS b"#;

/// For each term the blocks that its edits concern, in their order. Most terms have all their
/// edits in their last block, so that is read first; where the others go is asked before any of
/// their blocks is read, since many go to the same.
pub(super) fn concerned(
    connection: &mut PgConnection,
    edits: &[Edits],
) -> QueryResult<Vec<Vec<Block>>> {
    let mut found: Vec<BTreeMap<i64, Block>> = vec![BTreeMap::new(); edits.len()];
    let numbered = || (0_i64..).zip(edits);
    let last: Vec<Key<'_>> = numbered()
        .filter_map(|(number, edits)| Some(Key::new(number, edits, edits.last()?)))
        .collect();
    read_blocks(connection, &last, &mut found)?;

    let mut others = Vec::new();
    for ((number, edits), blocks) in numbered().zip(&found) {
        // Without a block for the last there is none for the others.
        if let Some(first) = blocks.keys().next() {
            let below = edits.articles().take_while(|pk| pk < first);
            others.extend(below.map(|pk| Key::new(number, edits, pk)));
        }
    }
    let mut firsts: BTreeSet<(i64, i64)> = BTreeSet::new();
    for keys in others.chunks(ROWS_AT_ONCE) {
        let rows: Vec<FoundKey> = by_keys!(KEYS_AT, keys).load(connection)?;
        firsts.extend(rows.iter().map(|row| (row.number, row.first_pk)));
    }
    let firsts: Vec<Key<'_>> = firsts
        .into_iter()
        .filter_map(|(number, pk)| {
            let edits = edits.get(usize::try_from(number).ok()?)?;
            Some(Key::new(number, edits, pk))
        })
        .collect();
    read_blocks(connection, &firsts, &mut found)?;
    Ok(found
        .into_iter()
        .map(|blocks| blocks.into_values().collect())
        .collect())
}

fn read_blocks(
    connection: &mut PgConnection,
    keys: &[Key<'_>],
    found: &mut [BTreeMap<i64, Block>],
) -> QueryResult<()> {
    for keys in keys.chunks(ROWS_AT_ONCE) {
        let rows: Vec<FoundBlock> = by_keys!(BLOCKS_AT, keys).load(connection)?;
        for row in rows {
            let number = usize::try_from(row.number).ok();
            if let Some(blocks) = number.and_then(|number| found.get_mut(number)) {
                let block = Block {
                    first_pk: row.first_pk,
                    docs: row.docs,
                    places: row.places,
                };
                blocks.insert(block.first_pk, block);
            }
        }
    }
    Ok(())
}

pub(super) fn write(connection: &mut PgConnection, changes: &[Edited<'_>]) -> QueryResult<()> {
    for changes in changes.chunks(ROWS_AT_ONCE) {
        delete(connection, changes)?;
        upsert(connection, changes)?;
    }
    Ok(())
}

fn delete(connection: &mut PgConnection, changes: &[Edited<'_>]) -> QueryResult<()> {
    let (mut terms, mut published, mut firsts) = (Vec::new(), Vec::new(), Vec::new());
    for one in changes {
        if let Change::Delete(first_pk) = one.change {
            terms.push(one.term);
            published.push(one.published);
            firsts.push(first_pk);
        }
    }
    if terms.is_empty() {
        return Ok(());
    }
    sql_query(
        r#"DELETE FROM index_postings AS p
           USING unnest($1::text[], $2::bool[], $3::bigint[]) AS k (term, published, first_pk)
           WHERE p.term = k.term COLLATE "C" AND p.published = k.published
               AND p.first_pk = k.first_pk"#,
    )
    .bind::<Array<Text>, _>(terms)
    .bind::<Array<Bool>, _>(published)
    .bind::<Array<BigInt>, _>(firsts)
    .execute(connection)?;
    Ok(())
}

fn upsert(connection: &mut PgConnection, changes: &[Edited<'_>]) -> QueryResult<()> {
    let (mut terms, mut published, mut firsts) = (Vec::new(), Vec::new(), Vec::new());
    let (mut docs, mut places) = (Vec::new(), Vec::new());
    for one in changes {
        if let Change::Put(block) = &one.change {
            terms.push(one.term);
            published.push(one.published);
            firsts.push(block.first_pk);
            docs.push(block.docs.as_slice());
            places.push(block.places.as_slice());
        }
    }
    if terms.is_empty() {
        return Ok(());
    }
    sql_query(
        "INSERT INTO index_postings (term, published, first_pk, docs, places)
         SELECT * FROM unnest($1::text[], $2::bool[], $3::bigint[], $4::bytea[], $5::bytea[])
         ON CONFLICT (term, published, first_pk)
             DO UPDATE SET docs = excluded.docs, places = excluded.places",
    )
    .bind::<Array<Text>, _>(terms)
    .bind::<Array<Bool>, _>(published)
    .bind::<Array<BigInt>, _>(firsts)
    .bind::<Array<Binary>, _>(docs)
    .bind::<Array<Binary>, _>(places)
    .execute(connection)?;
    Ok(())
}

pub(super) fn put_documents(
    connection: &mut PgConnection,
    documents: &[Document<'_>],
) -> QueryResult<()> {
    for chunk in documents.chunks(ROWS_AT_ONCE) {
        let pks: Vec<i64> = chunk.iter().map(|one| one.pk).collect();
        let vectors: Vec<&[u8]> = chunk.iter().map(|one| one.vector).collect();
        let published: Vec<bool> = chunk.iter().map(|one| one.published).collect();
        let written: Vec<&str> = chunk.iter().map(|one| one.written).collect();
        let words: Vec<&str> = chunk.iter().map(|one| one.words.as_str()).collect();
        sql_query(
            "WITH about AS (
                 INSERT INTO index_vectors (article_pk, vector)
                 SELECT * FROM unnest($1::bigint[], $2::bytea[])
                 ON CONFLICT (article_pk) DO UPDATE SET vector = excluded.vector
             )
             INSERT INTO index_documents (article_pk, published, written, words)
             SELECT * FROM unnest($1::bigint[], $3::bool[], $4::text[], $5::text[])
             ON CONFLICT (article_pk) DO UPDATE
                 SET published = excluded.published, written = excluded.written,
                     words = excluded.words",
        )
        .bind::<Array<BigInt>, _>(pks)
        .bind::<Array<Binary>, _>(vectors)
        .bind::<Array<Bool>, _>(published)
        .bind::<Array<Text>, _>(written)
        .bind::<Array<Text>, _>(words)
        .execute(connection)?;
    }
    Ok(())
}

pub(super) fn add_stems(connection: &mut PgConnection, stems: &[Stem]) -> QueryResult<()> {
    for chunk in stems.chunks(ROWS_AT_ONCE) {
        let languages: Vec<&str> = chunk.iter().map(|one| one.language.as_str()).collect();
        let stems: Vec<&str> = chunk.iter().map(|one| one.stem.as_str()).collect();
        let terms: Vec<&str> = chunk.iter().map(|one| one.term.as_str()).collect();
        sql_query(
            "INSERT INTO index_stems (language, stem, term)
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
             ON CONFLICT DO NOTHING",
        )
        .bind::<Array<Text>, _>(languages)
        .bind::<Array<Text>, _>(stems)
        .bind::<Array<Text>, _>(terms)
        .execute(connection)?;
    }
    Ok(())
}

pub(super) fn add_languages(
    connection: &mut PgConnection,
    languages: &BTreeSet<String>,
) -> QueryResult<()> {
    if languages.is_empty() {
        return Ok(());
    }
    let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
    sql_query(
        "INSERT INTO index_languages (language) SELECT * FROM unnest($1::text[])
         ON CONFLICT DO NOTHING",
    )
    .bind::<Array<Text>, _>(languages)
    .execute(connection)?;
    Ok(())
}

pub(super) fn queue_related(connection: &mut PgConnection, pks: &[i64]) -> QueryResult<()> {
    if pks.is_empty() {
        return Ok(());
    }
    sql_query(
        "INSERT INTO related_queue (article_pk) SELECT * FROM unnest($1::bigint[])
         ON CONFLICT DO NOTHING",
    )
    .bind::<Array<BigInt>, _>(pks.to_vec())
    .execute(connection)?;
    Ok(())
}

pub(super) fn note_edited(
    connection: &mut PgConnection,
    pks: &[i64],
    epoch: i64,
) -> QueryResult<()> {
    if pks.is_empty() {
        return Ok(());
    }
    sql_query(
        "INSERT INTO related_edited (article_pk, epoch) SELECT pk, $2 FROM unnest($1::bigint[]) AS pk
         ON CONFLICT (article_pk) DO UPDATE SET epoch = EXCLUDED.epoch",
    )
    .bind::<Array<BigInt>, _>(pks.to_vec())
    .bind::<BigInt, _>(epoch)
    .execute(connection)?;
    Ok(())
}
