//! Published articles that may be related to others, with what ranks them.

use std::collections::HashSet;

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Nullable, Text},
};

use crate::{
    model::article::Status,
    store::{
        among::{Numbers, among},
        articles::rows::{table::articles, visible::is_published},
        connection::{DbConnection, on_backend},
        error::StoreError,
        schema::{article_tags, related_edited},
    },
};

/// Articles with a shared tag that are looked at, for one request; the newest.
const TAGGED_AT_MOST: i64 = 2_000;

/// What of an article the ranking needs.
#[derive(QueryableByName, Queryable, Debug, Clone)]
pub(in crate::store) struct Facts {
    /// Its row.
    #[diesel(sql_type = BigInt)]
    pub(in crate::store) pk: i64,
    /// Its id.
    #[diesel(sql_type = Text)]
    pub(in crate::store) id: String,
    /// The row of its category.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(in crate::store) category_pk: Option<i64>,
    /// Its editorial date in milliseconds.
    #[diesel(sql_type = BigInt)]
    pub(in crate::store) sort_at: i64,
    /// Tells twins.
    #[diesel(sql_type = Text)]
    pub(in crate::store) body_hash: String,
    /// Grows with every change.
    #[diesel(sql_type = BigInt)]
    pub(in crate::store) version: i64,
    /// BCP 47 tag.
    #[diesel(sql_type = Text)]
    pub(in crate::store) language: String,
}

/// An article that may be related to the one of row `source`.
#[derive(QueryableByName, Debug, Clone)]
pub(in crate::store) struct Candidate {
    /// The row of the article that it may be related to.
    #[diesel(sql_type = BigInt)]
    pub(in crate::store) source: i64,
    /// The article itself.
    #[diesel(embed)]
    pub(in crate::store) facts: Facts,
}

const COLUMNS: (
    articles::pk,
    articles::id,
    articles::category_pk,
    articles::sort_at,
    articles::body_hash,
    articles::version,
    articles::language,
) = (
    articles::pk,
    articles::id,
    articles::category_pk,
    articles::sort_at,
    articles::body_hash,
    articles::version,
    articles::language,
);

/// Facts of articles that the caller may see already, whatever their status.
pub(in crate::store) fn facts(
    connection: &mut DbConnection,
    pks: Vec<i64>,
) -> Result<Vec<Facts>, StoreError> {
    let pks = Numbers::new(pks);
    Ok(on_backend!(connection, inner => articles::table
        .filter(among(articles::pk, &pks))
        .select(COLUMNS)
        .load(inner)?))
}

/// Facts of those that are published among some rows, however many.
pub(in crate::store) fn published_facts(
    connection: &mut DbConnection,
    pks: Vec<i64>,
) -> Result<Vec<Facts>, StoreError> {
    let pks = Numbers::new(pks);
    Ok(on_backend!(connection, inner => articles::table
        .filter(is_published())
        .filter(among(articles::pk, &pks))
        .select(COLUMNS)
        .load(inner)?))
}

/// An article that a list of related ones names.
#[derive(Debug, Clone)]
pub(in crate::store) struct Named {
    /// What the ranking needs of it.
    pub(in crate::store) facts: Facts,
    /// Whether readers see it.
    pub(in crate::store) is_published: bool,
    /// Whether it has changed in the index since the first list was found that may hold.
    pub(in crate::store) is_edited: bool,
}

/// All among some rows, however many and whatever their status.
pub(in crate::store) fn named(
    connection: &mut DbConnection,
    pks: &[i64],
) -> Result<Vec<Named>, StoreError> {
    type Row = (String, Facts, Option<i64>);
    let pks = Numbers::new(pks.to_vec());
    let is_same = related_edited::article_pk.eq(articles::pk);
    let rows: Vec<Row> = on_backend!(connection, inner => articles::table
        .left_join(related_edited::table.on(is_same))
        .filter(among(articles::pk, &pks))
        .select((articles::status, COLUMNS, related_edited::article_pk.nullable()))
        .load(inner)?);
    let named = |(status, facts, edited): Row| Named {
        facts,
        is_published: status == Status::Published.as_str(),
        is_edited: edited.is_some(),
    };
    Ok(rows.into_iter().map(named).collect())
}

/// Ids of the articles of some rows, however many and whatever their status.
pub(in crate::store) fn ids(
    connection: &mut DbConnection,
    pks: &[i64],
) -> Result<Vec<String>, StoreError> {
    let pks = Numbers::new(pks.to_vec());
    Ok(on_backend!(connection, inner => articles::table
        .filter(among(articles::pk, &pks))
        .order(articles::pk)
        .select(articles::id)
        .load(inner)?))
}

/// Which neighbours in time are wanted.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Near {
    /// At most so many on each side.
    pub(in crate::store) at_most: usize,
    /// Only of the same category.
    pub(in crate::store) same_category: bool,
    /// Also newer ones.
    pub(in crate::store) include_newer: bool,
}

/// The nearest in time before and after each source, in its category and in all, each found by a
/// walk along an index. One statement: SQL text of whole numbers, the same for both databases.
pub(in crate::store) fn near(
    connection: &mut DbConnection,
    sources: &[&Facts],
    wanted: Near,
) -> Result<Vec<Candidate>, StoreError> {
    let published = Status::Published.as_str();
    let mut walks: Vec<String> = Vec::new();
    for source in sources {
        let mut walk = |within: &str, side: &str, order: &str| {
            walks.push(format!(
                "SELECT * FROM (SELECT CAST({source} AS BIGINT) AS source, pk, id, category_pk, \
                 sort_at, body_hash, version, language FROM articles WHERE status = '{published}'{within} \
                 AND sort_at {side} {time} AND pk <> {source} \
                 ORDER BY sort_at {order}, id {order} LIMIT {at_most}) AS walk{number}",
                source = source.pk,
                time = source.sort_at,
                at_most = wanted.at_most,
                number = walks.len(),
            ));
        };
        let mut both = |within: &str| {
            walk(within, "<=", "DESC");
            if wanted.include_newer {
                walk(within, ">", "ASC");
            }
        };
        if let Some(category) = source.category_pk {
            both(&format!(" AND category_pk = {category}"));
        }
        if !wanted.same_category {
            both("");
        }
    }
    if walks.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sql_query(walks.join(" UNION ALL ")).load(connection)?)
}

/// The newest that carry any of these tags, each with the tag.
pub(in crate::store) fn tagged(
    connection: &mut DbConnection,
    tags: HashSet<i64>,
) -> Result<Vec<(i64, Facts)>, StoreError> {
    let tags = Numbers::new(tags.into_iter().collect());
    Ok(on_backend!(connection, inner => article_tags::table
        .inner_join(articles::table)
        .filter(is_published())
        .filter(among(article_tags::tag_pk, &tags))
        .order((
            articles::sort_at.desc(),
            articles::id.desc(),
            article_tags::tag_pk,
        ))
        .limit(TAGGED_AT_MOST)
        .select((article_tags::tag_pk, COLUMNS))
        .load(inner)?))
}
