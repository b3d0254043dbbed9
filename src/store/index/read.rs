//! What the index knows of articles, of words and of languages.

use std::collections::{BTreeSet, HashMap};

use diesel::{connection::DefaultLoadingMode, dsl, prelude::*, sql_types::BigInt};

use crate::{
    ranking::{model::Sample, vector::Vector},
    store::{
        among::{Numbers, Texts, among},
        connection::{DbConnection, on_backend},
        error::StoreError,
        index::pending,
        schema::{index_documents, index_languages, index_shelves, index_stems, index_vectors},
    },
};

/// Articles, or stems, that one statement asks for.
const ROWS_AT_ONCE: usize = 1_000;
const STEMS_AT_ONCE: usize = 500;

/// The languages that articles are written in, in order.
pub(in crate::store) fn languages(
    connection: &mut DbConnection,
) -> Result<Vec<String>, StoreError> {
    Ok(index_languages::table
        .order(index_languages::language)
        .select(index_languages::language)
        .load(connection)?)
}

/// The terms that have these stems, each with its language and stem; not the stems themselves.
/// They may be of articles that are gone, or that not everyone sees.
pub(in crate::store) fn terms_of_stems(
    connection: &mut DbConnection,
    stems: &[(String, String)],
) -> Result<Vec<(String, String, String)>, StoreError> {
    let pairs = stems
        .iter()
        .map(|(language, stem)| (language.as_str(), stem.as_str()));
    let wanted: Vec<(&str, &str)> = pairs.collect::<BTreeSet<_>>().into_iter().collect();
    let mut found = Vec::new();
    for chunk in wanted.chunks(STEMS_AT_ONCE) {
        let languages: BTreeSet<&str> = chunk.iter().map(|(language, _)| *language).collect();
        let stems: BTreeSet<&str> = chunk.iter().map(|(_, stem)| *stem).collect();
        let (languages, stems) = (Texts::of(languages), Texts::of(stems));
        let rows: Vec<(String, String, String)> = on_backend!(connection, inner => index_stems::table
            .filter(among(index_stems::language, &languages))
            .filter(among(index_stems::stem, &stems))
            .order((index_stems::language, index_stems::stem, index_stems::term))
            .select((index_stems::language, index_stems::stem, index_stems::term))
            .load(inner)?);
        found.extend(rows.into_iter().filter(|(language, stem, _)| {
            let pair = (language.as_str(), stem.as_str());
            chunk.binary_search(&pair).is_ok()
        }));
    }
    Ok(found)
}

/// See [`vector_of_document`].
type VectorOfDocument = dsl::SingleValue<
    dsl::Select<
        dsl::Filter<
            index_vectors::table,
            dsl::Eq<index_vectors::article_pk, index_documents::article_pk>,
        >,
        index_vectors::vector,
    >,
>;

/// The vector of a document, to be selected beside what is in its row; null where there is none.
/// It is looked up for each row by itself, since Postgres may go through all vectors to join some.
pub(super) fn vector_of_document() -> VectorOfDocument {
    index_vectors::table
        .filter(index_vectors::article_pk.eq(index_documents::article_pk))
        .select(index_vectors::vector)
        .single_value()
}

/// The vectors of these articles, as they were when the articles were last merged.
pub(in crate::store) fn vectors(
    connection: &mut DbConnection,
    pks: &[i64],
) -> Result<HashMap<i64, Vector>, StoreError> {
    let mut vectors = HashMap::with_capacity(pks.len());
    if pks.is_empty() {
        return Ok(vectors);
    }
    let pks = Numbers::new(pks.to_vec());
    on_backend!(connection, inner => {
        let rows = index_vectors::table
            .filter(among(index_vectors::article_pk, &pks))
            .select((index_vectors::article_pk, index_vectors::vector))
            .load_iter::<(i64, Vec<u8>), DefaultLoadingMode>(inner)?;
        for row in rows {
            let (pk, bytes) = row?;
            vectors.insert(pk, decoded(pk, Some(&bytes))?);
        }
    });
    Ok(vectors)
}

/// The vectors of these articles as they are now, with a word as written for each of their terms.
pub(in crate::store) fn written(
    connection: &mut DbConnection,
    pks: &[i64],
) -> Result<HashMap<i64, (Vector, String)>, StoreError> {
    let mut found = HashMap::with_capacity(pks.len());
    for chunk in pks.chunks(ROWS_AT_ONCE) {
        let some = Numbers::new(chunk.to_vec());
        let rows: Vec<(i64, Option<Vec<u8>>, String)> = on_backend!(connection, inner => {
            index_documents::table
                .filter(among(index_documents::article_pk, &some))
                .select((
                    index_documents::article_pk,
                    vector_of_document(),
                    index_documents::written,
                ))
                .load(inner)?
        });
        for (pk, bytes, written) in rows {
            found.insert(pk, (decoded(pk, bytes.as_deref())?, written));
        }
        for article in pending::of(connection, chunk)? {
            match article.forward {
                Some(forward) => {
                    let vector = decoded(article.pk, Some(&forward.vector))?;
                    found.insert(article.pk, (vector, forward.written));
                }
                None => {
                    found.remove(&article.pk);
                }
            }
        }
    }
    Ok(found)
}

/// The share of articles that are sampled is told in this many parts: a prime, so that the
/// articles of a sample lie evenly among all.
const PARTS: i64 = 10_007;
const STEP: i64 = 7_919;

/// The vectors of at most `most` published articles, spread evenly among all; the same ones each
/// time while the articles are the same.
pub(in crate::store) fn sample(
    connection: &mut DbConnection,
    most: usize,
) -> Result<Vec<Sample>, StoreError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let articles: Option<i64> = index_shelves::table
        .filter(index_shelves::published.eq(true))
        .select(index_shelves::articles)
        .first(connection)
        .optional()?;
    let share = match articles.unwrap_or(0) {
        articles if articles > most => PARTS.saturating_mul(most) / articles,
        _ => PARTS,
    };
    let part = dsl::sql::<BigInt>(&format!("((article_pk * {STEP}) % {PARTS})"));
    let rows = index_documents::table
        .filter(index_documents::published.eq(true))
        .filter(part.lt(share.max(1)))
        .order(index_documents::article_pk)
        .limit(most)
        .select((
            index_documents::article_pk,
            vector_of_document(),
            index_documents::written,
        ))
        .load_iter::<(i64, Option<Vec<u8>>, String), DefaultLoadingMode>(connection)?;
    let mut samples = Vec::new();
    for row in rows {
        let (pk, bytes, written) = row?;
        let vector = decoded(pk, bytes.as_deref())?;
        samples.push(Sample { vector, written });
    }
    Ok(samples)
}

fn decoded(pk: i64, bytes: Option<&[u8]>) -> Result<Vector, StoreError> {
    bytes
        .and_then(Vector::decode)
        .ok_or_else(|| StoreError::Corrupt(format!("the vector of row {pk} in the index")))
}
