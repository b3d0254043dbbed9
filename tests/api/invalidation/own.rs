//! Writes of the same process.

use newsstand::{
    model::{name::NameInput, stamp::Stamp},
    store::{Connection, StoreError, tags},
};
use rstest::rstest;

use crate::{
    invalidation::{Pair, holds, tag},
    support::{Kind, Postgres, Sqlite},
};

fn create(connection: &mut Connection, name: &str) -> Result<String, StoreError> {
    let input = NameInput {
        name: name.to_owned(),
        ..NameInput::default()
    };
    tags::create(connection, &input, &Stamp::of_program("test"))
}

#[rstest]
fn what_was_written_holds_no_more_once_the_writer_is_answered(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let pair = Pair::new(kind);
    let before = pair.now();
    let key = tag(&pair.here, "Sea");
    for changed in [key.as_str(), "tags", "changes"] {
        assert!(!pair.holds(before, changed), "{changed}");
    }
    for other in ["articles", "authors", "tag-0", "related"] {
        assert!(pair.holds(before, other), "{other}");
    }
    let after = pair.now();
    assert!(pair.holds(after, &key));
}

#[rstest]
fn every_way_to_write_tells_it(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    let before = pair.now();
    let made = pair
        .here
        .write_blocking(|connection| create(connection, "Sea"));
    assert!(!pair.holds(before, &format!("tag-{}", made.unwrap())));
    let before = pair.now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let work =
        |connection: &mut Connection| -> Result<String, StoreError> { create(connection, "Land") };
    let made = runtime.block_on(pair.here.write(work));
    assert!(!pair.holds(before, &format!("tag-{}", made.unwrap())));
}

#[rstest]
fn what_was_not_written_changes_nothing(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    let before = pair.now();
    let refused = pair
        .here
        .write_waiting(|connection| -> Result<(), StoreError> {
            create(connection, "Sea")?;
            Err(StoreError::Invalid("not today".to_owned()))
        });
    assert!(refused.is_err());
    let rehearsed = pair
        .here
        .rehearse_blocking(|connection| create(connection, "Sea"));
    assert!(rehearsed.is_ok());
    assert!(pair.holds(before, "tags"));
    // Numbers of what was taken back may be given again.
    let key = tag(&pair.here, "Sea");
    assert!(!pair.holds(before, &key));
}

#[rstest]
fn nobody_who_was_told_of_a_write_gets_what_is_older(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    std::thread::scope(|scope| {
        for writer in 0..6 {
            let pair = &pair;
            scope.spawn(move || {
                for number in 0..15 {
                    let before = pair.now();
                    let key = tag(&pair.here, &format!("Tag {writer} of {number}"));
                    assert!(!pair.holds(before, &key));
                    assert!(pair.holds(pair.now(), &key));
                }
            });
        }
        let pair = &pair;
        scope.spawn(move || {
            for number in 0..15 {
                tag(&pair.there, &format!("Other {number}"));
            }
        });
    });
}

#[rstest]
fn nothing_holds_where_nobody_watches(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    let now = pair.there.invalidation().now();
    assert!(!holds(&pair.there, now, "articles"));
    assert_eq!(pair.there.invalidation().looked_at(), None);
    pair.there.watch().unwrap();
    let now = pair.there.invalidation().now();
    assert!(holds(&pair.there, now, "articles"));
}
