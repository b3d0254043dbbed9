//! Reads of the store: for no longer than they may take, and with work that goes wrong.

use std::time::{Duration, Instant};

use newsstand::{
    domain,
    model::{article::ArticleFilter, page::PageRequest, sight::Sight},
    store::{self, Measured, Store, StoreError, StoreOptions},
};
use rstest::rstest;

use crate::support::{Kind, Postgres, Sqlite, database::Database};

/// A store where no read for a request may take longer than this.
fn impatient(database: &Database, longest: Duration) -> Store {
    let options = StoreOptions {
        longest_read: Some(longest),
        ..database.options()
    };
    Store::open(&options).unwrap()
}

/// Reads as requests do.
fn read<T: Send + 'static>(
    store: &Store,
    work: impl FnOnce(&mut store::Reader<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    done(store.read(Sight::Public, work))
}

/// Waits as requests do.
fn done<T>(read: impl Future<Output = Result<Measured<T>, StoreError>>) -> Result<T, StoreError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let read = runtime.block_on(read);
    // What nobody waits for any longer goes on.
    runtime.shutdown_background();
    read.map(|measured| measured.value)
}

#[rstest]
fn nobody_waits_longer_for_a_read_than_it_may_take(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = Database::new(kind);
    let store = impatient(&database, Duration::from_millis(200));
    let started = Instant::now();
    let long = read(&store, |_| {
        std::thread::sleep(Duration::from_secs(2));
        Ok(())
    });
    assert!(matches!(long, Err(StoreError::TooLong(_))), "{long:?}");
    assert!(started.elapsed() < Duration::from_millis(1_800));
    read(&store, store::obstacle).unwrap();
}

#[rstest]
fn work_that_panics_is_an_error_of_its_own_and_of_nobody_else(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    use diesel::RunQueryDsl;
    let database = Database::new(kind);
    let store = Store::open(&database.options()).unwrap();
    // More often than there are connections.
    for _ in 0..4 {
        let ended = read(&store, |_| -> Result<(), StoreError> {
            panic!("a read's work")
        });
        assert!(matches!(ended, Err(StoreError::Database(_))), "{ended:?}");
        let ended = store.write_waiting(|connection| -> Result<(), StoreError> {
            let noted = "INSERT INTO invalidations (keys, at) VALUES ('half-done', 1)";
            diesel::sql_query(noted).execute(connection)?;
            panic!("a writer's work")
        });
        assert!(matches!(ended, Err(StoreError::Database(_))), "{ended:?}");
    }
    read(&store, store::obstacle).unwrap();
    store.write_waiting(|_| Ok(())).unwrap();
    let noted = "SELECT count(*) AS count FROM invalidations WHERE keys = 'half-done'";
    let count = store.rehearse_blocking(|connection| -> Result<i64, StoreError> {
        let found: Count = diesel::sql_query(noted).get_result(connection)?;
        Ok(found.count)
    });
    assert_eq!(count.unwrap(), 0);
}

#[rstest]
fn a_search_that_nobody_waits_for_is_given_up(#[values(Sqlite, Postgres)] kind: Kind) {
    let database = Database::new(kind);
    let store = impatient(&database, Duration::from_millis(100));
    let search = |reader: &mut store::Reader<'_>| {
        let (filter, asked) = (ArticleFilter::default(), domain::search::parse("harbour"));
        let page = PageRequest::default();
        store::articles::search(reader, &filter, &asked, &page, None).map(|_| ())
    };
    read(&store, search).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let long = read(&store, move |reader| {
        std::thread::sleep(Duration::from_millis(300));
        tell.send(search(reader)).unwrap();
        Ok(())
    });
    assert!(matches!(long, Err(StoreError::TooLong(_))), "{long:?}");
    let given_up = told.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(
        matches!(given_up, Err(StoreError::TooLong(_))),
        "{given_up:?}"
    );
    // What a server looks for by itself goes on.
    store
        .read_blocking(Sight::Public, |reader| {
            std::thread::sleep(Duration::from_millis(300));
            search(reader)
        })
        .unwrap();
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

#[test]
fn a_read_that_takes_too_long_is_ended_by_postgres() {
    use diesel::{Connection, RunQueryDsl, connection::SimpleConnection};
    let database = Database::new(Postgres);
    let store = impatient(&database, Duration::from_millis(500));
    let mut other = diesel::PgConnection::establish(&database.url).unwrap();
    let lock = "BEGIN; LOCK TABLE articles IN ACCESS EXCLUSIVE MODE";
    other.batch_execute(lock).unwrap();
    // One more than there are connections to read with.
    for _ in 0..3 {
        let long = read(&store, store::obstacle);
        assert!(matches!(long, Err(StoreError::TooLong(_))), "{long:?}");
        // Without a transaction.
        let single = store.read_single(Sight::Public, store::obstacle, |read| read);
        let long = done(single);
        assert!(matches!(long, Err(StoreError::TooLong(_))), "{long:?}");
    }
    std::thread::sleep(Duration::from_millis(700));
    let waiting = "SELECT count(*) AS count FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waiting: Count = diesel::sql_query(waiting).get_result(&mut other).unwrap();
    assert_eq!(waiting.count, 0);
    let releasing = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(900));
        other.batch_execute("ROLLBACK").unwrap();
    });
    // What a server reads by itself is not ended.
    let patient = store.read_blocking(Sight::Public, store::obstacle);
    patient.unwrap();
    releasing.join().unwrap();
    read(&store, store::obstacle).unwrap();
}
