//! Header fields that guard browsers, on every answer, whoever made it. Whatever other tests get is held
//! to them too, of any status (`support::contract`).

use std::{collections::BTreeSet, process::Stdio};

use rstest::rstest;
use serde_json::{Value, json};

use super::protocol::filled;
use crate::{
    support::{App, Kind, Postgres, Sqlite, client, content::forty, contract, database::Database},
    tokens::server::Server,
};

#[test]
fn every_operation_answers_with_them_whoever_asks() {
    let app = App::with(Sqlite, &forty());
    let mut seen = BTreeSet::new();
    for (method, pattern, _) in contract::operations() {
        let path = filled(&pattern).replace("{format}", "rss");
        let name = format!("{method} {path}");
        let (state, body) = match method.as_str() {
            "GET" => (None, Value::Null),
            "POST" => (None, json!({})),
            "DELETE" => (Some(("If-Match", "*")), Value::Null),
            _ => (Some(("If-Match", "*")), json!({})),
        };
        for answer in [
            app.send(&method, &path, &[]),
            app.send("OPTIONS", &path, &[]),
            app.send("TRACE", &path, &[]),
            app.send(&method, &path, &[("Authorization", "Bearer a.b.c")]),
            app.edit(&method, &path, state.as_slice(), &body),
        ] {
            contract::check_guards(&name, &answer);
            seen.insert(answer.status);
        }
    }
    for status in [200, 204, 400, 401, 404, 405] {
        assert!(seen.contains(&status), "no answer {status} in {seen:?}");
    }
}

#[rstest]
fn all_that_a_browser_can_show_has_them(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    for path in [
        "/v1/articles",
        "/v1/articles/a1",
        "/v1/articles/a1/related",
        "/v1/search?q=title",
        "/v1/oembed?url=http://localhost:3000/articles/a1&format=xml",
        "/feeds/articles.rss",
        "/feeds/articles.atom",
        "/feeds/articles.json",
        "/sitemap.xml",
        "/sitemaps/articles-1.xml",
        "/sitemaps/news.xml",
        "/robots.txt",
        "/docs",
        "/docs/problems",
        "/docs/assets/index.css",
        "/docs/assets/swagger-initializer.js",
        "/openapi.json",
        "/openapi-3.0.json",
        "/healthz",
        "/readyz",
        "/metrics",
    ] {
        // The second may come from the cache.
        let (first, second) = (app.get(path).ok(), app.get(path).ok());
        let coded = app.send("GET", path, &[("Accept-Encoding", "gzip")]);
        let head = app.send("HEAD", path, &[]);
        for answer in [&first, &second, &coded, &head] {
            contract::check_guards(path, answer);
        }
        let etag = first.header("etag").unwrap();
        let known = app.send("GET", path, &[("If-None-Match", &etag)]);
        contract::check_guards(path, &known);
    }
}

#[test]
fn what_no_handler_answers_has_them_too() {
    let app = App::start(Sqlite);
    let long = format!("/v1/articles?q={}", "x".repeat(9_000));
    for path in ["/", "/none", "/v1/articles/", "/docs/assets/x.js", &long] {
        contract::check_guards(path, &app.send("GET", path, &[]));
    }
    let coded = app.send("GET", "/v1/articles", &[("Content-Encoding", "gzip")]);
    contract::check_guards("a coded body", &coded);
    let many = format!("A: {}\r\n", "y".repeat(40)).repeat(5_000);
    let longer = "x".repeat(70_000);
    for (head, status) in [
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), 400),
        (format!("GET /{longer} HTTP/1.1\r\nHost: x\r\n\r\n"), 414),
        (format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n"), 431),
    ] {
        let answer = client::send_raw(app.address, head.as_bytes(), false);
        assert_eq!(answer.status, status, "{}", answer.text());
        contract::check_guards("a head that can't be read", &answer);
    }
}

/// How long the database takes, and for how many statements, tells what is there.
#[test]
fn what_an_answer_took_is_told_where_that_is_set_and_nowhere_else() {
    let told = |address| {
        let answer = client::send(address, "GET", "/v1/articles", &[]).ok();
        answer.header("server-timing")
    };
    let database = Database::new(Sqlite);
    let server = Server::start(&database.url, "warn", Stdio::null());
    assert_eq!(told(server.address), None);
    // Servers of tests are set so.
    let app = App::start(Sqlite);
    let timing = told(app.address).expect("Server-Timing");
    let metrics: Vec<&str> = timing.split(", ").collect();
    let [database, total] = metrics[..] else {
        panic!("{timing}");
    };
    assert!(database.starts_with("db;dur="), "{timing}");
    assert!(database.ends_with(" statements\""), "{timing}");
    let took = total.strip_prefix("total;dur=").expect("all of it");
    assert!(took.parse::<f64>().unwrap() > 0.0, "{timing}");
}
