//! Places in a list: what lies beyond one, and the ids that a query picks.

use diesel::{
    QueryResult,
    backend::Backend,
    expression::{AppearsOnTable, Expression, ValidGrouping, is_aggregate},
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, Bool, Text},
};

use crate::model::page::{MAX_LIMIT, Position, SortValue};

/// Numbers of rows that are asked for where they are written out: Postgres plans for a number that
/// it does not know anew each time. They are few, and so are the statements.
const STEPS: [i64; 4] = [11, 21, 51, MAX_LIMIT + 1];

/// The next number of rows that is asked for.
pub(super) fn step(at_most: i64) -> i64 {
    let step = STEPS.into_iter().find(|step| *step >= at_most);
    step.unwrap_or(at_most)
}

/// A condition that says what it needs of a query itself.
macro_rules! condition {
    ($condition:ident $(<$query:ident>)?) => {
        impl $(<$query>)? Expression for $condition $(<$query>)? {
            type SqlType = Bool;
        }

        impl<$($query,)? GroupBy> ValidGrouping<GroupBy> for $condition $(<$query>)? {
            type IsAggregate = is_aggregate::Never;
        }

        impl<$($query,)? Source> AppearsOnTable<Source> for $condition $(<$query>)? {}

        impl $(<$query>)? QueryId for $condition $(<$query>)? {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }
    };
}

/// The value of a column that lists are sorted by.
#[derive(Debug, Clone)]
enum Value {
    Number(i64),
    Text(String),
}

/// What follows a position in a list that is sorted by a column and then the id. One comparison of
/// both, which is one step into an index however many articles have the same value.
#[derive(Debug, Clone)]
pub(in crate::store) struct Beyond {
    column: &'static str,
    descending: bool,
    value: Value,
    id: String,
}

impl Beyond {
    /// Behind a position, in this direction.
    pub(in crate::store) fn new(
        column: &'static str,
        descending: bool,
        position: &Position,
    ) -> Self {
        let value = match &position.value {
            SortValue::Number(number) | SortValue::Rank(number, _) => Value::Number(*number),
            SortValue::Text(text) => Value::Text(text.clone()),
        };
        Self {
            column,
            descending,
            value,
            id: position.id.clone(),
        }
    }
}

condition!(Beyond);

impl<DB> QueryFragment<DB> for Beyond
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
    str: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("(\"articles\".");
        out.push_identifier(self.column)?;
        out.push_sql(match self.descending {
            true => ", \"articles\".\"id\") < (",
            false => ", \"articles\".\"id\") > (",
        });
        match &self.value {
            Value::Number(number) => out.push_bind_param::<BigInt, i64>(number)?,
            Value::Text(text) => out.push_bind_param::<Text, str>(text.as_str())?,
        }
        out.push_sql(", ");
        out.push_bind_param::<Text, str>(self.id.as_str())?;
        out.push_sql(")");
        Ok(())
    }
}

/// Articles whose ids a query picks, which reads an index alone: rows are looked up of those that
/// are wanted, not of those that are passed over.
pub(in crate::store) struct Picked<Q> {
    query: Q,
    bound: i64,
}

impl<Q> Picked<Q> {
    /// By a query with a column `id`, of so many rows or perhaps some more.
    pub(in crate::store) fn new(query: Q, at_most: i64) -> Self {
        Self {
            query,
            bound: step(at_most),
        }
    }
}

condition!(Picked<Q>);

impl<DB, Q> QueryFragment<DB> for Picked<Q>
where
    DB: Backend,
    Q: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("\"articles\".\"id\" IN (SELECT id FROM (");
        self.query.walk_ast(out.reborrow())?;
        // The bound says to Postgres that few rows are to be looked up.
        out.push_sql(&format!(") AS picked LIMIT {})", self.bound));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use diesel::{debug_query, pg::Pg, sqlite::Sqlite};

    use super::*;

    #[test]
    fn few_numbers_of_rows_are_asked_for() {
        assert_eq!([1, 11, 12, 21, 101].map(step), [11, 11, 21, 21, 101]);
        assert_eq!(step(1_001), 1_001);
    }

    #[test]
    fn a_position_is_passed_in_one_comparison() {
        let position = Position {
            value: SortValue::Text("b".to_owned()),
            id: "7".to_owned(),
        };
        let beyond = Beyond::new("title_key", true, &position);
        assert_eq!(
            debug_query::<Pg, _>(&beyond).to_string(),
            "(\"articles\".\"title_key\", \"articles\".\"id\") < ($1, $2) -- binds: [\"b\", \"7\"]"
        );
    }

    #[test]
    fn what_is_picked_is_bounded() {
        let query = diesel::dsl::sql::<Text>("SELECT id FROM articles");
        assert_eq!(
            debug_query::<Sqlite, _>(&Picked::new(query, 30)).to_string(),
            "\"articles\".\"id\" IN (SELECT id FROM (SELECT id FROM articles) AS picked LIMIT 51) \
             -- binds: []"
        );
    }
}
