//! `GET /v1/categories` and `/v1/categories/{key}`

use rstest::rstest;
use serde_json::Value;

use crate::support::{App, Kind, Postgres, Sqlite, content::forty};

#[rstest]
fn counts_tell_descendants_apart(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let world = app.get("/v1/categories/world").ok().json();
    assert_eq!(world["article_count"], 10);
    assert_eq!(world["total_article_count"], 30);
    assert!(world["parent"].is_null());
    let nordic = app.get("/v1/categories/nordic").ok().json();
    assert_eq!(nordic["path"], "world/europe/nordic");
    assert_eq!(nordic["parent"]["slug"], "europe");
    assert_eq!(nordic["total_article_count"], 10);
    assert_eq!(nordic["latest_published_at"], "2026-01-10T00:00:00.000Z");
    let id = nordic["id"].as_str().unwrap();
    assert_eq!(app.get(&format!("/v1/categories/{id}")).ok().json(), nordic);
}

#[rstest]
fn the_tree_nests_children(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let tree = app.get("/v1/categories?tree=true&count=exact").ok().json();
    let names = |list: &Value| -> Vec<String> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|c| c["slug"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&tree["data"]), ["sport", "world"]);
    assert_eq!(tree["page"]["total"], 2);
    let europe = &tree["data"][1]["children"];
    assert_eq!(names(europe), ["europe"]);
    assert_eq!(names(&europe[0]["children"]), ["nordic"]);
}

#[rstest]
fn every_list_of_names_can_be_walked(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    for (path, all) in [
        ("/v1/categories", vec!["europe", "nordic", "sport", "world"]),
        (
            "/v1/tags",
            vec!["climate", "elections", "football", "trade"],
        ),
        ("/v1/authors", vec!["ada-moe", "bo-ek", "cy-oh"]),
    ] {
        assert_eq!(app.walk(&format!("{path}?limit=1")).concat(), all);
        assert_eq!(app.slugs(&format!("{path}?limit=2&page=2")), all[2..]);
        let second = app.get(&format!("{path}?limit=2")).ok().json()["links"]["next"].clone();
        let back = app.get(second.as_str().unwrap()).ok().json()["links"]["prev"].clone();
        assert_eq!(app.slugs(back.as_str().unwrap()), all[..2]);
    }
}

#[rstest]
fn an_unknown_name_is_not_found(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    for path in ["/v1/categories/none", "/v1/tags/none", "/v1/authors/none"] {
        assert_eq!(app.get(path).problem(404).0, "not_found");
    }
    assert!(app.slugs("/v1/categories").is_empty());
}
