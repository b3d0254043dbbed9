//! The document's examples are true: each is what the server answers on the sample publication,
//! but for ids, cursors and the times of its loading.
//!
//! `WRITE_EXAMPLES=1 cargo test the_examples` writes them anew after a wanted change.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::support::{App, Sqlite, contract};

const FILE: &str = "src/http/openapi/examples.json";
const TIME: &str = "2026-11-23T09:00:00.000Z";
const CURSOR: &str = "eyJsIjoiRV9tOXFiV0IiLCJuIjoxNzkyMDY2NTAwMDAwLCJpIjoiIn0";

/// What is asked for the example of each operation.
const ASKED: [(&str, &str); 20] = [
    ("list_articles", "/v1/articles?limit=1"),
    (
        "get_article",
        "/v1/articles/electric-ferry-sandpiper-begins-trials?body=text&fields=slug,title,word_count",
    ),
    (
        "list_related_articles",
        "/v1/articles/electric-ferry-sandpiper-begins-trials/related?limit=1",
    ),
    (
        "get_article_share",
        "/v1/articles/electric-ferry-sandpiper-begins-trials/share",
    ),
    ("list_categories", "/v1/categories?limit=2"),
    ("get_category", "/v1/categories/music"),
    ("list_authors", "/v1/authors?limit=1"),
    ("get_author", "/v1/authors/tomas-reyes"),
    ("list_tags", "/v1/tags?limit=1"),
    ("get_tag", "/v1/tags/ferries"),
    (
        "search_articles",
        "/v1/search?q=battery%20ferry&limit=1&facets=category",
    ),
    ("resolve_path", "/v1/resolve?path=/categories/culture/music"),
    ("list_changes", "/v1/changes?limit=1"),
    ("get_healthz", "/healthz"),
    ("get_readyz", "/readyz"),
    ("get_openapi", "/openapi.json"),
    ("get_openapi_legacy", "/openapi-3.0.json"),
    ("get_docs", "/docs"),
    ("get_problem_docs", "/docs/problems"),
    ("get_metrics", "/metrics"),
];

#[test]
fn the_examples_are_what_the_server_answers() {
    let app = App::start_with(Sqlite, &["--sample"]);
    let mut examples = Map::new();
    for (operation, path) in ASKED {
        let answer = app.get(path).ok();
        let example = match answer.header("content-type").unwrap().as_str() {
            "application/json" => match operation {
                // The document can't hold itself; what says which it is will do.
                "get_openapi" | "get_openapi_legacy" => {
                    json!({"openapi": answer.json()["openapi"]})
                }
                _ => settled(&answer.json(), &mut HashMap::new()),
            },
            _ => answer.text().lines().next().unwrap().trim().into(),
        };
        examples.insert(operation.to_owned(), example);
    }
    let mut text = serde_json::to_string_pretty(&Value::Object(examples)).unwrap();
    text.push('\n');
    if std::env::var_os("WRITE_EXAMPLES").is_some() {
        std::fs::write(FILE, &text).unwrap();
    }
    assert!(
        std::fs::read_to_string(FILE).unwrap() == text,
        "{FILE} is stale; run: WRITE_EXAMPLES=1 cargo test the_examples"
    );
}

#[test]
fn every_operation_has_an_example() {
    for (method, path, operation) in contract::operations() {
        let forms = operation["responses"]["200"]["content"]
            .as_object()
            .unwrap();
        for (form, content) in forms {
            assert!(
                !content["example"].is_null(),
                "{method} {path} has no example of {form}"
            );
        }
    }
}

/// The answer with ids numbered, and with one cursor and one time for all.
fn settled(value: &Value, ids: &mut HashMap<String, usize>) -> Value {
    match value {
        Value::Object(members) => {
            let settle = |(name, member): (&String, &Value)| {
                let moves = [
                    "first_published_at",
                    "modified_at",
                    "updated_at",
                    "at",
                    "dateModified",
                    "article:modified_time",
                ];
                let settled = match (name.as_str(), member) {
                    (_, Value::Null) => Value::Null,
                    (name, _) if moves.contains(&name) => TIME.into(),
                    (name, _) if name.ends_with("_cursor") => CURSOR.into(),
                    _ => settled(member, ids),
                };
                (name.clone(), settled)
            };
            Value::Object(members.iter().map(settle).collect())
        }
        Value::Array(items) => items.iter().map(|item| settled(item, ids)).collect(),
        Value::String(text) if text.contains("cursor=") => {
            let (before, _) = text.split_once("cursor=").unwrap();
            format!("{before}cursor={CURSOR}").into()
        }
        Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => {
            let next = ids.len() + 1;
            let number = *ids.entry(text.clone()).or_insert(next);
            format!("0198a5d2-7c4e-7000-8000-{number:012}").into()
        }
        other => other.clone(),
    }
}
