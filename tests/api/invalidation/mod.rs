//! What caches of answers are told: by the writes of their own process at once, by those of
//! others within a second. Two handles on one database stand for two processes.

mod filed;
mod others;
mod own;
mod what;

use std::time::{Duration, Instant};

use newsstand::{
    model::{name::NameInput, stamp::Stamp},
    store::{Invalidation, Moment, Store, StoreError, tags},
};

use crate::support::{Kind, database::Database};

/// A database with two handles on it, of which the first watches.
struct Pair {
    here: Store,
    there: Store,
    database: Database,
}

impl Pair {
    fn new(kind: Kind) -> Self {
        let database = Database::new(kind);
        let open = || Store::open(&database.options()).unwrap();
        let (here, there) = (open(), open());
        here.watch().unwrap();
        Self {
            here,
            there,
            database,
        }
    }

    fn now(&self) -> Moment {
        self.here.invalidation().now()
    }

    fn holds(&self, since: Moment, name: &str) -> bool {
        holds(&self.here, since, name)
    }

    fn soon(&self, since: Moment, name: &str) {
        soon(&self.here, since, name);
    }
}

fn holds(store: &Store, since: Moment, name: &str) -> bool {
    store
        .invalidation()
        .holds(since, &[Invalidation::key(name)])
}

/// Waits until something with this key has changed: a second, no longer.
fn soon(store: &Store, since: Moment, name: &str) {
    let started = Instant::now();
    while holds(store, since, name) {
        assert!(started.elapsed() < Duration::from_secs(1), "{name} holds");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// [`soon`], for what a server does by itself before.
fn at_last(store: &Store, since: Moment, name: &str) {
    let started = Instant::now();
    while holds(store, since, name) {
        assert!(started.elapsed() < Duration::from_secs(20), "{name} holds");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Makes a tag; gives its key.
fn tag(store: &Store, name: &str) -> String {
    let input = NameInput {
        name: name.to_owned(),
        ..NameInput::default()
    };
    let made = store.write_waiting(move |connection| -> Result<String, StoreError> {
        tags::create(connection, &input, &Stamp::of_program("test"))
    });
    format!("tag-{}", made.unwrap())
}
