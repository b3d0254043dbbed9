//! Answers that are kept: the same as new ones, never older than what was acknowledged.

mod away;
mod filed;
mod fresh;
mod hot;
mod kept;
mod strangers;

use std::{thread, time::Duration};

use clap::Parser;

use crate::support::{Answer, App, Kind, SECRET, Serve, database::Database};

const HIT: &str = "newsstand; hit";
const MISS: &str = "newsstand; fwd=miss";
const STALE: &str = "newsstand; fwd=stale";

/// What an answer says of the cache.
fn status(answer: &Answer) -> String {
    answer.header("cache-status").unwrap_or_default()
}

/// A server with some threads that answer.
fn busy(kind: Kind) -> App {
    let database = Database::new(kind);
    let url = database.url.clone();
    let flags = [
        "serve",
        "--database-url",
        &url,
        "--bind-addr",
        "127.0.0.1:0",
        "--database-pool-size",
        "4",
        "--workers",
        "3",
        "--overload-target",
        "60000",
        "--jwt-secret",
        SECRET,
    ];
    App::serve(database, Serve::parse_from(flags).args)
}

/// Asks until the answer comes from the cache; gives the last one that was made anew, and it. The
/// server may learn something meanwhile, and then makes it once more.
fn cold_and_hot(app: &App, path: &str, headers: &[(&str, &str)]) -> (Answer, Answer) {
    let mut cold = app.send("GET", path, headers).ok();
    assert_eq!(status(&cold), MISS, "{path}");
    for _ in 0..100 {
        let hot = app.send("GET", path, headers).ok();
        match status(&hot).as_str() {
            HIT => return (cold, hot),
            STALE => cold = hot,
            other => panic!("{path}: {other}"),
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{path} is never kept");
}

/// Asks until the answer comes from the cache.
fn warmed(app: &App, path: &str) -> Answer {
    for _ in 0..100 {
        let answer = app.get(path).ok();
        if status(&answer) == HIT {
            return answer;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{path} is never kept");
}

/// What an answer tells, without what differs each time.
fn told(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let moves = ["cache-status", "x-request-id", "date", "server-timing"];
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .filter(|(name, _)| !moves.contains(&name.as_str()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.body.clone())
}

/// A figure of the server, by its line.
fn figure(app: &App, line: &str) -> u64 {
    let figures = app.get("/metrics").ok().text();
    let found = figures.lines().find_map(|one| one.strip_prefix(line));
    let value = found.unwrap_or_else(|| panic!("{line} in {figures}"));
    value.trim().parse().unwrap()
}
