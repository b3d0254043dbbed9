//! How many published articles carry a name, and the newest date among them. Counts are of what
//! is published whoever asks, so that they say the same to all. Nothing is counted here: the
//! database keeps them by itself, with triggers (see its migrations `counts` and `name_counts`).

use std::collections::HashMap;

use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_query,
    sql_types::{BigInt, Nullable},
};

use crate::{
    model::slug::Key,
    store::{
        among::{Numbers, among},
        connection::{DbConnection, on_backend},
        error::StoreError,
        schema::{author_counts, authors, tag_counts, tags},
    },
};

/// By row of the name: articles, and the newest editorial date in milliseconds.
pub(in crate::store) type Counts = HashMap<i64, (i64, Option<i64>)>;

/// The row of a name, its articles, and the newest date.
type Row = (i64, i64, Option<i64>);

fn by_row(counted: Vec<Row>) -> Counts {
    counted
        .into_iter()
        .map(|(pk, count, latest)| (pk, (count, latest)))
        .collect()
}

/// Of articles right in each category: the count is kept, and the newest date is the last one of
/// the category in an index.
pub(in crate::store) fn by_category(connection: &mut DbConnection) -> Result<Counts, StoreError> {
    Ok(by_row(ByCategory.load(connection)?))
}

/// Row, count and newest date of each category that has any.
struct ByCategory;

impl Query for ByCategory {
    type SqlType = (BigInt, BigInt, Nullable<BigInt>);
}

impl QueryId for ByCategory {
    type QueryId = Self;
}

impl<Conn> RunQueryDsl<Conn> for ByCategory {}

impl<DB: Backend> QueryFragment<DB> for ByCategory {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(
            "SELECT category_pk, articles, (SELECT MAX(sort_at) FROM articles \
             WHERE status = 'published' AND category_pk = kept.category_pk) \
             FROM article_counts AS kept \
             WHERE grain = 0 AND status = 'published' AND category_pk > 0 AND articles > 0",
        );
        Ok(())
    }
}

/// Authors and tags differ in nothing here but their tables.
macro_rules! by_name {
    (
        $(#[$doc:meta])* $each:ident,
        $(#[$total_doc:meta])* $total:ident,
        $table:ident, $counts:ident, $column:ident
    ) => {
        $(#[$doc])*
        pub(in crate::store) fn $each(
            connection: &mut DbConnection,
            pks: Vec<i64>,
        ) -> Result<Counts, StoreError> {
            let pks = Numbers::new(pks);
            let counted: Vec<Row> = on_backend!(connection, inner => $counts::table
                .filter(among($counts::$column, &pks))
                .select(($counts::$column, $counts::articles, $counts::latest_at))
                .load(inner)?);
            Ok(by_row(counted))
        }

        $(#[$total_doc])*
        pub(in crate::store) fn $total(
            connection: &mut DbConnection,
            key: &Key,
        ) -> Result<i64, StoreError> {
            let counts = $counts::table
                .inner_join($table::table)
                .select($counts::articles);
            let found: Option<i64> = match key {
                Key::Id(id) => on_backend!(connection, inner => counts
                    .filter($table::id.eq(id))
                    .first(inner)
                    .optional()?),
                Key::Slug(slug) => on_backend!(connection, inner => counts
                    .filter($table::slug.eq(slug))
                    .first(inner)
                    .optional()?),
            };
            Ok(found.unwrap_or_default())
        }
    };
}

by_name!(
    /// Of articles by each of these authors.
    by_author,
    /// How many articles are by the author that a key names, if it names one.
    author_total,
    authors,
    author_counts,
    author_pk
);
by_name!(
    /// Of articles with each of these tags.
    by_tag,
    /// How many articles have the tag that a key names, if it names one.
    tag_total,
    tags,
    tag_counts,
    tag_pk
);

/// What is kept of authors and of tags.
const KEPT: &str = "\
    SELECT 'author' AS kind, author_pk AS pk, articles, latest_at FROM author_counts \
    UNION ALL SELECT 'tag', tag_pk, articles, latest_at FROM tag_counts";

/// What that must be, but for those that have none.
const TRUTH: &str = "\
    SELECT 'author' AS kind, j.author_pk AS pk, COUNT(*) AS articles, MAX(a.sort_at) AS latest_at \
    FROM article_authors AS j JOIN articles AS a ON a.pk = j.article_pk \
    WHERE a.status = 'published' GROUP BY j.author_pk \
    UNION ALL SELECT 'tag', j.tag_pk, COUNT(*), MAX(a.sort_at) \
    FROM article_tags AS j JOIN articles AS a ON a.pk = j.article_pk \
    WHERE a.status = 'published' GROUP BY j.tag_pk";

/// The authors and tags of which something else is kept than what must be, as a table to count. A
/// date that stands on one side alone is wrong even where it is 0.
pub(super) fn wrong_names() -> String {
    format!(
        "(SELECT kind, pk FROM ({KEPT} \
         UNION ALL SELECT kind, pk, -articles, -latest_at FROM ({TRUTH}) AS truth) AS told \
         GROUP BY kind, pk HAVING SUM(articles) <> 0 OR SUM(latest_at) <> 0 \
         OR COUNT(latest_at) = 1) AS wrong"
    )
}

/// Counts the articles of all authors and tags anew.
pub(in crate::store) fn recount_names(connection: &mut DbConnection) -> Result<(), StoreError> {
    for kind in ["author", "tag"] {
        sql_query(format!("DELETE FROM {kind}_counts")).execute(connection)?;
        sql_query(format!(
            "INSERT INTO {kind}_counts ({kind}_pk, articles, latest_at) \
             SELECT pk, articles, latest_at FROM ({TRUTH}) AS truth WHERE kind = '{kind}'"
        ))
        .execute(connection)?;
    }
    Ok(())
}
