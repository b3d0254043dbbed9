//! What facets count of articles.

use diesel::{
    backend::Backend,
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{BigInt, Nullable},
    sqlite::Sqlite,
};

use crate::{
    model::sight::Sight,
    store::{
        among::{AsRows, Numbers, as_rows},
        connection::{DbConnection, on_backend},
        error::StoreError,
    },
};

/// An article's category and its editorial date in milliseconds.
pub(in crate::store) type FiledAndDated = (Option<i64>, i64);

/// The categories and dates of those of these rows that may be seen, in no order.
pub(in crate::store) fn filed_and_dated(
    connection: &mut DbConnection,
    sight: &Sight,
    pks: &Numbers,
) -> Result<Vec<FiledAndDated>, StoreError> {
    let query = Query {
        pks: as_rows(pks),
        is_public: *sight != Sight::Desk,
    };
    Ok(on_backend!(connection, inner => query.load(inner)?))
}

/// What is told of these rows.
///
/// Read from an index that has nothing else: rows of articles are ten times as large. SQLite is
/// told by name, since it would look into the table, or through the index of all that is published.
struct Query<'a> {
    pks: AsRows<'a>,
    is_public: bool,
}

impl diesel::query_builder::Query for Query<'_> {
    type SqlType = (Nullable<BigInt>, BigInt);
}

impl QueryId for Query<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Conn> RunQueryDsl<Conn> for Query<'_> {}

impl<'a> Query<'a> {
    fn walk<'b, DB>(&'b self, mut out: AstPass<'_, 'b, DB>, by: &str) -> QueryResult<()>
    where
        DB: Backend,
        AsRows<'a>: QueryFragment<DB>,
    {
        out.push_sql("SELECT articles.category_pk, articles.sort_at FROM ");
        self.pks.walk_ast(out.reborrow())?;
        out.push_sql(" CROSS JOIN articles");
        out.push_sql(by);
        out.push_sql(" WHERE articles.pk = picked.value");
        if self.is_public {
            out.push_sql(" AND articles.status = 'published'");
        }
        Ok(())
    }
}

impl QueryFragment<Sqlite> for Query<'_> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.walk(out, " INDEXED BY articles_filed")
    }
}

impl QueryFragment<Pg> for Query<'_> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.walk(out, "")
    }
}
