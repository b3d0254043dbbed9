//! Writes of other processes.

use std::{thread, time::Duration};

use newsstand::{
    model::time::UtcTime,
    store::{
        self, Store,
        copy::{Progress, Step},
        invalidation,
    },
};
use rstest::rstest;

use crate::{
    invalidation::{Pair, tag},
    support::{Kind, Postgres, Sqlite, database::Database},
};

/// Puts so many entries into the log of changes, of which no listener is told.
fn fill_log(pair: &Pair, entries: u32) {
    pair.database.execute(&format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {entries}) \
         INSERT INTO changes (entity_id, change, at, kind) \
         SELECT 'x' || i, 'updated', 0, 'tag' FROM n"
    ));
}

#[rstest]
fn a_write_of_another_process_is_known_within_a_second(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    for number in 0..5 {
        let before = pair.now();
        let key = tag(&pair.there, &format!("Tag {number}"));
        pair.soon(before, &key);
        assert!(!pair.holds(before, "tags"));
        assert!(pair.holds(before, "authors"));
    }
}

#[rstest]
fn both_write_and_nothing_is_missed(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    for number in 0..20 {
        let before = pair.now();
        let theirs = tag(&pair.there, &format!("Theirs {number}"));
        let ours = tag(&pair.here, &format!("Ours {number}"));
        // What was committed before ours is read with it.
        assert!(!pair.holds(before, &ours) && !pair.holds(before, &theirs));
        assert!(pair.holds(before, "authors"));
    }
}

#[rstest]
fn more_than_five_thousand_changes_at_once_change_everything(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let pair = Pair::new(kind);
    let before = pair.now();
    let key = tag(&pair.there, "Sea");
    pair.soon(before, &key);
    fill_log(&pair, 5_000);
    pair.soon(before, "tag-x5000");
    assert!(pair.holds(before, "authors"));
    let before = pair.now();
    fill_log(&pair, 5_001);
    pair.soon(before, "authors");
    let before = pair.now();
    let key = tag(&pair.there, "Land");
    pair.soon(before, &key);
    assert!(pair.holds(before, "authors"));
}

#[rstest]
fn a_log_that_has_lost_entries_changes_everything(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    tag(&pair.here, "Sea");
    let before = pair.now();
    pair.database.execute("DELETE FROM changes");
    pair.soon(before, "authors");
    let before = pair.now();
    let key = tag(&pair.there, "Land");
    pair.soon(before, &key);
}

#[test]
fn a_listener_that_was_cut_off_listens_again() {
    let pair = Pair::new(Postgres);
    for number in 0..3 {
        let before = pair.now();
        let key = tag(&pair.there, &format!("First {number}"));
        pair.soon(before, &key);
        let before = pair.now();
        pair.database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid() \
             AND query LIKE '%\"invalidations\"%'",
        );
        let key = tag(&pair.there, &format!("Second {number}"));
        pair.soon(before, &key);
        assert!(pair.holds(before, "authors"));
    }
}

#[rstest]
fn it_is_known_how_long_ago_others_were_looked_at(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    let first = pair.here.invalidation().looked_at().unwrap();
    thread::sleep(Duration::from_millis(1_200));
    let last = pair.here.invalidation().looked_at().unwrap();
    assert!(last > first && last.elapsed() < Duration::from_secs(1));
}

#[rstest]
fn a_database_that_is_copied_over_is_another(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    let source = Database::new(Sqlite);
    let source = Store::open(&source.options()).unwrap();
    let before = pair.now();
    store::copy::copy(&source, &pair.there, false, &mut |_| {}).unwrap();
    pair.soon(before, "authors");
}

#[rstest]
fn a_copy_tells_it_from_its_beginning(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    let source = Database::new(Sqlite);
    let source = Store::open(&source.options()).unwrap();
    tag(&source, "Sea");
    let before = pair.now();
    let mut written = 0;
    let mut see = |progress: Progress| {
        if progress.step == Step::Copying {
            pair.soon(before, "authors");
            written += 1;
        }
    };
    store::copy::copy(&source, &pair.there, false, &mut see).unwrap();
    assert!(written > 0);
}

#[rstest]
fn what_was_told_is_forgotten_but_for_the_last(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    let forget = || {
        let forgotten = pair
            .there
            .write_waiting(|connection| invalidation::forget_old(connection, UtcTime::now()));
        forgotten.unwrap()
    };
    assert_eq!(forget(), 0);
    let before = pair.now();
    pair.database
        .execute("INSERT INTO invalidations (keys, at) VALUES ('one two', 0), ('three', 0)");
    pair.soon(before, "three");
    assert!(!pair.holds(before, "two"));
    assert_eq!(forget(), 1);
    assert_eq!(forget(), 0);
    let before = pair.now();
    let told = pair.there.write_waiting(invalidation::note_everything);
    told.unwrap();
    pair.soon(before, "authors");
    assert_eq!(forget(), 1);
}
