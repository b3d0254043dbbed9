//! SQL of backups that only SQLite understands.

use std::path::Path;

use diesel::{RunQueryDsl, sql_query, sql_types::Text};

use crate::store::{Store, connection::DbConnection, error::StoreError};

/// Writes one state of a SQLite database into a file, which must be empty or not exist, while
/// others go on reading and writing the database. The file may not have reached the disk yet.
pub fn write_file(store: &Store, file: &Path) -> Result<(), StoreError> {
    let invalid = |cause: &str| StoreError::Invalid(format!("{}: {cause}", file.display()));
    let path = file
        .to_str()
        .ok_or_else(|| invalid("the path is not UTF-8"))?;
    match &mut *store.writes.get()? {
        DbConnection::Postgres(_) => Err(invalid("only SQLite writes itself into a file")),
        DbConnection::Sqlite(inner) => {
            sql_query("VACUUM INTO $1")
                .bind::<Text, _>(path)
                .execute(inner)?;
            Ok(())
        }
    }
}
