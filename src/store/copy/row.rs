//! What is copied of a table: a struct for each, made by one macro, so that a new column breaks
//! the build until it is copied too.

use diesel::result::QueryResult;
use serde::Serialize;

use crate::store::{connection::DbConnection, error::StoreError};

/// Rows in the order of their keys: those between two keys, and at most so many.
#[derive(Debug, Clone)]
pub(in crate::store) struct Span<K> {
    /// The last key before them.
    pub(in crate::store) after: Option<K>,
    /// The last key that is among them.
    pub(in crate::store) through: Option<K>,
    /// At most so many.
    pub(in crate::store) at_most: i64,
}

/// What placeholders of unique values begin with: no id, slug or path does, and an external id
/// hardly.
pub(in crate::store) const PARKED: &str = "~copy-";

/// A row of a table that is copied.
pub(in crate::store) trait Row: Clone + PartialEq + Serialize {
    /// The primary key; sorts as both databases sort it.
    type Key: Clone + Ord;
    /// Name of the table.
    const TABLE: &'static str;
    /// The column that the database counts up by itself.
    const COUNTER: Option<&'static str> = None;
    /// Rows in one transaction.
    const AT_ONCE: i64 = 500;
    /// Whether rows of one key can be told to be of different things.
    const TELLS_APART: bool = false;
    /// Whether there are unique columns beside the key.
    const HAS_NAMES: bool = false;
    /// Whether rows refer to others of their own table.
    const REFERS_TO_ITSELF: bool = false;

    fn key(&self) -> Self::Key;
    fn keys(
        connection: &mut DbConnection,
        after: Option<&Self::Key>,
        at_most: i64,
    ) -> QueryResult<Vec<Self::Key>>;
    fn rows(connection: &mut DbConnection, span: &Span<Self::Key>) -> QueryResult<Vec<Self>>;
    fn insert(connection: &mut DbConnection, rows: &[Self]) -> QueryResult<usize>;
    fn update(&self, connection: &mut DbConnection) -> QueryResult<usize>;
    fn delete(connection: &mut DbConnection, key: &Self::Key) -> QueryResult<usize>;

    /// Whether the other, of the same key, is of another thing, where that can be told.
    fn is_another(&self, _theirs: &Self) -> bool {
        false
    }

    /// The id of a thing, where things of this table have one.
    fn id_of(_connection: &mut DbConnection, _key: &Self::Key) -> QueryResult<Option<String>> {
        Ok(None)
    }

    /// Whether unique columns differ.
    fn names_differ(&self, _theirs: &Self) -> bool {
        false
    }

    /// Gives the unique columns values that no other row needs.
    fn park(_connection: &mut DbConnection, _key: &Self::Key) -> QueryResult<()> {
        Ok(())
    }

    /// The row as it is put in first: without what refers to its own table.
    fn by_itself(&self) -> Self {
        self.clone()
    }

    /// The article whose words this row may change.
    fn article(&self) -> Option<i64> {
        None
    }

    /// Lets go of what holds a row that is to be deleted.
    fn release(_connection: &mut DbConnection, _key: &Self::Key) -> Result<(), StoreError> {
        Ok(())
    }

    /// What follows from a change of the row.
    fn changed(&self, _connection: &mut DbConnection) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Makes the struct of a table, with all of its columns in their order, and copies it.
macro_rules! copied {
    (@compare $operator:literal, $key:expr;
     $first:ident as $first_sql:ident $(, $rest:ident as $rest_sql:ident)*) => {{
        let ($first, $($rest,)*) = $key;
        // Row values are compared by the index of the key on both databases.
        diesel::dsl::sql::<diesel::sql_types::Bool>(concat!(
            "(\"", stringify!($first), "\"" $(, ", \"", stringify!($rest), "\"")*,
            ") ", $operator, " ("
        ))
        .bind::<diesel::sql_types::$first_sql, _>($first)
        $(.sql(", ").bind::<diesel::sql_types::$rest_sql, _>($rest))*
        .sql(")")
    }};
    (
        $(#[$doc:meta])*
        $row:ident of $table:ident by (
            $first:ident: $first_rust:ident as $first_sql:ident
            $(, $rest:ident: $rest_rust:ident as $rest_sql:ident)*
        ) { $($column:ident: $ty:ty,)+ } { $($hooks:tt)* }
    ) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, PartialEq, serde::Serialize,
            diesel::Queryable, diesel::Insertable, diesel::AsChangeset,
        )]
        #[diesel(
            table_name = $table, primary_key($first $(, $rest)*),
            treat_none_as_null = true, treat_none_as_default_value = false
        )]
        pub(in crate::store) struct $row { $($column: $ty,)+ }

        impl $crate::store::copy::row::Row for $row {
            type Key = ($first_rust, $($rest_rust,)*);
            const TABLE: &'static str = stringify!($table);

            $($hooks)*

            fn key(&self) -> Self::Key {
                (Clone::clone(&self.$first), $(Clone::clone(&self.$rest),)*)
            }

            fn keys(
                connection: &mut $crate::store::connection::DbConnection,
                after: Option<&Self::Key>,
                at_most: i64,
            ) -> diesel::result::QueryResult<Vec<Self::Key>> {
                use diesel::prelude::*;
                $crate::store::connection::on_backend!(connection, inner => {
                    let mut query = $table::table
                        .select(($table::$first, $($table::$rest,)*))
                        .order($table::$first)
                        $(.then_order_by($table::$rest))*
                        .limit(at_most)
                        .into_boxed();
                    if let Some(key) = after {
                        query = query.filter($crate::store::copy::row::copied!(
                            @compare ">", Clone::clone(key);
                            $first as $first_sql $(, $rest as $rest_sql)*
                        ));
                    }
                    query.load::<Self::Key>(inner)
                })
            }

            fn rows(
                connection: &mut $crate::store::connection::DbConnection,
                span: &$crate::store::copy::row::Span<Self::Key>,
            ) -> diesel::result::QueryResult<Vec<Self>> {
                use diesel::prelude::*;
                $crate::store::connection::on_backend!(connection, inner => {
                    // The type says that these are all columns, and in their order.
                    let columns: <$table::table as diesel::query_source::Table>::AllColumns =
                        ($($table::$column,)+);
                    let mut query = $table::table
                        .select(columns)
                        .order($table::$first)
                        $(.then_order_by($table::$rest))*
                        .limit(span.at_most)
                        .into_boxed();
                    if let Some(key) = &span.after {
                        query = query.filter($crate::store::copy::row::copied!(
                            @compare ">", Clone::clone(key);
                            $first as $first_sql $(, $rest as $rest_sql)*
                        ));
                    }
                    if let Some(key) = &span.through {
                        query = query.filter($crate::store::copy::row::copied!(
                            @compare "<=", Clone::clone(key);
                            $first as $first_sql $(, $rest as $rest_sql)*
                        ));
                    }
                    query.load::<Self>(inner)
                })
            }

            fn insert(
                connection: &mut $crate::store::connection::DbConnection,
                rows: &[Self],
            ) -> diesel::result::QueryResult<usize> {
                use diesel::prelude::*;
                $crate::store::connection::on_backend!(connection, inner => {
                    diesel::insert_into($table::table).values(rows).execute(inner)
                })
            }

            fn update(
                &self,
                connection: &mut $crate::store::connection::DbConnection,
            ) -> diesel::result::QueryResult<usize> {
                use diesel::prelude::*;
                let ($first, $($rest,)*) = self.key();
                $crate::store::connection::on_backend!(connection, inner => {
                    diesel::update(
                        $table::table
                            .filter($table::$first.eq($first))
                            $(.filter($table::$rest.eq($rest)))*
                    )
                    .set(self)
                    .execute(inner)
                })
            }

            fn delete(
                connection: &mut $crate::store::connection::DbConnection,
                key: &Self::Key,
            ) -> diesel::result::QueryResult<usize> {
                use diesel::prelude::*;
                let ($first, $($rest,)*) = Clone::clone(key);
                $crate::store::connection::on_backend!(connection, inner => {
                    diesel::delete(
                        $table::table
                            .filter($table::$first.eq($first))
                            $(.filter($table::$rest.eq($rest)))*
                    )
                    .execute(inner)
                })
            }
        }
    };
}
pub(in crate::store) use copied;

/// The unique columns of a table of things that have an id.
macro_rules! named {
    ($table:ident: $($column:ident),+) => {
        const COUNTER: Option<&'static str> = Some("pk");
        const TELLS_APART: bool = true;
        const HAS_NAMES: bool = true;

        fn is_another(&self, theirs: &Self) -> bool {
            // A copy that was ended half-way may have left a placeholder.
            self.id != theirs.id && !theirs.id.starts_with($crate::store::copy::row::PARKED)
        }

        fn id_of(
            connection: &mut $crate::store::connection::DbConnection,
            key: &Self::Key,
        ) -> diesel::result::QueryResult<Option<String>> {
            use diesel::prelude::*;
            $table::table
                .filter($table::pk.eq(key.0))
                .select($table::id)
                .first(connection)
                .optional()
        }

        fn names_differ(&self, theirs: &Self) -> bool {
            [$(self.$column != theirs.$column),+].contains(&true)
        }

        fn park(
            connection: &mut $crate::store::connection::DbConnection,
            key: &Self::Key,
        ) -> diesel::result::QueryResult<()> {
            use diesel::prelude::*;
            let placeholder = format!("{}{}", $crate::store::copy::row::PARKED, key.0);
            $crate::store::connection::on_backend!(connection, inner => {
                diesel::update($table::table.filter($table::pk.eq(key.0)))
                    .set(($($table::$column.eq(Clone::clone(&placeholder)),)+))
                    .execute(inner)?;
            });
            Ok(())
        }
    };
}
pub(in crate::store) use named;
