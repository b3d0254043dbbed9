//! When a publication is learned anew, and when it is not. No server runs meanwhile, so nothing is
//! learned but what these tests have learned.

use std::ops::Range;

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use newsstand::{
    model::sight::Sight,
    store::{
        Store, StoreError, doctor,
        related::{self, Learning},
    },
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    related::corpus::{SUBJECTS, publication, text, words},
    support::{Kind, Postgres, Sqlite, content::with, database::Database, put},
};

/// In milliseconds.
const HOUR: i64 = 60 * 60 * 1_000;

/// What is noted of the last learning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct State {
    #[diesel(sql_type = BigInt)]
    pub epoch: i64,
    #[diesel(sql_type = BigInt)]
    pub fitted_at: i64,
    #[diesel(sql_type = BigInt)]
    pub fitted_articles: i64,
    #[diesel(sql_type = BigInt)]
    pub changed: i64,
}

pub fn state(store: &Store) -> State {
    let found = store.rehearse_blocking(|connection| -> Result<State, StoreError> {
        let query = "SELECT epoch, fitted_at, fitted_articles, changed FROM related_state";
        Ok(sql_query(query).get_result(connection)?)
    });
    found.unwrap()
}

/// A publication that was learned, which nobody serves.
pub fn unserved(kind: Kind) -> (Database, Store) {
    let database = Database::new(kind);
    let store = Store::open(&database.options()).unwrap();
    put(&store, &publication());
    (database, store)
}

/// Articles of the publication with other texts than they have in it.
pub fn rewritten(numbers: Range<usize>) -> Vec<Value> {
    let all = publication();
    let other = |number: usize| {
        let body = text(&words(number % SUBJECTS.len()), 7, 9_000 + number as u64);
        with(all[number].clone(), json!({"body": {"text": body}}))
    };
    numbers.map(other).collect()
}

fn is_due(store: &Store) -> bool {
    let due = store.read_blocking(Sight::Public, related::is_due);
    due.unwrap().value
}

/// As if so many hours more had gone by since the last learning.
fn let_pass(database: &Database, hours: i64) {
    let earlier = hours * HOUR;
    database.execute(&format!(
        "UPDATE related_state SET fitted_at = fitted_at - {earlier}"
    ));
}

#[rstest]
fn a_publication_is_learned_anew_when_a_fifth_of_it_has_changed_and_not_before(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (_database, store) = unserved(kind);
    let first = state(&store);
    assert_eq!((first.fitted_articles, first.changed), (80, 0));
    // An import learns at its end what is due.
    assert_eq!(put(&store, &rewritten(0..15)).updated, 15);
    let changed = 15;
    assert_eq!(state(&store), State { changed, ..first });
    assert!(!is_due(&store));
    assert_eq!(put(&store, &rewritten(15..16)).updated, 1);
    let last = state(&store);
    assert_eq!(last.epoch, first.epoch + 1);
    assert_eq!((last.fitted_articles, last.changed), (80, 0));
    assert!(last.fitted_at > first.fitted_at);
}

#[rstest]
fn after_a_day_a_publication_is_learned_anew_if_anything_has_changed(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (database, store) = unserved(kind);
    let first = state(&store);
    assert_eq!(put(&store, &rewritten(0..1)).updated, 1);
    let changed = 1;
    assert_eq!(state(&store), State { changed, ..first });
    let_pass(&database, 23);
    assert!(!is_due(&store));
    assert_eq!(related::learn_if_due(&store).unwrap(), Learning::Undue);
    let_pass(&database, 1);
    assert!(is_due(&store));
    assert_eq!(related::learn_if_due(&store).unwrap(), Learning::Told);
    let last = state(&store);
    assert_eq!((last.epoch, last.changed), (first.epoch + 1, 0));
    // Now nothing has changed.
    let_pass(&database, 48);
    assert!(!is_due(&store));
    assert_eq!(related::learn_if_due(&store).unwrap(), Learning::Undue);
    assert_eq!(state(&store).epoch, last.epoch);
}

#[rstest]
fn what_is_noted_of_the_learning_is_made_anew_with_the_index(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let (database, store) = unserved(kind);
    let first = state(&store);
    database.execute("DELETE FROM related_state");
    doctor::reindex(&store).unwrap();
    let last = state(&store);
    // It is not taken for what was learned before.
    assert!(last.epoch > first.epoch, "{last:?}");
    assert_eq!((last.fitted_articles, last.changed), (80, 0));
}
