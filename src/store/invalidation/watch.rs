//! The thread that looks for what other processes have committed. Postgres tells it by itself
//! (LISTEN), and is asked now and then in any case, since what it tells is lost with a connection;
//! SQLite counts the commits of others.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use diesel::{PgConnection, SqliteConnection, prelude::*, sql_query, sql_types::BigInt};

use crate::store::{
    connection::{DatabaseUrl, DbConnection, Manager, Purpose},
    error::StoreError,
    invalidation::{Invalidation, journal},
    pool::Reach,
};

/// How often it looks whether it was told of something.
const LISTENED_EVERY: Duration = Duration::from_millis(25);
/// How often it reads where it may be told, and was not.
const READ_EVERY: Duration = Duration::from_millis(400);
/// How often it asks where nothing tells it.
const ASKED_EVERY: Duration = Duration::from_millis(200);
/// How long it waits before it opens another connection in place of one that failed.
const OPENED_EVERY: Duration = Duration::from_millis(250);

/// Starts the thread, which ends soon after the last handle on what it looks for.
pub(super) fn start(invalidation: &Arc<Invalidation>, url: &DatabaseUrl) -> Result<(), StoreError> {
    let watched = Arc::downgrade(invalidation);
    let manager = Manager {
        url: url.clone(),
        purpose: Purpose::Read { longest_read: None },
        reach: Reach::default(),
    };
    thread::Builder::new()
        .name("newsstand-watching".to_owned())
        .spawn(move || watch(&manager, &watched))
        .map_err(|cause| StoreError::Unavailable(format!("no thread can be started: {cause}")))?;
    Ok(())
}

fn watch(manager: &Manager, watched: &Weak<Invalidation>) {
    let mut line: Option<Line> = None;
    let mut failing = false;
    while let Some(invalidation) = watched.upgrade() {
        // Without this thread nothing would be kept ever again.
        let looking = AssertUnwindSafe(|| look(manager, line.take(), &invalidation));
        let looked = catch_unwind(looking)
            .unwrap_or_else(|_| Err(StoreError::Database("looking panicked".to_owned())));
        drop(invalidation);
        let pause = match looked {
            Ok((open, pause)) => {
                if failing {
                    failing = false;
                    log::info!("what other processes change is seen again");
                }
                line = Some(open);
                pause
            }
            Err(cause) => {
                // Said once, not four times a second.
                if !failing {
                    failing = true;
                    log::warn!("what other processes change is not seen for now: {cause}");
                }
                OPENED_EVERY
            }
        };
        thread::sleep(pause);
    }
}

/// Looks once; gives the connection, which is not given when it failed, and when to look again.
fn look(
    manager: &Manager,
    line: Option<Line>,
    invalidation: &Invalidation,
) -> Result<(Line, Duration), StoreError> {
    let mut line = match line {
        Some(line) => line,
        None => Line::open(manager)?,
    };
    let pause = line.look(invalidation)?;
    Ok((line, pause))
}

/// A connection of the thread's own.
struct Line {
    connection: DbConnection,
    /// Whether the database tells of changes by itself.
    is_told: bool,
    /// When it last read what is new.
    read_at: Option<Instant>,
    /// SQLite's count before it last read.
    version: Option<i64>,
}

impl Line {
    /// It listens before it first reads, so that nothing is missed in between.
    fn open(manager: &Manager) -> Result<Self, StoreError> {
        let mut connection = manager.open()?;
        let is_told = match &mut connection {
            DbConnection::Sqlite(_) => false,
            // A server that only follows another can't be listened to.
            DbConnection::Postgres(inner) => journal::listen(inner)
                .inspect_err(|cause| log::warn!("the database is asked for changes: {cause}"))
                .is_ok(),
        };
        Ok(Self {
            connection,
            is_told,
            read_at: None,
            version: None,
        })
    }

    /// Looks, and reads where there may be something new; gives when to look again.
    fn look(&mut self, invalidation: &Invalidation) -> Result<Duration, StoreError> {
        let is_due = self.read_at.is_none_or(|at| at.elapsed() >= READ_EVERY);
        match &mut self.connection {
            DbConnection::Postgres(inner) => {
                if !self.is_told {
                    self.read(invalidation)?;
                    return Ok(ASKED_EVERY);
                }
                if was_told(inner)? || is_due {
                    self.read(invalidation)?;
                }
                Ok(LISTENED_EVERY)
            }
            DbConnection::Sqlite(inner) => {
                let at = Instant::now();
                let version = version(inner)?;
                match self.version == Some(version) {
                    true => invalidation.note_look(at),
                    false => {
                        self.read(invalidation)?;
                        self.version = Some(version);
                    }
                }
                Ok(ASKED_EVERY)
            }
        }
    }

    fn read(&mut self, invalidation: &Invalidation) -> Result<(), StoreError> {
        let at = Instant::now();
        invalidation.catch_up(&mut self.connection)?;
        self.read_at = Some(at);
        Ok(())
    }
}

/// Whether anything was told since it was last asked; does not wait for it.
fn was_told(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let mut was_told = false;
    for told in connection.notifications_iter() {
        told?;
        was_told = true;
    }
    Ok(was_told)
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = BigInt)]
    data_version: i64,
}

/// Differs from what it was when another connection has committed since.
fn version(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let found: Version = sql_query("PRAGMA data_version").get_result(connection)?;
    Ok(found.data_version)
}
