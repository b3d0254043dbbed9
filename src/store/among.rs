//! Row numbers that a statement takes as one parameter, so that it is prepared once, however many
//! there are: as a condition on a column, or as rows to join. Diesel's `eq_any` has a parameter for
//! each on SQLite, and is prepared anew every time.

use diesel::{
    expression::{AppearsOnTable, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Bool, Text},
    sqlite::Sqlite,
};

/// See [`among`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Among<'a, C> {
    column: C,
    numbers: &'a Numbers,
}

/// Numbers in the forms that the databases take.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    list: Vec<i64>,
    json: String,
}

impl Numbers {
    /// Of these.
    pub(super) fn new(list: Vec<i64>) -> Self {
        let texts: Vec<String> = list.iter().map(i64::to_string).collect();
        let json = format!("[{}]", texts.join(","));
        Self { list, json }
    }
}

/// See [`as_rows`].
#[derive(Debug, Clone, Copy)]
pub(super) struct AsRows<'a>(&'a Numbers);

/// Numbers as a source of rows, named `picked`, with a column `value`. Joined to, they cost SQLite
/// less than as a condition, for which it lays them aside in a table of its own.
pub(super) fn as_rows(numbers: &Numbers) -> AsRows<'_> {
    AsRows(numbers)
}

impl QueryId for AsRows<'_> {
    type QueryId = AsRows<'static>;
}

impl QueryFragment<Sqlite> for AsRows<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("json_each(");
        out.push_bind_param::<Text, _>(&self.0.json)?;
        out.push_sql(") AS picked");
        Ok(())
    }
}

impl QueryFragment<Pg> for AsRows<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.0.list)?;
        out.push_sql(") AS picked (value)");
        Ok(())
    }
}

/// Whether a column has one of these numbers.
pub(super) fn among<C>(column: C, numbers: &Numbers) -> Among<'_, C> {
    Among { column, numbers }
}

impl<C: Expression> Expression for Among<'_, C> {
    type SqlType = Bool;
}

impl<C, QS> AppearsOnTable<QS> for Among<'_, C>
where
    C: AppearsOnTable<QS>,
    Self: Expression,
{
}

impl<C, QS> SelectableExpression<QS> for Among<'_, C>
where
    C: SelectableExpression<QS>,
    Self: AppearsOnTable<QS>,
{
}

impl<C> ValidGrouping<()> for Among<'_, C> {
    type IsAggregate = is_aggregate::No;
}

impl<C: QueryId> QueryId for Among<'_, C> {
    type QueryId = Among<'static, C::QueryId>;

    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID;
}

impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Among<'_, C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT value FROM json_each(");
        out.push_bind_param::<Text, _>(&self.numbers.json)?;
        out.push_sql("))");
        Ok(())
    }
}

impl<C: QueryFragment<Pg>> QueryFragment<Pg> for Among<'_, C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY(");
        out.push_bind_param::<Array<BigInt>, _>(&self.numbers.list)?;
        out.push_sql(")");
        Ok(())
    }
}
