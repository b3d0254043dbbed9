//! More than the server can do: what has a place is answered, the rest is refused at once, and the
//! server itself goes on answering for itself.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use newsstand::{model::sight::Sight, store::Store};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, App, Kind, Postgres, Sqlite, client, content::forty, send_as_editor};

/// Work of the database that ends with the test, or when this is dropped.
struct Busy {
    release: Vec<Sender<()>>,
    holders: Vec<JoinHandle<()>>,
}

impl Busy {
    /// So many threads, each of which holds something when it calls what it is given.
    fn new(app: &App, threads: usize, hold: fn(&Store, &dyn Fn())) -> Self {
        let (held, all) = channel();
        let mut busy = Self {
            release: Vec::new(),
            holders: Vec::new(),
        };
        for _ in 0..threads {
            let (release, released): (_, Receiver<()>) = channel();
            let (store, held) = (app.store.clone(), held.clone());
            busy.release.push(release);
            busy.holders.push(thread::spawn(move || {
                hold(&store, &|| {
                    held.send(()).unwrap();
                    // It ends with the other end.
                    let _ = released.recv();
                });
            }));
        }
        for _ in 0..threads {
            all.recv_timeout(Duration::from_secs(30)).unwrap();
        }
        busy
    }

    /// All connections that read.
    fn reading(app: &App) -> Self {
        Self::new(app, 2, |store, wait| {
            let read = store.read_blocking(Sight::Public, |_| {
                wait();
                Ok(())
            });
            read.unwrap();
        })
    }

    /// The lock of writers.
    fn writing(app: &App) -> Self {
        Self::new(app, 1, |store, wait| {
            let written = store.write_blocking(|_| {
                wait();
                Ok(())
            });
            written.unwrap();
        })
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.release.clear();
        for holder in self.holders.drain(..) {
            let _ = holder.join();
        }
    }
}

/// A server with forty articles, flags of its own, and patience with its database.
fn server(kind: Kind, flags: &[&str]) -> App {
    let mut all = flags.to_vec();
    all.extend(["--database-timeout", "60"]);
    let app = App::start_with(kind, &all);
    app.put(&forty());
    app
}

/// Asks on a thread of its own.
fn ask(app: &App, path: &'static str) -> JoinHandle<Answer> {
    let address = app.address;
    thread::spawn(move || client::send(address, "GET", path, &[]))
}

fn figure(app: &App, name: &str, labels: &str) -> u64 {
    let line = format!("newsstand_overload_{name}{{{labels}}} ");
    let text = app.get("/metrics").ok().text();
    let found = text.lines().find_map(|known| known.strip_prefix(&line));
    let value = found.unwrap_or_else(|| panic!("{line} in {text}"));
    value.parse().unwrap()
}

/// Waits until so many of a class are in hand, or wait.
fn until(app: &App, name: &str, class: &str, count: u64) {
    let labels = format!("class=\"{class}\"");
    let deadline = Instant::now() + Duration::from_secs(20);
    while figure(app, name, &labels) != count {
        let is_late = Instant::now() >= deadline;
        assert!(!is_late, "{name} of {class} is never {count}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn is_refused(answer: &Answer) {
    assert_eq!(answer.problem(503).0, "overloaded");
    let seconds = answer.header("retry-after").expect("when to come back");
    let in_seconds: u64 = seconds.parse().unwrap();
    assert!((1..=3).contains(&in_seconds), "{seconds}");
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
}

#[rstest]
fn what_finds_no_place_is_refused_at_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let one_and_one = [
        "--overload-reads",
        "1",
        "--overload-waiting",
        "1",
        "--overload-target",
        "30000",
    ];
    let app = server(kind, &one_and_one);
    let busy = Busy::reading(&app);
    let first = ask(&app, "/v1/articles/a1");
    until(&app, "in_hand", "reads", 1);
    let second = ask(&app, "/v1/articles/a2");
    until(&app, "waiting", "reads", 1);
    for path in ["/v1/articles/a3", "/feeds/articles.rss", "/sitemap.xml"] {
        let started = Instant::now();
        is_refused(&app.get(path));
        let took = started.elapsed();
        assert!(took < Duration::from_secs(1), "{path}: {took:?}");
    }
    let head = app.send("HEAD", "/v1/articles/a3", &[]);
    assert_eq!((head.status, head.body.len()), (503, 0));
    for path in ["/healthz", "/openapi.json", "/docs", "/robots.txt"] {
        app.get(path).ok();
    }
    assert_eq!(app.send("OPTIONS", "/v1/articles", &[]).status, 204);
    let refused = "class=\"reads\",result=\"refused\"";
    assert_eq!(figure(&app, "requests_total", refused), 4);
    drop(busy);
    for asked in [first, second] {
        assert_eq!(asked.join().unwrap().status, 200);
    }
    app.get("/v1/articles/a3").ok();
    for class in ["reads", "searches", "writes"] {
        until(&app, "in_hand", class, 0);
        until(&app, "waiting", class, 0);
    }
}

#[rstest]
fn what_is_kept_needs_no_place(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = server(kind, &["--overload-reads", "1", "--overload-waiting", "0"]);
    let kept = |answer: &Answer| answer.header("cache-status").as_deref() == Some("newsstand; hit");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !kept(&app.get("/v1/articles/a1").ok()) {
        assert!(Instant::now() < deadline, "it is never kept");
    }
    let busy = Busy::reading(&app);
    let other = ask(&app, "/v1/articles/a2");
    until(&app, "in_hand", "reads", 1);
    is_refused(&app.get("/v1/articles/a3"));
    assert!(kept(&app.get("/v1/articles/a1").ok()));
    drop(busy);
    assert_eq!(other.join().unwrap().status, 200);
}

#[rstest]
fn of_many_who_ask_for_the_same_one_needs_a_place(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = server(kind, &["--overload-reads", "1", "--overload-waiting", "0"]);
    let busy = Busy::reading(&app);
    let first = ask(&app, "/v1/articles/a1");
    until(&app, "in_hand", "reads", 1);
    let others: Vec<_> = (0..8).map(|_| ask(&app, "/v1/articles/a1")).collect();
    thread::sleep(Duration::from_millis(50));
    drop(busy);
    for asked in others.into_iter().chain([first]) {
        assert_eq!(asked.join().unwrap().status, 200);
    }
}

#[rstest]
fn who_waits_for_another_waits_for_a_place_meanwhile(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = server(kind, &["--overload-reads", "1"]);
    let busy = Busy::reading(&app);
    let first = ask(&app, "/v1/articles/a1");
    until(&app, "in_hand", "reads", 1);
    let started = Instant::now();
    let others: Vec<_> = (0..8).map(|_| ask(&app, "/v1/articles/a2")).collect();
    for asked in others {
        is_refused(&asked.join().unwrap());
    }
    // One after another, they would wait for a second each.
    let waited = started.elapsed();
    assert!(waited < Duration::from_secs(4), "{waited:?}");
    drop(busy);
    assert_eq!(first.join().unwrap().status, 200);
}

#[rstest]
fn searches_leave_places_to_other_reads(#[values(Sqlite, Postgres)] kind: Kind) {
    let flags = ["--overload-searches", "1", "--overload-waiting", "0"];
    let app = server(kind, &flags);
    let busy = Busy::reading(&app);
    let search = ask(&app, "/v1/search?q=harbour");
    until(&app, "in_hand", "searches", 1);
    for path in [
        "/v1/search?q=story",
        "/v1/articles?q=harbour",
        "/v1/articles/a1/related",
        "/v1/articles/a1?include=related",
    ] {
        is_refused(&app.get(path));
    }
    let read = ask(&app, "/v1/articles/a1");
    until(&app, "in_hand", "reads", 1);
    drop(busy);
    for asked in [search, read] {
        assert_eq!(asked.join().unwrap().status, 200);
    }
}

#[rstest]
fn nobody_waits_long_for_a_place(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = server(kind, &["--overload-reads", "1"]);
    let busy = Busy::reading(&app);
    let first = ask(&app, "/v1/articles/a1");
    until(&app, "in_hand", "reads", 1);
    let started = Instant::now();
    is_refused(&app.get("/v1/articles/a2"));
    let waited = started.elapsed();
    assert!(waited < Duration::from_secs(5), "{waited:?}");
    drop(busy);
    assert_eq!(first.join().unwrap().status, 200);
}

#[rstest]
fn writers_who_find_no_place_are_refused_and_readers_served(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = server(kind, &["--overload-writes", "1", "--overload-waiting", "0"]);
    let busy = Busy::writing(&app);
    let address = app.address;
    let first = thread::spawn(move || {
        let json = [("Content-Type", "application/json")];
        let article = json!({"title": "First", "body": {"text": "x"}}).to_string();
        send_as_editor(address, "POST", "/v1/articles", &json, &article)
    });
    until(&app, "in_hand", "writes", 1);
    let any = [("If-Match", "*")];
    for (method, path, body) in [
        ("POST", "/v1/articles", json!({"title": "Second"})),
        ("PATCH", "/v1/articles/a1", json!({"title": "Second"})),
        ("DELETE", "/v1/tags/climate", Value::Null),
        ("POST", "/v1/articles/a1/unpublish", Value::Null),
    ] {
        is_refused(&app.edit(method, path, &any, &body));
    }
    let chunks = "Host: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n";
    let unread = format!("POST /v1/articles HTTP/1.1\r\n{chunks}");
    let refused = client::send_raw(address, unread.as_bytes(), false);
    is_refused(&refused);
    assert_eq!(refused.header("connection").as_deref(), Some("close"));
    app.get("/v1/articles/a1").ok();
    app.read("/v1/articles?status=draft").ok();
    drop(busy);
    assert_eq!(first.join().unwrap().status, 201);
    app.create(&json!({"title": "Second", "body": {"text": "x"}}));
}

#[rstest]
fn who_sends_slowly_holds_no_place(#[values(Sqlite, Postgres)] kind: Kind) {
    use std::io::Write;
    let app = server(kind, &["--overload-writes", "1", "--overload-waiting", "0"]);
    let mut slow = std::net::TcpStream::connect(app.address).unwrap();
    let head = format!(
        "POST /v1/articles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{",
        crate::support::editor()
    );
    slow.write_all(head.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(200));
    app.create(&json!({"title": "Quick", "body": {"text": "x"}}));
    until(&app, "in_hand", "writes", 0);
}

#[rstest]
fn many_at_once_are_answered_or_refused_and_then_all_is_well(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = server(kind, &["--cache-bytes", "0", "--overload-waiting", "4"]);
    let paths = [
        "/v1/articles/a1",
        "/v1/articles?limit=40&body=html",
        "/v1/search?q=harbour&facets=category",
        "/v1/articles/a2/related",
    ];
    let asked: Vec<_> = (0..64).map(|number| ask(&app, paths[number % 4])).collect();
    app.get("/healthz").ok();
    let answers = asked.into_iter().map(|asked| asked.join().unwrap());
    let (good, refused): (Vec<Answer>, Vec<Answer>) = answers.partition(|one| one.status == 200);
    assert!(good.len() >= 4, "{}", good.len());
    refused.iter().for_each(is_refused);
    for path in paths {
        app.get(path).ok();
    }
}
