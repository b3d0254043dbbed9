//! How fast an import is beside the least that it could be.
//!
//! `cargo bench --bench import -- FILE.csv` (in the mapping that `import csv` has by default;
//! without a file, on generated articles). In turn, five times each: the whole import, from the
//! file to the last commit, the index of all words and the learning of related articles included;
//! and one bare transaction that copies the same finished rows from tables of another database
//! file into the same tables and indexes. Prints articles a second, and the ratio of each pair;
//! and the ratio without the learning, which leaves no rows to copy. What the learning took is told
//! by learning once more, from the same articles, right after the import.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops where it fails"
)]

use std::{fs::File, io::Read, path::Path, time::Instant};

use diesel::{connection::SimpleConnection, prelude::*, sql_query, sql_types::Text};
use newsstand::{
    domain::import::{self, Observer, Options, Refusal, Summary, csv},
    store::{Store, StoreOptions, related},
};

/// Tables that an import fills, what others refer to first.
const IMPORTED: [&str; 19] = [
    "categories",
    "authors",
    "tags",
    "articles",
    "article_bodies",
    "article_authors",
    "article_tags",
    "former_slugs",
    "former_paths",
    "related_pins",
    "revisions",
    "changes",
    "audit",
    "index_documents",
    "index_vectors",
    "index_postings",
    "index_stems",
    "index_languages",
    "index_shelves",
];
/// Tables whose rows are no part of what was imported: what was learned, that it was, counts that
/// triggers keep, and the migrations.
const APART: [&str; 10] = [
    "related_state",
    "related_models",
    "related_lists",
    "related_queue",
    "related_edited",
    "invalidations",
    "article_counts",
    "author_counts",
    "tag_counts",
    "__diesel_schema_migrations",
];

#[derive(QueryableByName)]
struct TableName {
    #[diesel(sql_type = Text)]
    name: String,
}

/// What an import took, in seconds.
struct Imported {
    whole: f64,
    learning: f64,
    articles: u64,
}

struct Silent;

impl Observer for Silent {
    fn refused(&mut self, _refusal: &Refusal) {}

    fn progress(&mut self, _so_far: &Summary) {}
}

fn main() {
    let file = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let input = match file {
        Some(path) => {
            let mut text = Vec::new();
            File::open(path).unwrap().read_to_end(&mut text).unwrap();
            text
        }
        None => generated(),
    };
    let folder = std::env::temp_dir().join(format!("newsstand-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let source = folder.join("source.db");
    let count = whole(&source, &input).articles;
    check(&source);
    let (mut ratios, mut without) = (Vec::new(), Vec::new());
    for round in 0..5 {
        let imported = whole(&folder.join(format!("whole-{round}.db")), &input);
        let copied = bare(&folder.join(format!("bare-{round}.db")), &source);
        let rate = |seconds: f64| f64::from(u32::try_from(count).unwrap()) / seconds;
        let ratio = copied / imported.whole;
        let without_learning = copied / (imported.whole - imported.learning);
        println!(
            "import {:>6.0} articles/s, bare {:>6.0} articles/s, ratio {ratio:.2}; \
             {without_learning:.2} without {:.2} s of learning",
            rate(imported.whole),
            rate(copied),
            imported.learning
        );
        ratios.push(ratio);
        without.push(without_learning);
    }
    println!(
        "{count} articles; median ratio {:.2}; {:.2} without learning",
        median(ratios),
        median(without)
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or_default()
}

fn store(path: &Path) -> Store {
    let options = StoreOptions {
        url: format!("sqlite://{}", path.display()).parse().unwrap(),
        pool_size: 1,
        pool_timeout: std::time::Duration::from_secs(5),
        longest_read: None,
    };
    let store = Store::open(&options).unwrap();
    store.migrate().unwrap();
    store
}

/// An import, and its learning once more.
fn whole(path: &Path, input: &[u8]) -> Imported {
    let store = store(path);
    let mapping = csv::Mapping {
        columns: csv::Mapping::parse(
            "title=title,summary=subtitle,text=text,published_at=publish_date,external_id=article_id",
        )
        .unwrap(),
        date_format: "%Y/%m/%d".to_owned(),
        category: None,
        author: None,
    };
    let options = Options {
        dry_run: false,
        language: "en".to_owned(),
    };
    let started = Instant::now();
    let entries = csv::entries(input, "bench", &mapping).unwrap();
    let summary = import::run(&store, entries, &options, &mut Silent).unwrap();
    let whole = started.elapsed().as_secs_f64();
    let started = Instant::now();
    related::learn(&store).unwrap();
    Imported {
        whole,
        learning: started.elapsed().as_secs_f64(),
        articles: summary.created,
    }
}

/// Stops where the import has filled a table that would not be copied.
fn check(source: &Path) {
    let mut connection = SqliteConnection::establish(source.to_str().unwrap()).unwrap();
    let tables: Vec<TableName> = sql_query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .load(&mut connection)
    .unwrap();
    for TableName { name } in tables {
        let is_known = |known: &[&str]| known.contains(&name.as_str());
        if is_known(&IMPORTED) || is_known(&APART) {
            continue;
        }
        let rows: Vec<TableName> =
            sql_query(format!("SELECT '{name}' AS name FROM {name} LIMIT 1"))
                .load(&mut connection)
                .unwrap();
        assert!(rows.is_empty(), "the import has filled {name} as well");
    }
}

/// Seconds of one transaction that inserts the finished rows.
fn bare(path: &Path, source: &Path) -> f64 {
    drop(store(path));
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection
        .batch_execute(&format!(
            "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY; ATTACH '{}' AS source",
            source.display()
        ))
        .unwrap();
    let copies: Vec<String> = IMPORTED
        .iter()
        .map(|table| format!("INSERT INTO main.{table} SELECT * FROM source.{table};"))
        .collect();
    // The migrations leave the shelves of the index there, empty.
    let transaction = format!(
        "BEGIN IMMEDIATE; DELETE FROM main.index_shelves; {} COMMIT",
        copies.join(" ")
    );
    let started = Instant::now();
    connection.batch_execute(&transaction).unwrap();
    started.elapsed().as_secs_f64()
}

/// Articles of some 500 words each, with a vocabulary in which few words are common.
fn generated() -> Vec<u8> {
    let mut out = String::from("article_id,publish_date,title,subtitle,text\n");
    let mut state = 42_u64;
    let mut next = || {
        // A linear congruential generator (Knuth, MMIX): the same articles each time.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    for number in 0..3_000 {
        let mut words = String::new();
        for _ in 0..500 {
            let rank = (next() % 1_000) * (next() % 1_000) * (next() % 50) / 1_000;
            words.push_str(&format!("w{rank} "));
        }
        out.push_str(&format!(
            "{number},2017/{}/{},Title w{number},,{words}\n",
            number % 12 + 1,
            number % 28 + 1
        ));
    }
    out.into_bytes()
}
