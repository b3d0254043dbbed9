//! What answers that are not in the cache take, of this publication and of a large one, and how
//! long a server takes to start on each.
//!
//! One request after another, over one kept connection to each server: what is measured is how
//! long an answer takes to make, and no waiting in line.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::{
    Bench, categories,
    client::Client,
    kinds,
    measure::{at_most, median, shown},
    memory,
    spread::{self, Growing},
};

/// Requests of each kind that are timed, of each server; so many in a row, so that what else the
/// machine does meets both.
const TIMED: usize = 400;
const IN_A_ROW: usize = 10;
/// A kind that takes longer ends early, but not before there are so many.
const TAKES_AT_MOST: Duration = Duration::from_secs(120);
const TIMED_AT_LEAST: usize = 50;
/// With fewer addresses, there is no telling what they take when they are asked for first.
const FEW: usize = 10;
/// Starts that are timed.
const STARTS: usize = 9;
/// What is asked of a server that starts, and how many times as long it may take with a large
/// publication.
const FIRST: &str = "/v1/articles?limit=20";
const START_GOAL: f64 = 2.0;

/// Measures and prints, where there is a large publication.
pub fn run(bench: &Bench) {
    let Some(large) = &bench.large else {
        return;
    };
    let urls = [bench.database.url.as_str(), large.url.as_str()];
    print_answers(bench, urls);
    print_starts(bench, urls);
    memory::run(bench, &large.url);
}

fn print_answers(bench: &Bench, urls: [&str; 2]) {
    let servers = urls.map(|url| bench.server_on(url, &[("CACHE_BYTES", "0")]));
    let addresses = servers.each_ref().map(|server| server.address);
    let token = bench.token();
    let totals = addresses.map(|address| {
        categories::ensure_tree(address, &token);
        kinds::total(&mut Client::new(address))
    });
    let [small, large] = addresses.map(|address| spread::all(address, bench.args.keys));
    for server in &servers {
        server.wait_till_quiet();
    }
    let [fewer, more] = totals;
    println!("\n## Growth: the cache is off; {fewer} articles / {more} articles\n");
    println!("| request | times | p50 ms | ratio | p99 ms | ratio | p50 ms at first | wanted |");
    println!("|---|---:|---:|---:|---:|---:|---:|---|");
    for (small, large) in small.iter().zip(&large) {
        // Without categories, none can be asked for.
        if !small.kind.paths.is_empty() && !large.kind.paths.is_empty() {
            Row::measure(addresses, [small, large]).print();
        }
    }
    let resident = |line: &str| {
        let of_each = servers.each_ref().map(|server| server.status(line));
        let [small, large] = of_each.map(|figure| shown(figure.unwrap_or(f64::NAN), 0));
        format!("{small} / {large} MB")
    };
    println!(
        "\nresident memory: {}, at most {}",
        resident("VmRSS"),
        resident("VmHWM")
    );
}

/// What a server took, in milliseconds, sorted.
struct Times {
    /// When each address was asked for the first time: some of what is read then comes from the
    /// disk.
    first: Vec<f64>,
    later: Vec<f64>,
}

/// One kind of request.
struct Row<'a> {
    growing: &'a Growing,
    /// Of the small publication and of the large one.
    times: [Times; 2],
}

impl<'a> Row<'a> {
    fn measure(addresses: [SocketAddr; 2], growing: [&'a Growing; 2]) -> Self {
        let mut sides = [0, 1].map(|side| Side {
            client: Client::new(addresses[side]),
            paths: &growing[side].kind.paths,
            asked: 0,
            times: Vec::new(),
        });
        let longest = sides.iter().map(|side| side.paths.len()).max();
        ask_by_turns(&mut sides, longest.unwrap());
        let first = sides.each_mut().map(|side| side.take(side.paths.len()));
        ask_by_turns(&mut sides, TIMED);
        let later = sides.each_mut().map(|side| side.take(usize::MAX));
        let [first_small, first_large] = first;
        let [later_small, later_large] = later;
        let times = |first, later| Times { first, later };
        Self {
            growing: growing[0],
            times: [
                times(first_small, later_small),
                times(first_large, later_large),
            ],
        }
    }

    /// A figure of both.
    fn cell(&self, figure: fn(&Times) -> f64) -> String {
        let [small, large] = self.times.each_ref().map(figure);
        format!("{} / {}", shown(small, 2), shown(large, 2))
    }

    /// How the large publication stands to the small one.
    fn ratio(&self, figure: fn(&Times) -> f64) -> f64 {
        let [small, large] = self.times.each_ref().map(figure);
        large / small
    }

    /// As a line of the table.
    fn print(&self) {
        let p50: fn(&Times) -> f64 = |times| share(&times.later, 0.50);
        let p99: fn(&Times) -> f64 = |times| share(&times.later, 0.99);
        let first: fn(&Times) -> f64 = |times| match times.first.len() < FEW {
            true => f64::NAN,
            false => share(&times.first, 0.50),
        };
        let ratio = self.ratio(p50);
        let goal = self.growing.goal.map(|goal| at_most(ratio, goal));
        println!(
            "| {} | {} | {} | {ratio:.2} | {} | {:.2} | {} | {} |",
            self.growing.kind.name,
            self.times[0].later.len(),
            self.cell(p50),
            self.cell(p99),
            self.ratio(p99),
            self.cell(first),
            goal.unwrap_or_default()
        );
    }
}

/// The time that this share of sorted times took at most.
fn share(times: &[f64], share: f64) -> f64 {
    let rank = (share * times.len() as f64).ceil() as usize;
    let time = times.get(rank.saturating_sub(1));
    time.copied().unwrap_or(f64::NAN)
}

/// One server, and what it is asked.
struct Side<'a> {
    client: Client,
    paths: &'a [String],
    asked: usize,
    /// Milliseconds.
    times: Vec<f64>,
}

impl Side<'_> {
    /// Asks for the next addresses, again from the first after the last.
    fn ask(&mut self, count: usize) {
        for _ in 0..count {
            let path = &self.paths[self.asked % self.paths.len()];
            let started = Instant::now();
            let answer = self.client.get(path, &[]);
            self.times.push(started.elapsed().as_secs_f64() * 1e3);
            answer.must_be(200, path);
            self.asked += 1;
        }
    }

    /// The first of the times so far, sorted; all are forgotten.
    fn take(&mut self, most: usize) -> Vec<f64> {
        let mut times = std::mem::take(&mut self.times);
        times.truncate(most);
        times.sort_by(f64::total_cmp);
        times
    }
}

/// Asks each so often, a few times in a row; so neither connection is silent for long.
fn ask_by_turns(sides: &mut [Side<'_>; 2], count: usize) {
    let started = Instant::now();
    let mut asked = 0;
    while asked < count && (asked < TIMED_AT_LEAST || started.elapsed() < TAKES_AT_MOST) {
        for side in sides.iter_mut() {
            side.ask(IN_A_ROW);
        }
        asked += IN_A_ROW;
    }
}

/// From before the process starts to its first answer. What it reads was read a moment ago, so it
/// need not come from the disk.
fn print_starts(bench: &Bench, urls: [&str; 2]) {
    let start = |url: &str| {
        let started = Instant::now();
        let server = bench.start_on(url, &[]);
        let answer = Client::new(server.address).get(FIRST, &[]);
        let took = started.elapsed().as_secs_f64() * 1e3;
        answer.must_be(200, FIRST);
        took
    };
    // Once before: the first start reads what others left unfinished.
    for url in urls {
        start(url);
    }
    let times: Vec<[f64; 2]> = (0..STARTS).map(|_| urls.map(start)).collect();
    let [small, large] = [0, 1].map(|side| median(times.iter().map(|pair| pair[side])));
    let ratio = large / small;
    println!(
        "\nfrom a start to the first answer, {STARTS} times: {small:.0} / {large:.0} ms, ratio \
         {ratio:.2}, {}",
        at_most(ratio, START_GOAL)
    );
}
