//! What the server serves: the publication that `scale` makes up, or an import.

use std::path::Path;

use newsstand::{
    domain::import::{self, Entry, Observer, Options, Place, Refusal, Summary},
    store::{self, Store},
};

use crate::{
    Bench,
    articles::Publication,
    database::{self, Database},
};

/// Fills the database, unless it was there.
pub fn fill(bench: &Bench) {
    match &bench.args.import {
        _ if bench.database.found => {
            let store = bench.database.store();
            store.check_version().unwrap();
            store::related::settle(&store).unwrap();
        }
        Some(file) => imported(bench, file),
        None => made_up(&bench.database.store(), &bench.publication),
    }
}

/// A large publication that is there, brought up to date, as a server would do.
pub fn large(url: &str) -> Database {
    let is_there = database::is_there(url);
    assert!(is_there, "there is no database {url}; scale makes one");
    let database = Database::open(url.to_owned(), true, true);
    let store = database.store();
    store.migrate().unwrap();
    store::related::settle(&store).unwrap();
    store.optimize().unwrap();
    database
}

fn made_up(store: &Store, publication: &Publication) {
    store.migrate().unwrap();
    let entries = (0..publication.count()).map(|number| {
        let place = Place::item("load", number as u64 + 1);
        Entry::article(publication.input(number), place)
    });
    let options = Options {
        dry_run: false,
        language: "en".to_owned(),
    };
    let summary = import::run(store, entries, &options, &mut Strict).unwrap();
    assert_eq!(summary.created, publication.count() as u64, "{summary}");
    store::related::settle(store).unwrap();
    store.optimize().unwrap();
}

/// Stops at what is refused.
struct Strict;

impl Observer for Strict {
    fn refused(&mut self, refusal: &Refusal) {
        panic!("{refusal}");
    }

    fn progress(&mut self, _so_far: &Summary) {}
}

fn imported(bench: &Bench, file: &Path) {
    let format = bench.args.format.as_deref();
    let format = format.unwrap_or_else(|| match file.extension().and_then(|end| end.to_str()) {
        Some("jsonl") => "jsonl",
        Some("csv") => "csv",
        Some("xml") => "wordpress",
        Some("json") => "ghost",
        Some("md") => "markdown",
        Some("html") => "html",
        _ => panic!("{}: --format says what it is", file.display()),
    });
    let mut command = bench.program();
    command.args(["import", format]);
    command.arg(std::path::absolute(file).unwrap());
    let status = command.status().unwrap();
    // 3: some was refused, and the rest is in.
    assert!(matches!(status.code(), Some(0 | 3)), "{status}");
    let store = bench.database.store();
    store::related::settle(&store).unwrap();
    store.optimize().unwrap();
}
