//! A publication that has everything that a copy must keep, and what it answers.

use newsstand::model::time::UtcTime;
use serde_json::{Value, json};

use super::ANY;
use crate::support::{
    App,
    content::{article, forty, with},
};

/// Who asks, and for what.
pub type Question = (bool, String);

fn act(app: &App, method: &str, path: &str, body: &Value) -> Value {
    let guard = [ANY];
    let fields: &[(&str, &str)] = match method {
        "POST" => &[],
        _ => &guard,
    };
    let answer = app.edit(method, path, fields, body);
    assert!(answer.status < 300, "{method} {path}: {}", answer.text());
    match answer.body.is_empty() {
        true => Value::Null,
        false => answer.json(),
    }
}

/// Articles in every status, and things renamed, deleted, pinned and revoked. Gives what may be
/// asked of them.
pub fn fill(app: &App) -> Vec<Question> {
    app.put(&forty());
    app.create(&with(
        article("draft", 1),
        json!({"tags": ["Unseen"], "authors": ["Di Ui"], "note": "Begun"}),
    ));
    app.create(&article("later", 1));
    let year = 365 * 86_400_000;
    let at = UtcTime::from_millis(UtcTime::now().millis() + year).unwrap();
    let at = json!({"at": at.to_string()});
    act(app, "POST", "/v1/articles/later/schedule", &at);
    act(app, "POST", "/v1/articles/a3/unpublish", &Value::Null);
    act(app, "PATCH", "/v1/articles/a4", &json!({"slug": "renamed"}));
    for title in ["Second title", "Third title"] {
        act(app, "PATCH", "/v1/articles/a5", &json!({"title": title}));
    }
    let related = json!({"pins": ["a7", "draft"], "exclusions": ["a8"]});
    act(app, "PUT", "/v1/articles/a6/related-pins", &related);
    act(app, "DELETE", "/v1/articles/a9", &Value::Null);
    // A category below one that was made after it.
    act(app, "POST", "/v1/categories", &json!({"name": "Zones"}));
    act(
        app,
        "PATCH",
        "/v1/categories/world",
        &json!({"parent": "zones"}),
    );
    act(
        app,
        "PATCH",
        "/v1/categories/sport",
        &json!({"slug": "games"}),
    );
    act(app, "POST", "/v1/tags", &json!({"name": "Passing"}));
    act(app, "DELETE", "/v1/tags/passing", &Value::Null);
    act(
        app,
        "PATCH",
        "/v1/authors/ada-moe",
        &json!({"name": "Adelheid Moe"}),
    );
    let links = "/v1/articles/draft/preview-links";
    let kept = act(app, "POST", links, &json!({}));
    let revoked = act(app, "POST", links, &json!({}));
    let revoked = revoked["id"].as_str().unwrap();
    act(app, "DELETE", &format!("{links}/{revoked}"), &Value::Null);
    act(app, "POST", "/v1/revoked-tokens", &json!({"jti": "gone"}));
    let preview = kept["token"].as_str().unwrap();
    questions(&format!("/v1/articles/draft?preview={preview}"))
}

fn questions(preview: &str) -> Vec<Question> {
    let everyone = [
        "/v1/articles?limit=100&count=exact",
        "/v1/articles/renamed?body=html,blocks",
        "/v1/articles/a4",
        "/v1/articles/a9",
        "/v1/articles/draft",
        "/v1/articles/a6/related",
        "/v1/categories?tree=true&count=exact",
        "/v1/categories/sport",
        "/v1/authors",
        "/v1/tags",
        "/v1/tags/passing",
        "/v1/changes?limit=100",
        "/v1/search?q=harbour&limit=50",
        "/v1/search?q=adelheid",
        "/v1/search?q=third",
        "/v1/resolve?path=/articles/a4",
        preview,
    ];
    let editors = [
        "/v1/articles?status=draft",
        "/v1/articles?status=scheduled",
        "/v1/articles?status=unpublished",
        "/v1/articles/draft?body=html,blocks",
        "/v1/articles/a5/revisions",
        "/v1/articles/a5/revisions/1",
        "/v1/articles/a6/related-pins",
        "/v1/articles/draft/preview-links",
        "/v1/audit?limit=100",
        "/v1/tags",
    ];
    let everyone = everyone.map(|path| (false, path.to_owned()));
    let editors = editors.map(|path| (true, path.to_owned()));
    everyone.into_iter().chain(editors).collect()
}

/// Each question with its answer: the status, the entity tag, and the body as it is.
pub fn answers(
    app: &App,
    questions: &[Question],
) -> Vec<(Question, (u16, Option<String>, String))> {
    app.settle();
    questions
        .iter()
        .map(|(as_editor, path)| {
            let answer = match as_editor {
                true => app.read(path),
                false => app.get(path),
            };
            let mut body = answer.text();
            if answer.status >= 400 {
                // A problem names the request.
                let id = answer.header("x-request-id").unwrap();
                body = body.replace(&id, "");
            }
            let question = (*as_editor, path.clone());
            (question, (answer.status, answer.header("etag"), body))
        })
        .collect()
}

/// Writes new things of every kind that the database counts.
pub fn write_on(app: &App) {
    let new = json!({
        "status": "published", "tags": ["Brand new", "Another"], "authors": ["Newcomer"],
    });
    act(
        app,
        "POST",
        "/v1/categories",
        &json!({"name": "New ground"}),
    );
    app.create(&with(article("fresh", 3), new));
    act(
        app,
        "PATCH",
        "/v1/articles/fresh",
        &json!({"title": "Fresh paint", "category": "New ground"}),
    );
    app.get("/v1/articles/fresh").ok();
    assert_eq!(app.slugs("/v1/search?q=paint"), ["fresh"]);
    act(
        app,
        "PATCH",
        "/v1/articles/a5",
        &json!({"title": "Fourth title"}),
    );
    act(app, "DELETE", "/v1/articles/a2", &Value::Null);
}
