//! Full-text search on either database: the one place where their SQL differs.
//!
//! Both indexes are fed the same words, cut by [`crate::model::words::tokens`], and both give
//! back how often each word stands where; the score is computed here. So a search finds the same
//! articles in the same order with the same scores on SQLite and on Postgres, and, since a score
//! depends on nothing but the article itself, a cursor stays right while articles are added.

mod postgres;
mod sqlite;

use std::collections::HashMap;

use diesel::{
    BoolExpressionMethods, BoxableExpression, ExpressionMethods, QueryDsl, RunQueryDsl, dsl,
    sql_types::Bool,
};

use crate::{
    model::{
        search::{FacetValue, Facets, SearchDocument, SearchQuery},
        time::UtcTime,
    },
    store::{
        Reader,
        articles::{IN_AT_MOST, rows::Source},
        categories::Tree,
        connection::{Db, DbConnection},
        error::StoreError,
        schema::{article_authors, article_tags, authors, tags},
    },
};

/// What a title counts against the body's 1, occurrence by occurrence.
const TITLE_WEIGHT: i64 = 8;
/// What a summary, and the names of authors and tags, count.
const HEAD_WEIGHT: i64 = 4;
/// Occurrences in the body beyond this add nothing; Postgres keeps no more than 255 positions.
const BODY_AT_MOST: i64 = 100;
/// BM25's usual k1 and b, and a length that stands for the average one: with the true average, a
/// new article would shift the scores of all others, and with them every cursor.
const SATURATION: f64 = 1.2;
const LENGTH_SHARE: f64 = 0.75;
const USUAL_LENGTH: f64 = 500.0;
/// Scores are kept as whole millionths, so that sums in another order can't differ.
const SCALE: f64 = 1_000_000.0;

/// An article that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its row.
    pub row: i64,
    /// Its id.
    pub id: String,
    /// The row of its category.
    pub category_row: Option<i64>,
    /// Its editorial date in milliseconds.
    pub sort_at: i64,
    /// From 0 to 1,000,000.
    pub score: i64,
}

/// How often one word stands in one article.
#[derive(diesel::QueryableByName)]
struct Occurrences {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    article_pk: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    word: String,
    /// Weighted occurrences outside the body.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    head: i64,
    /// Occurrences in the body.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    body: i64,
}

/// Puts an article's words into the index, in place of any that it had; `names` are the words of
/// its authors' and tags' names.
pub(super) fn put(
    connection: &mut DbConnection,
    article_pk: i64,
    document: &SearchDocument,
    names: &str,
    is_new: bool,
) -> Result<(), StoreError> {
    match connection {
        DbConnection::Postgres(inner) => postgres::put(inner, article_pk, document, names)?,
        DbConnection::Sqlite(inner) => sqlite::put(inner, article_pk, document, names, is_new)?,
    }
    Ok(())
}

/// Takes an article out of the index.
pub(super) fn remove(connection: &mut DbConnection, article_pk: i64) -> Result<(), StoreError> {
    match connection {
        DbConnection::Postgres(inner) => postgres::remove(inner, article_pk)?,
        DbConnection::Sqlite(inner) => sqlite::remove(inner, article_pk)?,
    }
    Ok(())
}

/// Empties the index.
pub(super) fn clear(connection: &mut DbConnection) -> Result<(), StoreError> {
    match connection {
        DbConnection::Postgres(inner) => postgres::clear(inner)?,
        DbConnection::Sqlite(inner) => sqlite::clear(inner)?,
    }
    Ok(())
}

/// A query of the rows that the index has.
pub(super) fn indexed_rows(connection: &DbConnection) -> &'static str {
    match connection {
        DbConnection::Postgres(_) => postgres::INDEXED,
        DbConnection::Sqlite(_) => sqlite::INDEXED,
    }
}

/// What the database itself finds wrong with its files.
pub(super) fn structural_faults(connection: &mut DbConnection) -> Result<i64, StoreError> {
    match connection {
        // Postgres checks pages as it reads them.
        DbConnection::Postgres(_) => Ok(0),
        DbConnection::Sqlite(inner) => Ok(sqlite::structural_faults(inner)?),
    }
}

/// The condition that an article is a hit.
pub(super) fn condition(
    connection: &DbConnection,
    query: &SearchQuery,
) -> Box<dyn BoxableExpression<Source, Db, SqlType = Bool>> {
    let (before, after) = match connection {
        DbConnection::Postgres(_) => postgres::CONDITION,
        DbConnection::Sqlite(_) => sqlite::CONDITION,
    };
    let written = |clauses: &[_]| match connection {
        DbConnection::Postgres(_) => postgres::expression(clauses),
        DbConnection::Sqlite(_) => sqlite::expression(clauses),
    };
    let matching = |expression: String| {
        dsl::sql::<Bool>(before)
            .bind::<diesel::sql_types::Text, _>(expression)
            .sql(after)
    };
    // Nothing asked for finds nothing; only unwanted words find all that lack them.
    let has_wanted = !query.wanted.is_empty();
    let has_unwanted = !query.unwanted.is_empty();
    match (has_wanted, has_unwanted) {
        (false, false) => Box::new(dsl::sql::<Bool>("1 = 0")),
        (true, false) => Box::new(matching(written(&query.wanted))),
        (false, true) => Box::new(dsl::not(matching(any_of(connection, query)))),
        (true, true) => Box::new(
            matching(written(&query.wanted)).and(dsl::not(matching(any_of(connection, query)))),
        ),
    }
}

fn any_of(connection: &DbConnection, query: &SearchQuery) -> String {
    match connection {
        DbConnection::Postgres(_) => postgres::any(&query.unwanted),
        DbConnection::Sqlite(_) => sqlite::any(&query.unwanted),
    }
}

/// How often each wanted term stands in each article that is a hit, weighted by where.
pub(super) struct Frequencies {
    terms: usize,
    by_article: HashMap<i64, Vec<i64>>,
}

/// Reads the frequencies of a query's terms, in one statement (none without wanted terms).
pub(super) fn frequencies(
    connection: &mut DbConnection,
    query: &SearchQuery,
) -> Result<Frequencies, StoreError> {
    let terms = query.terms();
    let found = match connection {
        _ if terms.is_empty() => Vec::new(),
        DbConnection::Postgres(inner) => postgres::occurrences(inner, query)?,
        DbConnection::Sqlite(inner) => sqlite::occurrences(inner, query)?,
    };
    let mut by_article: HashMap<i64, Vec<i64>> = HashMap::new();
    for Occurrences {
        article_pk,
        word,
        head,
        body,
    } in found
    {
        let of_terms = by_article
            .entry(article_pk)
            .or_insert_with(|| vec![0; terms.len()]);
        for (frequency, (term, prefix)) in of_terms.iter_mut().zip(&terms) {
            // A prefix gathers all words that it begins.
            if word == *term || (*prefix && word.starts_with(term)) {
                *frequency += head + body.min(BODY_AT_MOST);
            }
        }
    }
    Ok(Frequencies {
        terms: terms.len(),
        by_article,
    })
}

impl Frequencies {
    /// The score of an article of so many words, from 0 to 1,000,000: the mean over the terms of
    /// BM25's saturated frequency (Robertson and Zaragoza 2009, section 3), without idf.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "frequencies are below 2^53, and a score lies between 0 and a million"
    )]
    pub(super) fn score(&self, article_pk: i64, word_count: i64) -> i64 {
        let Some(of_terms) = self.by_article.get(&article_pk) else {
            return 0;
        };
        let length = 1.0 - LENGTH_SHARE + LENGTH_SHARE * word_count as f64 / USUAL_LENGTH;
        let saturated = |frequency: &i64| {
            let frequency = *frequency as f64;
            frequency / (frequency + SATURATION * length)
        };
        let sum: f64 = of_terms.iter().map(saturated).sum();
        (sum / self.terms.max(1) as f64 * SCALE).round() as i64
    }
}

/// A hit's score as answers have it, from 0 to 1.
#[expect(
    clippy::cast_precision_loss,
    reason = "a score lies between 0 and a million"
)]
pub fn unit_score(score: i64) -> f64 {
    score as f64 / SCALE
}

/// Which facets are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FacetChoice {
    /// By category.
    pub category: bool,
    /// By tag.
    pub tag: bool,
    /// By author.
    pub author: bool,
    /// By year.
    pub year: bool,
}

/// Values of a facet, at most.
const FACET_AT_MOST: usize = 100;

/// Counts the hits by what they have; exact.
pub fn facets(
    reader: &mut Reader<'_>,
    hits: &[Hit],
    choice: FacetChoice,
) -> Result<Facets, StoreError> {
    let connection = &mut *reader.connection;
    let mut found = Facets::default();
    if choice.category {
        let names = Tree::load(connection)?.names();
        let of_hits = hits.iter().filter_map(|hit| names.get(&hit.category_row?));
        found.category = Some(counted(of_hits.cloned()));
    }
    if choice.year {
        let years = hits.iter().map(|hit| {
            let year = UtcTime::from_column(hit.sort_at).year().to_string();
            (year.clone(), year)
        });
        found.year = Some(counted(years));
    }
    if choice.tag {
        let of_hits = in_chunks(hits, |pks| {
            Ok(article_tags::table
                .inner_join(tags::table)
                .filter(article_tags::article_pk.eq_any(pks))
                .group_by((tags::slug, tags::name))
                .select((tags::slug, tags::name, dsl::count_star()))
                .load(connection)?)
        })?;
        found.tag = Some(ranked(of_hits));
    }
    if choice.author {
        let of_hits = in_chunks(hits, |pks| {
            Ok(article_authors::table
                .inner_join(authors::table)
                .filter(article_authors::article_pk.eq_any(pks))
                .group_by((authors::slug, authors::name))
                .select((authors::slug, authors::name, dsl::count_star()))
                .load(connection)?)
        })?;
        found.author = Some(ranked(of_hits));
    }
    Ok(found)
}

/// A value, its name, and how many hits have it.
type Count = (String, String, i64);

/// Counts chunk by chunk: one statement up to [`IN_AT_MOST`] hits.
fn in_chunks(
    hits: &[Hit],
    mut count: impl FnMut(Vec<i64>) -> Result<Vec<Count>, StoreError>,
) -> Result<Vec<Count>, StoreError> {
    let mut sums: HashMap<(String, String), i64> = HashMap::new();
    for chunk in hits.chunks(IN_AT_MOST) {
        for (value, name, of_chunk) in count(chunk.iter().map(|hit| hit.row).collect())? {
            *sums.entry((value, name)).or_default() += of_chunk;
        }
    }
    Ok(sums
        .into_iter()
        .map(|((value, name), sum)| (value, name, sum))
        .collect())
}

fn counted(values: impl Iterator<Item = (String, String)>) -> Vec<FacetValue> {
    let mut counts: HashMap<(String, String), i64> = HashMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    ranked(
        counts
            .into_iter()
            .map(|((value, name), count)| (value, name, count))
            .collect(),
    )
}

/// Most hits first, ties by value.
fn ranked(mut rows: Vec<Count>) -> Vec<FacetValue> {
    rows.sort_by(|one, other| (other.2, &one.0).cmp(&(one.2, &other.0)));
    rows.truncate(FACET_AT_MOST);
    rows.into_iter()
        .map(|(value, name, count)| FacetValue { value, name, count })
        .collect()
}
