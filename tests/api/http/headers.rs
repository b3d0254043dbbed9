//! Header fields that guard browsers, on every answer, whoever made it.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use super::protocol::filled;
use crate::support::{Answer, App, Kind, Postgres, Sqlite, client, content::forty, contract};

/// Fails unless a browser can make nothing of an answer that it should not.
fn assert_guarded(name: &str, answer: &Answer) {
    let field = |field: &str| answer.header(field).unwrap_or_default();
    assert_eq!(field("x-content-type-options"), "nosniff", "{name}");
    assert_eq!(field("referrer-policy"), "no-referrer", "{name}");
    let policy = field("content-security-policy");
    let rules: BTreeSet<&str> = policy.split(';').map(str::trim).collect();
    for rule in [
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(rules.contains(rule), "{name}: {policy}");
    }
    let scripts = rules.iter().find(|rule| rule.starts_with("script-src"));
    assert!(
        scripts.is_none_or(|rule| *rule == "script-src 'self'"),
        "{name}: {policy}"
    );
    for told in ["server", "x-powered-by"] {
        assert!(answer.header(told).is_none(), "{name} tells {told}");
    }
    if !answer.body.is_empty() {
        assert!(!field("content-type").is_empty(), "{name} has no type");
    }
    if field("content-type").starts_with("text/") {
        assert!(field("content-type").contains("charset="), "{name}");
    }
}

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
            assert_guarded(&name, &answer);
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
            assert_guarded(path, answer);
        }
        let etag = first.header("etag").unwrap();
        let known = app.send("GET", path, &[("If-None-Match", &etag)]);
        assert_guarded(path, &known);
    }
}

#[test]
fn what_no_handler_answers_has_them_too() {
    let app = App::start(Sqlite);
    let long = format!("/v1/articles?q={}", "x".repeat(9_000));
    for path in ["/", "/none", "/v1/articles/", "/docs/assets/x.js", &long] {
        assert_guarded(path, &app.send("GET", path, &[]));
    }
    let coded = app.send("GET", "/v1/articles", &[("Content-Encoding", "gzip")]);
    assert_guarded("a coded body", &coded);
    let many = format!("A: {}\r\n", "y".repeat(40)).repeat(5_000);
    let longer = "x".repeat(70_000);
    for (head, status) in [
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), 400),
        (format!("GET /{longer} HTTP/1.1\r\nHost: x\r\n\r\n"), 414),
        (format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n"), 431),
    ] {
        let answer = client::send_raw(app.address, head.as_bytes(), false);
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_guarded("a head that can't be read", &answer);
    }
}
