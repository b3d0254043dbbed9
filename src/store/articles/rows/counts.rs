//! How many published articles carry a name, and the newest date among them. Counts are of what
//! is published whoever asks, so that they say the same to all.

use std::collections::HashMap;

use diesel::{
    backend::Backend,
    dsl,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Nullable},
};

use crate::store::{
    articles::rows::{table::articles, visible::is_published},
    connection::DbConnection,
    error::StoreError,
    schema::{article_authors, article_tags},
};

/// By row of the name: articles, and the newest editorial date in milliseconds.
pub(in crate::store) type Counts = HashMap<i64, (i64, Option<i64>)>;

fn by_row(counted: Vec<(i64, i64, Option<i64>)>) -> Counts {
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

/// Authors and tags differ in nothing here but their table.
macro_rules! by_name {
    ($(#[$doc:meta])* $function:ident, $table:ident, $column:ident) => {
        $(#[$doc])*
        pub(in crate::store) fn $function(
            connection: &mut DbConnection,
            pks: Vec<i64>,
        ) -> Result<Counts, StoreError> {
            let counted = $table::table
                .inner_join(articles::table)
                .filter(is_published())
                .filter($table::$column.eq_any(pks))
                .group_by($table::$column)
                .select(($table::$column, dsl::count_star(), dsl::max(articles::sort_at)))
                .load(connection)?;
            Ok(by_row(counted))
        }
    };
}

by_name!(
    /// Of articles by each of these authors.
    by_author,
    article_authors,
    author_pk
);
by_name!(
    /// Of articles with each of these tags.
    by_tag,
    article_tags,
    tag_pk
);
