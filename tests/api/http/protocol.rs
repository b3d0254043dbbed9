//! Methods, media types, ids, and addresses with a slash too many.

use std::collections::{BTreeMap, BTreeSet};

use rstest::rstest;

use crate::support::{App, Kind, Postgres, Sqlite, content::forty, contract};

#[rstest]
fn head_has_the_headers_of_get_and_no_body(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    for path in [
        "/v1/articles",
        "/v1/articles/a1",
        "/v1/articles/none",
        "/docs",
        "/openapi.json",
        "/healthz",
    ] {
        let (get, head) = (app.get(path), app.send("HEAD", path, &[]));
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty());
        for field in [
            "content-length",
            "etag",
            "content-type",
            "cache-control",
            "surrogate-key",
        ] {
            let of_problem = get.status == 404 && field == "content-length";
            assert!(
                of_problem || head.header(field) == get.header(field),
                "{path} {field}"
            );
        }
    }
}

#[test]
fn every_path_names_its_methods() {
    let app = App::start(Sqlite);
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (method, pattern, _) in contract::operations() {
        let of_path = methods.entry(filled(&pattern)).or_default();
        if method == "GET" {
            of_path.insert("HEAD".to_owned());
        }
        of_path.extend(["OPTIONS".to_owned(), method]);
    }
    // What is a path of its own is a key too.
    let of_key = methods["/v1/articles/some-key"].clone();
    methods
        .get_mut("/v1/articles/batch")
        .unwrap()
        .extend(of_key);
    for (path, methods) in methods {
        let allowed = methods.iter().cloned().collect::<Vec<_>>().join(", ");
        for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            if methods.contains(method) {
                continue;
            }
            let answer = app.send(method, &path, &[]);
            assert_eq!(
                answer.problem(405).0,
                "method_not_allowed",
                "{method} {path}"
            );
            assert_eq!(answer.header("allow"), Some(allowed.clone()), "{path}");
        }
        let options = app.send("OPTIONS", &path, &[]);
        assert_eq!(options.status, 204);
        assert_eq!(options.header("allow"), Some(allowed), "{path}");
    }
}

#[test]
fn the_server_as_a_whole_names_its_methods() {
    let app = App::start(Sqlite);
    let answer = app.send("OPTIONS", "*", &[]);
    assert_eq!(answer.status, 204);
    let methods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
    assert_eq!(answer.header("allow").as_deref(), Some(methods));
    // Nothing else goes there.
    app.send("GET", "*", &[]).problem(404);
    app.send("OPTIONS", "/*", &[]).problem(404);
}

/// A path without holes.
pub(super) fn filled(pattern: &str) -> String {
    pattern
        .replace("{key}", "some-key")
        .replace("{number}", "1")
        .replace("{from}", "1")
        .replace("{to}", "2")
        .replace("{id}", "0198a5d2-7c4e-7bbb-8a53-2f6f3a1c9e10")
}

#[test]
fn unknown_paths_are_problems() {
    let app = App::start(Sqlite);
    for path in [
        "/",
        "/v1",
        "/v2/articles",
        "/v1/articles/a/b/c",
        "/v1//articles",
        "/docs/assets/none.js",
        "/docs/assets/..%2f..%2fetc",
    ] {
        assert_eq!(app.get(path).problem(404).0, "not_found", "{path}");
        assert_eq!(app.send("POST", path, &[]).status, 404);
    }
}

#[test]
fn a_slash_at_the_end_leads_to_the_path_without() {
    let app = App::start(Sqlite);
    let leads = |path: &str| {
        let answer = app.send("GET", path, &[]);
        (answer.status, answer.header("location"))
    };
    assert_eq!(
        leads("/v1/articles/"),
        (308, Some("/v1/articles".to_owned()))
    );
    assert_eq!(
        leads("/v1/articles/x//?limit=2"),
        (308, Some("/v1/articles/x?limit=2".to_owned()))
    );
    assert_eq!(leads("/docs/"), (308, Some("/docs".to_owned())));
    // Never to another host, nor to nothing.
    for path in [
        "//example.com/",
        "//example.com//",
        "/none/",
        "/%2Fexample.com/",
    ] {
        assert_eq!(leads(path).0, 404, "{path}");
    }
}

#[test]
fn only_json_is_to_be_had() {
    let app = App::start(Sqlite);
    for good in [
        "*/*",
        "application/json",
        "application/*",
        "text/html, */*;q=0.1",
        "APPLICATION/JSON; q=0.5",
    ] {
        app.send("GET", "/v1/articles", &[("Accept", good)]).ok();
    }
    for bad in [
        "text/html",
        "application/xml",
        "application/json;q=0",
        "application/json;q=0.0, */*;q=0",
    ] {
        let answer = app.send("GET", "/v1/articles", &[("Accept", bad)]);
        assert_eq!(answer.problem(406).0, "not_acceptable", "{bad}");
    }
    app.send("GET", "/docs", &[("Accept", "text/html")]).ok();
}

#[test]
fn coded_bodies_and_tokens_without_a_key_are_refused() {
    let app = App::start(Sqlite);
    let coded = app.send("GET", "/v1/articles", &[("Content-Encoding", "gzip")]);
    assert_eq!(coded.problem(415).0, "unsupported_media_type");
    let bearer = app.send("GET", "/v1/articles", &[("Authorization", "Bearer abc")]);
    assert_eq!(bearer.problem(401).0, "invalid_token");
    assert!(
        bearer
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer")
    );
}

#[test]
fn a_request_keeps_its_id() {
    let app = App::start(Sqlite);
    let id = |given: &str| {
        app.send("GET", "/v1/articles/none", &[("X-Request-Id", given)])
            .header("x-request-id")
            .unwrap()
    };
    assert_eq!(id("abc-123_X.y"), "abc-123_X.y");
    for bad in ["", "a b", "é", &"x".repeat(129), "a\tb"] {
        assert_ne!(id(bad), bad, "{bad}");
    }
}
