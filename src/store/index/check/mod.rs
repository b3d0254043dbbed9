//! Whether what the index says in one place agrees with what it says in another, for
//! `newsstand doctor` alone. All of it is read, some rows at a time; what is kept of them are a
//! few dozen bytes for each article, and for each word of each language.

mod lists;
mod stems;

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use diesel::prelude::*;

use crate::{
    ranking::{forward::Forward, vector::Vector},
    store::{
        connection::DbConnection,
        error::StoreError,
        index::read::vector_of_document,
        schema::{index_documents, index_pending, index_shelves, index_vectors},
    },
};
use lists::Lists;
use stems::Stems;

/// Rows that are read at a time: few, since one may be large.
const WAITING_AT_ONCE: i64 = 100;
const DOCUMENTS_AT_ONCE: i64 = 200;

/// What must hold of the index, each with the number of places where it does not.
pub(in crate::store) fn faults(
    connection: &mut DbConnection,
) -> Result<Vec<(&'static str, i64)>, StoreError> {
    let waiting = waiting_at_fault(connection)?;
    let Documents {
        mut standings,
        stems,
        vague,
        astray,
    } = Documents::read(connection)?;
    let (strange, unstemmed) = (number(stems.strange.len()), stems.unstemmed);
    // It may be large, and is not needed any more.
    drop(stems);
    let shelves = shelves_at_fault(connection, &standings)?;
    let Lists {
        damaged, strays, ..
    } = Lists::read(connection, &mut standings)?;
    let elsewhere = standings.values().filter(|one| one.due != 0).count();
    Ok(vec![
        ("all that waits for the index can be read", waiting),
        ("the index knows what every article is about", vague),
        ("the index has vectors of its articles alone", astray),
        ("the index counts the articles that it has", shelves),
        ("every list of the index can be read", damaged),
        (
            "every article stands under all of its words in the index",
            number(elsewhere),
        ),
        (
            "every list of the index has nothing but articles of its shelf",
            strays,
        ),
        (
            "the index knows the language of every article that it has",
            strange,
        ),
        (
            "the index knows the stem of every word that it has",
            unstemmed,
        ),
    ])
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Stands for a text, or for several, in little memory.
fn fingerprint<T: Hash>(value: T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn words(joined: &str) -> impl Iterator<Item = &str> {
    joined.split(' ').filter(|word| !word.is_empty())
}

/// Waiting articles whose words can't be read.
fn waiting_at_fault(connection: &mut DbConnection) -> Result<i64, StoreError> {
    let (mut faults, mut after) = (0, i64::MIN);
    loop {
        let rows: Vec<(i64, Option<Vec<u8>>)> = index_pending::table
            .filter(index_pending::article_pk.gt(after))
            .order(index_pending::article_pk)
            .limit(WAITING_AT_ONCE)
            .select((index_pending::article_pk, index_pending::forward))
            .load(connection)?;
        let Some((last, _)) = rows.last() else {
            return Ok(faults);
        };
        after = *last;
        let forwards = rows.iter().filter_map(|(_, forward)| forward.as_deref());
        faults += number(forwards.filter(|it| Forward::decode(it).is_none()).count());
    }
}

/// How an article should stand in the lists.
struct Standing {
    published: bool,
    /// The sum of the fingerprints of its words, less those of the lists where it was met.
    due: u64,
}

/// By article.
type Standings = HashMap<i64, Standing>;

/// Row, shelf, vector, its words as written, terms.
type DocumentRow = (i64, bool, Option<Vec<u8>>, String, String);

/// What the index has of articles beside its lists.
struct Documents {
    standings: Standings,
    stems: Stems,
    /// Articles of which it can't be read what they are about.
    vague: i64,
    /// Vectors that are of none of the articles.
    astray: i64,
}

impl Documents {
    fn read(connection: &mut DbConnection) -> Result<Self, StoreError> {
        let mut all = Self {
            standings: Standings::new(),
            stems: Stems::read(connection)?,
            vague: 0,
            astray: 0,
        };
        let mut after = i64::MIN;
        loop {
            let rows: Vec<DocumentRow> = index_documents::table
                .filter(index_documents::article_pk.gt(after))
                .order(index_documents::article_pk)
                .limit(DOCUMENTS_AT_ONCE)
                .select((
                    index_documents::article_pk,
                    index_documents::published,
                    vector_of_document(),
                    index_documents::written,
                    index_documents::words,
                ))
                .load(connection)?;
            let Some((last, ..)) = rows.last() else {
                let vectors: i64 = index_vectors::table.count().get_result(connection)?;
                all.astray += vectors;
                return Ok(all);
            };
            after = *last;
            for row in rows {
                all.take(row);
            }
        }
    }

    fn take(&mut self, (pk, published, vector, written, terms): DocumentRow) {
        let due = words(&terms).map(fingerprint).fold(0, u64::wrapping_add);
        self.standings.insert(pk, Standing { published, due });
        // What is left of all of them, once they are counted.
        self.astray -= i64::from(vector.is_some());
        let vector = vector.as_deref().and_then(Vector::decode);
        let about = vector.map(|vector| vector.terms.len());
        self.vague += i64::from(about != Some(words(&written).count()));
        self.stems.take(&terms);
    }
}

/// Shelves that have another number of articles than is noted of them.
fn shelves_at_fault(
    connection: &mut DbConnection,
    standings: &Standings,
) -> Result<i64, StoreError> {
    let noted: Vec<(bool, i64)> = index_shelves::table
        .select((index_shelves::published, index_shelves::articles))
        .load(connection)?;
    let noted: HashMap<bool, i64> = noted.into_iter().collect();
    let wrong = [false, true].iter().filter(|shelf| {
        let on_it = standings.values().filter(|one| one.published == **shelf);
        noted.get(*shelf).copied().unwrap_or(0) != number(on_it.count())
    });
    Ok(number(wrong.count()))
}
