//! Many writers at once, sudden death, and restarts: what was acknowledged stays, whole and once, and
//! who asks is answered.
//!
//! NEWSSTAND_LOAD_SECONDS, NEWSSTAND_KILLS and NEWSSTAND_RESTARTS make these tests longer;
//! `--nocapture` shows what they measured.

#![allow(clippy::print_stderr, reason = "what was measured is to be seen")]

mod kills;
mod load;
mod process;
mod restarts;

use std::{
    fs, io,
    net::SocketAddr,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

use serde_json::{Value, json};

use self::process::Connection;
use crate::support::{Answer, content::with};

const READERS: usize = 16;

/// One of these tests at a time: together they would measure each other.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().expect(name))
}

/// A word that stands in one version of one article, and nowhere else.
fn word(slug: &str, number: u32) -> String {
    format!("{}v{number}", slug.replace('-', ""))
}

/// The members of a version; each of them tells which version it is.
fn version(slug: &str, number: u32) -> Value {
    let padding = "The harbour was quiet that morning, and the ferry came in late. ".repeat(12);
    json!({
        "title": format!("Version {number} of {slug}"),
        "summary": format!("What version {number} of {slug} says."),
        "body": {"text": format!("The word is {}.\n\n{}", word(slug, number), padding.trim_end())},
    })
}

/// The number of the version that is stored, if any; it must be there as a whole.
fn read(connection: &mut Connection, slug: &str) -> Result<Option<u32>, String> {
    let path = format!("/v1/articles/{slug}?body=text");
    let answer = connection
        .get(&path)
        .map_err(|cause| format!("{path}: {cause}"))?;
    match answer.status {
        200 => {}
        404 => return Ok(None),
        _ => return Err(told(&path, &answer)),
    }
    let article = answer.json();
    let number = article["title"].as_str();
    let number: u32 = number
        .and_then(|title| title.split(' ').nth(1))
        .and_then(|number| number.parse().ok())
        .unwrap_or(0);
    let whole = version(slug, number);
    let is_whole = article["title"] == whole["title"]
        && article["summary"] == whole["summary"]
        && article["body"]["text"] == whole["body"]["text"];
    match is_whole {
        true => Ok(Some(number)),
        false => Err(format!("{slug} is of no one version: {article}")),
    }
}

/// What [`read`] gives for each of many articles, in their order.
fn read_all(address: SocketAddr, token: &str, slugs: &[&str]) -> Vec<Result<Option<u32>, String>> {
    let size = slugs.len().div_ceil(READERS).max(1);
    thread::scope(|scope| {
        let readers: Vec<_> = slugs
            .chunks(size)
            .map(|chunk| {
                scope.spawn(move || {
                    let mut connection = Connection::new(address, Some(token));
                    let found = chunk.iter().map(|slug| read(&mut connection, slug));
                    found.collect::<Vec<_>>()
                })
            })
            .collect();
        readers
            .into_iter()
            .flat_map(|reader| reader.join().unwrap())
            .collect()
    })
}

fn create(connection: &mut Connection, slug: &str, status: &str) -> io::Result<Answer> {
    let article = with(version(slug, 1), json!({"slug": slug, "status": status}));
    let headers = [("Content-Type", "application/json")];
    connection.send("POST", "/v1/articles", &headers, Some(&article))
}

fn patch(
    connection: &mut Connection,
    slug: &str,
    etag: &str,
    members: &Value,
) -> io::Result<Answer> {
    let headers = [
        ("Content-Type", "application/merge-patch+json"),
        ("If-Match", etag),
    ];
    let path = format!("/v1/articles/{slug}");
    connection.send("PATCH", &path, &headers, Some(members))
}

fn etag(answer: &Answer) -> String {
    answer.header("etag").expect("an ETag")
}

fn told(what: &str, answer: &Answer) -> String {
    format!("{what}: {} {}", answer.status, answer.text())
}

/// Number of articles that everyone sees.
fn public_total(address: SocketAddr) -> u64 {
    let answer = Connection::new(address, None).get("/v1/articles?count=exact&limit=1");
    let total = answer.unwrap().ok().json()["page"]["total"].as_u64();
    total.expect("a total")
}

/// Fails when the server wrote of a panic, or gave up on SQLite's lock.
fn nothing_to_complain_of(log: &Path) {
    let text = fs::read_to_string(log).unwrap();
    let is_bad = |line: &&str| line.contains("database is locked") || line.contains("panicked");
    let bad: Vec<&str> = text.lines().filter(is_bad).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}
