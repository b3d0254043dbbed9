//! Published articles by date, which is what lists are asked for most. A boxed query over both
//! databases is written as SQL three times each time that it runs; this one is nearly written.

use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, Text},
};

use crate::store::{
    articles::{
        ArticleRow,
        rows::row::{COLUMNS, ColumnTypes},
    },
    connection::{DbConnection, on_backend},
    error::StoreError,
};

/// A stretch of the published articles in the order of dates, then ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store::articles) struct ByDate {
    /// Those right in this category; else wherever they are filed.
    pub(in crate::store::articles) category: Option<i64>,
    /// It begins right behind this date and id; else with the first.
    pub(in crate::store::articles) behind: Option<(i64, String)>,
    /// Whether it goes from newer ones to older ones.
    pub(in crate::store::articles) descending: bool,
    /// So many at most.
    pub(in crate::store::articles) at_most: i64,
}

impl ByDate {
    /// Its rows, in its order.
    pub(in crate::store::articles) fn read(
        self,
        connection: &mut DbConnection,
    ) -> Result<Vec<ArticleRow>, StoreError> {
        Ok(on_backend!(connection, inner => self.load(inner)?))
    }
}

impl Query for ByDate {
    type SqlType = ColumnTypes;
}

impl QueryId for ByDate {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Conn> RunQueryDsl<Conn> for ByDate {}

impl<DB> QueryFragment<DB> for ByDate
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
    str: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        out.push_sql(COLUMNS);
        out.push_sql(" FROM articles WHERE status = 'published'");
        if let Some(category) = &self.category {
            out.push_sql(" AND category_pk = ");
            out.push_bind_param::<BigInt, i64>(category)?;
        }
        if let Some((at, id)) = &self.behind {
            out.push_sql(match self.descending {
                true => " AND (sort_at, id) < (",
                false => " AND (sort_at, id) > (",
            });
            out.push_bind_param::<BigInt, i64>(at)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, str>(id.as_str())?;
            out.push_sql(")");
        }
        out.push_sql(match self.descending {
            true => " ORDER BY sort_at DESC, id DESC LIMIT ",
            false => " ORDER BY sort_at ASC, id ASC LIMIT ",
        });
        out.push_bind_param::<BigInt, i64>(&self.at_most)
    }
}

#[cfg(test)]
mod tests {
    use diesel::{debug_query, pg::Pg};

    use super::*;

    #[test]
    fn a_page_is_a_step_into_an_index_and_a_walk_along_it() {
        let mut page = ByDate {
            category: None,
            behind: None,
            descending: true,
            at_most: 21,
        };
        let tail = |page: &ByDate| {
            let sql = debug_query::<Pg, _>(page).to_string();
            sql.split_once("'published'")
                .map(|(_, tail)| tail.to_owned())
        };
        let first = " ORDER BY sort_at DESC, id DESC LIMIT $1 -- binds: [21]";
        assert_eq!(tail(&page).as_deref(), Some(first));
        page.category = Some(7);
        page.behind = Some((900, "b".to_owned()));
        page.descending = false;
        let later = " AND category_pk = $1 AND (sort_at, id) > ($2, $3) \
                     ORDER BY sort_at ASC, id ASC LIMIT $4 -- binds: [7, 900, \"b\", 21]";
        assert_eq!(tail(&page).as_deref(), Some(later));
    }
}
