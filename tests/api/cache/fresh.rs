//! No answer is older than a write that was acknowledged before it was asked for.

use std::{
    process::Stdio,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    thread,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::{Value, json};

use super::{HIT, busy, status, warmed};
use crate::{
    support::{
        App, Kind, Postgres, Sqlite, client,
        content::{article, with},
        editor, send_as_editor,
    },
    tokens::server::{Server, ask},
};

const ANY: (&str, &str) = ("If-Match", "*");
/// How long a test goes on.
const AT_MOST: Duration = Duration::from_secs(40);

/// Answers that show the title, each in its own way.
const SHOWING: [&str; 6] = [
    "/v1/articles/one?fields=title",
    "/v1/articles?fields=title&slugs=one",
    "/v1/articles/one/share",
    "/v1/oembed?url=http://localhost:3000/articles/one",
    "/feeds/articles.json",
    "/v1/search?q=numbered",
];

fn titled(number: usize) -> Value {
    json!({"title": format!("Version {number} numbered")})
}

/// The number in the first title that an answer shows.
fn shown(text: &str) -> usize {
    let (_, rest) = text.split_once("Version ").expect(text);
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

fn one(members: Value) -> Value {
    with(
        with(article("one", 1), json!({"status": "published"})),
        members,
    )
}

#[rstest]
fn a_write_is_never_followed_by_an_older_answer(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = busy(kind);
    app.create(&one(titled(0)));
    let address = app.address;
    let (acknowledged, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let started = Instant::now();
    let read = |path: &str| {
        let mut hits = 0_usize;
        // Not for ever: what goes wrong in the writer should be told.
        while !is_over.load(SeqCst) && started.elapsed() < AT_MOST {
            let known = acknowledged.load(SeqCst);
            let answer = client::send(address, "GET", path, &[]).ok();
            let shown = shown(&answer.text());
            assert!(shown >= known, "{path}: {shown} after {known}");
            hits += usize::from(status(&answer) == HIT);
        }
        hits
    };
    let read = &read;
    let hits: usize = thread::scope(|scope| {
        let readers: Vec<_> = SHOWING
            .iter()
            .flat_map(|path| [*path, *path])
            .map(|path| scope.spawn(move || read(path)))
            .collect();
        for number in 1.. {
            let body = titled(number).to_string();
            let fields = [ANY, ("Content-Type", "application/json")];
            let path = "/v1/articles/one";
            let answer = send_as_editor(address, "PATCH", path, &fields, &body);
            assert_eq!(answer.status, 200, "{}", answer.text());
            acknowledged.store(number, SeqCst);
            // Sometimes at once, sometimes when all have got it.
            let pause = Duration::from_millis(5);
            thread::sleep(pause * [0, 1, 4, 9][number % 4]);
            if number >= 100 || started.elapsed() > AT_MOST / 2 {
                break;
            }
        }
        is_over.store(true, SeqCst);
        readers
            .into_iter()
            .map(|reader| reader.join().unwrap())
            .sum()
    });
    assert!(hits > 0, "nothing was ever kept");
}

#[rstest]
fn what_is_hidden_is_hidden_at_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = busy(kind);
    app.create(&one(titled(0)));
    let (address, is_over) = (app.address, AtomicBool::new(false));
    let started = Instant::now();
    thread::scope(|scope| {
        // So that there is always something kept, or just being made.
        for path in SHOWING {
            let is_over = &is_over;
            scope.spawn(move || {
                while !is_over.load(SeqCst) && started.elapsed() < AT_MOST {
                    client::send(address, "GET", path, &[]);
                }
            });
        }
        for _ in 0..20 {
            for (step, expected) in [("unpublish", 410), ("publish", 200)] {
                let path = format!("/v1/articles/one/{step}");
                app.edit("POST", &path, &[], &Value::Null).ok();
                assert_eq!(app.get("/v1/articles/one").status, expected);
                assert_eq!(app.get("/v1/articles/one/share").status, expected);
                let slugs = app.slugs("/v1/articles");
                assert_eq!(slugs.is_empty(), step == "unpublish");
                let hits = app.slugs("/v1/search?q=numbered");
                assert_eq!(hits.is_empty(), step == "unpublish");
            }
        }
        is_over.store(true, SeqCst);
    });
}

#[rstest]
fn an_answer_that_was_not_there_is_there_at_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    for _ in 0..3 {
        app.get("/v1/articles/one").problem(404);
        app.get("/v1/tags/sea").problem(404);
    }
    assert!(app.slugs("/v1/articles").is_empty());
    app.create(&one(json!({"tags": ["Sea"]})));
    assert_eq!(app.get("/v1/articles/one").ok().json()["slug"], "one");
    app.get("/v1/tags/sea").ok();
    assert_eq!(app.slugs("/v1/articles"), ["one"]);
    // It is kept from then on, though for a moment each made their own.
    warmed(&app, "/v1/articles/one");
}

#[rstest]
fn names_change_wherever_they_stand(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let members = json!({
        "category": ["World", "Europe"], "tags": ["Sea"], "authors": ["Ada Moe"],
    });
    app.create(&one(members));
    let showing = [
        "/v1/articles/one",
        "/v1/articles",
        "/v1/articles?category=world",
        "/v1/categories/europe",
        "/v1/search?q=title&facets=category,tag,author",
        "/feeds/articles.rss",
    ];
    let renamed = [
        ("/v1/categories/world", json!({"name": "Globe"}), "Globe"),
        (
            "/v1/categories/europe",
            json!({"name": "Continent", "parent": "world"}),
            "Continent",
        ),
        ("/v1/tags/sea", json!({"name": "Ocean"}), "Ocean"),
        ("/v1/authors/ada-moe", json!({"name": "Bo Ek"}), "Bo Ek"),
    ];
    for (path, body, name) in renamed {
        let before: Vec<String> = showing
            .iter()
            .map(|path| warmed(&app, path).text())
            .collect();
        app.edit("PATCH", path, &[ANY], &body).ok();
        let mut told = 0;
        for (path, before) in showing.iter().zip(before) {
            let after = app.get(path).ok().text();
            told += usize::from(after != before && after.contains(name));
        }
        assert!(told > 0, "{name} stands nowhere");
    }
    // A category under another slug is another filter.
    warmed(&app, "/v1/articles?category=world");
    let slug = json!({"slug": "globe"});
    app.edit("PATCH", "/v1/categories/world", &[ANY], &slug)
        .ok();
    assert_eq!(app.slugs("/v1/articles?category=globe"), ["one"]);
    let detail = app.get("/v1/categories/europe").ok().json();
    assert_eq!(detail["path"], "globe/europe");
}

#[rstest]
fn a_link_leads_to_an_article_as_soon_as_there_is_one(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let html = "<p><a href=\"http://localhost:3000/articles/two\">Two</a></p>";
    app.create(&one(json!({"body": {"html": html}})));
    let path = "/v1/articles/one?body=html&fields=body";
    let before = warmed(&app, path).text();
    let elsewhere = json!({
        "slug": "two", "status": "published", "canonical_url": "https://example.com/two",
    });
    app.create(&with(article("two", 2), elsewhere));
    let after = app.get(path).ok().text();
    assert!(!before.contains("example.com"), "{before}");
    assert!(after.contains("https://example.com/two"), "{after}");
}

#[rstest]
fn pins_are_seen_at_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    app.create(&one(json!({})));
    app.create(&article("draft", 2));
    for slug in ["two", "three"] {
        app.create(&with(article(slug, 3), json!({"status": "published"})));
    }
    let path = "/v1/articles/one/related";
    let pin = |pins: Value, exclusions: Value| {
        let body = json!({"pins": pins, "exclusions": exclusions});
        app.edit("PUT", "/v1/articles/one/related-pins", &[ANY], &body)
            .ok();
    };
    warmed(&app, path);
    pin(json!(["draft", "three"]), json!(["two"]));
    assert_eq!(app.slugs(path), ["three"]);
    warmed(&app, path);
    app.edit("POST", "/v1/articles/draft/publish", &[], &Value::Null)
        .ok();
    assert_eq!(app.slugs(path), ["draft", "three"]);
    warmed(&app, path);
    pin(json!(["two"]), json!([]));
    assert_eq!(app.slugs(path)[0], "two");
}

#[rstest]
fn what_another_process_writes_is_seen_soon(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    app.create(&one(titled(0)));
    let other = Server::start(&app.database.url, "warn", Stdio::inherit());
    for number in 1..4 {
        let path = "/v1/articles/one";
        warmed(&app, path);
        let fields = [ANY];
        ask(
            other.address,
            &editor(),
            ("PATCH", path),
            &fields,
            &titled(number),
        )
        .ok();
        let started = Instant::now();
        while shown(&app.get(path).ok().text()) < number {
            assert!(started.elapsed() < Duration::from_secs(3), "{number}");
            thread::sleep(Duration::from_millis(10));
        }
    }
}
