//! What is told beside the log of changes.

use newsstand::{
    model::time::UtcTime,
    store::{StoreError, articles, related},
};
use rstest::rstest;
use serde_json::json;

use crate::{
    invalidation::{Pair, at_last, holds, soon},
    support::{
        App, Kind, Postgres, Sqlite,
        content::{article, forty, with},
        put,
    },
};

const ANY: (&str, &str) = ("If-Match", "*");

fn id(app: &App, path: &str) -> String {
    let found = app.get(path).ok().json();
    found["id"].as_str().unwrap().to_owned()
}

#[rstest]
fn what_was_learned_anew_changes_all_related_articles(#[values(Sqlite, Postgres)] kind: Kind) {
    let pair = Pair::new(kind);
    let before = pair.now();
    put(&pair.there, &forty());
    pair.soon(before, "related");
    assert!(!pair.holds(before, "articles"));
    assert!(pair.holds(before, "related-0"));
}

#[rstest]
fn pins_change_related_articles_and_the_version(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1), article("two", 2)]);
    app.store.watch().unwrap();
    let id = id(&app, "/v1/articles/one");
    let before = app.store.invalidation().now();
    let pins = json!({"pins": ["two"], "exclusions": []});
    app.edit("PUT", "/v1/articles/one/related-pins", &[ANY], &pins)
        .ok();
    soon(&app.store, before, &format!("related-{id}"));
    assert!(!holds(&app.store, before, &format!("article-{id}")));
}

#[rstest]
fn pins_change_related_articles_whoever_sets_them(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1), article("two", 2)]);
    app.store.watch().unwrap();
    let id = id(&app, "/v1/articles/one");
    let before = app.store.invalidation().now();
    // As an import does that finds the article itself unchanged.
    let pinned = app
        .store
        .write_waiting(|connection| -> Result<(), StoreError> {
            let one = articles::row_by_external_id(connection, "test-one")?;
            let two = articles::row_by_external_id(connection, "test-two")?;
            related::pin(connection, one.unwrap(), &[two.unwrap()])
        });
    pinned.unwrap();
    assert!(!holds(&app.store, before, &format!("related-{id}")));
}

#[rstest]
fn a_hidden_thing_that_gives_up_its_slug_is_told(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    app.create(&json!({"title": "Draft", "slug": "one", "body": {"text": "x"}}));
    app.store.watch().unwrap();
    let before = app.store.invalidation().now();
    let renamed = json!({"slug": "two"});
    app.edit("PATCH", "/v1/articles/one", &[ANY], &renamed).ok();
    assert!(!holds(&app.store, before, "articles"));
}

#[rstest]
fn searches_change_when_an_author_is_found_by_another_name(#[values(Sqlite, Postgres)] kind: Kind) {
    let written = with(article("one", 1), json!({"authors": ["Ada Moe"]}));
    let app = App::with(kind, &[written]);
    app.settle();
    app.store.watch().unwrap();
    let id = id(&app, "/v1/authors/ada-moe");
    let before = app.store.invalidation().now();
    let renamed = json!({"name": "Ida Roe"});
    app.edit("PATCH", "/v1/authors/ada-moe", &[ANY], &renamed)
        .ok();
    soon(&app.store, before, &format!("author-{id}"));
    at_last(&app.store, before, "articles");
    assert_eq!(app.slugs("/v1/search?q=roe"), ["one"]);
}

#[rstest]
fn what_goes_live_by_itself_is_told(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (made, _) = app.create(&article("one", 1));
    app.store.watch().unwrap();
    let before = app.store.invalidation().now();
    let due = UtcTime::from_millis(UtcTime::now().millis() + 2_000).unwrap();
    let at = json!({"at": due.to_string()});
    app.edit("POST", "/v1/articles/one/schedule", &[], &at).ok();
    let key = format!("article-{}", made["id"].as_str().unwrap());
    assert!(holds(&app.store, before, &key));
    at_last(&app.store, before, &key);
}
