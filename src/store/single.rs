//! Reads that are mostly done with one statement. A statement sees one state by itself, so these
//! need no transaction, which takes two statements more: with Postgres, two ways to the server.

use std::time::Instant;

use crate::{
    model::sight::Sight,
    store::{Measured, Reader, Store, StoreError, statements, transactions::Pace},
};

impl Store {
    /// [`Store::read_then`] of what one statement mostly tells; for everyone, `work` is run without
    /// a transaction. Where it took more than one statement, or was about to, what it gave is
    /// forgotten and it is run again, in a transaction.
    pub async fn read_single<T, U, F, M>(
        &self,
        sight: Sight,
        work: F,
        make: M,
    ) -> Result<Measured<U>, StoreError>
    where
        T: 'static,
        U: Send + 'static,
        F: FnMut(&mut Reader<'_>) -> Result<T, StoreError> + Send + 'static,
        M: FnOnce(T) -> U + Send + 'static,
    {
        self.in_turn(move |store, started| {
            let read = store.single_since(started, sight, work)?;
            Ok(read.map(make))
        })
        .await
    }

    fn single_since<T>(
        &self,
        started: Instant,
        sight: Sight,
        mut work: impl FnMut(&mut Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<Measured<T>, StoreError> {
        if sight != Sight::Public {
            return self.read_since(started, Pace::Request, sight, work);
        }
        let tried = self.tried(started, &mut work)?;
        if tried.holds {
            return Ok(Measured {
                value: tried.value?,
                statements: tried.statements,
                elapsed: started.elapsed(),
            });
        }
        let read = self.read_since(started, Pace::Request, sight, work)?;
        Ok(Measured {
            statements: read.statements.saturating_add(tried.statements),
            ..read
        })
    }

    fn tried<T>(
        &self,
        started: Instant,
        work: &mut impl FnMut(&mut Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<Tried<T>, StoreError> {
        let mut connection = self.reader_since(started)?;
        let began = Instant::now();
        let ((value, wants_more), statements) = statements::counted(|| {
            let mut reader = Reader::single(&mut connection).remembering(&self.memory);
            let value = work(&mut reader);
            (value, reader.wants_more())
        });
        self.counters.note_read(started, began, statements);
        Ok(Tried {
            value,
            holds: !wants_more && statements <= 1,
            statements,
        })
    }
}

/// What work gave without a transaction.
struct Tried<T> {
    value: Result<T, StoreError>,
    /// Whether it is of one state.
    holds: bool,
    statements: u32,
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering::SeqCst},
        },
        time::Duration,
    };

    use tokio::runtime::Builder;

    use super::*;
    use crate::{
        model::time::UtcTime,
        store::{StoreOptions, articles::any_after},
    };

    /// How often work of so many statements is run, for one who sees so much, and how many
    /// statements that takes.
    fn cost(sight: Sight, statements: u32, asks: bool) -> (u32, u32) {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("news.db").display());
        let store = Store::open(&StoreOptions {
            url: url.parse().expect("a URL"),
            pool_size: 1,
            pool_timeout: Duration::from_secs(5),
            longest_read: None,
        });
        let store = store.expect("a store");
        store.migrate().expect("a database");
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        let work = move |reader: &mut Reader<'_>| -> Result<(), StoreError> {
            counted.fetch_add(1, SeqCst);
            for number in 0..statements {
                if asks && number == 1 {
                    reader.more()?;
                }
                any_after(reader, UtcTime::now())?;
            }
            Ok(())
        };
        let runtime = Builder::new_current_thread().enable_time().build();
        let read = store.read_single(sight, work, |read| read);
        let read = runtime.expect("a runtime").block_on(read);
        (runs.load(SeqCst), read.expect("a read").statements)
    }

    #[test]
    fn one_statement_needs_no_transaction() {
        assert_eq!(cost(Sight::Public, 1, false), (1, 1));
        assert_eq!(cost(Sight::Public, 0, false), (1, 0));
        assert_eq!(cost(Sight::Public, 1, true), (1, 1));
    }

    #[test]
    fn what_takes_more_is_read_again_in_a_transaction() {
        assert_eq!(cost(Sight::Public, 2, true), (2, 1 + 4));
        assert_eq!(cost(Sight::Public, 2, false), (2, 2 + 4));
    }

    #[test]
    fn editors_read_in_a_transaction_at_once() {
        assert_eq!(cost(Sight::Desk, 1, false), (1, 3));
    }
}
