//! The database goes away and comes back, or has no connection to spare.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use newsstand::{model::sight::Sight, store::StoreError};
use rstest::rstest;
use serde_json::json;

use super::{HIT, figure, status, warmed};
use crate::support::{Answer, App, Kind, Postgres, Sqlite, client, content::article};

/// After so long others' writes may have been missed.
const UNSURE: Duration = Duration::from_millis(1_500);

/// What is answered, which must come long before one has waited for a connection.
fn quick(ask: impl FnOnce() -> Answer) -> Answer {
    let started = Instant::now();
    let answer = ask();
    let took = started.elapsed();
    assert!(took < Duration::from_millis(2_500), "{took:?}");
    answer
}

/// That the server is busy, quickly.
fn is_refused(answer: &Answer) {
    assert_eq!(answer.problem(503).0, "unavailable");
    assert!(answer.header("retry-after").is_some());
}

#[test]
fn what_is_kept_stands_in_while_the_database_is_away() {
    let app = App::with(Postgres, &[article("one", 1), article("two", 2)]);
    app.settle();
    let hot = warmed(&app, "/v1/articles/one");
    warmed(&app, "/v1/articles/two");
    let changed = json!({"title": "Another"});
    let any = [("If-Match", "*")];
    app.edit("PATCH", "/v1/articles/two", &any, &changed).ok();
    app.database.cut_off();
    thread::sleep(UNSURE);
    for _ in 0..3 {
        let answer = quick(|| app.get("/v1/articles/one").ok());
        let told = status(&answer);
        assert!(told.ends_with("; detail=stale"), "{told}");
        let age: u64 = answer.header("age").unwrap().parse().unwrap();
        assert!((1..60).contains(&age), "{age}");
        assert_eq!(answer.body, hot.body);
        assert_eq!(answer.header("etag"), hot.header("etag"));
        let caching = answer.header("cache-control");
        assert_eq!(caching.as_deref(), Some("public, max-age=0"));
    }
    // One who can't take it takes it from nobody.
    let other = [("Accept", "text/html")];
    let refused = quick(|| client::send(app.address, "GET", "/v1/articles/one", &other));
    assert!(matches!(refused.status, 406 | 503), "{}", refused.text());
    quick(|| app.get("/v1/articles/one").ok());
    let etag = hot.header("etag").unwrap();
    let known = [("If-None-Match", etag.as_str())];
    let unchanged = quick(|| app.send("GET", "/v1/articles/one", &known));
    assert_eq!(unchanged.status, 304);
    assert!(unchanged.header("age").is_some());
    // What is kept of this one is older than what was acknowledged.
    is_refused(&quick(|| app.get("/v1/articles/two")));
    is_refused(&quick(|| app.get("/v1/tags")));
    is_refused(&quick(|| {
        app.edit("POST", "/v1/articles", &[], &article("three", 3))
    }));
    let written = app.store.write_waiting(|_| Ok(()));
    assert!(matches!(written, Err(StoreError::Unavailable(_))));
    app.get("/readyz").problem(503);
    app.get("/healthz").ok();
    let stood_in = "newsstand_cache_requests_total{result=\"stood_in\"}";
    assert!(figure(&app, stood_in) >= 4);

    app.database.let_in();
    let back = Instant::now();
    let mut answer = app.get("/v1/articles/two");
    while answer.status != 200 {
        assert!(back.elapsed() < Duration::from_secs(2), "{}", answer.text());
        thread::sleep(Duration::from_millis(20));
        answer = app.get("/v1/articles/two");
    }
    assert_eq!(answer.json()["title"], "Another");
    app.create(&article("three", 3));
    let hot = warmed(&app, "/v1/articles/one");
    assert_eq!(status(&hot), HIT);
    assert_eq!(hot.header("age"), None);
}

#[test]
fn nothing_stands_in_where_that_is_not_wanted() {
    let app = App::start_with(Postgres, &["--stale-if-error", "0"]);
    app.put(&[article("one", 1)]);
    app.settle();
    warmed(&app, "/v1/articles/one");
    app.database.cut_off();
    thread::sleep(UNSURE);
    is_refused(&quick(|| app.get("/v1/articles/one")));
}

#[rstest]
fn what_is_kept_is_given_while_all_connections_are_in_use(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start_with(kind, &["--database-timeout", "1"]);
    app.put(&[article("one", 1), article("two", 2)]);
    app.settle();
    warmed(&app, "/v1/articles/one");
    let (in_use, done) = (Barrier::new(3), Barrier::new(3));
    let hold = || {
        let held = app.store.read_blocking(Sight::Public, |_| {
            in_use.wait();
            done.wait();
            Ok(())
        });
        held.is_ok()
    };
    let paths = ["/v1/articles/two", "/v1/articles/one", "/healthz"];
    let answers = thread::scope(|scope| {
        for _ in 0..2 {
            // The server itself may have one just then.
            scope.spawn(|| while !hold() {});
        }
        in_use.wait();
        let ask = |path| quick(|| client::send(app.address, "GET", path, &[]));
        let answers = paths.map(ask);
        done.wait();
        answers
    });
    let [refused, hot, healthy] = answers;
    is_refused(&refused);
    assert_eq!(status(&hot.ok()), HIT);
    healthy.ok();
    app.get("/v1/articles/two").ok();
}

/// Where only what others have changed is not known, and there is more to do than can be done.
#[rstest]
fn what_is_kept_stands_in_where_there_is_no_place(#[values(Sqlite, Postgres)] kind: Kind) {
    let flags = [
        "--overload-reads",
        "1",
        "--overload-waiting",
        "0",
        "--database-timeout",
        "20",
    ];
    let app = App::start_with(kind, &flags);
    app.put(&[article("one", 1), article("two", 2)]);
    app.settle();
    warmed(&app, "/v1/articles/one");
    let table = "ALTER TABLE invalidations RENAME TO elsewhere";
    app.database.execute(table);
    thread::sleep(UNSURE);
    let (in_use, done) = (Barrier::new(3), Barrier::new(3));
    let hold = || {
        let held = app.store.read_blocking(Sight::Public, |_| {
            in_use.wait();
            done.wait();
            Ok(())
        });
        held.is_ok()
    };
    let ask = |path| client::send(app.address, "GET", path, &[]);
    let [stale, refused, late] = thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| while !hold() {});
        }
        in_use.wait();
        let late = scope.spawn(|| ask("/v1/articles/two"));
        let started = Instant::now();
        let in_hand = "newsstand_overload_in_hand{class=\"reads\"}";
        while figure(&app, in_hand) == 0 && started.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_millis(5));
        }
        let (stale, refused) = (ask("/v1/articles/one"), ask("/v1/tags"));
        done.wait();
        [stale, refused, late.join().unwrap()]
    });
    let told = status(&stale.ok());
    assert_eq!(told, "newsstand; fwd=stale; detail=stale");
    assert_eq!(refused.problem(503).0, "overloaded");
    late.ok();
}

/// Who waits for another's answer has waited enough when there is none.
#[test]
fn many_who_wait_for_the_same_in_vain_are_refused_together() {
    let app = App::start_with(Postgres, &["--query-timeout", "2"]);
    app.put(&[article("one", 1)]);
    app.settle();
    let mut other = PgConnection::establish(&app.database.url).unwrap();
    let lock = "BEGIN; LOCK TABLE articles IN ACCESS EXCLUSIVE MODE";
    other.batch_execute(lock).unwrap();
    let (address, started) = (app.address, Instant::now());
    let ask = move |number: usize| {
        let id = format!("in-vain-{number}");
        let named = [("X-Request-Id", id.as_str())];
        let answer = client::send(address, "GET", "/v1/articles/one", &named);
        assert_eq!(answer.header("x-request-id"), Some(id));
        (answer, started.elapsed())
    };
    let ask = |number| thread::spawn(move || ask(number));
    let asked: Vec<_> = (0..12).map(ask).collect();
    for asked in asked {
        let (answer, took) = asked.join().unwrap();
        is_refused(&answer);
        let in_time = Duration::from_millis(1_900)..Duration::from_millis(3_500);
        assert!(in_time.contains(&took), "{took:?}");
    }
    // Nobody else is told so: who comes now has it made.
    other.batch_execute("ROLLBACK").unwrap();
    app.get("/v1/articles/one").ok();
}
