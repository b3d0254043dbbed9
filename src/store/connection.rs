//! Connections to either database behind one type, and how each is opened.

use std::{
    fmt,
    str::FromStr,
    thread,
    time::{Duration, Instant},
};

use diesel::{
    Connection as _, PgConnection, SqliteConnection,
    connection::SimpleConnection,
    r2d2::{ManageConnection, R2D2Connection},
};

use crate::{
    model::secret::SecretText,
    store::{error::StoreError, pool::Reach},
};

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
    /// A Postgres connection URI, which may have a password in it.
    Postgres(SecretText),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned().into()));
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
        let url = url.reveal();
        if shown(url).is_none() {
            return "what the driver says of it may have a part of a password in it; write / ? and \
                    @ in one as %2F %3F %40"
                .to_owned();
        }
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let user = rest.rsplit_once('@').map_or("", |(user, _)| user);
        let after_name = user.split_once(':').map_or("", |(_, password)| password);
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        let of_query = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .filter(|(name, _)| name.contains("pass"))
            .map(|(_, value)| value);
        let parts = after_name.split('@').chain([after_name]).chain(of_query);
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
            Self::Postgres(url) => {
                let shown = shown(url.reveal());
                f.write_str(shown.as_deref().unwrap_or("postgres://…"))
            }
        }
    }
}

/// An address of Postgres without its password and its parameters; nothing where it can be read in
/// more than one way, since a part of a password may then look like something else.
fn shown(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let (user, place) = match rest.rsplit_once('@') {
        Some((user, place)) => (user.to_owned() + "@", place),
        None => (String::new(), rest),
    };
    if user.contains(['/', '?']) {
        return None;
    }
    let place = place.split(['?', '#']).next()?;
    let host = place.split('/').next()?;
    if user.is_empty() && !has_only_ports(host) {
        return None;
    }
    let user = match user.split_once(':') {
        Some((name, _)) => format!("{name}:***@"),
        None => user,
    };
    Some(format!("{scheme}://{user}{place}"))
}

/// Whether what follows the colons in a list of hosts are ports, and not the password of an address
/// in which the host was forgotten.
fn has_only_ports(hosts: &str) -> bool {
    hosts.split(',').all(|host| {
        let port = match host.rsplit_once(']') {
            Some((_, after)) => after.strip_prefix(':'),
            None => host.split_once(':').map(|(_, port)| port),
        };
        port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
    })
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
    Read {
        /// How long a statement may take, where that is bounded. Postgres ends it then, whether it
        /// is within a transaction or not; SQLite could only be told by what Diesel does not have,
        /// a handler that it calls as it goes, so what takes many statements asks
        /// [`Reader::go_on`](crate::store::Reader::go_on) between them.
        longest_read: Option<Duration>,
    },
    /// One at a time on SQLite.
    Write,
}

/// Opens and checks connections for a pool.
#[derive(Debug, Clone)]
pub(super) struct Manager {
    pub(super) url: DatabaseUrl,
    pub(super) purpose: Purpose,
    /// Is told what becomes of connections of a pool.
    pub(super) reach: Reach,
}

/// A server that is no longer there is noticed within seconds, not within the quarter of an hour
/// that TCP takes. An address that has time-outs of its own is left as it is.
fn impatient(url: &SecretText) -> SecretText {
    let text = url.reveal();
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    // A name and a password, which may have any sign in it, end at the first @ before a slash.
    let place = match rest.split_once('@') {
        Some((user, place)) if !user.contains('/') => place,
        _ => rest,
    };
    if place.contains("_timeout=") {
        return url.clone();
    }
    let sign = match place.contains('?') {
        true => '&',
        false => '?',
    };
    format!("{text}{sign}connect_timeout=5&tcp_user_timeout=5000").into()
}

/// How long a connection waits for a lock of SQLite before it gives up.
const SQLITE_BUSY: Duration = Duration::from_secs(10);

/// Tries again while another process holds a lock for which SQLite does not wait by itself: on
/// switching a new file to WAL, and where waiting could be a deadlock.
pub(super) fn patiently<T>(work: impl FnMut() -> Result<T, StoreError>) -> Result<T, StoreError> {
    trying_every(Duration::from_millis(20), work)
}

/// Tries again, so often, while another process holds a lock of SQLite.
pub(super) fn trying_every<T>(
    pause: Duration,
    mut work: impl FnMut() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let started = Instant::now();
    loop {
        match work() {
            Err(StoreError::Unavailable(cause))
                if cause.contains("locked") && started.elapsed() < SQLITE_BUSY =>
            {
                thread::sleep(pause);
            }
            done => return done,
        }
    }
}

/// Kilobytes of the cache of a connection that reads. Of a million articles, the upper levels of
/// the indexes that single articles and lists are found by take some 3 MB; these stay in it, and
/// with them what was read last. The rest is in the system's cache, from where a page takes a
/// microsecond; more here would be paid for by each connection.
const READERS_CACHE: u32 = 8_000;
/// Kilobytes of that of the one that writes: a merge into the index looks all over it, and what
/// it has changed and no room for goes to the log twice.
const WRITERS_CACHE: u32 = 64_000;
/// Bytes to which the log is cut when it is begun anew: a large import lets it grow far beyond,
/// and would else keep that much of the disk. Below, its room is used again, which is cheaper than
/// to make it grow each time.
const LOG_KEPT: u32 = 64 * 1_024 * 1_024;
/// Milliseconds that SQLite waits by itself for the lock of writers. After a while it looks ten
/// times a second only, and can miss for seconds that an import lets go of it between two
/// transactions; so beginning a transaction is tried by us (see `transactions`), more often.
pub(super) const WRITERS_BUSY: u32 = 2;

impl Manager {
    pub(super) fn open(&self) -> Result<DbConnection, StoreError> {
        let unreachable = |cause: diesel::ConnectionError| {
            let cause = self.url.without_secrets(&cause.to_string());
            StoreError::Unavailable(format!("{}: {cause}", self.url))
        };
        match &self.url {
            DatabaseUrl::Postgres(url) => {
                let establish = PgConnection::establish(impatient(url).reveal());
                let mut connection = establish.map_err(unreachable)?;
                connection.batch_execute(&self.settings())?;
                Ok(DbConnection::Postgres(connection))
            }
            DatabaseUrl::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path).map_err(unreachable)?;
                patiently(|| Ok(connection.batch_execute(&self.pragmas())?))?;
                Ok(DbConnection::Sqlite(connection))
            }
        }
    }

    /// What a Postgres connection is opened with.
    fn settings(&self) -> String {
        // Words of the server that are no errors ("relation exists, skipping") stay out.
        let quiet = "SET client_min_messages TO WARNING";
        match self.purpose {
            Purpose::Read {
                longest_read: Some(longest),
            } => format!("{quiet}; SET statement_timeout TO {}", longest.as_millis()),
            Purpose::Read { longest_read: None } | Purpose::Write => quiet.to_owned(),
        }
    }

    /// What a SQLite connection is opened with.
    ///
    /// - The busy time-out comes first: switching to WAL may itself have to wait.
    /// - FULL: a commit that was acknowledged has reached the disk.
    /// - No file is mapped into memory. That would save copying a page from the system's cache; but
    ///   all that was ever read would count as memory of this process, once for each connection,
    ///   and a disk that fails would end the process where it now ends one read.
    /// - What is sorted is small: ids and dates of a page. It needs no file.
    /// - The log is carried into the file by `checkpoint`, not by who commits.
    ///
    /// There is no `optimize`: plans go by fixed figures (migration `planning`).
    fn pragmas(&self) -> String {
        let of_purpose = match self.purpose {
            Purpose::Read { .. } => format!(
                "PRAGMA cache_size = -{READERS_CACHE};
                 PRAGMA query_only = ON;"
            ),
            Purpose::Write => format!(
                "PRAGMA cache_size = -{WRITERS_CACHE};
                 PRAGMA journal_size_limit = {LOG_KEPT};
                 PRAGMA wal_autocheckpoint = 0;
                 PRAGMA busy_timeout = {WRITERS_BUSY};"
            ),
        };
        format!(
            "PRAGMA busy_timeout = {};
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA mmap_size = 0;
             PRAGMA temp_store = MEMORY;
             {of_purpose}",
            SQLITE_BUSY.as_millis()
        )
    }
}

impl ManageConnection for Manager {
    type Connection = DbConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<DbConnection, StoreError> {
        let opened = self.open();
        match &opened {
            Ok(_) => self.reach.found(),
            Err(cause) => self.reach.lost(cause),
        }
        opened
    }

    fn is_valid(&self, connection: &mut DbConnection) -> Result<(), StoreError> {
        connection.ping().map_err(StoreError::from)
    }

    fn has_broken(&self, connection: &mut DbConnection) -> bool {
        // A panic may have left a transaction open.
        thread::panicking() || connection.is_broken()
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
        for (url, told) in [
            ("postgresql://db:5432/news", "postgresql://db:5432/news"),
            ("postgres://[::1]:5432,db/x", "postgres://[::1]:5432,db/x"),
            ("postgres://ed@db/news", "postgres://ed@db/news"),
            ("postgres://ed:1#hunter2@db/x", "postgres://ed:***@db/x"),
            ("postgres://ed:1?hunter2@db/news", "postgres://…"),
            ("postgres://ed:1/hunter2@db/news", "postgres://…"),
            ("postgres://db/news?password=hunter2", "postgres://db/news"),
            ("postgres:///news?password=a@hunter2", "postgres://…"),
            ("postgres://ed:hunter2/news", "postgres://…"),
        ] {
            let url: DatabaseUrl = url.parse().expect("a URL");
            assert_eq!(url.to_string(), told);
        }
    }

    #[test]
    fn a_password_that_can_not_be_read_is_not_quoted() {
        for (url, told) in [
            (
                "postgres://u:hunter2%zz@h/x",
                "invalid token: \"hunter2%zz\"",
            ),
            ("postgres://u:p@hunter2@h/x", "no host \"hunter2@h\""),
            ("postgres://u:hunter2/@h/x", "invalid port \"hunter2\""),
            ("postgres://u:hunter2/x", "invalid port \"hunter2\""),
            (
                "postgres://h/x?password=hunter2%zz",
                "invalid token: \"hunter2%zz\"",
            ),
        ] {
            let url: DatabaseUrl = url.parse().expect("a URL");
            assert!(!url.without_secrets(told).contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn a_server_that_is_gone_is_not_waited_for() {
        for (text, sign) in [
            ("postgres://ed:secret@db.example.com/news", '?'),
            ("postgres://ed:a?b@db.example.com/news", '?'),
            ("postgres://ed@db.example.com/news?sslmode=require", '&'),
            ("postgres:///news?host=/run&password=a@b", '&'),
        ] {
            let expected = format!("{text}{sign}connect_timeout=5&tcp_user_timeout=5000");
            assert_eq!(impatient(&text.to_owned().into()).reveal(), expected);
        }
    }

    #[test]
    fn time_outs_of_others_are_left_alone() {
        let text = "postgres://ed@db.example.com/news?connect_timeout=60";
        assert_eq!(impatient(&text.to_owned().into()).reveal(), text);
    }

    #[test]
    fn unknown_schemes_are_refused() {
        assert!("mysql://localhost/news".parse::<DatabaseUrl>().is_err());
        assert!("news.db".parse::<DatabaseUrl>().is_err());
        assert!("sqlite://:memory:".parse::<DatabaseUrl>().is_err());
    }
}
