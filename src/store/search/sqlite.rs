//! The index as an FTS5 table, and SQL that only SQLite understands.

use diesel::{
    RunQueryDsl, SqliteConnection,
    result::QueryResult,
    sql_query,
    sql_types::{BigInt, Text},
};

use crate::{
    model::search::{Clause, SearchDocument, SearchQuery},
    store::search::{HEAD_WEIGHT, Occurrences, TITLE_WEIGHT},
};

/// What stands before and after the expression in the condition of a hit.
pub(super) const CONDITION: (&str, &str) = (
    "articles.pk IN (SELECT rowid FROM article_search WHERE article_search MATCH ",
    ")",
);

/// The rows that the index has, in the table where FTS5 keeps their lengths.
pub(super) const INDEXED: &str = "SELECT id AS pk FROM article_search_docsize";

pub(super) fn put(
    connection: &mut SqliteConnection,
    article_pk: i64,
    document: &SearchDocument,
    names: &str,
    is_new: bool,
) -> QueryResult<()> {
    if !is_new {
        remove(connection, article_pk)?;
    }
    sql_query(
        "INSERT INTO article_search (rowid, title, summary, names, body) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind::<BigInt, _>(article_pk)
    .bind::<Text, _>(&document.title)
    .bind::<Text, _>(&document.summary)
    .bind::<Text, _>(names)
    .bind::<Text, _>(&document.body)
    .execute(connection)?;
    Ok(())
}

pub(super) fn remove(connection: &mut SqliteConnection, article_pk: i64) -> QueryResult<()> {
    sql_query("DELETE FROM article_search WHERE rowid = $1")
        .bind::<BigInt, _>(article_pk)
        .execute(connection)?;
    Ok(())
}

pub(super) fn clear(connection: &mut SqliteConnection) -> QueryResult<()> {
    sql_query("INSERT INTO article_search (article_search) VALUES ('delete-all')")
        .execute(connection)?;
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// Pages, indexes, references and the full-text index, as SQLite checks them.
pub(super) fn structural_faults(connection: &mut SqliteConnection) -> QueryResult<i64> {
    let told: Vec<Told> = sql_query("PRAGMA integrity_check").load(connection)?;
    let wrong = told
        .iter()
        .filter(|line| line.integrity_check != "ok")
        .count();
    let index = sql_query("INSERT INTO article_search (article_search) VALUES ('integrity-check')")
        .execute(connection);
    Ok(i64::try_from(wrong).unwrap_or(i64::MAX) + i64::from(index.is_err()))
}

/// All clauses, in FTS5's query language. Words hold letters and digits alone, so that quotes
/// need no escape.
pub(super) fn expression(clauses: &[Clause]) -> String {
    clauses.iter().map(clause).collect::<Vec<_>>().join(" AND ")
}

/// Any of the clauses.
pub(super) fn any(clauses: &[Clause]) -> String {
    clauses.iter().map(clause).collect::<Vec<_>>().join(" OR ")
}

fn clause(clause: &Clause) -> String {
    let star = if clause.prefix { " *" } else { "" };
    format!("\"{}\"{star}", clause.words.join(" "))
}

pub(super) fn occurrences(
    connection: &mut SqliteConnection,
    query: &SearchQuery,
) -> QueryResult<Vec<Occurrences>> {
    // Words go as one JSON list, and prefixes as another, so that the statement is always one.
    let (mut words, mut prefixes) = (Vec::new(), Vec::new());
    for (word, prefix) in query.terms() {
        match prefix {
            true => prefixes.push(word),
            false => words.push(word),
        }
    }
    let json = |list: Vec<&str>| serde_json::Value::from(list).to_string();
    // `doc`, `col` and `term` are the vocabulary table's; its index is by term alone, so the
    // terms drive and the hits only filter. A prefix ends where U+10FFFF would follow.
    sql_query(format!(
        "SELECT v.doc AS article_pk, v.term AS word,
                SUM(CASE v.col WHEN 'title' THEN {TITLE_WEIGHT} WHEN 'body' THEN 0
                               ELSE {HEAD_WEIGHT} END) AS head,
                SUM(v.col = 'body') AS body
         FROM (SELECT value AS low, value AS high FROM json_each($1)
               UNION ALL
               SELECT value, value || char(1114111) FROM json_each($2)) AS wanted
         CROSS JOIN article_search_words AS v ON v.term >= wanted.low AND v.term <= wanted.high
         WHERE v.doc IN (SELECT rowid FROM article_search WHERE article_search MATCH $3)
         GROUP BY v.doc, v.term"
    ))
    .bind::<Text, _>(json(words))
    .bind::<Text, _>(json(prefixes))
    .bind::<Text, _>(expression(&query.wanted))
    .load(connection)
}
