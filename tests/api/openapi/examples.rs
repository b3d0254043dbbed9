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

const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";

/// What is asked for the example of each operation.
const ASKED: [(&str, &str); 38] = [
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
    (
        "get_articles_feed application/rss+xml",
        "/feeds/articles.rss?limit=1",
    ),
    (
        "get_articles_feed application/atom+xml",
        "/feeds/articles.atom?limit=1",
    ),
    (
        "get_articles_feed application/feed+json",
        "/feeds/articles.json?limit=1",
    ),
    (
        "get_category_feed application/rss+xml",
        "/feeds/categories/music.rss?limit=1",
    ),
    (
        "get_category_feed application/atom+xml",
        "/feeds/categories/music.atom?limit=1",
    ),
    (
        "get_category_feed application/feed+json",
        "/feeds/categories/music.json?limit=1",
    ),
    (
        "get_author_feed application/rss+xml",
        "/feeds/authors/tomas-reyes.rss?limit=1",
    ),
    (
        "get_author_feed application/atom+xml",
        "/feeds/authors/tomas-reyes.atom?limit=1",
    ),
    (
        "get_author_feed application/feed+json",
        "/feeds/authors/tomas-reyes.json?limit=1",
    ),
    (
        "get_tag_feed application/rss+xml",
        "/feeds/tags/ferries.rss?limit=1",
    ),
    (
        "get_tag_feed application/atom+xml",
        "/feeds/tags/ferries.atom?limit=1",
    ),
    (
        "get_tag_feed application/feed+json",
        "/feeds/tags/ferries.json?limit=1",
    ),
    ("get_sitemap", "/sitemap.xml"),
    ("get_articles_sitemap", "/sitemaps/articles-1.xml"),
    ("get_news_sitemap", "/sitemaps/news.xml"),
    ("get_robots", "/robots.txt"),
    (
        "get_oembed application/json",
        "/v1/oembed?url=http://localhost:3000/articles/electric-ferry-sandpiper-begins-trials",
    ),
    (
        "get_oembed text/xml",
        "/v1/oembed?url=http://localhost:3000/articles/electric-ferry-sandpiper-begins-trials&format=xml",
    ),
    ("get_healthz", "/healthz"),
    ("get_readyz", "/readyz"),
    ("get_openapi", "/openapi.json"),
    ("get_openapi_legacy", "/openapi-3.0.json"),
    ("get_docs", "/docs"),
    ("get_problem_docs", "/docs/problems"),
    ("get_metrics", "/metrics"),
];

/// What is sent for the example of each operation that needs a token, in this order.
fn sent() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let article = json!({
        "title": "Night ferries return", "status": "draft", "category": "transport",
        "tags": ["Ferries"], "authors": ["Tomas Reyes"], "note": "First version",
        "body": {"markdown": "Two boats will run until **one** in the morning."},
    });
    let changed = json!({"summary": "Two boats until one in the morning.", "note": "A dek"});
    vec![
        ("create_article", "POST", "/v1/articles", article.clone()),
        (
            "replace_article",
            "PUT",
            "/v1/articles/night-ferries-return",
            article.clone(),
        ),
        (
            "update_article",
            "PATCH",
            "/v1/articles/night-ferries-return",
            changed,
        ),
        (
            "list_revisions",
            "GET",
            "/v1/articles/night-ferries-return/revisions",
            Value::Null,
        ),
        (
            "get_revision",
            "GET",
            "/v1/articles/night-ferries-return/revisions/1",
            Value::Null,
        ),
        (
            "diff_revisions",
            "GET",
            "/v1/articles/night-ferries-return/revisions/1/diff/2",
            Value::Null,
        ),
        (
            "restore_revision",
            "POST",
            "/v1/articles/night-ferries-return/revisions/1/restore",
            Value::Null,
        ),
        (
            "create_preview_link",
            "POST",
            "/v1/articles/night-ferries-return/preview-links",
            json!({"expires_in": 3600}),
        ),
        (
            "list_preview_links",
            "GET",
            "/v1/articles/night-ferries-return/preview-links",
            Value::Null,
        ),
        (
            "get_preview_link",
            "GET",
            "/v1/articles/night-ferries-return/preview-links/LINK",
            Value::Null,
        ),
        (
            "set_related_pins",
            "PUT",
            "/v1/articles/night-ferries-return/related-pins",
            json!({"pins": [], "exclusions": []}),
        ),
        (
            "get_related_pins",
            "GET",
            "/v1/articles/night-ferries-return/related-pins",
            Value::Null,
        ),
        (
            "schedule_article",
            "POST",
            "/v1/articles/night-ferries-return/schedule",
            json!({"at": "2999-01-01T06:00:00Z"}),
        ),
        (
            "unpublish_article",
            "POST",
            "/v1/articles/night-ferries-return/unpublish",
            Value::Null,
        ),
        (
            "publish_article",
            "POST",
            "/v1/articles/electric-ferry-sandpiper-begins-trials/publish",
            Value::Null,
        ),
        (
            "batch_articles",
            "POST",
            "/v1/articles/batch",
            json!({"articles": [article]}),
        ),
        (
            "create_category",
            "POST",
            "/v1/categories",
            json!({"name": "Harbour", "parent": "news"}),
        ),
        (
            "replace_category",
            "PUT",
            "/v1/categories/harbour",
            json!({"name": "Harbour", "description": "Quays, boats and tides.", "parent": "news"}),
        ),
        (
            "update_category",
            "PATCH",
            "/v1/categories/harbour",
            json!({"parent": null}),
        ),
        (
            "create_author",
            "POST",
            "/v1/authors",
            json!({"name": "Ines Vale"}),
        ),
        (
            "replace_author",
            "PUT",
            "/v1/authors/ines-vale",
            json!({"name": "Inês Vale", "description": "Writes about the harbour."}),
        ),
        (
            "update_author",
            "PATCH",
            "/v1/authors/ines-vale",
            json!({"avatar": "https://example.com/ines.jpg"}),
        ),
        (
            "create_tag",
            "POST",
            "/v1/tags",
            json!({"name": "Night life"}),
        ),
        (
            "replace_tag",
            "PUT",
            "/v1/tags/night-life",
            json!({"name": "Nightlife", "slug": "nightlife"}),
        ),
        (
            "update_tag",
            "PATCH",
            "/v1/tags/nightlife",
            json!({"description": "After dark."}),
        ),
        ("list_audit", "GET", "/v1/audit?limit=1", Value::Null),
        (
            "revoke_token",
            "POST",
            "/v1/revoked-tokens",
            json!({"jti": "0198a5d2-7c4e-7bbb-8a53-2f6f3a1c9e10"}),
        ),
    ]
}

#[test]
fn the_examples_are_what_the_server_answers() {
    let app = App::start_with(Sqlite, &["--sample"]);
    let mut examples = Map::new();
    for (operation, path) in ASKED {
        let answer = app.get(path).ok();
        let example = match answer.header("content-type").unwrap().as_str() {
            "application/json" | "application/feed+json; charset=utf-8" => match operation {
                // The document can't hold itself; what says which it is will do.
                "get_openapi" | "get_openapi_legacy" => {
                    json!({"openapi": answer.json()["openapi"]})
                }
                _ => settled(&answer.json(), &mut HashMap::new()),
            },
            _ => {
                let text = answer.text();
                let first = text.lines().next().unwrap().trim();
                // Behind the declaration of XML come ids and times.
                match first.split_once("?>") {
                    Some((declaration, _)) => format!("{declaration}?>").into(),
                    None => first.into(),
                }
            }
        };
        examples.insert(operation.to_owned(), example);
    }
    let app = App::start_with(Sqlite, &["--sample"]);
    let mut link = String::new();
    for (operation, method, path, body) in sent() {
        let path = &path.replace("LINK", &link);
        let fields: &[_] = match method {
            "PUT" | "PATCH" => &[("If-Match", "*")],
            _ => &[],
        };
        let answer = app.edit(method, path, fields, &body);
        assert!(
            matches!(answer.status, 200 | 201),
            "{path}: {}",
            answer.text()
        );
        if operation == "create_preview_link" {
            link = answer.json()["id"].as_str().unwrap().to_owned();
        }
        let example = settled(&answer.json(), &mut HashMap::new());
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
        let responses = &operation["responses"];
        let good = ["200", "201"]
            .iter()
            .find_map(|status| responses.get(status));
        let Some(good) = good else {
            assert!(
                responses.get("204").is_some(),
                "{method} {path} is never good"
            );
            continue;
        };
        let forms = good["content"].as_object().unwrap();
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
                    "saved_at",
                    "created_at",
                    "expires_at",
                    "revoked_at",
                    "dateModified",
                    "date_modified",
                    "article:modified_time",
                ];
                let settled = match (name.as_str(), member) {
                    (_, Value::Null) => Value::Null,
                    (name, _) if moves.contains(&name) => TIME.into(),
                    (name, _) if name.ends_with("_cursor") => CURSOR.into(),
                    ("token", _) => TOKEN.into(),
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
        Value::String(text) if text.contains("preview=") => {
            let (before, _) = text.split_once("preview=").unwrap();
            let whole = match before.split_once("/v1/articles/") {
                Some(_) => "/v1/articles/0198a5d2-7c4e-7000-8000-000000000001?".to_owned(),
                None => before.to_owned(),
            };
            format!("{whole}preview={TOKEN}").into()
        }
        Value::String(text) if text.starts_with("urn:uuid:") => {
            let id = settled(&text.trim_start_matches("urn:uuid:").into(), ids);
            format!("urn:uuid:{}", id.as_str().unwrap()).into()
        }
        Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => {
            let next = ids.len() + 1;
            let number = *ids.entry(text.clone()).or_insert(next);
            format!("0198a5d2-7c4e-7000-8000-{number:012}").into()
        }
        other => other.clone(),
    }
}
