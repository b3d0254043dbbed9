//! Connections that are kept open, and whether the database can be reached at all.
//!
//! Who comes while it can't is told so at once, and does not wait for a connection in vain. The
//! pools themselves go on trying to open one, at least once a second, and what they find counts for
//! all; so nothing need be started anew.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use diesel::r2d2::{NopErrorHandler, Pool, PoolError, PooledConnection};

use crate::store::{
    connection::{DatabaseUrl, Manager},
    error::StoreError,
    figures::ConnectionFigures,
};

/// How old a connection to a server may become.
const OLDEST: Duration = Duration::from_secs(30 * 60);
/// A connection that could not be opened is tried again after 0.4, 0.8, and from then on after so
/// long.
const TRIED_EVERY: Duration = Duration::from_secs(1);
/// How long one waits for a connection before looking whether that is in vain.
const LOOKED_EVERY: Duration = Duration::from_millis(50);

/// Whether the database can be reached, as the last connection that was opened, or was not, has
/// shown. Shared by all pools of a store.
#[derive(Debug, Clone, Default)]
pub(super) struct Reach {
    is_lost: Arc<AtomicBool>,
}

impl Reach {
    /// A connection could not be opened. Said once, not with each that comes in vain.
    pub(super) fn lost(&self, cause: &StoreError) {
        if !self.is_lost.swap(true, SeqCst) {
            log::error!("{cause}");
        }
    }

    /// A connection was opened.
    pub(super) fn found(&self) {
        if self.is_lost.swap(false, SeqCst) {
            log::info!("the database can be reached again");
        }
    }

    fn is_lost(&self) -> bool {
        self.is_lost.load(SeqCst)
    }
}

/// A pool of connections for one purpose; cheap to clone.
#[derive(Clone)]
pub(super) struct Connections {
    pool: Pool<Manager>,
    reach: Reach,
    patience: Duration,
}

impl Connections {
    /// So many at most, where nobody waits longer than this.
    pub(super) fn new(manager: Manager, size: u32, patience: Duration) -> Self {
        let on_sqlite = matches!(manager.url, DatabaseUrl::Sqlite(_));
        let reach = manager.reach.clone();
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            // A file's connection only gets better with age: what it has read is in its cache.
            .max_lifetime((!on_sqlite).then_some(OLDEST))
            .test_on_check_out(!on_sqlite)
            // Half of it is the longest pause before it tries again; nobody waits by it.
            .connection_timeout(TRIED_EVERY * 2)
            // What is wrong is told by `Reach`.
            .error_handler(Box::new(NopErrorHandler))
            .build_unchecked(manager);
        Self {
            pool,
            reach,
            patience,
        }
    }

    /// How many there are.
    pub(super) fn figures(&self) -> ConnectionFigures {
        let state = self.pool.state();
        ConnectionFigures {
            most: self.pool.max_size(),
            busy: state.connections.saturating_sub(state.idle_connections),
            idle: state.idle_connections,
            are_to_be_had: !self.reach.is_lost(),
        }
    }

    /// One of them.
    pub(super) fn get(&self) -> Result<PooledConnection<Manager>, StoreError> {
        self.get_within(self.patience)
    }

    /// One of them, for one who waits no longer than this.
    pub(super) fn get_within(
        &self,
        patience: Duration,
    ) -> Result<PooledConnection<Manager>, StoreError> {
        let started = Instant::now();
        loop {
            if self.reach.is_lost() {
                // One that is open may be good all the same, as where a server takes no more.
                if let Some(connection) = self.pool.try_get() {
                    return Ok(connection);
                }
                if self.pool.state().connections == 0 {
                    let cause = "no connection can be opened".to_owned();
                    return Err(StoreError::Unavailable(cause));
                }
            }
            let left = patience.saturating_sub(started.elapsed());
            match self.pool.get_timeout(left.min(LOOKED_EVERY)) {
                Ok(connection) => return Ok(connection),
                Err(cause) if left <= LOOKED_EVERY => return Err(unavailable(&cause)),
                Err(_) => {}
            }
        }
    }
}

fn unavailable(cause: &PoolError) -> StoreError {
    StoreError::Unavailable(cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::connection::Purpose;

    fn connections(url: &str, patience: Duration) -> Connections {
        let longest_read = None;
        let manager = Manager {
            url: url.parse().expect("a URL"),
            purpose: Purpose::Read { longest_read },
            reach: Reach::default(),
        };
        Connections::new(manager, 1, patience)
    }

    #[test]
    fn a_database_that_can_not_be_reached_is_not_waited_for() {
        // Nothing listens there.
        let none = connections("postgres://ed@127.0.0.1:1/news", Duration::from_secs(20));
        let started = Instant::now();
        for _ in 0..10 {
            assert!(matches!(none.get(), Err(StoreError::Unavailable(_))));
        }
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{:?}",
            started.elapsed()
        );
    }

    #[test]
    fn who_comes_when_all_are_in_use_waits_and_not_for_ever() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("news.db").display());
        let one = connections(&url, Duration::from_millis(150));
        let long = Duration::from_secs(20);
        let taken = one.get_within(long).expect("a connection");
        let started = Instant::now();
        assert!(one.get().is_err());
        assert!(started.elapsed() >= Duration::from_millis(150));
        drop(taken);
        assert!(one.get_within(long).is_ok());
    }
}
