//! What only some may see is never kept, and never comes from what is kept.

use newsstand::model::caller::Scope;
use rstest::rstest;
use serde_json::{Value, json};

use super::{HIT, status, warmed};
use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, forty, with},
    token,
};

#[rstest]
fn drafts_and_what_editors_see_are_never_kept(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    app.create(&article("draft", 100));
    let lists = ["/v1/articles?limit=100", "/v1/search?q=title", "/v1/tags"];
    for _ in 0..3 {
        let draft = app.read("/v1/articles/draft").ok();
        assert_eq!(draft.header("cache-status"), None);
        app.get("/v1/articles/draft").problem(404);
        app.get("/v1/articles/draft/related").problem(404);
        for path in lists {
            let seen = app.read(path).ok();
            assert_eq!(seen.header("cache-status"), None, "{path}");
            assert_eq!(
                seen.header("cache-control").as_deref(),
                Some("private, no-store")
            );
            warmed(&app, path);
        }
        let seen = app.read(lists[0]).ok().slugs();
        assert!(seen.contains(&"draft".to_owned()));
        let public = app.get(lists[0]).ok();
        assert_eq!(status(&public), HIT);
        assert!(!public.slugs().contains(&"draft".to_owned()));
    }
}

#[rstest]
fn a_token_is_checked_whatever_is_kept(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1)]);
    let path = "/v1/articles/one";
    warmed(&app, path);
    for _ in 0..2 {
        let bad = app.send("GET", path, &[("Authorization", "Bearer x")]);
        assert_eq!(bad.problem(401).0, "invalid_token");
        assert_eq!(bad.header("cache-status"), None);
        let lesser = token(&[Scope::Write]);
        let own = app.edit_as(&lesser, "GET", path, &[], &Value::Null).ok();
        assert_eq!(own.header("cache-status"), None);
        assert_eq!(status(&app.get(path)), HIT);
    }
}

#[rstest]
fn a_preview_shows_a_draft_to_its_holder_alone(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    app.create(&article("draft", 1));
    let links = "/v1/articles/draft/preview-links";
    let made = app.edit("POST", links, &[], &json!({})).json();
    let link = made["token"].as_str().unwrap();
    for tail in ["", "/related", "/share"] {
        let path = format!("/v1/articles/draft{tail}");
        for _ in 0..3 {
            for shown in [
                format!("{path}?preview={link}"),
                format!("{path}?p%72eview={link}"),
            ] {
                let answer = app.get(&shown).ok();
                assert_eq!(answer.header("cache-status"), None);
            }
            app.get(&path).problem(404);
        }
    }
    let taken_back = format!("{links}/{}", made["id"].as_str().unwrap());
    app.edit("DELETE", &taken_back, &[], &Value::Null);
    app.get(&format!("/v1/articles/draft?preview={link}"))
        .problem(401);
}

#[rstest]
fn problems_and_what_follows_the_clock_are_not_kept(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[with(article("one", 1), json!({"slug": "present"}))]);
    for path in [
        "/v1/articles/none",
        "/v1/articles?limit=0",
        "/v1/changes",
        "/sitemaps/news.xml",
        "/sitemap.xml",
        "/healthz",
        "/openapi.json",
        "/robots.txt",
    ] {
        for _ in 0..3 {
            let answer = app.get(path);
            assert_eq!(answer.header("cache-status"), None, "{path}");
        }
    }
}
