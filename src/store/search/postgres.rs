//! The index as a table of text-search vectors, and SQL that only Postgres understands.

use std::collections::BTreeMap;

use diesel::{
    PgConnection, RunQueryDsl,
    result::QueryResult,
    sql_query,
    sql_types::{Array, BigInt, Text},
};

use crate::{
    model::search::{Clause, SearchDocument, SearchQuery},
    store::search::{HEAD_WEIGHT, Occurrences, TITLE_WEIGHT},
};

/// What stands before and after the expression in the condition of a hit.
pub(super) const CONDITION: (&str, &str) = (
    "articles.pk IN (SELECT article_pk FROM article_search WHERE document @@ CAST(",
    " AS tsquery))",
);

/// The rows that the index has.
pub(super) const INDEXED: &str = "SELECT article_pk AS pk FROM article_search";

/// The highest position that a vector keeps, and the most positions of one word
/// (Postgres documentation, section 12.11).
const POSITION_AT_MOST: usize = 16_383;
const POSITIONS_AT_MOST: usize = 255;
/// Lies between the fields, so that no phrase reaches from one into the next.
const GAP: usize = 10;
/// Bytes of a vector's text; the vector itself may have 1 MB.
const VECTOR_AT_MOST: usize = 900_000;

pub(super) fn put(
    connection: &mut PgConnection,
    article_pk: i64,
    document: &SearchDocument,
    names: &str,
) -> QueryResult<()> {
    sql_query(
        "INSERT INTO article_search (article_pk, document) VALUES ($1, CAST($2 AS tsvector)) \
         ON CONFLICT (article_pk) DO UPDATE SET document = excluded.document",
    )
    .bind::<BigInt, _>(article_pk)
    .bind::<Text, _>(vector(document, names))
    .execute(connection)?;
    Ok(())
}

/// The vector as text: `'word':1A,7D …`.
fn vector(document: &SearchDocument, names: &str) -> String {
    let fields = [
        (document.title.as_str(), 'A'),
        (document.summary.as_str(), 'B'),
        (names, 'C'),
        (document.body.as_str(), 'D'),
    ];
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut position = 1;
    for (words, weight) in fields {
        for word in words.split_whitespace() {
            let of_word = places.entry(word).or_default();
            if of_word.len() < POSITIONS_AT_MOST {
                of_word.push(format!("{}{weight}", position.min(POSITION_AT_MOST)));
            }
            position += 1;
        }
        position += GAP;
    }
    let mut text = String::new();
    for (word, of_word) in places {
        if text.len() > VECTOR_AT_MOST {
            break;
        }
        text.push_str(&format!("'{word}':{} ", of_word.join(",")));
    }
    text
}

pub(super) fn remove(connection: &mut PgConnection, article_pk: i64) -> QueryResult<()> {
    sql_query("DELETE FROM article_search WHERE article_pk = $1")
        .bind::<BigInt, _>(article_pk)
        .execute(connection)?;
    Ok(())
}

pub(super) fn clear(connection: &mut PgConnection) -> QueryResult<()> {
    sql_query("DELETE FROM article_search").execute(connection)?;
    Ok(())
}

/// All clauses, in the language of `tsquery`. Words hold letters and digits alone, so that
/// quotes need no escape.
pub(super) fn expression(clauses: &[Clause]) -> String {
    clauses.iter().map(clause).collect::<Vec<_>>().join(" & ")
}

/// Any of the clauses.
pub(super) fn any(clauses: &[Clause]) -> String {
    clauses.iter().map(clause).collect::<Vec<_>>().join(" | ")
}

fn clause(clause: &Clause) -> String {
    let star = if clause.prefix { ":*" } else { "" };
    let words: Vec<String> = clause
        .words
        .iter()
        .map(|word| format!("'{word}'"))
        .collect();
    format!("({}{star})", words.join(" <-> "))
}

pub(super) fn occurrences(
    connection: &mut PgConnection,
    query: &SearchQuery,
) -> QueryResult<Vec<Occurrences>> {
    let (mut words, mut prefixes) = (Vec::new(), Vec::new());
    for (word, prefix) in query.terms() {
        match prefix {
            true => prefixes.push(word),
            false => words.push(word),
        }
    }
    sql_query(format!(
        "SELECT s.article_pk, w.lexeme AS word,
                (SELECT COALESCE(SUM(CASE x WHEN 'A' THEN {TITLE_WEIGHT} WHEN 'D' THEN 0
                                            ELSE {HEAD_WEIGHT} END), 0)
                 FROM unnest(w.weights) AS x)::bigint AS head,
                COALESCE(cardinality(array_positions(w.weights, 'D')), 0)::bigint AS body
         FROM article_search AS s, unnest(s.document) AS w
         WHERE s.document @@ CAST($1 AS tsquery)
           AND (w.lexeme = ANY($2) OR EXISTS
                (SELECT 1 FROM unnest($3) AS p WHERE starts_with(w.lexeme, p)))"
    ))
    .bind::<Text, _>(expression(&query.wanted))
    .bind::<Array<Text>, _>(words)
    .bind::<Array<Text>, _>(prefixes)
    .load(connection)
}
