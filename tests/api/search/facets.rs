//! Counts of the hits.

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Answer, App, Kind, Postgres, Sqlite,
    content::{article, forty, with},
};

#[rstest]
fn facets_of_a_narrowed_search_are_exact(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let path = "/v1/search?q=harbour&category=world&language=nb&facets=category,tag,author,year";
    let answer = app.get(&format!("{path}&limit=2")).ok().json();
    let facets = &answer["facets"];
    assert_eq!(facets["estimated"], false);
    assert!(answer["page"]["total"].is_null());
    let found = app.get(&format!("{path}&limit=100")).ok().json();
    assert_eq!(found["facets"], *facets);
    let hits = found["data"].as_array().unwrap();
    assert_eq!(hits.len(), 6);
    for value in facets["tag"].as_array().unwrap() {
        let slug = &value["value"];
        let has = |hit: &&serde_json::Value| {
            let tags = hit["article"]["tags"].as_array().unwrap();
            tags.iter().any(|tag| tag["slug"] == *slug)
        };
        assert_eq!(value["count"], hits.iter().filter(has).count(), "{value}");
    }
    assert_eq!(
        facets["category"],
        json!([
            {"value": "world", "name": "World", "count": 6},
            {"value": "europe", "name": "Europe", "count": 4},
            {"value": "nordic", "name": "Nordic", "count": 2},
        ])
    );
    assert_eq!(
        facets["year"],
        json!([{"value": "2026", "name": "2026", "count": 6}])
    );
}

#[rstest]
fn a_value_has_as_many_hits_as_its_filter_finds(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    // A category in the middle of the tree that nothing is filed in.
    let deep = json!({"category": ["Sport", "Ball games", "Handball"]});
    app.put(&[with(article("harbour-cup", 1), deep)]);
    let search = "/v1/search?q=harbour&limit=1";
    let counted = |narrowed: &str| {
        let path = format!("{search}{narrowed}&facets=category,tag,author");
        app.get(&path).ok().json()["facets"].clone()
    };
    for narrowed in ["", "&category=europe", "&tag=climate&language=en"] {
        let facets = counted(narrowed);
        for facet in ["category", "tag", "author"] {
            let values = facets[facet].as_array().unwrap();
            assert!(!values.is_empty(), "{narrowed} {facet}");
            // With the same parameter given already, the filter is another one.
            if narrowed.contains(facet) {
                continue;
            }
            for value in values {
                let slug = value["value"].as_str().unwrap();
                let path = format!("{search}{narrowed}&{facet}={slug}&count=exact");
                let total = app.get(&path).ok().json()["page"]["total"].clone();
                assert_eq!(value["count"], total, "{path}");
            }
        }
    }
    let facets = counted("");
    let values = facets["category"].as_array().unwrap();
    for slug in ["sport", "ball-games", "handball"] {
        assert!(values.iter().any(|value| value["value"] == slug), "{slug}");
    }
}

#[rstest]
fn readers_are_told_of_no_category_of_drafts_alone(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let draft = json!({
        "status": "draft", "category": ["World", "Quiet plans", "Quieter"], "published_at": null,
        "title": "The harbour that is to come",
    });
    app.create(&with(article("draft", 1), draft));
    let path = "/v1/search?q=harbour&limit=1&facets=category";
    let named = |answer: Answer| answer.ok().json()["facets"]["category"].clone();
    let of = |facet: &serde_json::Value, slug: &str| {
        let values = facet.as_array().unwrap();
        let found = values.iter().find(|value| value["value"] == slug);
        found.map(|value| value["count"].as_i64().unwrap())
    };
    let seen = named(app.get(path));
    assert_eq!(of(&seen, "world"), Some(30));
    assert_eq!(of(&seen, "quiet-plans"), None);
    let of_desk = named(app.read(path));
    assert_eq!(of(&of_desk, "world"), Some(31));
    assert_eq!(of(&of_desk, "quiet-plans"), Some(1));
    assert_eq!(of(&of_desk, "quieter"), Some(1));
}

#[rstest]
fn nothing_found_has_empty_facets(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let answer = app
        .get("/v1/search?q=qqqqqq&facets=category,tag,author,year")
        .ok()
        .json();
    let none = json!([]);
    assert_eq!(
        answer["facets"],
        json!({"category": none, "tag": none, "author": none, "year": none, "estimated": false})
    );
    assert_eq!(answer["did_you_mean"], serde_json::Value::Null);
}
