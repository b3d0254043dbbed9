//! The OpenAPI document is true, whole, and what is committed.

mod breaking;
mod examples;

use std::collections::{BTreeSet, HashMap};

use newsstand::{http::openapi, model::caller::Scope};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{App, Kind, Postgres, Sqlite, content::forty, contract, token};

#[test]
fn the_committed_document_is_the_generated_one() {
    let committed = std::fs::read_to_string("openapi/newsstand.v1.json").expect("it is committed");
    assert!(
        committed == openapi::json(),
        "openapi/newsstand.v1.json is stale; run: cargo run -- openapi > openapi/newsstand.v1.json"
    );
}

/// One path for each answer that an operation can give, but for those that only faults bring.
fn asked(template: &str) -> Vec<(String, u16)> {
    let pattern = &template.replace("{format}", "rss").replace("{number}", "1");
    let pattern = pattern.as_str();
    let required = match pattern {
        "/v1/search" => "?q=harbour",
        "/v1/resolve" => "?path=/articles/a1",
        "/v1/oembed" => "?url=http://localhost:3000/articles/a1",
        _ => "",
    };
    let mut asked = vec![(
        format!("{}{required}", pattern.replace("{key}", "KEY")),
        200,
    )];
    asked.push((
        format!("{}?nonsense=1", pattern.replace("{key}", "KEY")),
        400,
    ));
    if pattern.contains("{key}") {
        asked.push((pattern.replace("{key}", "never"), 404));
    }
    if pattern.contains("{key}") {
        asked.push((pattern.replace("{key}", "former"), 308));
        asked.push((pattern.replace("{key}", "away"), 410));
    }
    if template == "/feeds/articles.{format}" {
        asked.push(("/feeds/articles.xml".to_owned(), 404));
    }
    if template == "/sitemaps/articles-{number}.xml" {
        asked.push(("/sitemaps/articles-9.xml".to_owned(), 404));
    }
    if pattern == "/v1/oembed" {
        let never = "/v1/oembed?url=http://localhost:3000/articles/never";
        asked.push((never.to_owned(), 404));
    }
    if pattern == "/v1/resolve" {
        asked.push(("/v1/resolve?path=/articles/never".to_owned(), 404));
    }
    asked
}

#[rstest]
fn every_operation_answers_as_it_is_documented(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let mut moved = forty().remove(2);
    moved["slug"] = "former".into();
    app.put(&[moved.clone()]);
    moved["slug"] = "present".into();
    app.put(&[moved]);
    let mut away = forty().remove(3);
    away["slug"] = "away".into();
    app.put(&[away.clone()]);
    away["status"] = "unpublished".into();
    app.put(&[away]);
    for kind in ["categories", "authors", "tags"] {
        let path = format!("/v1/{kind}");
        for name in ["Former", "Away"] {
            assert_eq!(
                app.edit("POST", &path, &[], &json!({"name": name})).status,
                201
            );
        }
        let any = [("If-Match", "*")];
        let present = json!({"name": "Former", "slug": "present"});
        app.edit("PUT", &format!("{path}/former"), &any, &present)
            .ok();
        let away = app.edit("DELETE", &format!("{path}/away"), &any, &Value::Null);
        assert_eq!(away.status, 204);
    }
    for (method, pattern, operation) in contract::operations() {
        if method != "GET" || contract::needs_token(operation) {
            continue;
        }
        let key = match pattern.split('/').nth(2) {
            Some("categories") => "world",
            Some("authors") => "ada-moe",
            Some("tags") => "climate",
            _ => "a1",
        };
        let mut seen = BTreeSet::new();
        for (path, status) in asked(&pattern) {
            let answer = app.send(&method, &path.replace("KEY", key), &[]);
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
            seen.insert(status);
        }
        let path = asked(&pattern)[0].0.replace("KEY", key);
        let etag = app.get(&path).header("etag").unwrap();
        let cases = [
            (vec![("If-None-Match", etag.as_str())], 304),
            (vec![("Authorization", "Bearer x")], 401),
            (vec![("Accept", "image/png")], 406),
            (vec![("If-Match", "\"x\"")], 412),
            (vec![("Content-Encoding", "br")], 415),
        ];
        for (headers, status) in cases {
            // Health and figures are never cached, so their validators decide nothing.
            if operation["responses"].get(status.to_string()).is_some() {
                assert_eq!(app.send(&method, &path, &headers).status, status, "{path}");
                seen.insert(status);
            }
        }
        if pattern == "/v1/articles/{key}/related" {
            // What only editors are told.
            let path = format!("{path}?explain=true");
            let writer = token(&[Scope::Write]);
            app.edit_as(&writer, "GET", &path, &[], &Value::Null)
                .problem(403);
            seen.insert(403);
        }
        let documented = operation["responses"].as_object().unwrap().keys();
        let by_faults = ["405", "414", "429", "500", "503"];
        for status in documented.filter(|status| !by_faults.contains(&status.as_str())) {
            assert!(
                seen.contains(&status.parse().unwrap()),
                "{method} {pattern}: {status} was not seen"
            );
        }
    }
}

#[test]
fn embedded_and_sparse_answers_are_documented_too() {
    let app = App::with(Sqlite, &forty());
    for path in [
        "/v1/articles?limit=100&include=related,share,seo&body=html,blocks,markdown,text",
        "/v1/articles?fields=slug,title",
        "/v1/articles/a1?fields=toc",
        "/v1/articles/a1?include=related,share,seo&body=blocks",
        "/v1/categories?tree=true",
        "/v1/search?q=harbour&facets=category,tag,author,year",
        "/v1/changes",
    ] {
        app.get(path).ok();
    }
}

#[test]
fn every_operation_and_parameter_is_described() {
    let mut ids = BTreeSet::new();
    for (method, path, operation) in contract::operations() {
        let name = format!("{method} {path}");
        for member in ["summary", "description"] {
            let text = operation[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{name} has no {member}");
        }
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{id} is there twice");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{name}: {parameter}");
            let schema = &parameter["schema"];
            let is_bounded = match schema["type"].as_str() {
                Some("integer") => schema["minimum"].is_number() && schema["maximum"].is_number(),
                Some("string") => schema["maxLength"].is_number() || schema["enum"].is_array(),
                Some("boolean") => true,
                _ => false,
            };
            assert!(is_bounded, "{name}: {parameter}");
        }
    }
}

#[test]
fn what_is_always_there_is_required() {
    let schemas = contract::document()["components"]["schemas"]
        .as_object()
        .unwrap();
    // Members that only some answers have, since they are asked for.
    let optional = [
        "body", "toc", "related", "share", "seo", "children", "html", "blocks", "markdown", "text",
        "evidence",
    ];
    for (name, schema) in schemas {
        // What clients send: most of it may be left out.
        if name.ends_with("Input") {
            continue;
        }
        if name == "ArticleFields" {
            assert!(schema["required"].is_null());
            continue;
        }
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for member in schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(member, _)| member)
        {
            let is_optional = optional.contains(&member.as_str())
                && matches!(
                    name.as_str(),
                    "Article" | "Body" | "Category" | "RelatedArticle"
                );
            assert_eq!(
                required.contains(&member.as_str()),
                !is_optional,
                "{name}.{member}"
            );
        }
    }
}

#[test]
fn inputs_are_closed_and_patches_need_no_member() {
    let document = contract::document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas.iter().filter(|(name, _)| name.ends_with("Input")) {
        assert_eq!(schema["additionalProperties"], false, "{name}");
    }
    for (kind, path) in [
        ("Article", "articles"),
        ("Author", "authors"),
        ("Category", "categories"),
        ("Tag", "tags"),
    ] {
        let patch = &schemas[format!("{kind}PatchInput").as_str()];
        assert!(patch["required"].is_null(), "{kind}");
        let whole = &schemas[format!("{kind}Input").as_str()];
        assert_eq!(patch["properties"], whole["properties"], "{kind}");
        let operation = &document["paths"][format!("/v1/{path}/{{key}}")]["patch"];
        let forms = operation["requestBody"]["content"].as_object().unwrap();
        for form in forms.values() {
            let reference = format!("#/components/schemas/{kind}PatchInput");
            assert_eq!(form["schema"]["$ref"], reference, "{kind}");
        }
    }
}

#[test]
fn no_two_schemas_share_a_name() {
    // The collected document keeps one schema for each name, so the sources are asked.
    let mut seen: HashMap<String, String> = HashMap::new();
    for file in crate::project::sources("src/http") {
        let text = std::fs::read_to_string(&file).unwrap();
        for (at, _) in text.match_indices("ToSchema)]\n") {
            let rest = &text[at..];
            let declared = rest
                .find("struct ")
                .map(|place| &rest[place + 7..])
                .unwrap();
            let own = declared
                .split(|c: char| !c.is_alphanumeric())
                .next()
                .unwrap();
            let head = &rest[..rest.find("struct ").unwrap()];
            let name = head
                .split("(as = ")
                .nth(1)
                .and_then(|tail| tail.split(')').next())
                .unwrap_or(own);
            let place = format!("{} {own}", file.display());
            let before = seen.insert(name.to_owned(), place.clone());
            assert!(
                before.is_none(),
                "{name} is the name of {place} and of {before:?}"
            );
        }
    }
    assert!(seen.len() > 20, "{seen:?}");
}

#[test]
fn the_older_document_has_nothing_that_it_must_not_have() {
    let text = openapi::legacy_json();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["openapi"], "3.0.3");
    fn look(value: &Value, at: &str) {
        match value {
            Value::Object(members) => {
                assert!(!members.get("type").is_some_and(Value::is_array), "{at}");
                assert!(members.get("type") != Some(&Value::from("null")), "{at}");
                for (name, member) in members.iter().filter(|(name, _)| *name != "example") {
                    look(member, &format!("{at}/{name}"));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| look(item, at)),
            _ => {}
        }
    }
    look(&document, "");
    let app = App::start(Sqlite);
    assert_eq!(app.get("/openapi-3.0.json").ok().text(), text);
    assert_eq!(app.get("/openapi.json").ok().text(), openapi::json());
}
