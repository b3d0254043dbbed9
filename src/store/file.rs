//! Whether SQLite's file is still the one that was opened. SQLite itself goes on writing into a
//! file that was deleted or replaced, and all of that is lost with the process.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use diesel::connection::SimpleConnection;

use crate::store::{
    connection::{DatabaseUrl, DbConnection},
    error::StoreError,
};

/// What tells one file from another of the same name.
type Identity = (u64, u64);

/// Watches the database's file and its write-ahead log; a Postgres database has neither.
#[derive(Clone)]
pub(super) struct FileWatch {
    files: Arc<Vec<Watched>>,
    lost: Arc<AtomicBool>,
    /// Kept open and unused: when the last connection to a file closes, SQLite itself deletes the
    /// log, and another one is not a sign of harm.
    _keeper: Option<Arc<Mutex<DbConnection>>>,
}

struct Watched {
    path: PathBuf,
    /// As it was when it was first seen.
    identity: Mutex<Option<Identity>>,
}

impl FileWatch {
    /// Remembers the files as they are now, just after this connection was opened.
    pub(super) fn new(url: &DatabaseUrl, mut opened: DbConnection) -> Result<Self, StoreError> {
        if let DbConnection::Sqlite(inner) = &mut opened {
            // A first read brings the log into being.
            inner.batch_execute("SELECT name FROM sqlite_master LIMIT 1")?;
        }
        let paths = match url {
            DatabaseUrl::Sqlite(path) => vec![path.clone(), format!("{path}-wal")],
            DatabaseUrl::Postgres(_) => Vec::new(),
        };
        let watched = |path: String| {
            let path = PathBuf::from(path);
            Watched {
                identity: Mutex::new(identity(&path)),
                path,
            }
        };
        Ok(Self {
            files: Arc::new(paths.into_iter().map(watched).collect()),
            lost: Arc::new(AtomicBool::new(false)),
            _keeper: match opened {
                DbConnection::Sqlite(_) => Some(Arc::new(Mutex::new(opened))),
                DbConnection::Postgres(_) => None,
            },
        })
    }

    /// Fails for ever once a file is no longer the one that was opened: connections hold the old
    /// one, so only a new start can go on with another.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let changed = self.files.iter().find(|file| !file.is_same());
        if let Some(file) = changed
            && !self.lost.swap(true, Ordering::SeqCst)
        {
            log::error!(
                "{} was deleted or replaced while it was open; nothing more is written until \
                 Newsstand is started anew",
                file.path.display()
            );
        }
        match self.lost.load(Ordering::SeqCst) {
            true => Err(StoreError::Unavailable(
                "the database file was deleted or replaced".to_owned(),
            )),
            false => Ok(()),
        }
    }
}

impl Watched {
    fn is_same(&self) -> bool {
        let now = identity(&self.path);
        let mut known = self.identity.lock().unwrap_or_else(PoisonError::into_inner);
        match *known {
            Some(before) => now == Some(before),
            // There was none yet.
            None => {
                *known = now;
                true
            }
        }
    }
}

#[cfg(unix)]
fn identity(path: &std::path::Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Elsewhere an open file can't be deleted, and none is told from another.
#[cfg(not(unix))]
fn identity(path: &std::path::Path) -> Option<Identity> {
    path.exists().then_some((0, 0))
}
