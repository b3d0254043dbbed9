//! A whole publication, made up, and what the server takes to serve it:
//! `cargo bench --bench scale -- [--articles 10000] [--planned N] [--database URL] [--seed 1] [--keep]
//! [--reuse]`.
//!
//! Articles of some 450 words, whose words follow Zipf's law, about 2,000 topics and a few days'
//! events, over ten years. They are imported as an import would, the index included; then the real
//! server is started on them and asked over one kept connection. Times are from the first byte
//! sent to the last one read. Prints a line for each kind of request, with how it stands to the
//! time of a single article that is not cached anywhere, and one row for the size of the
//! publication. A large one takes long to make: `--keep` leaves it where it is, and `--reuse` takes
//! it again, and makes what it lacks. With `--planned` the articles are the first ones of a larger
//! publication, so that one can be measured as it grows. A Postgres database is made on the server
//! that the URL names.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench prints, and stops where it fails"
)]

mod articles;
mod client;
mod database;
mod measure;
mod queries;
mod words;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use clap::Parser;
use newsstand::{
    domain::import::{self, Entry, Observer, Options, Place, Refusal, Summary},
    store::{self, Store},
};

use crate::{articles::Publication, client::Server, database::Database, measure::Measure};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is measured.
#[derive(Parser)]
struct Args {
    /// Articles of the publication.
    #[arg(long, default_value_t = 10_000, value_parser = articles_in_bounds)]
    articles: usize,
    /// Articles that the publication will have once, if more.
    #[arg(long, value_parser = articles_in_bounds)]
    planned: Option<usize>,
    /// sqlite://FILE or postgres://USER@HOST/NAME; a SQLite file of its own when not given.
    #[arg(long)]
    database: Option<String>,
    /// Another seed is another publication.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Leave the database where it is.
    #[arg(long)]
    keep: bool,
    /// Take the database if it is there.
    #[arg(long)]
    reuse: bool,
}

fn articles_in_bounds(text: &str) -> Result<usize, String> {
    let count = text.parse::<usize>().ok();
    count
        .filter(|count| (100..=5_000_000).contains(count))
        .ok_or_else(|| "expected 100 to 5000000".to_owned())
}

/// What making the publication took.
struct Built {
    articles_a_second: f64,
    settled: f64,
}

fn main() {
    // Cargo says --bench to every bench.
    let args = Args::parse_from(std::env::args().filter(|word| word != "--bench"));
    let planned = args.planned.unwrap_or(args.articles).max(args.articles);
    let url = args.database.clone().unwrap_or_else(|| {
        let folder = env!("CARGO_TARGET_TMPDIR");
        format!("sqlite://{folder}/scale-{planned}-{}.db", args.seed)
    });
    let publication = Publication::new(args.seed, args.articles, planned);
    let database = Database::open(url, args.keep, args.reuse);
    let built = build(&database, &publication);
    let megabytes = database.size() as f64 / 1e6;
    println!("the database has {megabytes:.0} MB");
    let server = Server::start(&database.url);
    let at_start = server.memory("VmRSS");
    let measures = measure::all(&server, &publication, args.seed);
    let memory = [at_start, server.memory("VmRSS"), server.memory("VmHWM")];
    drop(server);
    let heading = format!("{} articles on {}", args.articles, kind(&database.url));
    print(&heading, &measures, memory);
    print_row(
        &args,
        &database,
        built.as_ref(),
        megabytes,
        &measures,
        memory,
    );
}

fn kind(url: &str) -> &str {
    url.split_once(':').map_or(url, |(kind, _)| kind)
}

/// Puts into the database what it lacks of the publication; `None` where that is nothing.
fn build(database: &Database, publication: &Publication) -> Option<Built> {
    let store = database.store();
    store.migrate().unwrap();
    let first = held(&store, publication);
    let lacking = publication.count() - first;
    if lacking == 0 {
        store::related::settle(&store).unwrap();
        return None;
    }
    let making = AtomicU64::new(0);
    let entries = (first..publication.count()).map(|number| {
        let started = Instant::now();
        let article = publication.input(number);
        let took = u64::try_from(started.elapsed().as_micros()).unwrap();
        making.fetch_add(took, Ordering::Relaxed);
        Entry::article(article, Place::item("scale", number as u64 + 1))
    });
    let options = Options {
        dry_run: false,
        language: "en".to_owned(),
    };
    let started = Instant::now();
    let mut observer = Progress {
        started,
        told: started,
        last: started,
    };
    let summary = import::run(&store, entries, &options, &mut observer).unwrap();
    // Earlier runs published some of them.
    assert_eq!(summary.refused, 0, "{summary}");
    store::related::settle(&store).unwrap();
    // An import settles at its end, after all articles are in.
    let settled = observer.last.elapsed().as_secs_f64();
    let imported = started.elapsed().as_secs_f64();
    store.optimize().unwrap();
    let articles_a_second = lacking as f64 / imported;
    println!(
        "imported {lacking} articles in {imported:.1} s, {articles_a_second:.0} a second; of it, {settled:.1} s \
         to settle at the end; making them up took {:.1} s of the reading thread",
        making.into_inner() as f64 / 1e6
    );
    Some(Built {
        articles_a_second,
        settled,
    })
}

/// How many articles of the publication the database has: it has the first ones.
fn held(store: &Store, publication: &Publication) -> usize {
    let row = |number: usize| {
        let id = format!("scale-{number}");
        let row =
            store.write_blocking(|connection| store::articles::row_by_external_id(connection, &id));
        row.unwrap()
    };
    let (mut least, mut most) = (0, publication.count());
    while least < most {
        let middle = least.midpoint(most);
        match row(middle) {
            Some(_) => least = middle + 1,
            None => most = middle,
        }
    }
    least
}

/// Every kind of request, in a table.
fn print(heading: &str, measures: &[Measure], memory: [Option<u64>; 3]) {
    println!("\n## {heading}\n");
    println!("| request | times | p50 ms | p99 ms | p50 / article p99 | p99 / article p99 | |");
    println!("|---|---:|---:|---:|---:|---:|---|");
    let article = measures.first().map_or(f64::NAN, Measure::p99);
    for one in measures {
        println!(
            "| {} | {} | {:.2} | {:.2} | {:.2} | {:.2} | {} |",
            one.name,
            one.count(),
            one.p50(),
            one.p99(),
            one.p50() / article,
            one.p99() / article,
            one.note
        );
    }
    let [at_start, at_end, most] = memory.map(megabytes);
    println!(
        "\nresident memory: {at_start} MB at the start, {at_end} MB at the end, {most} MB at most"
    );
}

fn megabytes(memory: Option<u64>) -> String {
    memory.map_or_else(|| "?".to_owned(), |memory| memory.to_string())
}

/// The size of the publication in one row, to be put below others.
fn print_row(
    args: &Args,
    database: &Database,
    built: Option<&Built>,
    size: f64,
    measures: &[Measure],
    memory: [Option<u64>; 3],
) {
    let of_built = |figure: fn(&Built) -> f64| {
        built.map_or_else(|| "-".to_owned(), |built| format!("{:.0}", figure(built)))
    };
    let [_, at_end, most] = memory.map(megabytes);
    let mut head = ["articles", "database", "articles/s", "settled s", "MB"]
        .map(str::to_owned)
        .to_vec();
    let mut row = vec![
        args.articles.to_string(),
        kind(&database.url).to_owned(),
        of_built(|built| built.articles_a_second),
        of_built(|built| built.settled),
        format!("{size:.0}"),
    ];
    for one in measures {
        head.push(format!("{}, p50/p99 ms", one.name));
        row.push(format!("{:.1}/{:.1}", one.p50(), one.p99()));
    }
    head.push("RSS/most MB".to_owned());
    row.push(format!("{at_end}/{most}"));
    println!("\n| {} |", head.join(" | "));
    println!("|{}", "---:|".repeat(head.len()));
    println!("| {} |", row.join(" | "));
}

/// Tells how far it is, and stops at what is refused.
struct Progress {
    started: Instant,
    told: Instant,
    /// When articles last went in.
    last: Instant,
}

impl Observer for Progress {
    fn refused(&mut self, refusal: &Refusal) {
        panic!("{refusal}");
    }

    fn progress(&mut self, so_far: &Summary) {
        self.last = Instant::now();
        if self.told.elapsed().as_secs() >= 30 {
            self.told = Instant::now();
            println!("{:.0} s: {so_far}", self.started.elapsed().as_secs_f64());
        }
    }
}
