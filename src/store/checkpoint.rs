//! SQLite's log is carried into its file (a checkpoint) by the writer, after those who wait for a
//! commit were told of it. SQLite by itself does it within the commit that makes the log long, and
//! whoever has that one waits for two more syncs to the disk.
//!
//! It is not a thread of its own: the log is begun anew only when all of it was carried over and
//! nothing was written meanwhile. Beside a writer who never pauses it would grow without end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
        mpsc::channel,
    },
    thread,
    time::Duration,
};

use diesel::{
    QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query,
    sql_types::BigInt,
};

use crate::store::{
    Store,
    connection::{DatabaseUrl, DbConnection, WRITERS_BUSY},
    error::StoreError,
};

/// Pages in the log from which it is carried over. Up to 4,062, a reader that looks there for a
/// page looks into one table. SQLite's usual 1,000 would have the file synced four times as often,
/// and pages that change all the time, of which an index has many, written each time.
const LONG: i64 = 4_000;
/// Pages from which readers are waited for. Where some read at all times, one of them sees an older
/// state whenever a commit ends: what comes after that state stays in the log, so that it is never
/// begun anew, and would grow until the disk is full.
const TOO_LONG: i64 = 2 * LONG;
/// Milliseconds that they are waited for, at most. Those who come meanwhile see the newest state,
/// so that it takes as long as the longest read. Only writers wait with it.
const AWAITED: u32 = 100;

#[derive(QueryableByName)]
struct Log {
    /// 0 when nobody was in the way.
    #[diesel(sql_type = BigInt)]
    busy: i64,
    /// Pages in it, those that were carried over among them.
    #[diesel(sql_type = BigInt)]
    log: i64,
}

/// Carries the log of one file over.
#[derive(Debug, Clone, Default)]
pub(super) struct Checkpoints {
    /// Pages that the log had when readers were last waited for in vain, as for one that reads for
    /// minutes: it is tried again when it has grown a good deal.
    in_vain_at: Arc<AtomicI64>,
}

impl Checkpoints {
    /// Carries the log over when it is long. What others are still reading is carried over after a
    /// later commit; only when the log is far too long are they waited for, and not for long.
    pub(super) fn after_commit(&self, connection: &mut DbConnection) {
        if let DbConnection::Sqlite(inner) = connection
            && let Err(cause) = self.carry_over(inner, AWAITED)
        {
            log::warn!("SQLite's log can't be carried over for now: {cause}");
        }
    }

    fn carry_over(
        &self,
        connection: &mut SqliteConnection,
        patience: u32,
    ) -> Result<(), StoreError> {
        let pages = checkpoint(connection, "NOOP")?.log;
        if pages < LONG {
            return Ok(());
        }
        match self.is_to_wait(pages) {
            true => {
                let done = begin_anew(connection, patience)?;
                let in_vain_at = match done.busy {
                    0 => 0,
                    _ => pages,
                };
                self.in_vain_at.store(in_vain_at, Relaxed);
            }
            false => {
                checkpoint(connection, "PASSIVE")?;
            }
        }
        Ok(())
    }

    fn is_to_wait(&self, pages: i64) -> bool {
        let in_vain_at = match self.in_vain_at.load(Relaxed) {
            // The log was begun anew since.
            before if before > pages => 0,
            before => before,
        };
        pages >= TOO_LONG && pages - in_vain_at >= LONG
    }
}

/// Carries over what can be, as this mode has it.
fn checkpoint(connection: &mut SqliteConnection, mode: &str) -> Result<Log, StoreError> {
    Ok(sql_query(format!("PRAGMA wal_checkpoint({mode})")).get_result(connection)?)
}

/// Carries all over, and has the next writer begin the log anew; waits so many milliseconds for
/// those who still read from it.
fn begin_anew(connection: &mut SqliteConnection, patience: u32) -> Result<Log, StoreError> {
    connection.batch_execute(&format!("PRAGMA busy_timeout = {patience}"))?;
    let done = checkpoint(connection, "RESTART");
    connection.batch_execute(&format!("PRAGMA busy_timeout = {WRITERS_BUSY}"))?;
    done
}

impl Store {
    /// For the end of a program: waits for the writer, and carries SQLite's log into its file, so
    /// that the file alone has everything. Where that takes longer than this, as on a disk that
    /// hangs, the log has it, and whoever opens the file next carries it over.
    pub fn finish(&self, within: Duration) {
        if !matches!(self.url, DatabaseUrl::Sqlite(_)) {
            return;
        }
        let (told, done) = channel();
        let store = self.clone();
        let finish = move || {
            // Whoever waits for it may have gone on.
            let _ = told.send(store.carry_all_over(within));
        };
        let builder = thread::Builder::new().name("newsstand-closing".to_owned());
        if let Err(cause) = builder.spawn(finish) {
            log::warn!("SQLite's log stays as it is: {cause}");
            return;
        }
        match done.recv_timeout(within) {
            Ok(Ok(())) => {}
            Ok(Err(cause)) => log::warn!("SQLite's log stays as it is: {cause}"),
            Err(_) => log::warn!("SQLite's log stays as it is: that takes too long"),
        }
    }

    fn carry_all_over(&self, patience: Duration) -> Result<(), StoreError> {
        let mut connection = self.writes.get_within(patience)?;
        self.check_file()?;
        if let DbConnection::Sqlite(inner) = &mut *connection {
            let for_readers = patience.as_millis() / 2;
            inner.batch_execute(&format!("PRAGMA busy_timeout = {for_readers}"))?;
            checkpoint(inner, "TRUNCATE")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::store::{
        connection::{Manager, Purpose},
        pool::Reach,
    };

    fn opened(path: &Path, purpose: Purpose) -> SqliteConnection {
        let url = DatabaseUrl::Sqlite(path.to_str().unwrap().to_owned());
        let reach = Reach::default();
        let manager = Manager {
            url,
            purpose,
            reach,
        };
        match manager.open().unwrap() {
            DbConnection::Sqlite(inner) => inner,
            DbConnection::Postgres(_) => panic!("not a file"),
        }
    }

    #[test]
    fn a_log_that_is_too_long_is_begun_anew_when_old_reads_have_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("news.db");
        let mut writer = opened(&path, Purpose::Write);
        writer.batch_execute("CREATE TABLE t (b BLOB)").unwrap();
        let mut reader = opened(&path, Purpose::Read { longest_read: None });
        reader.batch_execute("BEGIN; SELECT b FROM t").unwrap();
        let long = "INSERT INTO t VALUES (zeroblob(35000000))";
        writer.batch_execute(long).unwrap();
        let checkpoints = Checkpoints::default();
        checkpoints.carry_over(&mut writer, 1).unwrap();
        let pages = checkpoint(&mut writer, "NOOP").unwrap().log;
        assert!(pages >= TOO_LONG, "{pages}");
        assert!(!checkpoints.is_to_wait(pages + 1));
        assert!(checkpoints.is_to_wait(pages + LONG));
        let reading = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            reader.batch_execute("COMMIT").unwrap();
        });
        let again = Checkpoints::default();
        again.carry_over(&mut writer, 10_000).unwrap();
        reading.join().unwrap();
        assert!(again.is_to_wait(TOO_LONG));
        writer.batch_execute("INSERT INTO t VALUES (1)").unwrap();
        let pages = checkpoint(&mut writer, "NOOP").unwrap().log;
        assert!(pages < 100, "{pages}");
    }
}
