//! The server under load, beside the least that it could take:
//! `cargo bench --bench load -- [--articles 4000] [--database URL] [--seconds 5] [--rounds 3]
//! [--import FILE] [--large URL] [--only hot|plain|compressed|known|cold|trickle|growth,…]`.
//!
//! Starts the real server on a made-up publication, or on an import, and drives it over real
//! sockets with wrk. *Hot*: 200 addresses of each kind from the cache, beside a bare actix-web
//! handler that has the same answers in a hash map, and beside nginx, where it is installed, which
//! has them as files; plain, compressed, and with the entity tag that is already known. *Cold*: the
//! cache is off, and beside it stands a handler that does one query on a pool of the same size.
//! *Trickle*: reads from the cache while articles are published, by a crawler and by readers, and
//! whether any answer is older than a write that was acknowledged. All are asked in turn, a few
//! seconds each, and the figures are medians over the rounds. CPU time is that of the server's
//! processes (proc(5), Linux only), without that of a Postgres server. The log is at warn.
//!
//! *Growth*, only with `--large`, which names the database of a large publication: the cache is
//! off, and how long answers of this publication take stands beside how long those of the large
//! one take, one request after another over one connection to each. Then how long a server takes
//! to start on either, and its memory on the large one while its cache, of the usual size, is
//! filled. The large database must be there, and be of the same kind;
//! `cargo bench --bench scale -- --articles 1000000 --database URL --keep` makes one, in hours.
//! Where no category of a publication stands above others, three are put above those that there
//! are, and stay. This part needs no wrk.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench prints, and stops where it fails"
)]

#[path = "../scale/articles.rs"]
#[allow(dead_code, reason = "another bench needs more of it")]
mod articles;
mod bare;
mod categories;
mod child;
mod client;
mod cold;
mod content;
#[path = "../scale/database.rs"]
#[allow(dead_code, reason = "another bench needs more of it")]
mod database;
mod fresh;
mod growth;
mod hot;
mod kinds;
mod measure;
mod memory;
mod nginx;
mod process;
mod queries;
mod readers;
mod spread;
mod trickle;
#[path = "../scale/words.rs"]
mod words;
mod wrk;

use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use clap::{Parser, ValueEnum};
use tempfile::TempDir;

use crate::{articles::Publication, database::Database, process::Process, wrk::Wrk};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The program that is measured.
const PROGRAM: &str = env!("CARGO_BIN_EXE_newsstand");
/// How long anything may take before the bench gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// What tokens are signed with; the server knows it while the bench runs.
const SECRET: &str = "known-to-this-bench-alone-0123456789-abcdefghijklmnopqrstuvwxyz";

/// What is measured.
#[derive(Parser)]
pub struct Args {
    /// Articles of the made-up publication.
    #[arg(long, default_value_t = 4_000, value_parser = articles_in_bounds)]
    articles: usize,
    /// Another seed is another publication.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// sqlite://FILE or postgres://USER@HOST/NAME; a SQLite file of its own when not given.
    #[arg(long)]
    database: Option<String>,
    /// Leave the database where it is.
    #[arg(long)]
    keep: bool,
    /// Take the database if it is there.
    #[arg(long)]
    reuse: bool,
    /// A file to import in place of the made-up publication.
    #[arg(long)]
    import: Option<PathBuf>,
    /// Its format, as `newsstand import` names it; told by its ending when not given.
    #[arg(long)]
    format: Option<String>,
    /// Another database, with a large publication, for growth.
    #[arg(long)]
    large: Option<String>,
    /// Seconds that each server is asked at a time.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// How often.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    rounds: u64,
    /// Connections that are kept while asking.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(2..=1_000))]
    connections: u64,
    /// Addresses of each kind, at most.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(i64).range(1..=2_000))]
    keys: i64,
    /// Threads that answer, of each server; as many as the machine has cores when not given.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: Option<u16>,
    /// Connections to the database, of each server.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=500))]
    pool: u32,
    /// Only these; all when not given.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
}

/// Parts of the bench.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The next three.
    Hot,
    Plain,
    Compressed,
    /// The client has the answer already, and sends its entity tag.
    Known,
    Cold,
    Trickle,
    /// Beside a large publication; left out without `--large`.
    Growth,
}

impl Part {
    const OF_HOT: [Self; 3] = [Self::Plain, Self::Compressed, Self::Known];
}

fn articles_in_bounds(text: &str) -> Result<usize, String> {
    let count = text.parse::<usize>().ok();
    count
        .filter(|count| (100..=5_000_000).contains(count))
        .ok_or_else(|| "expected 100 to 5000000".to_owned())
}

/// What all parts need.
pub struct Bench {
    args: Args,
    publication: Publication,
    database: Database,
    /// Of a large publication.
    large: Option<Database>,
    /// Scripts and files; goes with the bench.
    folder: TempDir,
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let [_, role, plan] = words.as_slice()
        && role == child::ROLE
    {
        child::serve(plan);
        return;
    }
    // Cargo says --bench to every bench.
    let args = Args::parse_from(words.into_iter().filter(|word| word != "--bench"));
    if args.only != [Part::Growth]
        && let Some(advice) = wrk::missing()
    {
        println!("{advice}");
        std::process::exit(1);
    }
    let bench = Bench::new(args);
    if Part::OF_HOT.iter().any(|part| bench.wants(*part)) {
        hot::run(&bench);
    }
    if bench.wants(Part::Cold) {
        cold::run(&bench);
    }
    if bench.wants(Part::Trickle) {
        trickle::run(&bench);
    }
    if bench.wants(Part::Growth) {
        growth::run(&bench);
    }
}

impl Bench {
    fn new(args: Args) -> Self {
        let has_large = args.large.is_some();
        let needs_large = args.only.contains(&Part::Growth);
        assert!(has_large || !needs_large, "--only growth needs --large");
        let large = args.large.as_deref().map(content::large);
        let url = args.database.clone().unwrap_or_else(|| {
            let folder = env!("CARGO_TARGET_TMPDIR");
            format!("sqlite://{folder}/load-{}.db", std::process::id())
        });
        let is_on_sqlite = |url: &str| kind(url) == "sqlite";
        let is_alike = |large: &Database| is_on_sqlite(&large.url) == is_on_sqlite(&url);
        let are_alike = large.as_ref().is_none_or(is_alike);
        assert!(are_alike, "--database and --large must be of one kind");
        let bench = Self {
            publication: Publication::new(args.seed, args.articles, args.articles),
            database: Database::open(url, args.keep, args.reuse),
            large,
            folder: tempfile::tempdir().unwrap(),
            args,
        };
        let started = Instant::now();
        content::fill(&bench);
        println!(
            "{} is ready after {:.0} s; {} workers, {} connections",
            kind(&bench.database.url),
            started.elapsed().as_secs_f64(),
            bench.workers(),
            bench.args.connections
        );
        bench
    }

    fn wants(&self, part: Part) -> bool {
        let only = &self.args.only;
        let with_hot = only.contains(&Part::Hot) && Part::OF_HOT.contains(&part);
        only.is_empty() || only.contains(&part) || with_hot
    }

    /// Threads that answer, of each server.
    fn workers(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(2, usize::from);
        self.args.workers.map_or_else(cores, usize::from)
    }

    fn rounds(&self) -> usize {
        usize::try_from(self.args.rounds).unwrap()
    }

    fn wrk(&self) -> Wrk<'_> {
        Wrk {
            folder: self.folder.path(),
            connections: self.args.connections,
            seconds: self.args.seconds,
            pause: None,
        }
    }

    /// The program on our own database.
    fn program(&self) -> Command {
        self.program_on(&self.database.url)
    }

    /// The program, away from the folder of the project, so that no .env is read.
    fn program_on(&self, url: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .current_dir(self.folder.path())
            .env("DATABASE_URL", url)
            .env("JWT_SECRET", SECRET)
            .env("RUST_LOG", "warn");
        command
    }

    /// The real server, with these settings beside its own.
    fn server(&self, settings: &[(&str, &str)]) -> Process {
        self.server_on(&self.database.url, settings)
    }

    /// The same on another database.
    fn server_on(&self, url: &str, settings: &[(&str, &str)]) -> Process {
        let server = self.start_on(url, settings);
        server.wait_for("/readyz");
        server
    }

    /// The same, perhaps before it answers.
    fn start_on(&self, url: &str, settings: &[(&str, &str)]) -> Process {
        let mut command = self.program_on(url);
        command
            .args(["serve", "--bind-addr", "127.0.0.1:0"])
            .env("WORKERS", self.workers().to_string())
            .env("DATABASE_POOL_SIZE", self.args.pool.to_string())
            // What is measured is how many can be answered, so none is refused.
            .env("OVERLOAD_TARGET", "60000")
            .envs(settings.iter().copied());
        Process::start(&mut command)
    }

    /// A token that may publish.
    fn token(&self) -> String {
        let mut command = self.program();
        command.args(["token", "create", "--subject", "bench"]);
        command.args(["--scope", "content:write,content:publish"]);
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

fn kind(url: &str) -> &str {
    url.split_once(':').map_or(url, |(kind, _)| kind)
}
