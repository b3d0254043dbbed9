//! `GET /v1/audit`: who changed what, and never the text.

use newsstand::model::caller::Scope;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, with},
    editor, token,
};

const CANARY: &str = "Canary7391";

/// Does one thing, in a request of this name.
fn act(app: &App, request: &str, method: &str, path: &str, body: &Value) -> Value {
    let mut fields = vec![("X-Request-Id", request)];
    if matches!(method, "PUT" | "PATCH" | "DELETE") {
        fields.push(("If-Match", "*"));
    }
    let answer = app.edit(method, path, &fields, body);
    assert!(answer.status < 300, "{request}: {}", answer.text());
    match answer.body.is_empty() {
        true => Value::Null,
        false => answer.json(),
    }
}

fn entries(app: &App, query: &str) -> Vec<Value> {
    let answer = app.read(&format!("/v1/audit{query}")).ok();
    answer.json()["data"].as_array().unwrap().clone()
}

/// What the tests below look at: each deed in a request of its own.
fn busy_day(kind: Kind) -> (App, String, String) {
    let app = App::start(kind);
    let text = json!({
        "slug": "one", "title": format!("Title {CANARY}"), "summary": format!("Summary {CANARY}"),
        "body": {"text": format!("Body {CANARY}")},
    });
    let id = act(&app, "r-1", "POST", "/v1/articles", &text)["id"].clone();
    act(&app, "r-2", "POST", "/v1/articles", &article("two", 1));
    let pins = json!({"pins": ["two"], "exclusions": []});
    act(&app, "r-3", "PUT", "/v1/articles/one/related-pins", &pins);
    let patch = json!({"title": format!("{CANARY} again"), "featured": true});
    act(&app, "r-4", "PATCH", "/v1/articles/one", &patch);
    let link = act(
        &app,
        "r-5",
        "POST",
        "/v1/articles/one/preview-links",
        &json!({}),
    );
    act(
        &app,
        "r-6",
        "POST",
        "/v1/articles/one/publish",
        &Value::Null,
    );
    act(
        &app,
        "r-7",
        "PATCH",
        "/v1/articles/one",
        &json!({"slug": "uno"}),
    );
    act(
        &app,
        "r-8",
        "POST",
        "/v1/articles/uno/unpublish",
        &Value::Null,
    );
    act(&app, "r-9", "DELETE", "/v1/articles/uno", &Value::Null);
    act(
        &app,
        "r-10",
        "POST",
        "/v1/revoked-tokens",
        &json!({"jti": "t-1"}),
    );
    act(
        &app,
        "r-11",
        "POST",
        "/v1/tags",
        &json!({"name": "Tag", "description": CANARY}),
    );
    let id = id.as_str().unwrap().to_owned();
    (app, id, link["id"].as_str().unwrap().to_owned())
}

#[rstest]
fn every_deed_is_told_newest_first(#[values(Sqlite, Postgres)] kind: Kind) {
    let (app, id, link) = busy_day(kind);
    let told: Vec<(String, String, String, Value, Value)> = entries(&app, "?limit=100")
        .iter()
        .map(|entry| {
            assert_eq!(entry["actor"], "editor@example.com");
            let word = |name: &str| entry[name].as_str().expect(name).to_owned();
            let what = format!("{} {}", word("action"), word("kind"));
            (
                word("request_id"),
                what,
                word("id"),
                entry["slug"].clone(),
                entry["members"].clone(),
            )
        })
        .collect();
    let ids: Vec<&str> = told.iter().map(|(_, _, id, ..)| id.as_str()).collect();
    let (id, link) = (id.as_str(), link.as_str());
    let expected = [
        ("r-11", "create tag", ids[0], json!("tag"), json!([])),
        ("r-10", "revoke token", "t-1", Value::Null, json!([])),
        ("r-9", "delete article", id, json!("uno"), json!([])),
        // Taking back and going out again moves no date.
        (
            "r-8",
            "unpublish article",
            id,
            json!("uno"),
            json!(["status"]),
        ),
        ("r-7", "update article", id, json!("uno"), json!(["slug"])),
        (
            "r-6",
            "publish article",
            id,
            json!("one"),
            json!(["status", "published_at"]),
        ),
        ("r-5", "create preview_link", link, json!("one"), json!([])),
        (
            "r-4",
            "update article",
            id,
            json!("one"),
            json!(["title", "featured"]),
        ),
        // There was no exclusion before, and there is none now.
        ("r-3", "curate article", id, json!("one"), json!(["pins"])),
        ("r-2", "create article", ids[9], json!("two"), json!([])),
        ("r-1", "create article", id, json!("one"), json!([])),
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (entry, (request, what, id, slug, members)) in told.iter().zip(expected) {
        let expected = (
            request.to_owned(),
            what.to_owned(),
            id.to_owned(),
            slug,
            members,
        );
        assert_eq!(entry, &expected);
    }
}

#[rstest]
fn no_text_is_in_the_trail(#[values(Sqlite, Postgres)] kind: Kind) {
    let (app, ..) = busy_day(kind);
    app.edit("POST", "/v1/articles", &[], &json!({"title": CANARY}))
        .problem(400);
    let answer = app.read("/v1/audit?limit=100").ok();
    assert!(!answer.text().contains(CANARY), "{}", answer.text());
    assert_eq!(
        answer.header("cache-control").as_deref(),
        Some("private, no-store")
    );
    assert_eq!(answer.json()["data"].as_array().unwrap().len(), 11);
}

#[rstest]
fn the_trail_is_filtered_and_paged(#[values(Sqlite, Postgres)] kind: Kind) {
    let (app, id, link) = busy_day(kind);
    let requests = |query: &str| -> Vec<String> {
        let entries = entries(&app, query);
        let name = |entry: &Value| entry["request_id"].as_str().unwrap().to_owned();
        entries.iter().map(name).collect()
    };
    assert_eq!(requests("?action=create"), ["r-11", "r-5", "r-2", "r-1"]);
    assert_eq!(requests("?kind=article&action=create"), ["r-2", "r-1"]);
    assert_eq!(requests("?kind=token"), ["r-10"]);
    assert_eq!(requests(&format!("?id={link}")), ["r-5"]);
    let of_article = ["r-9", "r-8", "r-7", "r-6", "r-4", "r-3", "r-1"];
    assert_eq!(requests(&format!("?id={id}")), of_article);
    assert_eq!(requests("?actor=editor@example.com&kind=tag"), ["r-11"]);
    assert!(requests("?actor=nobody").is_empty());
    assert!(requests("?since=2200-01-01T00:00:00Z").is_empty());
    let since = entries(&app, "?action=revoke")[0]["at"].clone();
    let later = requests(&format!("?since={}", since.as_str().unwrap()));
    assert!(
        later.starts_with(&["r-11".to_owned(), "r-10".to_owned()]),
        "{later:?}"
    );

    let all = requests("?limit=100");
    let mut walked = Vec::new();
    let mut next = Some("/v1/audit?limit=3".to_owned());
    while let Some(path) = next {
        let page = app.read(&path).ok().json();
        let names = page["data"].as_array().unwrap().iter();
        walked.extend(names.map(|entry| entry["request_id"].as_str().unwrap().to_owned()));
        next = page["links"]["next"].as_str().map(str::to_owned);
        // What is done while somebody turns pages shifts nothing.
        if walked.len() == 3 {
            act(
                &app,
                "r-12",
                "POST",
                "/v1/revoked-tokens",
                &json!({"jti": "t-2"}),
            );
        }
    }
    assert_eq!(walked, all);
    let counted = app.read("/v1/audit?limit=1&count=exact").ok().json();
    assert_eq!(counted["page"]["total"], 12);
    assert_eq!(requests("?limit=3&page=2"), all[2..5]);

    for (query, parameter) in [
        ("?action=destroy", "action"),
        ("?kind=articles", "kind"),
        ("?since=yesterday", "since"),
        ("?limit=101", "limit"),
        ("?acter=x", "acter"),
    ] {
        let answer = app.read(&format!("/v1/audit{query}"));
        assert_eq!(answer.problem(400).1, [parameter]);
    }
}

#[rstest]
fn only_administrators_see_the_trail(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    app.get("/v1/audit").problem(401);
    let others = token(&[Scope::Write, Scope::Publish, Scope::ReadDrafts]);
    app.edit_as(&others, "GET", "/v1/audit", &[], &Value::Null)
        .problem(403);
    app.edit_as(
        &token(&[Scope::Admin]),
        "GET",
        "/v1/audit",
        &[],
        &Value::Null,
    )
    .ok();
    app.edit_as(&editor(), "GET", "/v1/audit", &[], &Value::Null)
        .ok();
}

#[rstest]
fn what_the_program_does_by_itself_is_told_as_its_own(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[with(article("one", 1), json!({"tags": ["T"]}))]);
    app.put(&[with(
        article("one", 1),
        json!({"tags": ["T"], "title": "Other"}),
    )]);
    // Nothing is told of an import that changed nothing.
    app.put(&[with(
        article("one", 1),
        json!({"tags": ["T"], "title": "Other"}),
    )]);
    let told = entries(&app, "?kind=article");
    let deeds: Vec<&Value> = told.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(deeds, [&json!("update"), &json!("create")]);
    for entry in entries(&app, "") {
        assert_eq!(
            (&entry["actor"], &entry["request_id"]),
            (&json!("import"), &Value::Null)
        );
    }
    assert_eq!(told[0]["members"], json!(["title"]));
    assert_eq!(entries(&app, "?actor=import&kind=tag").len(), 1);
}
