//! What a row of an article is read from, for statements that are written by hand: those that are
//! asked for most. Diesel goes through all parts of a query several times each time that it runs;
//! these have one.

use diesel::sql_types::{BigInt, Bool, Nullable, Text};

/// The columns of an `ArticleRow`, in its order.
pub(super) const COLUMNS: &str = "pk, id, slug, title, title_provisional, summary, category_pk, \
     image, status, language, featured, canonical_url, published_at, first_published_at, \
     modified_at, updated_at, reading_minutes, word_count, sort_at, version";

/// Their types.
pub(super) type ColumnTypes = (
    BigInt,
    Text,
    Text,
    Text,
    Bool,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<Text>,
    Text,
    Text,
    Bool,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<BigInt>,
    BigInt,
    BigInt,
    Nullable<BigInt>,
    BigInt,
    BigInt,
    BigInt,
);

#[cfg(test)]
mod tests {
    use diesel::{debug_query, prelude::*, sqlite::Sqlite};

    use super::*;
    use crate::store::articles::{ArticleRow, rows::table::articles};

    #[test]
    fn columns_stand_in_the_order_of_the_row() {
        let row = <ArticleRow as SelectableHelper<Sqlite>>::as_select();
        let sql = debug_query::<Sqlite, _>(&articles::table.select(row)).to_string();
        let sql = sql.replace("`articles`.", "").replace('`', "");
        assert_eq!(sql, format!("SELECT {COLUMNS} FROM articles -- binds: []"));
    }
}
