//! `GET /v1/resolve`

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, forty, with},
};

fn resolve(app: &App, path: &str) -> Value {
    app.get(&format!(
        "/v1/resolve?path={}",
        path.replace('?', "%3F").replace('&', "%26")
    ))
    .ok()
    .json()
}

#[rstest]
fn a_path_is_found_moved_gone_or_unknown(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1), article("away", 1)]);
    app.put(&[
        with(article("one", 1), json!({"slug": "two"})),
        with(article("away", 1), json!({"status": "unpublished"})),
    ]);
    let here = "http://localhost:3000/articles/two";
    for path in [
        "/articles/two",
        "/articles/two/",
        "/articles/two?utm_source=x",
    ] {
        let found = resolve(&app, path);
        assert_eq!(
            (&found["status"], &found["kind"]),
            (&json!("found"), &json!("article")),
            "{path}"
        );
        assert_eq!(found["article"]["slug"], "two");
        assert_eq!(found["location"], here);
    }
    let moved = resolve(&app, "/articles/one");
    assert_eq!(
        (&moved["status"], &moved["location"]),
        (&json!("moved"), &json!(here))
    );
    let gone = resolve(&app, "/articles/away");
    assert_eq!(
        (&gone["status"], &gone["article"], &gone["location"]),
        (&json!("gone"), &Value::Null, &Value::Null)
    );
    for path in [
        "/articles/never",
        "/",
        "/elsewhere/two",
        "//example.com/two",
    ] {
        app.get(&format!("/v1/resolve?path={path}")).problem(404);
    }
    assert_eq!(
        app.get("/v1/resolve?path=articles/two").problem(400).1,
        ["path"]
    );
    assert_eq!(app.get("/v1/resolve").problem(400).1, ["path"]);
}

#[rstest]
fn sections_authors_and_tags_have_paths_too(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    for (path, kind) in [
        ("/categories/world/europe", "category"),
        ("/authors/ada-moe", "author"),
        ("/tags/climate", "tag"),
    ] {
        let found = resolve(&app, path);
        assert_eq!(
            (&found["status"], &found["kind"]),
            (&json!("found"), &json!(kind))
        );
        assert!(found[kind]["name"].is_string());
    }
    assert_eq!(resolve(&app, "/categories/europe")["status"], "moved");
}

#[rstest]
fn patterns_decide_where_pages_are(#[values(Sqlite, Postgres)] kind: Kind) {
    let flags = [
        "--public-site-url",
        "https://news.example.com/en/",
        "--article-path",
        "/{category_path}/{year}/{slug}.html",
        "--category-path",
        "/{slug}",
    ];
    let app = App::start_with(kind, &flags);
    app.put(&[with(
        article("one", 1),
        json!({"category": ["World", "Europe"]}),
    )]);
    let url = "https://news.example.com/en/world/europe/2026/one.html";
    assert_eq!(app.get("/v1/articles/one").ok().json()["url"], url);
    assert_eq!(
        resolve(&app, "/en/world/europe/2026/one.html")["status"],
        "found"
    );
    let elsewhere = resolve(&app, "/en/sport/2026/one.html");
    assert_eq!(
        (&elsewhere["status"], &elsewhere["location"]),
        (&json!("moved"), &json!(url))
    );
    assert_eq!(resolve(&app, "/en/europe")["kind"], "category");
}
