//! Notices that a file has changed.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, TryLockError},
    time::{Duration, Instant, SystemTime},
};

/// What tells one state of a file from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let facts = fs::metadata(path).ok()?;
        Some(Self {
            modified: facts.modified().ok(),
            length: facts.len(),
            inode: inode(&facts),
        })
    }
}

#[cfg(unix)]
fn inode(facts: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(facts)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}

struct State {
    looked: Instant,
    seen: Option<Stamp>,
}

/// A file that is looked at now and then.
pub(super) struct Watch {
    path: PathBuf,
    state: Mutex<State>,
}

impl Watch {
    /// Begins with the file as it is; to be called before the file is read.
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            state: Mutex::new(State {
                looked: Instant::now(),
                seen: Stamp::of(path),
            }),
        }
    }

    /// Whether the last look was so long ago, and nobody is looking. Never waits.
    pub(super) fn is_due(&self, every: Duration) -> bool {
        match self.state.try_lock() {
            Ok(state) => state.looked.elapsed() >= every,
            Err(TryLockError::Poisoned(cause)) => cause.into_inner().looked.elapsed() >= every,
            Err(TryLockError::WouldBlock) => false,
        }
    }

    /// Calls `act` once for each change, looking no more often than this. Never waits: while one
    /// thread looks, the others go on.
    pub(super) fn when_changed(&self, every: Duration, act: impl FnOnce()) {
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(cause)) => cause.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if state.looked.elapsed() < every {
            return;
        }
        state.looked = Instant::now();
        // Before the file is read: a change during that is seen the next time.
        let stamp = Stamp::of(&self.path);
        if stamp != state.seen {
            state.seen = stamp;
            act();
        }
    }
}
