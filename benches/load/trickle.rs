//! Reads from the cache while articles are published: by one who crawls through many pages, and by
//! readers.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use newsstand::model::time::UtcTime;

use crate::{
    Bench,
    articles::Publication,
    client::{self, Client},
    fresh,
    kinds::{self, Kind},
    measure::{at_most, shown},
    process::Process,
    readers,
    wrk::{Run, Wrk},
};

/// Connections that read.
const CONNECTIONS: u64 = 64;
/// From one published article to the next.
const EVERY: Duration = Duration::from_millis(50);
/// The share of what the server can do at most that readers ask for.
const OF_MOST: f64 = 0.5;
/// How many times as long the slowest of a hundred readers may wait while articles are published.
const LONGER: f64 = 3.0;

/// Ends what goes on beside the readers, also when they fail.
pub struct Stop<'a>(pub &'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Measures and prints.
pub fn run(bench: &Bench) {
    let server = bench.server(&[]);
    let token = bench.token();
    let address = server.address;
    let kinds = kinds::all(address, bench.args.keys);
    let phases = |requests: Vec<String>| Phases {
        server: &server,
        requests,
        publisher: Publisher {
            address,
            token: &token,
            publication: &bench.publication,
        },
        wrk: Wrk {
            connections: CONNECTIONS,
            seconds: bench.args.seconds * bench.args.rounds,
            ..bench.wrk()
        },
    };
    println!("\n## Trickle: {CONNECTIONS} connections read while articles are published");
    kinds::settle(address, &kinds);
    phases(mixed(address, &kinds)).crawl(bench.args.keys);
    let categories = readers::categories(address);
    let requests = readers::requests(address, &kinds, &categories);
    kinds::settle(address, &kinds);
    kinds::settle(address, &[categories]);
    phases(requests).read();
}

/// All kinds by turns.
fn mixed(address: SocketAddr, kinds: &[Kind]) -> Vec<String> {
    let longest = kinds.iter().map(|kind| kind.paths.len()).max().unwrap();
    let request = |path: &String| client::request("GET", path, address, &[], "");
    (0..longest)
        .flat_map(|place| kinds.iter().filter_map(move |kind| kind.paths.get(place)))
        .map(request)
        .collect()
}

struct Phases<'a> {
    server: &'a Process,
    requests: Vec<String>,
    publisher: Publisher<'a>,
    wrk: Wrk<'a>,
}

/// What came of a phase.
struct Phase {
    run: Run,
    /// Articles a second.
    published: f64,
}

impl Phases<'_> {
    /// Asks for many pages as fast as it can.
    fn crawl(&self, pages: i64) {
        println!("\nA crawl through {pages} pages of each kind, as fast as wrk asks:\n");
        print_head();
        self.run("nothing", false, false);
        self.run("publishing", true, false);
        self.run("publishing, and looking for old answers", true, true);
    }

    /// Asks as readers do, as fast as it can, and then with pauses between; and says how much
    /// longer they wait while articles are published.
    fn read(mut self) {
        println!("\nWhat readers ask for, as fast as wrk asks, and then half as fast:\n");
        print_head();
        let most = self.run("nothing, as fast as wrk asks", false, false);
        // What an answer takes by itself is little beside it.
        let each = CONNECTIONS as f64 / (most.run.rate * OF_MOST);
        self.wrk.pause = Some(each * 1e3);
        let quiet = self.run("nothing", false, false);
        let busy = self.run("publishing", true, false);
        self.run("publishing, and looking for old answers", true, true);
        let ratio = busy.run.p99 / quiet.run.p99;
        println!(
            "\np99 beside publishing to that beside nothing: {}, wanted {}",
            shown(ratio, 2),
            at_most(ratio, LONGER)
        );
        let (published, wanted) = (busy.published, 1.0 / EVERY.as_secs_f64());
        if published < 0.95 * wanted {
            println!("but {published:.1} articles a second were published, not {wanted}");
        }
    }

    /// Reads, with this beside it.
    fn run(&self, name: &str, publishes: bool, looks: bool) -> Phase {
        let before = Counts::of(self.server.address);
        let stop = AtomicBool::new(false);
        let publish = || self.publisher.publish(&stop);
        let look = || fresh::look(self.publisher.address, self.publisher.token, &stop);
        let (run, published, found) = thread::scope(|scope| {
            let guard = Stop(&stop);
            let publishing = publishes.then(|| scope.spawn(publish));
            let looking = looks.then(|| scope.spawn(look));
            let run: Run = self.wrk.run(self.server, &self.requests);
            drop(guard);
            let published = publishing.map_or(0.0, |thread| thread.join().unwrap());
            (run, published, looking.map(|thread| thread.join().unwrap()))
        });
        let hit_rate = Counts::of(self.server.address).rate_since(&before);
        println!(
            "| {name} | {:.0} | {:.2} | {:.2} | {} | {published:.1} |",
            run.rate,
            run.p50,
            run.p99,
            shown(hit_rate, 3)
        );
        if let Some(found) = found {
            println!("\n{found}");
        }
        Phase { run, published }
    }
}

fn print_head() {
    println!("| beside the readers | requests/s | p50 ms | p99 ms | hit rate | published/s |");
    println!("|---|---:|---:|---:|---:|---:|");
}

/// Publishes over HTTP.
struct Publisher<'a> {
    address: SocketAddr,
    token: &'a str,
    publication: &'a Publication,
}

impl Publisher<'_> {
    /// Publishes one article after the other till it is stopped; gives how many a second.
    fn publish(&self, stop: &AtomicBool) -> f64 {
        // Others than an earlier run left, or than those of the publication.
        let now = usize::try_from(UtcTime::now().millis()).unwrap();
        let first = self.publication.count() + now;
        let mut client = Client::new(self.address);
        let started = Instant::now();
        let mut published: u32 = 0;
        while !stop.load(Ordering::SeqCst) {
            thread::sleep((EVERY * published).saturating_sub(started.elapsed()));
            let number = first + published as usize;
            let article = self.publication.sent(number);
            let path = "/v1/articles";
            let answer = client.send("POST", path, self.token, &article);
            answer.must_be(201, path);
            published += 1;
        }
        f64::from(published) / started.elapsed().as_secs_f64()
    }
}

/// What the cache counts; not a number where it counts nothing.
struct Counts {
    hits: f64,
    misses: f64,
}

impl Counts {
    fn of(address: SocketAddr) -> Self {
        let text = Client::new(address).get("/metrics", &[]).text();
        let sum = |results: &[&str]| {
            let is_one = |line: &&str| {
                let result = |result: &&str| line.contains(&format!("result=\"{result}\""));
                line.starts_with("newsstand_cache_requests_total") && results.iter().any(result)
            };
            let lines = text.lines().filter(is_one);
            let value = |line: &str| line.rsplit(' ').next()?.parse::<f64>().ok();
            let values: Vec<f64> = lines.filter_map(value).collect();
            match values.is_empty() {
                true => f64::NAN,
                false => values.iter().sum(),
            }
        };
        Self {
            hits: sum(&["hit", "collapsed"]),
            misses: sum(&["miss", "stale", "pass"]),
        }
    }

    fn rate_since(&self, before: &Self) -> f64 {
        let hits = self.hits - before.hits;
        let misses = self.misses - before.misses;
        hits / (hits + misses)
    }
}
