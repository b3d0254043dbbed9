//! Connections to either database behind one type, and how each is opened.

use std::{fmt, str::FromStr, time::Duration};

use diesel::{
    Connection as _, PgConnection, SqliteConnection,
    connection::SimpleConnection,
    r2d2::{ManageConnection, R2D2Connection},
};

use crate::store::error::StoreError;

/// A connection to one of the two databases; queries are written once, against this type.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    /// To a Postgres server.
    Postgres(PgConnection),
    /// To a SQLite file.
    Sqlite(SqliteConnection),
}

/// The backend of [`DbConnection`], for boxed queries.
pub(crate) type Db = <DbConnection as diesel::Connection>::Backend;

/// Runs one body on whichever connection this is; the body is written once and checked twice.
/// For what the derive can't do, batch inserts and upserts, and for what runs often: the derive
/// writes the SQL of a statement anew each time, prepared or not.
macro_rules! on_backend {
    ($connection:expr, $inner:ident => $body:expr) => {
        match $connection {
            $crate::store::connection::DbConnection::Postgres($inner) => $body,
            $crate::store::connection::DbConnection::Sqlite($inner) => $body,
        }
    };
}
pub(crate) use on_backend;

/// Where the database is, from `DATABASE_URL`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// Path of a SQLite file.
    Sqlite(String),
    /// A Postgres connection URI.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite://") {
            Some("") => Err("sqlite:// needs the path of a file after it".to_owned()),
            Some(path) if path.contains(['?', '\0']) || path.contains(":memory:") => Err(
                "sqlite:// takes the path of a file, without parameters and not in memory"
                    .to_owned(),
            ),
            Some(path) => Ok(Self::Sqlite(path.to_owned())),
            None => Err("expected sqlite://FILE or postgres://USER@HOST/NAME".to_owned()),
        }
    }
}

impl DatabaseUrl {
    /// What a driver says of this URL, without the parts of it that may be a password: drivers
    /// quote what they can't read.
    fn without_secrets(&self, cause: &str) -> String {
        let Self::Postgres(url) = self else {
            return cause.to_owned();
        };
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let user = rest.rsplit_once('@').map_or("", |(user, _)| user);
        let after_name = user.split_once(':').map_or("", |(_, password)| password);
        let parts = after_name.split('@').chain([after_name]);
        parts
            .filter(|part| !part.is_empty())
            .fold(cause.to_owned(), |text, part| text.replace(part, "***"))
    }
}

/// Names the database without its password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{path}"),
            Self::Postgres(url) => match url::Url::parse(url) {
                Ok(mut parsed) => {
                    if parsed.password().is_some() && parsed.set_password(Some("***")).is_err() {
                        return f.write_str("postgres://…");
                    }
                    parsed.set_query(None);
                    write!(f, "{parsed}")
                }
                Err(_) => f.write_str("postgres://…"),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a connection is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Many at a time, and never a write.
    Read,
    /// One at a time on SQLite.
    Write,
}

/// Opens and checks connections for a pool.
#[derive(Debug, Clone)]
pub(super) struct Manager {
    pub(super) url: DatabaseUrl,
    pub(super) purpose: Purpose,
}

/// How long a connection waits for SQLite's one write lock before it gives up.
const SQLITE_BUSY: Duration = Duration::from_secs(10);

/// Tries again while another process holds a lock for which SQLite does not wait by itself: on
/// switching a new file to WAL, and where waiting could be a deadlock.
pub(super) fn patiently<T>(
    mut work: impl FnMut() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let started = std::time::Instant::now();
    loop {
        match work() {
            Err(StoreError::Unavailable(cause))
                if cause.contains("locked") && started.elapsed() < SQLITE_BUSY =>
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            done => return done,
        }
    }
}

impl Manager {
    pub(super) fn open(&self) -> Result<DbConnection, StoreError> {
        let unreachable = |cause: diesel::ConnectionError| {
            let cause = self.url.without_secrets(&cause.to_string());
            StoreError::Unavailable(format!("{}: {cause}", self.url))
        };
        match &self.url {
            DatabaseUrl::Postgres(url) => {
                let mut connection = PgConnection::establish(url).map_err(unreachable)?;
                // Words of the server that are no errors ("relation exists, skipping") stay out.
                connection.batch_execute("SET client_min_messages TO WARNING")?;
                Ok(DbConnection::Postgres(connection))
            }
            DatabaseUrl::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path).map_err(unreachable)?;
                patiently(|| Ok(connection.batch_execute(&self.pragmas())?))?;
                Ok(DbConnection::Sqlite(connection))
            }
        }
    }

    /// The busy time-out comes first: switching to WAL may itself have to wait.
    /// FULL: a commit that was acknowledged has reached the disk.
    fn pragmas(&self) -> String {
        let (only_reads, cache) = match self.purpose {
            Purpose::Read => ("PRAGMA query_only = ON;", 16_000),
            // There is one, and a merge into the index looks all over it.
            Purpose::Write => ("", 64_000),
        };
        format!(
            "PRAGMA busy_timeout = {};
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -{cache};
             PRAGMA temp_store = MEMORY;
             {only_reads}",
            SQLITE_BUSY.as_millis()
        )
    }
}

impl ManageConnection for Manager {
    type Connection = DbConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<DbConnection, StoreError> {
        self.open()
    }

    fn is_valid(&self, connection: &mut DbConnection) -> Result<(), StoreError> {
        connection.ping().map_err(StoreError::from)
    }

    fn has_broken(&self, connection: &mut DbConnection) -> bool {
        // A panic may have left a transaction open.
        std::thread::panicking() || connection.is_broken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_never_shown() {
        let url: DatabaseUrl = "postgres://ed:hunter2@db.example.com/news?sslmode=require"
            .parse()
            .expect("a good URL");
        assert_eq!(format!("{url:?}"), "postgres://ed:***@db.example.com/news");
    }

    #[test]
    fn a_password_that_can_not_be_read_is_not_quoted() {
        for (url, told) in [
            (
                "postgres://u:hunter2%zz@h/x",
                "invalid token: \"hunter2%zz\"",
            ),
            ("postgres://u:p@hunter2@h/x", "no host \"hunter2@h\""),
        ] {
            let url: DatabaseUrl = url.parse().expect("a URL");
            assert!(!url.without_secrets(told).contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn unknown_schemes_are_refused() {
        assert!("mysql://localhost/news".parse::<DatabaseUrl>().is_err());
        assert!("news.db".parse::<DatabaseUrl>().is_err());
        assert!("sqlite://:memory:".parse::<DatabaseUrl>().is_err());
    }
}
