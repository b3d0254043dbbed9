//! Counts of the hits.

use rstest::rstest;
use serde_json::json;

use crate::support::{App, Kind, Postgres, Sqlite, content::forty};

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
    for facet in ["tag", "category"] {
        for value in facets[facet].as_array().unwrap() {
            let slug = &value["value"];
            let has = |hit: &&serde_json::Value| match facet {
                "tag" => {
                    let tags = hit["article"]["tags"].as_array().unwrap();
                    tags.iter().any(|tag| tag["slug"] == *slug)
                }
                _ => hit["article"]["category"]["slug"] == *slug,
            };
            assert_eq!(value["count"], hits.iter().filter(has).count(), "{value}");
        }
    }
    assert_eq!(
        facets["year"],
        json!([{"value": "2026", "name": "2026", "count": 6}])
    );
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
