//! What has not changed stays kept.

use rstest::rstest;
use serde_json::{Value, json};

use super::{HIT, status, warmed};
use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, forty, with},
};

/// Answers about one article alone.
fn about(slug: &str) -> [String; 4] {
    [
        format!("/v1/articles/{slug}"),
        format!("/v1/articles/{slug}?body=html&include=share,seo"),
        format!("/v1/articles/{slug}/share"),
        format!("/v1/oembed?url=http://localhost:3000/articles/{slug}"),
    ]
}

fn is_kept(app: &App, path: &str) -> bool {
    status(&app.get(path).ok()) == HIT
}

#[rstest]
fn publishing_one_article_leaves_others_kept(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    app.settle();
    let others: Vec<String> = (0..40).flat_map(|n| about(&format!("a{n}"))).collect();
    for path in &others {
        warmed(&app, path);
    }
    warmed(&app, "/v1/articles");
    let new = with(article("new", 100), json!({"tags": ["Climate"]}));
    app.create(&new);
    for path in others.iter().chain([&"/v1/articles".to_owned()]) {
        assert!(is_kept(&app, path), "a draft put out {path}");
    }
    app.edit("POST", "/v1/articles/new/publish", &[], &Value::Null)
        .ok();
    for path in &others {
        assert!(is_kept(&app, path), "{path}");
    }
    // What lists it is made anew.
    assert_eq!(app.slugs("/v1/articles?limit=1"), ["new"]);
    let list = app.get("/v1/articles").ok();
    assert_ne!(status(&list), HIT);
    assert_eq!(list.slugs()[0], "new");
    app.get("/v1/articles/new").ok();
}

#[rstest]
fn an_article_that_changes_puts_out_its_own_answers(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    app.settle();
    for path in about("a1").iter().chain(&about("a2")) {
        warmed(&app, path);
    }
    let changed = json!({"title": "Changed"});
    let any = [("If-Match", "*")];
    app.edit("PATCH", "/v1/articles/a1", &any, &changed).ok();
    for path in about("a1") {
        let answer = app.get(&path).ok();
        assert_ne!(status(&answer), HIT, "{path}");
        assert!(answer.text().contains("Changed"), "{path}");
    }
    // Its words get into the index in the background, which is told once more.
    app.settle();
    for path in about("a1") {
        warmed(&app, &path);
    }
    for path in about("a2") {
        assert!(is_kept(&app, &path), "{path}");
    }
}

#[rstest]
fn a_tag_that_is_renamed_puts_out_what_carries_it(#[values(Sqlite, Postgres)] kind: Kind) {
    let tagged = |slug: &str, tag: &str| with(article(slug, 1), json!({"tags": [tag]}));
    let app = App::with(kind, &[tagged("one", "Sea"), tagged("two", "Land")]);
    app.settle();
    warmed(&app, "/v1/articles/one");
    warmed(&app, "/v1/articles/two");
    let any = [("If-Match", "*")];
    app.edit("PATCH", "/v1/tags/sea", &any, &json!({"name": "Ocean"}))
        .ok();
    assert!(is_kept(&app, "/v1/articles/two"));
    let one = app.get("/v1/articles/one").ok();
    assert_eq!(one.json()["tags"][0]["name"], "Ocean");
}

#[rstest]
fn a_crawler_does_not_put_out_what_many_read(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start_with(kind, &["--cache-bytes", "200000"]);
    app.put(&forty());
    app.settle();
    let read: Vec<String> = (0..10).map(|n| format!("/v1/articles/a{n}")).collect();
    for _ in 0..5 {
        for path in &read {
            warmed(&app, path);
        }
    }
    // Much more than fits, each once.
    for number in 0..400 {
        let path = format!("/v1/articles/a11/share?utm_campaign=c{number}");
        app.get(&path).ok();
    }
    let left = read.iter().filter(|path| is_kept(&app, path)).count();
    assert!(left >= 7, "{left} of 10");
}
