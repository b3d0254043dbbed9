//! What is filed in categories. In which of them something has changed that readers see, the
//! database itself notes, with triggers (see its migration `filing`); each transaction ends by
//! telling it like the rest, once for each category, however many articles it was about.

use diesel::prelude::*;

use crate::store::{
    connection::DbConnection, error::StoreError, invalidation::journal::note,
    schema::untold_categories,
};

/// How the keys of what is filed in categories begin. Whatever changes one of them for readers
/// changes the key of all articles too.
pub const FILED_IN: &str = "in-category-";

/// The key of the published articles right in the category of this row: which ones they are, and
/// anything about them. Rows have one number for all processes that share a database.
pub(in crate::store) fn filed_in(category_pk: i64) -> String {
    format!("{FILED_IN}{category_pk}")
}

/// Tells of the categories that were noted. To be called when a transaction has changed all that
/// it will.
pub(super) fn tell(connection: &mut DbConnection) -> Result<(), StoreError> {
    let noted = untold_categories::table;
    let pks: Vec<i64> = match connection {
        DbConnection::Postgres(inner) => diesel::delete(noted)
            .returning(untold_categories::category_pk)
            .get_results(inner)?,
        DbConnection::Sqlite(inner) => {
            let pks: Vec<i64> = noted.select(untold_categories::category_pk).load(inner)?;
            if !pks.is_empty() {
                diesel::delete(noted).execute(inner)?;
            }
            pks
        }
    };
    note(connection, &keys(pks))
}

/// The keys of categories that were noted and never told, since what changed them was no program
/// of this version: an older server, or SQL by hand. Each look finds them until something is
/// written.
pub(super) fn untold(connection: &mut DbConnection) -> Result<Vec<String>, StoreError> {
    let noted = untold_categories::table.select(untold_categories::category_pk);
    Ok(keys(noted.load(connection)?))
}

fn keys(category_pks: Vec<i64>) -> Vec<String> {
    category_pks.into_iter().map(filed_in).collect()
}
