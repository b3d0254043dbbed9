//! Whether SQLite's file is still the one that was opened. SQLite itself goes on writing into a
//! file that was deleted or replaced, and all of that is lost with the process.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::store::{connection::DatabaseUrl, error::StoreError};

/// What tells one file from another of the same name.
type Identity = (u64, u64);

/// Watches the database's file and its write-ahead log; a Postgres database has neither.
#[derive(Clone)]
pub(super) struct FileWatch {
    files: Arc<Vec<Watched>>,
    lost: Arc<AtomicBool>,
}

struct Watched {
    path: PathBuf,
    /// As it was when it was first seen.
    identity: Mutex<Option<Identity>>,
}

impl FileWatch {
    /// Remembers the files as they are now, just after the database was opened.
    pub(super) fn new(url: &DatabaseUrl) -> Self {
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
        Self {
            files: Arc::new(paths.into_iter().map(watched).collect()),
            lost: Arc::new(AtomicBool::new(false)),
        }
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
            // A log comes into being with the first write.
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
