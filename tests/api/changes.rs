//! `GET /v1/changes`

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, with},
};

fn entries(answer: &Value) -> Vec<(String, String)> {
    let entry = |change: &Value| {
        let slug = change["article"]["slug"].as_str().unwrap_or("-").to_owned();
        (change["change"].as_str().unwrap().to_owned(), slug)
    };
    let data = answer["data"].as_array().unwrap().iter();
    data.filter(|change| change["kind"] == "article")
        .map(entry)
        .collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(change, slug)| ((*change).to_owned(), (*slug).to_owned()))
        .collect()
}

#[rstest]
fn a_client_keeps_in_step(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1), article("two", 2)]);
    let first = app.get("/v1/changes").ok().json();
    assert_eq!(
        entries(&first),
        pairs(&[("published", "one"), ("published", "two")])
    );
    assert_eq!(first["has_more"], false);
    let next = format!(
        "/v1/changes?cursor={}",
        first["page"]["next_cursor"].as_str().unwrap()
    );
    let nothing = app.get(&next).ok().json();
    assert!(entries(&nothing).is_empty());
    assert_eq!(nothing["page"]["next_cursor"], first["page"]["next_cursor"]);
    app.put(&[
        with(article("one", 1), json!({"featured": true})),
        with(article("two", 2), json!({"slug": "second"})),
        with(article("draft", 2), json!({"status": "draft"})),
        with(article("one", 1), json!({"status": "unpublished"})),
    ]);
    let news = app.get(&next).ok().json();
    // What is no longer there shows nothing, also in the entries before it went.
    assert_eq!(
        entries(&news),
        pairs(&[("updated", "-"), ("moved", "second"), ("unpublished", "-")])
    );
    assert_eq!(news["data"][2]["id"], first["data"][0]["id"]);
    app.put(&[with(article("one", 1), json!({"status": "unpublished"}))]);
    let after = app
        .get(&format!(
            "/v1/changes?cursor={}",
            news["page"]["next_cursor"].as_str().unwrap()
        ))
        .ok()
        .json();
    assert!(
        entries(&after).is_empty(),
        "what did not change is no change"
    );
}

#[rstest]
fn filters_never_hide_that_something_is_gone(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[
            with(article("sea", 1), json!({"category": "Sea"})),
            with(article("land", 1), json!({"category": "Land"})),
            with(article("lost", 1), json!({"category": "Land"})),
        ],
    );
    app.put(&[with(
        article("lost", 1),
        json!({"category": "Land", "status": "unpublished"}),
    )]);
    let answer = app.get("/v1/changes?category=sea").ok().json();
    assert_eq!(
        entries(&answer),
        pairs(&[
            ("published", "sea"),
            ("published", "-"),
            ("unpublished", "-")
        ])
    );
}

#[rstest]
fn the_log_is_read_in_parts_and_from_a_time(#[values(Sqlite, Postgres)] kind: Kind) {
    let articles: Vec<Value> = (0..7).map(|n| article(&format!("a{n}"), n)).collect();
    let app = App::with(kind, &articles);
    let mut met = Vec::new();
    let mut path = "/v1/changes?limit=3".to_owned();
    loop {
        let answer = app.get(&path).ok().json();
        met.extend(entries(&answer));
        if answer["has_more"] == false {
            break;
        }
        path = format!(
            "/v1/changes?limit=3&cursor={}",
            answer["page"]["next_cursor"].as_str().unwrap()
        );
    }
    assert_eq!(met.len(), 7);
    let since =
        |time: &str| entries(&app.get(&format!("/v1/changes?since={time}")).ok().json()).len();
    assert_eq!(since("2020-01-01"), 7);
    assert_eq!(since("2999-01-01T00:00:00Z"), 0);
    for (bad, named) in [
        ("since=yesterday", "since"),
        ("cursor=zzz", "cursor"),
        ("since=2020-01-01&cursor=Y2hhbmdlczox", "since"),
    ] {
        assert_eq!(
            app.get(&format!("/v1/changes?{bad}")).problem(400).1,
            [named]
        );
    }
}

/// An hour ahead and back again: an instant that was read meanwhile stands for what came since.
#[rstest]
fn nothing_is_missed_when_the_clock_was_put_back(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("ahead", 1)]);
    let hour_ahead = "UPDATE changes SET at = at + 3600000";
    app.database.execute(hour_ahead);
    let first = app.get("/v1/changes").ok().json();
    let at = first["data"].as_array().unwrap().last().unwrap()["at"].clone();
    let since = format!("/v1/changes?since={}", at.as_str().unwrap());
    app.put(&[article("later", 2)]);
    app.put(&[with(article("tagged", 3), json!({"tags": ["Sea"]}))]);
    let any = ("If-Match", "*");
    let gone = app.edit("DELETE", "/v1/tags/sea", &[any], &Value::Null);
    assert_eq!(gone.status, 204);
    let met = entries(&app.get(&since).ok().json());
    let expected = [
        ("published", "ahead"),
        ("published", "later"),
        ("published", "tagged"),
        ("updated", "tagged"),
    ];
    assert_eq!(met, pairs(&expected));
}
