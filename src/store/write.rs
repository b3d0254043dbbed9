//! Writes: each in a transaction of which all happens or nothing, and which is on disk when its
//! outcome is told.

use crate::store::{
    Connection, Store,
    error::StoreError,
    transactions::{begin_write, commit_write, rollback},
    writer,
};

impl Store {
    /// Runs `work` in a transaction that may write: all of it happens, or nothing. Returns when
    /// it is on disk.
    ///
    /// Writers go one after another on both databases, in the order in which they came: within
    /// this process by one thread, which commits those that wait together; among processes by
    /// SQLite's lock, taken at `BEGIN`, and by an advisory lock on Postgres. Thereby entries of
    /// the change log become visible in their order.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    {
        let done = self.writer.write(work)?.await;
        let done = done.unwrap_or_else(|_| Err(E::from(writer::ended())));
        if done.is_ok() {
            self.bell.ring();
        }
        done
    }

    /// [`Store::write`] for a thread that may wait, and that rings no bell.
    pub fn write_waiting<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let done = self.writer.write(work)?.blocking_recv();
        done.unwrap_or_else(|_| Err(writer::ended()))
    }

    /// [`Store::write`] on the thread of the caller, who may wait, and outside of the row: for
    /// programs that do nothing else.
    pub fn write_blocking<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.writes.get()?;
        begin_write(&mut connection)?;
        match work(&mut connection) {
            Ok(value) => {
                commit_write(&mut connection, &self.file, &self.invalidation)?;
                self.checkpoints.after_commit(&mut connection);
                Ok(value)
            }
            Err(cause) => {
                rollback(&mut connection);
                Err(cause)
            }
        }
    }

    /// Fails when what is written would be lost.
    pub fn check_file(&self) -> Result<(), StoreError> {
        self.file.check()
    }

    /// Runs `work` as [`Store::write_blocking`] does, then undoes it all; gives its result.
    pub fn rehearse_blocking<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut result = None;
        let undone = self.write_blocking(|connection| {
            result = Some(work(connection));
            Err::<(), _>(StoreError::Invalid("a rehearsal".to_owned()))
        });
        match (result, undone) {
            (Some(result), _) => result,
            (None, Err(cause)) => Err(cause),
            (None, Ok(())) => Err(StoreError::Database("the rehearsal did not run".to_owned())),
        }
    }
}
