//! Validators, codings and caches.

use std::io::Read;

use rstest::rstest;

use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, forty, with},
};

#[rstest]
fn an_unchanged_answer_is_not_sent_again(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    for path in [
        "/v1/articles",
        "/v1/articles/a1",
        "/v1/categories?tree=true",
        "/v1/search?q=harbour",
        "/v1/articles/a1/related",
    ] {
        let first = app.get(path).ok();
        let etag = first.header("etag").unwrap();
        for known in [
            etag.clone(),
            format!("\"other\", {etag}"),
            format!("W/{etag}"),
            "*".to_owned(),
        ] {
            let again = app.send("GET", path, &[("If-None-Match", &known)]);
            assert_eq!(again.status, 304, "{path} {known}");
            assert!(again.body.is_empty());
            for field in ["etag", "vary", "cache-control", "surrogate-key"] {
                assert_eq!(again.header(field), first.header(field), "{field}");
            }
        }
        assert_eq!(
            app.send("GET", path, &[("If-None-Match", "\"other\"")])
                .status,
            200
        );
        assert_eq!(
            app.send("GET", path, &[("If-Match", "\"other\"")]).status,
            412
        );
        assert_eq!(app.send("GET", path, &[("If-Match", &etag)]).status, 200);
    }
}

#[rstest]
fn each_coding_has_its_own_tag_and_all_are_known(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let path = "/v1/articles";
    let plain = app.get(path).ok();
    let hash = plain.header("etag").unwrap().trim_matches('"').to_owned();
    for (accepted, coding, suffix) in [
        ("br, gzip, zstd", "br", "-br"),
        ("gzip, zstd", "zstd", "-zstd"),
        ("gzip", "gzip", "-gz"),
        ("br;q=0.1, gzip;q=0.9", "gzip", "-gz"),
        ("*", "br", "-br"),
    ] {
        let coded = app.send("GET", path, &[("Accept-Encoding", accepted)]).ok();
        assert_eq!(
            coded.header("content-encoding").as_deref(),
            Some(coding),
            "{accepted}"
        );
        assert_eq!(coded.header("etag").unwrap(), format!("\"{hash}{suffix}\""));
        assert_eq!(coded.header("vary").as_deref(), Some("Accept-Encoding"));
        assert_eq!(decoded(coding, &coded.body), plain.body);
        // A client that kept another coding still has the right answer.
        let tag = format!("\"{hash}\"");
        let known = app.send(
            "GET",
            path,
            &[("Accept-Encoding", accepted), ("If-None-Match", &tag)],
        );
        assert_eq!(known.status, 304);
    }
    for accepted in ["identity", "br;q=0, identity", "deflate", ""] {
        let answer = app.send("GET", path, &[("Accept-Encoding", accepted)]).ok();
        assert_eq!(answer.header("content-encoding"), None, "{accepted}");
    }
}

#[test]
fn what_is_large_and_not_kept_is_as_good_compressed() {
    let app = App::start(Sqlite);
    for path in ["/openapi.json", "/docs/assets/swagger-ui-bundle.js"] {
        let plain = app.get(path).ok();
        assert!(plain.body.len() > 64 * 1_024, "{path}");
        // The second one is of the form that was made for the first.
        for _ in 0..2 {
            let coded = app.send("GET", path, &[("Accept-Encoding", "zstd")]).ok();
            assert_eq!(coded.header("content-encoding").as_deref(), Some("zstd"));
            assert_eq!(decoded("zstd", &coded.body), plain.body);
            for field in ["content-type", "content-security-policy", "cache-control"] {
                assert_eq!(coded.header(field), plain.header(field), "{path} {field}");
            }
        }
        let refused = [("Accept-Encoding", "zstd"), ("Accept", "image/png")];
        app.send("GET", path, &refused).problem(406);
    }
}

fn decoded(coding: &str, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match coding {
        "br" => brotli::Decompressor::new(body, 4096)
            .read_to_end(&mut out)
            .unwrap(),
        "gzip" => flate2::read::GzDecoder::new(body)
            .read_to_end(&mut out)
            .unwrap(),
        _ => {
            out = zstd::stream::decode_all(body).unwrap();
            out.len()
        }
    };
    out
}

#[rstest]
fn an_article_says_when_it_last_changed(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1)]);
    let answer = app.get("/v1/articles/one").ok();
    let modified = answer.header("last-modified").unwrap();
    let since = |time: &str| {
        app.send("GET", "/v1/articles/one", &[("If-Modified-Since", time)])
            .status
    };
    assert_eq!(since(&modified), 304);
    assert_eq!(since("Thu, 01 Jan 2015 00:00:00 GMT"), 200);
    assert_eq!(since("rubbish"), 200);
    // What is embedded changes on its own, so such an answer has no date.
    let embedded = app.get("/v1/articles/one?include=related").ok();
    assert_eq!(embedded.header("last-modified"), None);
    let both = [
        ("If-Modified-Since", modified.as_str()),
        ("If-None-Match", "\"other\""),
    ];
    assert_eq!(
        app.send("GET", "/v1/articles/one", &both).status,
        200,
        "If-None-Match goes before"
    );
}

#[rstest]
fn what_must_hold_is_looked_at_before_what_the_client_has(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1)]);
    let path = "/v1/articles/one?fields=slug,title";
    let (past, future) = (
        "Thu, 01 Jan 2015 00:00:00 GMT",
        "Fri, 01 Jan 2100 00:00:00 GMT",
    );
    let status = |path: &str, fields: &[(&str, &str)]| app.send("GET", path, fields).status;
    // First while nothing is kept, then from what is.
    for _ in 0..2 {
        assert_eq!(status(path, &[("If-Unmodified-Since", past)]), 412);
        assert_eq!(status(path, &[("If-Match", "\"other\"")]), 412);
        let answer = app.get(path).ok();
        let etag = answer.header("etag").unwrap();
        let modified = answer.header("last-modified").unwrap();
        for (must, code) in [
            (("If-Unmodified-Since", modified.as_str()), 304),
            (("If-Unmodified-Since", future), 304),
            (("If-Unmodified-Since", "rubbish"), 304),
            (("If-Unmodified-Since", past), 412),
            (("If-Match", etag.as_str()), 304),
            (("If-Match", "\"other\""), 412),
        ] {
            let fields = [must, ("If-None-Match", etag.as_str())];
            assert_eq!(status(path, &fields), code, "{must:?}");
        }
        let both = [("If-Match", etag.as_str()), ("If-Unmodified-Since", past)];
        assert_eq!(status(path, &both), 200, "If-Match goes before");
    }
    let refused = app.send("GET", path, &[("If-Unmodified-Since", past)]);
    assert_eq!(refused.problem(412).0, "precondition_failed");
    // What has no date of its own has none to compare, and what is not there is not there.
    for (path, code) in [("/v1/articles", 200), ("/v1/articles/none", 404)] {
        assert_eq!(
            status(path, &[("If-Unmodified-Since", past)]),
            code,
            "{path}"
        );
    }
}

#[rstest]
fn caches_are_told_what_an_answer_depends_on(#[values(Sqlite, Postgres)] kind: Kind) {
    let members =
        serde_json::json!({"category": "Sea", "tags": ["Ferries"], "authors": ["Ada Moe"]});
    let app = App::with(kind, &[with(article("one", 1), members)]);
    let answer = app.get("/v1/articles/one").ok();
    let article = answer.json();
    let keys = answer.header("surrogate-key").unwrap();
    let groups = answer.header("cache-groups").unwrap();
    for key in [
        format!("article-{}", article["id"].as_str().unwrap()),
        format!("category-{}", article["category"]["id"].as_str().unwrap()),
        format!("tag-{}", article["tags"][0]["id"].as_str().unwrap()),
        format!("author-{}", article["authors"][0]["id"].as_str().unwrap()),
    ] {
        assert!(keys.split(' ').any(|known| known == key), "{key}");
        assert!(groups.contains(&format!("\"{key}\"")), "{key}");
    }
    // Names decide too what is counted, and what passes a filter.
    for (path, list) in [
        ("/v1/categories/sea", "categories"),
        ("/v1/articles?exclude_author=none", "authors"),
        ("/v1/search?q=title&tag=none", "tags"),
        ("/v1/search?q=title&facets=author", "authors"),
        ("/feeds/tags/ferries.rss", "tags"),
    ] {
        let keys = app.get(path).ok().header("surrogate-key").unwrap();
        assert!(keys.split(' ').any(|key| key == list), "{path}: {keys}");
    }
    assert_eq!(
        answer.header("cache-control").as_deref(),
        Some("public, max-age=30, stale-while-revalidate=60, stale-if-error=86400")
    );
    assert_eq!(
        answer.header("cdn-cache-control").as_deref(),
        Some("max-age=3600")
    );
    assert_eq!(
        app.get("/v1/articles/none")
            .header("cache-control")
            .as_deref(),
        Some("no-store")
    );
    assert_eq!(
        app.get("/healthz").header("cache-control").as_deref(),
        Some("no-store")
    );
}

#[rstest]
fn header_fields_stay_small_however_much_is_listed(#[values(Sqlite, Postgres)] kind: Kind) {
    let tagged = |n: i64| {
        let tags: Vec<String> = (0..6).map(|t| format!("Tag {n} {t}")).collect();
        with(
            article(&format!("a{n}"), n),
            serde_json::json!({"tags": tags, "authors": [format!("Author {n}")]}),
        )
    };
    let articles: Vec<_> = (0..100).map(tagged).collect();
    let app = App::with(kind, &articles);
    let answer = app.get("/v1/articles?limit=100").ok();
    let size: usize = answer
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    assert!(size < 12_000, "{size}");
    let keys = answer.header("surrogate-key").unwrap();
    assert!(
        keys.split(' ').any(|key| key == "tags") && keys.split(' ').any(|key| key == "articles"),
        "{keys}"
    );
}
