//! `GET /v1/articles/{key}/related`

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, forty, with},
};

fn reasons(item: &Value) -> Vec<&str> {
    let kinds = item["reasons"].as_array().unwrap().iter();
    kinds
        .map(|reason| reason["kind"].as_str().unwrap())
        .collect()
}

#[rstest]
fn evidence_decides_and_is_told(#[values(Sqlite, Postgres)] kind: Kind) {
    // Alike in all but one word, so that what stands beside the text decides.
    let tagged = |slug: &str, day: i64, category: &str, tags: &[&str]| {
        let word = slug.replace('-', "x");
        with(
            article(slug, day),
            json!({
                "category": category, "tags": tags, "authors": [slug],
                "title": format!("Harbour notes {word}"), "summary": null,
                "body": {"text": format!("Lanterns along the quay, says {word}.")},
            }),
        )
    };
    let app = App::with(
        kind,
        &[
            tagged("source", 50, "Sea", &["Ferries", "Tides"]),
            tagged("both", 10, "Sea", &["Ferries", "Tides"]),
            tagged("tag-only", 49, "Land", &["Ferries", "Rails"]),
            tagged("category-only", 49, "Sea", &["Rails"]),
            tagged("near-only", 51, "Land", &["Rails"]),
            tagged("far", 5, "Land", &[]),
        ],
    );
    let answer = app.get("/v1/articles/source/related").ok();
    assert_eq!(
        answer.slugs(),
        ["both", "tag-only", "category-only", "near-only", "far"]
    );
    let body = answer.json();
    // What every article says is no reason.
    assert_eq!(reasons(&body["data"][0]), ["shared_tags", "same_category"]);
    assert_eq!(
        body["data"][0]["reasons"][0]["values"],
        json!(["Ferries", "Tides"])
    );
    assert_eq!(body["data"][0]["reasons"][1]["values"], json!(["Sea"]));
    assert!(reasons(&body["data"][4]).is_empty());
    let only = app
        .get("/v1/articles/source/related?same_category=true")
        .ok();
    assert_eq!(only.slugs(), ["both", "category-only"]);
    let older = app
        .get("/v1/articles/source/related?include_newer=false&limit=3")
        .ok();
    assert_eq!(older.slugs(), ["both", "tag-only", "category-only"]);
}

#[rstest]
fn the_list_is_filled_up_and_always_the_same(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    for limit in [1, 12, 39, 50] {
        let path = format!("/v1/articles/a20/related?limit={limit}");
        let answer = app.get(&path).ok();
        let slugs = answer.slugs();
        assert_eq!(slugs.len(), limit.min(39));
        assert!(!slugs.contains(&"a20".to_owned()));
        let distinct: std::collections::HashSet<_> = slugs.iter().collect();
        assert_eq!(distinct.len(), slugs.len());
        assert_eq!(app.get(&path).ok().json(), answer.json());
    }
}

#[rstest]
fn a_twin_and_what_is_not_published_are_left_out(#[values(Sqlite, Postgres)] kind: Kind) {
    let same = json!({"body": {"text": "The very same agency text."}});
    let app = App::with(
        kind,
        &[
            with(article("one", 1), same.clone()),
            with(article("twin", 1), same),
            article("other", 1),
            with(article("draft", 1), json!({"status": "draft"})),
        ],
    );
    assert_eq!(app.slugs("/v1/articles/one/related"), ["other"]);
    let included = app.get("/v1/articles/one?include=related").ok().json();
    assert_eq!(included["related"].as_array().unwrap().len(), 1);
}
