//! What is no export, and what of one is refused.

use newsstand::domain::import::ghost;
use serde_json::json;

use super::{run, said};
use crate::support::{App, Sqlite};

#[test]
fn what_is_no_export_is_refused_as_a_whole() {
    let reason = |text: &str| ghost::entries(text.as_bytes(), "a.json").err().unwrap();
    assert!(reason("<rss></rss>").starts_with("a.json is not JSON"));
    assert!(reason("{\"items\": []}").starts_with("a.json is no Ghost export"));
    assert!(reason("[1, 2]").starts_with("a.json is no Ghost export"));
}

#[test]
fn hostile_documents_are_refused_one_by_one() {
    let app = App::start(Sqlite);
    let deep = format!("{}{}", "{\"root\":".repeat(5_000), "}".repeat(5_000));
    let heavy = json!({
        "version": "0.3.1",
        "cards": [["html", {"html": "x".repeat(1_000_000)}]],
        "sections": vec![json!([10, 0]); 50_000],
    });
    let post = |slug: &str, form: &str, document: &str| {
        let mut post = json!({"id": slug, "title": slug, "slug": slug, "status": "published"});
        post[form] = json!(document);
        post
    };
    let export = json!({"data": {"posts": [
        post("deep", "lexical", &deep),
        post("heavy", "mobiledoc", &heavy.to_string()),
        post("nested", "html", &"<div>".repeat(100_000)),
        post("good", "lexical", &said("Good words.")),
        {"id": "long", "title": "x".repeat(301), "status": "published", "html": "<p>x</p>"},
        {"id": "bare", "status": "published", "html": "<p>x</p>"}
    ]}});
    let started = std::time::Instant::now();
    let (summary, told) = run(&app, &export);
    assert!(started.elapsed() < std::time::Duration::from_secs(10));
    assert_eq!(
        (summary.created, summary.refused),
        (1, 5),
        "{:?}",
        told.refused
    );
    assert!(
        told.refused[4].contains("has no title"),
        "{:?}",
        told.refused
    );
}
