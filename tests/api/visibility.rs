//! What is not published can't be told by any answer: every operation of the document is asked
//! before there are drafts and after, and must answer the same to the last byte.

use std::collections::BTreeMap;

use newsstand::model::caller::Scope;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, App, Kind, Postgres, Sqlite, client,
    content::{article, forty, with},
    contract, token,
};

const SECRET: &str = "quuxsecret";

/// What strangers may try: every operation, with everything that could lead to a secret.
fn asked() -> Vec<(String, String)> {
    let mut asked = Vec::new();
    for (method, pattern, operation) in contract::operations() {
        // Figures grow with each request, and tell how much is scheduled; they are not for the
        // public.
        if pattern == "/metrics" {
            continue;
        }
        let keys = [
            "quuxsecret-draft",
            "quuxsecret-later",
            "quuxsecret-tag",
            "a1",
            "climate",
        ];
        for key in keys {
            let path = pattern
                .replace("{key}", key)
                .replace("{number}", "1")
                .replace("{format}", "rss")
                .replace("{from}", "1")
                .replace("{to}", "2")
                .replace("{id}", "0198a5d2-7c4e-7bbb-8a53-2f6f3a1c9e10");
            asked.push((method.clone(), path.clone()));
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if parameter["in"] != "query" {
                    continue;
                }
                let name = parameter["name"].as_str().unwrap();
                for value in values(name) {
                    let more = match pattern.as_str() {
                        "/v1/search" if name != "q" => format!("&q={SECRET}"),
                        "/v1/resolve" if name != "path" => "&path=/tags/quuxsecret-tag".to_owned(),
                        _ => String::new(),
                    };
                    asked.push((method.clone(), format!("{path}?{name}={value}{more}")));
                }
            }
        }
    }
    asked.sort();
    asked.dedup();
    asked
}

fn values(name: &str) -> Vec<&'static str> {
    match name {
        "q" => vec!["quuxsecret", "quux*", "-quuxsecret", "harbour", "paragraph"],
        "tag" | "exclude_tag" => vec!["quuxsecret-tag", "climate", "climate,quuxsecret-tag"],
        "author" | "exclude_author" => vec!["quuxsecret-author", "ada-moe"],
        "category" | "exclude_category" => vec!["quuxsecret-section", "world"],
        "slugs" => vec!["quuxsecret-draft,quuxsecret-later,quuxsecret-back,a1"],
        "status" => vec!["draft", "scheduled,unpublished", "published"],
        "path" => vec![
            "/articles/quuxsecret-draft",
            "/articles/quuxsecret-old",
            "/tags/quuxsecret-tag",
            "/authors/quuxsecret-author",
            "/categories/quuxsecret-section",
        ],
        "sort" => vec!["-modified_at", "title", "published_at"],
        "count" => vec!["exact"],
        "url" => vec![
            "http://localhost:3000/articles/quuxsecret-draft",
            "http://localhost:3000/articles/quuxsecret-old",
            "http://localhost:3000/articles/a1",
        ],
        "page" => vec!["1", "2"],
        "limit" => vec!["100"],
        "facets" => vec!["category,tag,author,year"],
        "include" => vec!["related,share,seo"],
        "tree" => vec!["true"],
        "since" => vec!["2020-01-01", "2999-01-01"],
        "same_category" | "featured" => vec!["true", "false"],
        _ => Vec::new(),
    }
}

/// What an answer tells, without what differs each time.
fn told(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let moves = ["cache-status", "x-request-id", "date", "server-timing"];
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .filter(|(name, _)| !moves.contains(&name.as_str()))
        .collect();
    headers.sort();
    let mut body = answer.text();
    if let Ok(Value::Object(mut problem)) = serde_json::from_str(&body)
        && problem.remove("request_id").is_some()
    {
        body = Value::Object(problem).to_string();
    }
    (answer.status, headers, body)
}

type Told = BTreeMap<(String, String, bool), (u16, Vec<(String, String)>, String)>;

fn all_told(app: &App, lesser: &str) -> Told {
    let bearer = format!("Bearer {lesser}");
    let mut all = BTreeMap::new();
    for (method, path) in asked() {
        let stranger = client::send(app.address, &method, &path, &[]);
        contract::check(&method, &path, &stranger);
        all.insert((method.clone(), path.clone(), false), told(&stranger));
        // A token without the scope sees no more. What it may change is not tried here.
        if method == "GET" {
            let headers = [("Authorization", bearer.as_str())];
            let answer = client::send(app.address, &method, &path, &headers);
            assert_eq!(
                answer
                    .header("cache-control")
                    .as_deref()
                    .map(|field| field.contains("no-store")),
                Some(true),
                "{path}"
            );
            all.insert((method, path, true), told(&answer));
        }
    }
    all
}

/// Drafts, scheduled and taken-back articles that were never seen, with names of their own, saved
/// several times, renamed, deleted, linked to.
fn add_secrets(app: &App) -> Vec<String> {
    let secret = |slug: &str| {
        with(
            article(&format!("quuxsecret-{slug}"), 5),
            json!({
                "title": format!("{SECRET} harbour {slug}"),
                "summary": format!("{SECRET} summary"),
                "category": ["World", "Quuxsecret section"],
                "tags": ["Quuxsecret tag", "Climate"],
                "authors": ["Quuxsecret author", "Ada Moe"],
                "body": {"text": format!("{SECRET} paragraph about the harbour.")},
            }),
        )
    };
    let mut ids = Vec::new();
    let mut create = |article: &Value| {
        let (made, _) = app.create(article);
        ids.push(made["id"].as_str().unwrap().to_owned());
    };
    create(&secret("draft"));
    create(&with(
        secret("later"),
        json!({"status": "scheduled", "published_at": "2999-01-01T00:00:00Z"}),
    ));
    create(&with(secret("back"), json!({"status": "unpublished"})));
    create(&secret("old"));
    create(&secret("gone"));
    let any = [("If-Match", "*")];
    let draft = "/v1/articles/quuxsecret-draft";
    app.edit(
        "PATCH",
        draft,
        &any,
        &json!({"summary": "quuxsecret, again"}),
    )
    .ok();
    app.edit(
        "PATCH",
        "/v1/articles/quuxsecret-old",
        &any,
        &json!({"slug": "quuxsecret-new"}),
    )
    .ok();
    assert_eq!(
        app.edit("DELETE", "/v1/articles/quuxsecret-gone", &any, &Value::Null)
            .status,
        204
    );
    let links = format!("{draft}/preview-links");
    assert_eq!(app.edit("POST", &links, &[], &Value::Null).status, 201);
    // A draft that pins what is published, and excludes it.
    let pins = json!({"pins": ["a1"], "exclusions": ["a2"]});
    app.edit("PUT", &format!("{draft}/related-pins"), &any, &pins)
        .ok();
    ids
}

#[rstest]
fn no_answer_tells_whether_there_are_drafts(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let lesser = token(&[Scope::Write, Scope::Publish, Scope::Admin]);
    let mut before = all_told(&app, &lesser);
    let ids = add_secrets(&app);
    let mut after = all_told(&app, &lesser);
    // The audit trail is for administrators, and tells what writers do.
    let is_audit = |key: &(String, String, bool)| key.1.starts_with("/v1/audit") && key.2;
    before.retain(|key, _| !is_audit(key));
    after.retain(|key, _| !is_audit(key));
    assert!(before.len() > 400, "{} requests", before.len());
    for (key, told) in &before {
        // What writers alone may list of an article, its preview links, they list by its key.
        if key.1.contains("preview-links") && key.2 {
            continue;
        }
        assert_eq!(told, &after[key], "{key:?}");
    }
    for id in ids {
        for tail in ["", "/related", "/share", "?include=related"] {
            let answer = app.get(&format!("/v1/articles/{id}{tail}"));
            answer.problem(404);
            assert!(!answer.text().contains(SECRET));
        }
        assert!(app.slugs(&format!("/v1/articles?ids={id}")).is_empty());
    }
}

#[rstest]
fn an_editor_sees_what_is_not_published(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    add_secrets(&app);
    let reader = token(&[Scope::ReadDrafts]);
    let read = |path: &str| app.edit_as(&reader, "GET", path, &[], &Value::Null);
    let draft = read("/v1/articles/quuxsecret-draft").ok();
    assert_eq!(draft.json()["status"], "draft");
    assert_eq!(
        draft.header("cache-control").as_deref(),
        Some("private, no-store")
    );
    assert!(draft.header("surrogate-key").is_none());
    let mut drafts = read("/v1/articles?status=draft").ok().slugs();
    drafts.sort();
    assert_eq!(drafts, ["quuxsecret-draft", "quuxsecret-new"]);
    let total = read("/v1/articles?count=exact").ok().json();
    assert_eq!(total["page"]["total"], 44);
    assert_eq!(read("/v1/search?q=quuxsecret").ok().slugs().len(), 4);
    let moved = read("/v1/resolve?path=/articles/quuxsecret-old")
        .ok()
        .json();
    assert_eq!(moved["status"], "moved");
    assert_eq!(read("/v1/articles/quuxsecret-old").status, 308);
    read("/v1/tags/quuxsecret-tag").ok();
    read("/v1/articles/quuxsecret-gone").problem(410);
    // Walks by cursor meet each once, whatever its status.
    let mut met = Vec::new();
    let mut next = Some("/v1/articles?limit=7".to_owned());
    while let Some(path) = next {
        let page = read(&path).ok();
        met.extend(page.slugs());
        next = page.json()["links"]["next"].as_str().map(str::to_owned);
    }
    met.sort();
    met.dedup();
    assert_eq!(met.len(), 44);
}

#[rstest]
fn publishing_makes_names_known(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    add_secrets(&app);
    app.get("/v1/tags/quuxsecret-tag").problem(404);
    let publish = "/v1/articles/quuxsecret-draft/publish";
    app.edit("POST", publish, &[], &Value::Null).ok();
    for path in [
        "/v1/articles/quuxsecret-draft",
        "/v1/tags/quuxsecret-tag",
        "/v1/authors/quuxsecret-author",
        "/v1/categories/quuxsecret-section",
    ] {
        app.get(path).ok();
    }
    let changes = app.get("/v1/changes?limit=100").ok().json();
    let entries = changes["data"].as_array().unwrap();
    let of_tag = entries
        .iter()
        .filter(|entry| entry["tag"]["slug"] == "quuxsecret-tag");
    assert_eq!(of_tag.count(), 1);
}

#[test]
fn whatever_is_answered_to_a_token_no_shared_cache_keeps() {
    let app = App::with(Sqlite, &forty());
    let reader = token(&[Scope::ReadDrafts]);
    let bearer = format!("Bearer {reader}");
    let preview = "preview=eyJhIjoxfQ.eyJhIjoxfQ.c2ln";
    let private = |method: &str, path: &str, headers: &[(&str, &str)]| {
        let answer = client::send(app.address, method, path, headers);
        let field = answer.header("cache-control");
        assert_eq!(
            field.as_deref(),
            Some("private, no-store"),
            "{method} {path}"
        );
    };
    for path in [
        "/v1/articles",
        "/v1/articles/a1/",
        "/v1/none",
        "/v1/articles?x=1",
        "/v1/audit",
    ] {
        private("GET", path, &[("Authorization", &bearer)]);
        private("GET", path, &[("Authorization", "Bearer x")]);
    }
    private("PATCH", "/v1/search", &[("Authorization", &bearer)]);
    private("GET", &format!("/v1/articles/a1?{preview}"), &[]);
    private("GET", &format!("/v1/articles/a1/?{preview}"), &[]);
}
