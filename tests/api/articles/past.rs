//! Articles renamed and deleted: what their former names and addresses say.

use newsstand::model::caller::Scope;
use rstest::rstest;
use serde_json::{Value, json};

use super::write::{ANY, published};
use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, with},
    token,
};

/// What the log says of a thing, oldest first.
fn changes_of(app: &App, id: &Value) -> Vec<String> {
    let log = app.get("/v1/changes?limit=100").ok().json();
    let entries = log["data"].as_array().unwrap().iter();
    entries
        .filter(|entry| entry["id"] == *id)
        .map(|entry| entry["change"].as_str().unwrap().to_owned())
        .collect()
}

#[rstest]
fn a_renamed_article_is_found_by_its_former_slug(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (made, _) = app.create(&published("one"));
    let rename = |from: &str, to: &str| {
        let path = format!("/v1/articles/{from}");
        app.edit("PATCH", &path, &[ANY], &json!({"slug": to}))
    };
    for (from, to) in [("one", "two"), ("two", "one"), ("one", "two")] {
        assert_eq!(rename(from, to).ok().json()["slug"], to);
        for (tail, query) in [("", "?body=none"), ("/related", "?limit=3"), ("/share", "")] {
            let answer = app.get(&format!("/v1/articles/{from}{tail}{query}"));
            assert_eq!(answer.status, 308);
            let location = answer.header("location").unwrap();
            assert_eq!(location, format!("/v1/articles/{to}{tail}{query}"));
            app.get(&location).ok();
        }
        let path = format!("/v1/resolve?path=/articles/{from}");
        let resolved = app.get(&path).ok().json();
        assert_eq!(resolved["status"], "moved");
        let address = format!("http://localhost:3000/articles/{to}");
        assert_eq!(resolved["location"], address);
    }
    let log = changes_of(&app, &made["id"]);
    assert_eq!(log, ["published", "moved", "moved", "moved"]);
    app.create(&published("other"));
    for taken in ["one", "two"] {
        let (code, named) = rename("other", taken).problem(409);
        assert_eq!(
            (code.as_str(), named),
            ("conflict", vec!["/slug".to_owned()])
        );
        let sent = with(article("new", 1), json!({"slug": taken}));
        let answer = app.edit("POST", "/v1/articles", &[], &sent);
        assert_eq!(answer.problem(409).1, ["/slug"]);
    }
    app.get("/v1/articles/other").ok();
}

#[rstest]
fn a_deleted_article_is_gone_under_each_of_its_names(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (made, _) = app.create(&published("one"));
    let id = made["id"].as_str().unwrap();
    let rename = json!({"slug": "two"});
    app.edit("PATCH", "/v1/articles/one", &[ANY], &rename).ok();
    let deleted = app.edit("DELETE", "/v1/articles/two", &[ANY], &Value::Null);
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    for key in ["one", "two", id] {
        for tail in ["", "/related", "/share"] {
            let answer = app.get(&format!("/v1/articles/{key}{tail}"));
            assert_eq!(answer.problem(410).0, "gone");
        }
        let path = format!("/v1/articles/{key}");
        app.edit("PATCH", &path, &[ANY], &json!({"title": "x"}))
            .problem(410);
        app.edit("DELETE", &path, &[ANY], &Value::Null).problem(410);
    }
    for slug in ["one", "two"] {
        let resolved = app.get(&format!("/v1/resolve?path=/articles/{slug}")).ok();
        assert_eq!(resolved.json()["status"], "gone");
    }
    assert_eq!(
        changes_of(&app, &made["id"]),
        ["published", "moved", "deleted"]
    );
    let (draft, _) = app.create(&article("two", 1));
    app.get("/v1/articles/two").problem(410);
    app.edit("POST", "/v1/articles/two/publish", &[], &Value::Null)
        .ok();
    assert_eq!(app.get("/v1/articles/two").ok().json()["id"], draft["id"]);
    app.get(&format!("/v1/articles/{id}")).problem(410);
}

#[rstest]
fn a_deleted_draft_that_nobody_saw_never_was(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (made, _) = app.create(&article("one", 1));
    let id = made["id"].as_str().unwrap();
    let rename = json!({"slug": "two"});
    app.edit("PATCH", "/v1/articles/one", &[ANY], &rename).ok();
    app.edit("DELETE", "/v1/articles/two", &[ANY], &Value::Null);
    let writer = token(&[Scope::Write]);
    for key in ["one", "two", id] {
        let path = format!("/v1/articles/{key}");
        app.get(&path).problem(404);
        app.edit_as(&writer, "GET", &path, &[], &Value::Null)
            .problem(404);
        // Who could see it is told that it was removed.
        app.read(&path).problem(410);
    }
    app.get("/v1/resolve?path=/articles/two").problem(404);
    assert!(changes_of(&app, &made["id"]).is_empty());
    app.create(&article("two", 1));
}
