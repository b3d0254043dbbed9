//! What comes from the cache is what would be made anew.

use std::thread;

use rstest::rstest;
use serde_json::json;

use super::{HIT, MISS, cold_and_hot, figure, status, told, warmed};
use crate::support::{
    App, Kind, Postgres, Sqlite, client,
    content::{article, forty},
    contract,
};

const PATHS: [&str; 14] = [
    "/v1/articles",
    "/v1/articles?limit=3&body=html,text&include=related,share",
    "/v1/articles?category=world&q=harbour&count=exact",
    "/v1/articles/a1",
    "/v1/articles/a1?include=related,seo",
    "/v1/articles/a1/related",
    "/v1/articles/a1/share",
    "/v1/search?q=harbour&facets=category,year",
    "/v1/categories?tree=true",
    "/v1/authors/ada-moe",
    "/v1/tags",
    "/v1/resolve?path=/articles/a1",
    "/v1/oembed?url=http://localhost:3000/articles/a1&format=xml",
    "/feeds/categories/world.rss",
];

#[rstest]
#[case("identity")]
#[case("br")]
#[case("zstd")]
#[case("gzip, deflate")]
fn hot_equals_cold_byte_for_byte(#[values(Sqlite, Postgres)] kind: Kind, #[case] coding: &str) {
    let app = App::with(kind, &forty());
    app.settle();
    for path in PATHS {
        let (cold, hot) = cold_and_hot(&app, path, &[("Accept-Encoding", coding)]);
        assert_eq!(told(&hot), told(&cold), "{path}");
        let is_coded = hot.header("content-encoding").is_some();
        assert!(!is_coded || coding != "identity", "{path}");
    }
}

#[rstest]
fn a_form_that_is_made_later_is_that_of_the_same_answer(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    app.settle();
    let path = "/v1/articles";
    let plain = warmed(&app, path);
    let hash = plain.header("etag").unwrap().trim_matches('"').to_owned();
    for (accepted, suffix) in [("br", "-br"), ("zstd", "-zstd"), ("gzip", "-gz")] {
        let fields = [("Accept-Encoding", accepted)];
        let (one, other) = (
            app.send("GET", path, &fields).ok(),
            app.send("GET", path, &fields).ok(),
        );
        assert_eq!((status(&one), status(&other)), (HIT.into(), HIT.into()));
        assert_eq!(told(&one), told(&other));
        assert_eq!(one.header("etag").unwrap(), format!("\"{hash}{suffix}\""));
        assert!(one.body.len() < plain.body.len());
    }
    assert_eq!(told(&app.get(path)), told(&plain));
}

#[rstest]
fn the_order_of_parameters_makes_no_difference(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    app.settle();
    for (one, other) in [
        (
            "/v1/articles?limit=2&page=1",
            "/v1/articles?page=1&&limit=2",
        ),
        (
            "/v1/articles/a1/related?include_newer=true&limit=1",
            "/v1/articles/a1/related?limit=1&include_newer=true",
        ),
        ("/v1/tags", "/v1/tags?"),
    ] {
        let first = warmed(&app, one);
        let second = app.get(other).ok();
        assert_eq!(status(&second), HIT, "{other}");
        assert_eq!(told(&second), told(&first), "{other}");
    }
}

#[rstest]
fn heads_and_conditions_are_answered_from_what_is_kept(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1)]);
    let path = "/v1/articles/one";
    let hot = warmed(&app, path);
    let send = |method: &str, fields: &[(&str, &str)]| {
        let answer = app.send(method, path, fields);
        (answer.status, status(&answer), answer)
    };
    let (code, from, head) = send("HEAD", &[]);
    assert_eq!((code, from.as_str()), (200, HIT));
    assert!(head.body.is_empty());
    for field in ["content-length", "content-type", "etag", "surrogate-key"] {
        assert_eq!(head.header(field), hot.header(field), "{field}");
    }
    let etag = hot.header("etag").unwrap();
    let weak = format!("W/{etag}");
    let modified = hot.header("last-modified").unwrap();
    for field in [
        ("If-None-Match", etag.as_str()),
        ("If-None-Match", weak.as_str()),
        ("If-None-Match", "*"),
        ("If-Modified-Since", modified.as_str()),
    ] {
        for method in ["GET", "HEAD"] {
            let (code, from, answer) = send(method, &[field]);
            assert_eq!((code, from.as_str()), (304, HIT), "{method} {field:?}");
            assert!(answer.body.is_empty());
            for kept in ["etag", "vary", "cache-control", "surrogate-key"] {
                assert_eq!(answer.header(kept), hot.header(kept), "{kept}");
            }
            assert_eq!(answer.header("last-modified").as_ref(), Some(&modified));
        }
    }
    for field in [
        ("If-None-Match", "\"other\""),
        ("If-Modified-Since", "Thu, 01 Jan 2015 00:00:00 GMT"),
        // Nothing is served in parts.
        ("Range", "bytes=0-9"),
    ] {
        let (code, from, answer) = send("GET", &[field]);
        assert_eq!((code, from.as_str()), (200, HIT), "{field:?}");
        assert_eq!(told(&answer), told(&hot));
    }
    let both = [
        ("If-Modified-Since", modified.as_str()),
        ("If-None-Match", "\"other\""),
    ];
    assert_eq!(send("GET", &both).0, 200);
    // What the kept answer can't be is refused as ever.
    assert_eq!(send("GET", &[("If-Match", "\"other\"")]).0, 412);
    assert_eq!(send("GET", &[("If-Match", &etag)]).0, 200);
    let past = "Thu, 01 Jan 2015 00:00:00 GMT";
    for method in ["GET", "HEAD"] {
        assert_eq!(send(method, &[("If-Unmodified-Since", past)]).0, 412);
        assert_eq!(send(method, &[("If-Unmodified-Since", &modified)]).0, 200);
    }
    // Which costs nobody what is kept.
    assert_eq!(send("GET", &[]).1, HIT);
    assert_eq!(send("GET", &[("Accept", "text/html")]).0, 406);
    assert_eq!(send("GET", &[("Content-Encoding", "gzip")]).0, 415);
}

#[rstest]
fn each_answer_has_its_own_id_and_time(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1)]);
    let path = "/v1/articles/one";
    let first = warmed(&app, path);
    let second = app.get(path).ok();
    assert_eq!(status(&second), HIT);
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    let own = app.send("GET", path, &[("X-Request-Id", "mine-1")]).ok();
    assert_eq!(own.header("x-request-id").as_deref(), Some("mine-1"));
    let bad = app.send("GET", path, &[("X-Request-Id", "not mine")]).ok();
    assert_ne!(bad.header("x-request-id").as_deref(), Some("not mine"));
    let timing = second.header("server-timing").unwrap();
    assert!(timing.contains("desc=\"0 statements\""), "{timing}");
    assert_eq!(
        second.header("x-content-type-options").as_deref(),
        Some("nosniff")
    );
}

#[test]
fn origins_are_told_apart_in_what_is_kept() {
    let flags = ["--cors-allowed-origins", "https://a.example.com"];
    let app = App::start_with(Sqlite, &flags);
    app.put(&[article("one", 1)]);
    warmed(&app, "/v1/articles/one");
    let allowed = |origin: &str| {
        let fields = [("Origin", origin)];
        let answer = client::send(app.address, "GET", "/v1/articles/one", &fields);
        assert_eq!(status(&answer), HIT);
        let vary = answer.header("vary");
        assert_eq!(vary.as_deref(), Some("Accept-Encoding, Origin"));
        answer.header("access-control-allow-origin")
    };
    let own = "https://a.example.com";
    assert_eq!(allowed(own).as_deref(), Some(own));
    assert_eq!(allowed("https://c.example.com"), None);
}

#[rstest]
fn kept_answers_count_under_their_route(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1)]);
    let path = "/v1/articles/one";
    let etag = warmed(&app, path).header("etag").unwrap();
    let count = |method: &str, status: u16| {
        let name = "newsstand_http_request_duration_seconds_count";
        let labels = format!(
            "{name}{{route=\"/v1/articles/{{key}}\",method=\"{method}\",status=\"{status}\"}}"
        );
        figure(&app, &labels)
    };
    let before = count("GET", 200);
    for _ in 0..3 {
        app.get(path).ok();
        app.send("GET", path, &[("If-None-Match", &etag)]);
        app.send("HEAD", path, &[]);
    }
    assert_eq!(count("GET", 200), before + 3);
    assert_eq!((count("GET", 304), count("HEAD", 200)), (3, 3));
    assert!(figure(&app, "newsstand_cache_requests_total{result=\"hit\"}") >= 9);
    assert!(figure(&app, "newsstand_cache_entries") >= 1);
    assert!(figure(&app, "newsstand_cache_bytes") > 1_000);
    assert_eq!(figure(&app, "newsstand_cache_current"), 1);
}

#[rstest]
fn what_can_not_be_kept_is_no_miss(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1)]);
    let asked = |result: &str| {
        let name = "newsstand_cache_requests_total";
        figure(&app, &format!("{name}{{result=\"{result}\"}}"))
    };
    let (misses, passed) = (asked("miss"), asked("pass"));
    app.get("/v1/articles/none").problem(404);
    assert_eq!((asked("miss"), asked("pass")), (misses, passed + 1));
}

#[rstest]
fn of_many_who_ask_at_once_one_makes_the_answer(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    app.settle();
    let path = "/v1/articles?limit=40&body=html,blocks,markdown,text";
    let address = app.address;
    let readers: Vec<_> = (0..24)
        .map(|_| thread::spawn(move || client::send(address, "GET", path, &[])))
        .collect();
    let answers: Vec<_> = readers
        .into_iter()
        .map(|reader| reader.join().unwrap())
        .collect();
    let made = answers.iter().filter(|one| status(one) == MISS);
    assert_eq!(made.count(), 1);
    for answer in &answers {
        contract::check("GET", path, answer);
        assert_eq!(answer.body, answers[0].body);
    }
}

#[rstest]
fn a_reader_who_goes_away_leaves_the_answer_to_others(#[values(Sqlite, Postgres)] kind: Kind) {
    use std::io::Write;
    let app = App::with(kind, &forty());
    let list = "/v1/articles?limit=40&body=html,text&include=share";
    for number in 0..10 {
        let path = format!("{list}&exclude_tag=t{number}");
        let mut gone = std::net::TcpStream::connect(app.address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        gone.write_all(request.as_bytes()).unwrap();
        gone.shutdown(std::net::Shutdown::Both).unwrap();
        drop(gone);
        let answer = app.get(&path).ok();
        assert!(!answer.slugs().is_empty());
    }
}

#[test]
fn small_memory_holds_little_and_none_holds_nothing() {
    let list = "/v1/articles?limit=100";
    let small = App::start_with(Sqlite, &["--cache-bytes", "40000"]);
    let few = App::start_with(Sqlite, &["--cache-bytes", "16383"]);
    let none = App::start_with(Sqlite, &["--cache-bytes", "0"]);
    for app in [&small, &few, &none] {
        app.put(&forty());
    }
    // More than an eighth of it is never kept, and is right all the same.
    for _ in 0..3 {
        assert_eq!(small.get(list).ok().slugs().len(), 40);
        assert_ne!(status(&small.get(list)), HIT);
    }
    for number in 0..40 {
        let path = format!("/v1/tags?limit={}", number + 1);
        small.get(&path).ok();
    }
    warmed(&small, "/v1/tags/climate");
    assert!(figure(&small, "newsstand_cache_bytes") <= 40_000);
    for _ in 0..3 {
        for path in [list, "/v1/articles/a1"] {
            for app in [&few, &none] {
                let answer = app.get(path).ok();
                assert_eq!(answer.header("cache-status"), None, "{path}");
            }
        }
    }
    let changed = json!({"title": "Another"});
    let any = [("If-Match", "*")];
    none.edit("PATCH", "/v1/articles/a1", &any, &changed).ok();
    assert_eq!(none.get("/v1/articles/a1").ok().json()["title"], "Another");
    assert_eq!(figure(&none, "newsstand_cache_entries"), 0);
}
