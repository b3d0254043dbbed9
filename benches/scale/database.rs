//! Where the publication is kept while the bench runs, or longer.

use std::{path::PathBuf, time::Duration};

use diesel::{
    Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, sql_query,
    sql_types::BigInt,
};
use newsstand::store::{Store, StoreOptions};

/// A database that the bench made, or found.
pub struct Database {
    pub url: String,
    /// Whether it was there before.
    pub found: bool,
    keep: bool,
}

#[derive(diesel::QueryableByName)]
struct Size {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

impl Database {
    /// Makes the database, unless it is there and may be used again.
    pub fn open(url: String, keep: bool, reuse: bool) -> Self {
        // The server runs in another folder.
        let url = match url.strip_prefix("sqlite://") {
            Some(path) => format!("sqlite://{}", std::path::absolute(path).unwrap().display()),
            None => url,
        };
        let found = is_there(&url);
        // Till it is made here, it may be another's.
        let mut database = Self {
            url,
            found: true,
            keep,
        };
        if found {
            assert!(reuse, "{} is there; --reuse takes it", database.url);
            return database;
        }
        if let Some((server, name)) = on_postgres(&database.url) {
            let mut connection = PgConnection::establish(&server).expect("the server answers");
            let sql = format!("CREATE DATABASE \"{name}\"");
            connection.batch_execute(&sql).unwrap();
        }
        database.found = false;
        database
    }

    pub fn store(&self) -> Store {
        let options = StoreOptions {
            url: self.url.parse().unwrap(),
            pool_size: 2,
            pool_timeout: Duration::from_secs(10),
            longest_read: None,
        };
        Store::open(&options).unwrap()
    }

    /// Bytes on disk.
    pub fn size(&self) -> u64 {
        if on_postgres(&self.url).is_none() {
            let length = |path: &PathBuf| path.metadata().map_or(0, |metadata| metadata.len());
            return files(&self.url).iter().map(length).sum();
        }
        let mut connection = PgConnection::establish(&self.url).unwrap();
        let sql = "SELECT pg_database_size(current_database()) AS bytes";
        let size: Size = sql_query(sql).get_result(&mut connection).unwrap();
        u64::try_from(size.bytes).unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // What was there before stays, whatever was asked for.
        if self.keep || self.found {
            return;
        }
        match on_postgres(&self.url) {
            Some((server, name)) => {
                if let Ok(mut connection) = PgConnection::establish(&server) {
                    let sql = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
                    let _ = connection.batch_execute(&sql);
                }
            }
            None => {
                for file in files(&self.url) {
                    let _ = std::fs::remove_file(file);
                }
            }
        }
    }
}

/// Whether there is a database at this address.
pub fn is_there(url: &str) -> bool {
    match on_postgres(url) {
        Some(_) => PgConnection::establish(url).is_ok(),
        None => files(url).first().is_some_and(|path| path.exists()),
    }
}

/// Address of the database that every server has, and the name of ours.
fn on_postgres(url: &str) -> Option<(String, String)> {
    if url.starts_with("sqlite://") {
        return None;
    }
    let (address, parameters) = match url.split_once('?') {
        Some((address, parameters)) => (address, format!("?{parameters}")),
        None => (url, String::new()),
    };
    let (server, name) = address.rsplit_once('/').expect("the name of a database");
    assert!(!name.contains('"'), "{name} is no name of a database");
    Some((format!("{server}/postgres{parameters}"), name.to_owned()))
}

/// The files of a SQLite database, the database itself first.
fn files(url: &str) -> Vec<PathBuf> {
    let path = url.strip_prefix("sqlite://").unwrap_or(url);
    ["", "-wal", "-shm"]
        .map(|end| PathBuf::from(format!("{path}{end}")))
        .to_vec()
}
