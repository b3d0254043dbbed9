//! Pins and exclusions of related articles.

use newsstand::model::caller::Scope;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, with},
    token,
};

const ANY: (&str, &str) = ("If-Match", "*");
const PINS: &str = "/v1/articles/source/related-pins";

/// A source, five articles that readers see, of which `e` is the nearest by tags, and a draft.
fn seven(kind: Kind) -> App {
    let app = App::start(kind);
    let live = |slug: &str, day: i64, tag: &str| {
        let members = json!({"status": "published", "tags": [tag]});
        app.create(&with(article(slug, day), members));
    };
    live("source", 50, "Ferries");
    for (slug, day) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
        live(slug, day, "Rails");
    }
    live("e", 49, "Ferries");
    app.create(&article("draft", 1));
    app
}

fn related(app: &App) -> Vec<String> {
    let apart = app.slugs("/v1/articles/source/related");
    let whole = app.get("/v1/articles/source?include=related").ok().json();
    let within = whole["related"].as_array().unwrap().iter();
    let within: Vec<&str> = within
        .map(|one| one["article"]["slug"].as_str().unwrap())
        .collect();
    assert_eq!(apart, within, "both ways to ask agree");
    apart
}

fn slugs(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one["slug"].as_str().unwrap()).collect()
}

#[rstest]
fn pinned_articles_come_first_and_excluded_ones_never(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = seven(kind);
    assert_eq!(related(&app)[0], "e");
    let set = json!({"pins": ["c", "draft", "a"], "exclusions": ["e", "d"]});
    app.edit("PUT", PINS, &[ANY], &set).ok();
    assert_eq!(related(&app), ["c", "a", "b"]);
    let answer = app.get("/v1/articles/source/related").ok().json();
    let first = &answer["data"][0];
    assert_eq!(
        (&first["score"], &first["reasons"][0]["kind"]),
        (&json!(1.0), &json!("pinned"))
    );
    assert!(answer["data"][2]["score"].as_f64().unwrap() < 1.0);
    assert_eq!(app.slugs("/v1/articles/source/related?limit=1"), ["c"]);
    // A pin waits for its article.
    app.edit("POST", "/v1/articles/draft/publish", &[], &Value::Null)
        .ok();
    assert_eq!(related(&app), ["c", "draft", "a", "b"]);
    app.edit("POST", "/v1/articles/c/unpublish", &[], &Value::Null)
        .ok();
    assert_eq!(related(&app), ["draft", "a", "b"]);
    app.edit("DELETE", "/v1/articles/a", &[ANY], &Value::Null);
    assert_eq!(related(&app), ["draft", "b"]);
    // It is said of one article, not of the other way round.
    assert!(
        app.slugs("/v1/articles/e/related")
            .contains(&"source".to_owned())
    );
}

#[rstest]
fn what_was_set_is_given_back_and_emptied(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = seven(kind);
    let id = app.read("/v1/articles/b").ok().json()["id"].clone();
    let set = json!({"pins": ["draft", id, "a"], "exclusions": ["e", "c"]});
    let answer = app.edit("PUT", PINS, &[ANY], &set).ok();
    for answer in [answer.json(), app.read(PINS).ok().json()] {
        assert_eq!(slugs(&answer["pins"]), ["draft", "b", "a"]);
        assert_eq!(slugs(&answer["exclusions"]), ["e", "c"]);
    }
    let only = app
        .edit("PUT", PINS, &[ANY], &json!({"pins": ["c"]}))
        .ok()
        .json();
    assert_eq!(slugs(&only["pins"]), ["c"]);
    assert_eq!(only["exclusions"], json!([]));
    let none = app.edit("PUT", PINS, &[ANY], &json!({})).ok().json();
    assert_eq!(none, json!({"pins": [], "exclusions": []}));
    assert_eq!(app.read(PINS).ok().json(), none);
    assert_eq!(related(&app)[0], "e");
}

#[rstest]
fn setting_them_needs_the_state_that_was_read(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = seven(kind);
    let set = |tag: &str, pin: &str| {
        let body = json!({"pins": [pin]});
        app.edit("PUT", PINS, &[("If-Match", tag)], &body)
    };
    app.edit("PUT", PINS, &[], &json!({})).problem(428);
    let of_article = app.read("/v1/articles/source").header("etag").unwrap();
    let first = set(&of_article, "a").ok().header("etag").unwrap();
    set(&of_article, "b").problem(412);
    assert_eq!(app.read(PINS).header("etag").unwrap(), first);
    set(&first, "b").ok();
    set(&first, "c").problem(412);
    set(&app.read(PINS).header("etag").unwrap(), "d").ok();
    assert_eq!(slugs(&app.read(PINS).ok().json()["pins"]), ["d"]);
    // Whoever edits the article has not seen its pins change.
    let title = json!({"title": "Other"});
    let fields = [("If-Match", of_article.as_str())];
    app.edit("PATCH", "/v1/articles/source", &fields, &title)
        .problem(412);
}

#[rstest]
fn what_can_not_be_pinned_is_named(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = seven(kind);
    let set = json!({"pins": ["a"], "exclusions": ["b"]});
    app.edit("PUT", PINS, &[ANY], &set).ok();
    let before = app.read(PINS).ok().json();
    let id = app.read("/v1/articles/a").ok().json()["id"].clone();
    let many: Vec<String> = (0..51).map(|number| format!("a{number}")).collect();
    for (sent, named) in [
        (json!({"pins": ["source"]}), "/pins/0"),
        (json!({"exclusions": ["c", "source"]}), "/exclusions/1"),
        (json!({"pins": ["c", "none"]}), "/pins/1"),
        (json!({"exclusions": ["none"]}), "/exclusions/0"),
        (json!({"pins": ["a", "c", "a"]}), "/pins/2"),
        (json!({"pins": ["a", id]}), "/pins/1"),
        (json!({"exclusions": ["a", "a"]}), "/exclusions/1"),
        (
            json!({"pins": ["a", "c"], "exclusions": ["d", "c"]}),
            "/exclusions/1",
        ),
        (json!({"pins": "a"}), "/pins"),
        (json!({"pins": [1]}), "/pins/0"),
        (json!({"pins": many}), "/pins"),
        (json!({"pin": ["a"]}), "/pin"),
        (json!(["a"]), ""),
    ] {
        let answer = app.edit("PUT", PINS, &[ANY], &sent);
        let (code, found) = answer.problem(400);
        assert_eq!(
            (code.as_str(), found),
            ("invalid_body", vec![named.to_owned()]),
            "{sent}"
        );
    }
    assert_eq!(app.read(PINS).ok().json(), before);
    app.edit("PUT", "/v1/articles/none/related-pins", &[ANY], &json!({}))
        .problem(404);
}

#[rstest]
fn pins_are_for_editors(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = seven(kind);
    app.get(PINS).problem(401);
    app.send("PUT", PINS, &[ANY]).problem(401);
    let (reader, writer) = (token(&[Scope::ReadDrafts]), token(&[Scope::Write]));
    app.edit_as(&reader, "GET", PINS, &[], &Value::Null).ok();
    app.edit_as(&writer, "GET", PINS, &[], &Value::Null)
        .problem(403);
    app.edit_as(&writer, "PUT", PINS, &[ANY], &json!({"pins": ["a"]}))
        .ok();
    app.edit_as(&reader, "PUT", PINS, &[ANY], &json!({}))
        .problem(403);
    assert_eq!(slugs(&app.read(PINS).ok().json()["pins"]), ["a"]);
}
