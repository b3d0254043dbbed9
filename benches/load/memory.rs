//! The memory of a server with a large publication, and with a full cache of the usual size.

use std::{net::SocketAddr, thread, time::Duration};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    Bench,
    client::Client,
    measure::{at_most, shown},
    process::Process,
};

/// Megabytes that it may take.
const GOAL: f64 = 300.0;
/// Articles that are asked for between two looks at the cache, and altogether.
const PORTION: usize = 2_000;
const MOST: usize = 60_000;
/// The cache is full when a portion makes it so little larger.
const STILL_GROWS: f64 = 1.01;
/// Lists of related articles that are asked for, and searches.
const RELATED: usize = 500;
const SEARCHES: usize = 200;
/// How long memory that was freed may be held back.
const HELD_BACK: Duration = Duration::from_secs(2);
/// As most clients ask, so that the cache has two forms of each answer.
const ACCEPTED: &str = "gzip";

/// Measures and prints.
pub fn run(bench: &Bench, url: &str) {
    let server = bench.server_on(url, &[]);
    server.wait_till_quiet();
    println!("\n## Memory of the server with the large publication and the usual cache\n");
    println!("| after | answers | cache MB | resident MB | of it files | at most | wanted |");
    println!("|---|---:|---:|---:|---:|---:|---|");
    // A reader of its own for each connection to the database, so that all are in use.
    let asker = Asker {
        server: &server,
        readers: usize::try_from(bench.args.pool).unwrap(),
    };
    asker.print("the start", 0);
    let listed = asker.fill();
    asker.print("articles, till the cache is full", listed.len());
    let related = spread(&listed, RELATED);
    let related = related.map(|one| format!("/v1/articles/{}/related", one.slug));
    asker.ask_and_print("related articles as well", related.collect());
    let searches = spread(&listed, SEARCHES);
    let searches = searches.map(|one| format!("/v1/search?q={}", one.word));
    asker.ask_and_print("searches as well", searches.collect());
}

/// An article of a list, and the longest word of its title.
struct Listed {
    slug: String,
    word: String,
}

/// At most about so many of them, from all parts.
fn spread(listed: &[Listed], count: usize) -> impl Iterator<Item = &Listed> {
    listed.iter().step_by(listed.len().div_ceil(count).max(1))
}

struct Asker<'a> {
    server: &'a Process,
    readers: usize,
}

impl Asker<'_> {
    /// Asks for ever more articles, the newest first, until the cache grows no more.
    fn fill(&self) -> Vec<Listed> {
        let mut listed: Vec<Listed> = Vec::new();
        let mut list = Some("/v1/articles?limit=100&fields=slug,title".to_owned());
        let mut before = 0.0;
        while list.is_some() && listed.len() < MOST {
            let portion = portion(self.server.address, &mut list);
            let path = |one: &Listed| format!("/v1/articles/{}", one.slug);
            self.ask(&portion.iter().map(path).collect::<Vec<_>>());
            listed.extend(portion);
            let bytes = cache_bytes(self.server.address);
            if bytes < before * STILL_GROWS {
                break;
            }
            before = bytes;
        }
        listed
    }

    /// Asks for all of these, each reader for some.
    fn ask(&self, paths: &[String]) {
        let address = self.server.address;
        let share = paths.len().div_ceil(self.readers).max(1);
        thread::scope(|scope| {
            for paths in paths.chunks(share) {
                scope.spawn(move || {
                    let mut client = Client::new(address);
                    for path in paths {
                        let fields = [("Accept-Encoding", ACCEPTED)];
                        client.get(path, &fields).must_be(200, path);
                    }
                });
            }
        });
    }

    fn ask_and_print(&self, name: &str, paths: Vec<String>) {
        self.ask(&paths);
        self.print(name, paths.len());
    }

    fn print(&self, name: &str, answers: usize) {
        thread::sleep(HELD_BACK);
        let figure = |line: &str| self.server.status(line).unwrap_or(f64::NAN);
        let resident = figure("VmRSS");
        println!(
            "| {name} | {answers} | {:.1} | {} | {} | {} | {} |",
            cache_bytes(self.server.address) / 1_048_576.0,
            shown(resident, 0),
            shown(figure("RssFile"), 0),
            shown(figure("VmHWM"), 0),
            at_most(resident, GOAL)
        );
    }
}

/// The next articles of a list, of which `list` is the address of the next page.
fn portion(address: SocketAddr, list: &mut Option<String>) -> Vec<Listed> {
    let mut client = Client::new(address);
    let mut portion = Vec::new();
    while portion.len() < PORTION
        && let Some(path) = list.take()
    {
        let page = client.get(&path, &[]).must_be(200, &path).json();
        for article in page["data"].as_array().unwrap() {
            let title = article["title"].as_str().unwrap();
            let words = title.split(' ');
            let word = words.max_by_key(|word| word.len()).unwrap_or_default();
            portion.push(Listed {
                slug: article["slug"].as_str().unwrap().to_owned(),
                word: utf8_percent_encode(word, NON_ALPHANUMERIC).to_string(),
            });
        }
        *list = page["links"]["next"].as_str().map(str::to_owned);
    }
    portion
}

/// What the server says that its cache takes.
fn cache_bytes(address: SocketAddr) -> f64 {
    let text = Client::new(address).get("/metrics", &[]).text();
    let value = |line: &str| {
        let value = line.strip_prefix("newsstand_cache_bytes ")?;
        value.parse::<f64>().ok()
    };
    text.lines().find_map(value).unwrap_or(f64::NAN)
}
