//! How fast an import is beside the least that it could be.
//!
//! `cargo bench --bench import -- FILE.csv` (in the mapping that `import csv` has by default;
//! without a file, on generated articles). In turn, five times each: the whole import, from the
//! file to the last commit, search index included; and one bare transaction that copies the same
//! finished rows from tables of another database file into the same tables, indexes and full-text
//! index. Prints articles a second, and the ratio of each pair.

#![expect(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops where it fails"
)]

use std::{fs::File, io::Read, path::Path, time::Instant};

use diesel::{
    connection::SimpleConnection,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};
use newsstand::{
    domain::import::{self, Observer, Options, Refusal, Summary, csv},
    model::{
        block::{Block, plain_text},
        words::tokens,
    },
    store::{Store, StoreOptions},
};

diesel::table! {
    articles (pk) {
        pk -> BigInt,
        title -> Text,
        summary -> Nullable<Text>,
    }
}

diesel::table! {
    article_bodies (article_pk) {
        article_pk -> BigInt,
        blocks -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(articles, article_bodies);

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
    let (_, count) = whole(&folder.join("source.db"), &input);
    stage(&folder.join("source.db"));
    let mut ratios = Vec::new();
    for round in 0..5 {
        let (imported, _) = whole(&folder.join(format!("whole-{round}.db")), &input);
        let copied = bare(
            &folder.join(format!("bare-{round}.db")),
            &folder.join("source.db"),
        );
        let rate = |seconds: f64| f64::from(u32::try_from(count).unwrap()) / seconds;
        ratios.push(copied / imported);
        println!(
            "import {:>6.0} articles/s, bare {:>6.0} articles/s, ratio {:.2}",
            rate(imported),
            rate(copied),
            copied / imported
        );
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "{count} articles; median ratio {:.2}",
        ratios.get(2).copied().unwrap_or_default()
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

fn store(path: &Path) -> Store {
    let options = StoreOptions {
        url: format!("sqlite://{}", path.display()).parse().unwrap(),
        pool_size: 1,
        pool_timeout: std::time::Duration::from_secs(5),
    };
    let store = Store::open(&options).unwrap();
    store.migrate().unwrap();
    store
}

/// Seconds of an import, and how many articles it made.
fn whole(path: &Path, input: &[u8]) -> (f64, u64) {
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
    (started.elapsed().as_secs_f64(), summary.created)
}

/// Lays the words of the full-text index ready beside the rows.
fn stage(path: &Path) {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection
        .batch_execute("CREATE TABLE words (pk INTEGER PRIMARY KEY, title, summary, body); BEGIN")
        .unwrap();
    let rows: Vec<(i64, String, Option<String>, String)> = articles::table
        .inner_join(article_bodies::table.on(article_bodies::article_pk.eq(articles::pk)))
        .select((
            articles::pk,
            articles::title,
            articles::summary,
            article_bodies::blocks,
        ))
        .load(&mut connection)
        .unwrap();
    for (pk, title, summary, blocks) in rows {
        let blocks: Vec<Block> = serde_json::from_str(&blocks).unwrap();
        sql_query("INSERT INTO words VALUES ($1, $2, $3, $4)")
            .bind::<BigInt, _>(pk)
            .bind::<Text, _>(tokens(&title).join(" "))
            .bind::<Text, _>(tokens(&summary.unwrap_or_default()).join(" "))
            .bind::<Text, _>(tokens(&plain_text(&blocks)).join(" "))
            .execute(&mut connection)
            .unwrap();
    }
    connection.batch_execute("COMMIT").unwrap();
}

/// Seconds of one transaction that inserts the finished rows.
fn bare(path: &Path, source: &Path) -> f64 {
    drop(store(path));
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection
        .batch_execute(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -16000; ATTACH '{}' AS source",
            source.display()
        ))
        .unwrap();
    let started = Instant::now();
    connection
        .batch_execute(
            "BEGIN IMMEDIATE;
             INSERT INTO articles SELECT * FROM source.articles;
             INSERT INTO article_bodies SELECT * FROM source.article_bodies;
             INSERT INTO changes SELECT * FROM source.changes;
             INSERT INTO article_search (rowid, title, summary, names, body)
             SELECT pk, title, summary, '', body FROM source.words;
             COMMIT",
        )
        .unwrap();
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
