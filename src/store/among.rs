//! Row numbers and words that a statement takes as one parameter, so that it is prepared once,
//! however many there are: as a condition on a column, or as rows to join. Diesel's `eq_any` has a
//! parameter for each on SQLite, and is prepared anew every time.

use diesel::{
    expression::{AppearsOnTable, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{Array, BigInt, Bool, HasSqlType, Text},
    sqlite::Sqlite,
};
use serde::Serialize;

/// See [`among`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Among<'a, C, T> {
    column: C,
    values: &'a Values<T>,
}

/// Values in the forms that the databases take.
#[derive(Debug, Clone)]
pub(super) struct Values<T> {
    list: Vec<T>,
    json: String,
}

/// Rows.
pub(super) type Numbers = Values<i64>;

/// Words and the like.
pub(super) type Texts = Values<String>;

/// What columns have.
pub(super) trait Value: Serialize + 'static {
    /// Its type in SQL.
    type Type: 'static;
}

impl Value for i64 {
    type Type = BigInt;
}

impl Value for String {
    type Type = Text;
}

impl<T: Value> Values<T> {
    /// Of these.
    pub(super) fn new(list: Vec<T>) -> Self {
        // Numbers and texts can't fail.
        let json = serde_json::to_string(&list).unwrap_or_else(|_| "[]".to_owned());
        Self { list, json }
    }
}

impl Texts {
    /// Of these.
    pub(super) fn of<'t>(list: impl IntoIterator<Item = &'t str>) -> Self {
        Self::new(list.into_iter().map(str::to_owned).collect())
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

/// Whether a column has one of these values.
pub(super) fn among<C, T>(column: C, values: &Values<T>) -> Among<'_, C, T> {
    Among { column, values }
}

impl<C: Expression, T> Expression for Among<'_, C, T> {
    type SqlType = Bool;
}

impl<C, T, QS> AppearsOnTable<QS> for Among<'_, C, T>
where
    C: AppearsOnTable<QS>,
    Self: Expression,
{
}

impl<C, T, QS> SelectableExpression<QS> for Among<'_, C, T>
where
    C: SelectableExpression<QS>,
    Self: AppearsOnTable<QS>,
{
}

impl<C, T> ValidGrouping<()> for Among<'_, C, T> {
    type IsAggregate = is_aggregate::No;
}

impl<C: QueryId, T: Value> QueryId for Among<'_, C, T> {
    type QueryId = Among<'static, C::QueryId, T>;

    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID;
}

impl<C: QueryFragment<Sqlite>, T> QueryFragment<Sqlite> for Among<'_, C, T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT value FROM json_each(");
        out.push_bind_param::<Text, _>(&self.values.json)?;
        out.push_sql("))");
        Ok(())
    }
}

impl<C, T> QueryFragment<Pg> for Among<'_, C, T>
where
    C: QueryFragment<Pg>,
    T: Value,
    Vec<T>: ToSql<Array<T::Type>, Pg>,
    Pg: HasSqlType<Array<T::Type>>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY(");
        out.push_bind_param::<Array<T::Type>, _>(&self.values.list)?;
        out.push_sql(")");
        Ok(())
    }
}
