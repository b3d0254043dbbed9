//! Whether any answer is older than a write that was acknowledged before it was asked for.

use std::{
    fmt,
    net::SocketAddr,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use newsstand::model::slug::new_id;
use serde_json::{Value, json};

use crate::{client::Client, trickle::Stop};

/// Connections that look.
const READERS: usize = 2;
/// From one look of a connection to its next, and from one edit to the next.
const LOOKS_EVERY: Duration = Duration::from_millis(2);
const EDITED_EVERY: Duration = Duration::from_millis(50);
/// Edits of an article before another one is published.
const EDITS: u64 = 20;

/// What was found.
#[derive(Default)]
pub struct Found {
    articles: u64,
    edits: u64,
    reads: u64,
    old: u64,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            articles,
            edits,
            reads,
            old,
        } = self;
        write!(
            f,
            "{articles} articles published, {edits} edits, {reads} reads of them by {READERS} \
             connections: {old} answers older than what was acknowledged"
        )
    }
}

/// Publishes articles and edits them till it is stopped, while others read them.
pub fn look(address: SocketAddr, token: &str, stop: &AtomicBool) -> Found {
    let mut found = Found::default();
    while !stop.load(Ordering::SeqCst) {
        one(address, token, stop, &mut found);
    }
    found
}

/// The addresses that an article stands under: itself, and a list that has nothing else.
fn paths(slug: &str) -> [String; 2] {
    [
        format!("/v1/articles/{slug}"),
        format!("/v1/articles?slugs={slug}"),
    ]
}

/// Number of the edit that an answer shows; 0 before the article is there.
fn seen(client: &mut Client, path: &str) -> u64 {
    let answer = client.get(path, &[]);
    assert!(matches!(answer.status, 200 | 404), "{path}");
    let answer = answer.json();
    let article = match &answer["data"] {
        Value::Array(listed) => listed.first().unwrap_or(&Value::Null),
        _ => &answer,
    };
    let summary = article["summary"].as_str().unwrap_or_default();
    let number = summary.rsplit(' ').next().unwrap_or_default();
    number.parse().unwrap_or(0)
}

/// One article, from before it is there to its last edit.
fn one(address: SocketAddr, token: &str, stop: &AtomicBool, found: &mut Found) {
    let slug = format!("load-{}", new_id());
    let acknowledged = AtomicU64::new(0);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let guard = Stop(&done);
        let read = || read(address, &slug, &acknowledged, &done);
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(read)).collect();
        let mut client = Client::new(address);
        let summary = |number: u64| format!("edit {number}");
        let article = json!({
            "title": "An article that is edited", "slug": slug, "summary": summary(1),
            "body": {"text": "Its summary says how often."}, "status": "published",
        });
        thread::sleep(EDITED_EVERY);
        let posted = client.send("POST", "/v1/articles", token, &article);
        posted.must_be(201, &slug);
        acknowledged.store(1, Ordering::SeqCst);
        found.articles += 1;
        let path = format!("/v1/articles/{slug}");
        for number in 2..=EDITS {
            // The writer itself reads at once, over the same connection.
            let at_once = seen(&mut client, &path);
            found.reads += 1;
            found.old += u64::from(at_once < number - 1);
            if stop.load(Ordering::SeqCst) {
                break;
            }
            thread::sleep(EDITED_EVERY);
            let edit = json!({"summary": summary(number)});
            client
                .send("PATCH", &path, token, &edit)
                .must_be(200, &path);
            acknowledged.store(number, Ordering::SeqCst);
            found.edits += 1;
        }
        drop(guard);
        for reader in readers {
            let (reads, old) = reader.join().unwrap();
            found.reads += reads;
            found.old += old;
        }
    });
}

/// Reads till it is done; gives how often, and how many answers were too old.
fn read(
    address: SocketAddr,
    slug: &str,
    acknowledged: &AtomicU64,
    done: &AtomicBool,
) -> (u64, u64) {
    let mut client = Client::new(address);
    let (mut reads, mut old) = (0, 0);
    while !done.load(Ordering::SeqCst) {
        for path in paths(slug) {
            let known = acknowledged.load(Ordering::SeqCst);
            old += u64::from(seen(&mut client, &path) < known);
            reads += 1;
        }
        thread::sleep(LOOKS_EVERY);
    }
    (reads, old)
}
