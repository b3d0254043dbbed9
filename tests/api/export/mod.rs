//! `newsstand export`

mod jsonl;
mod markdown;
mod wordpress;

use std::{path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    import::Run,
    support::{
        Answer, App, Kind,
        content::{article, date, with},
    },
};

pub const ANY: (&str, &str) = ("If-Match", "*");

/// Runs the program on the database of an app.
pub fn run(app: &App, arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_newsstand"))
        .args(arguments)
        .env("DATABASE_URL", &app.database.url)
        .output()
        .unwrap();
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        told: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Exports into a file or folder; that must succeed.
pub fn export(app: &App, format: &str, destination: &Path) {
    let run = run(app, &["export", format, destination.to_str().unwrap()]);
    assert_eq!(run.status, 0, "{}", run.told);
    assert_eq!(
        run.out,
        "exported 4 articles, 3 categories, 3 authors, 3 tags\n"
    );
}

/// Imports a file or folder.
pub fn import_path(app: &App, format: &str, path: &Path) -> Run {
    run(app, &["import", format, path.to_str().unwrap()])
}

pub fn done(answer: Answer) -> Answer {
    assert!(answer.status < 300, "{}", answer.text());
    answer
}

fn post(app: &App, path: &str, body: Value) {
    done(app.edit("POST", path, &[], &body));
}

fn patch(app: &App, path: &str, body: Value) {
    done(app.edit("PATCH", path, &[ANY], &body));
}

fn delete(app: &App, path: &str) {
    done(app.edit("DELETE", path, &[ANY], &Value::Null));
}

/// Four articles, one of each status, with everything that can be said of content.
pub fn filled(kind: Kind) -> App {
    let app = App::start(kind);
    names(&app);
    let first = json!({
        "slug": "one", "title": "Ærlig \"talt\": 港の朝 🦀 & <b>", "summary": "Line: one — # two",
        "status": "published", "category": "Nordic", "tags": ["Élections", "Ferries"],
        "authors": ["Bo Ek", "Ada Moe"], "language": "nb-NO", "featured": true,
        "reading_minutes": 7, "note": "Begun",
        "image": {"url": "https://images.example.com/a.jpg", "alt": "A \"boat\"", "caption": "By & by", "credit": "D"},
        "body": {"html": "<h2>Høst</h2><p>One <strong>bold</strong> and <a href=\"/b\">linked</a> e\u{301} ]]&gt; text.</p><ul><li>a</li><li>b</li></ul><pre><code class=\"language-rust\">fn main() {}</code></pre>"},
    });
    app.create(&with(article("one", 3), first));
    let changed = json!({"title": "Ærlig talt: 港の朝 🦀", "note": "Shorter", "tags": ["Ferries", "Élections"]});
    patch(&app, "/v1/articles/one", changed);
    patch(&app, "/v1/articles/one", json!({"slug": "first"}));
    app.create(&with(
        article("draft", 4),
        json!({"external_id": null, "published_at": null, "status": "draft", "tags": ["Quiet"]}),
    ));
    let later = json!({"status": "scheduled", "published_at": "2999-01-01T00:00:00.000Z"});
    app.create(&with(article("later", 5), later));
    let back = json!({"status": "published", "category": "World", "canonical_url": "https://elsewhere.example.com/x"});
    app.create(&with(article("back", 6), back));
    post(&app, "/v1/articles/back/unpublish", Value::Null);
    let live = json!({"status": "published", "authors": ["Cy Oh"]});
    app.create(&with(article("deleted", 7), live));
    patch(
        &app,
        "/v1/articles/deleted",
        json!({"slug": "deleted-later"}),
    );
    delete(&app, "/v1/articles/deleted-later");
    app.create(&with(article("secret", 8), json!({"status": "draft"})));
    delete(&app, "/v1/articles/secret");
    let pins = json!({"pins": ["later", "draft"], "exclusions": ["back"]});
    done(app.edit("PUT", "/v1/articles/first/related-pins", &[ANY], &pins));
    app
}

fn names(app: &App) {
    post(app, "/v1/categories", json!({"name": "World"}));
    let europe = json!({"name": "Europe", "parent": "world", "description": "North & south."});
    post(app, "/v1/categories", europe);
    post(
        app,
        "/v1/categories",
        json!({"name": "Nordic", "parent": "europe"}),
    );
    patch(app, "/v1/categories/europe", json!({"slug": "euro"}));
    let author = json!({
        "name": "Ada Moe", "description": "Writes: \"a lot\".", "avatar": "https://images.example.com/ada.png",
    });
    post(app, "/v1/authors", author);
    for tag in ["Old", "Ferries", "Spare"] {
        post(app, "/v1/tags", json!({"name": tag}));
    }
    patch(
        app,
        "/v1/tags/ferries",
        json!({"slug": "boats", "description": "Afloat"}),
    );
    delete(app, "/v1/tags/old");
    delete(app, "/v1/tags/spare");
}

/// The date of the article that has one of so many days.
pub fn day(number: i64) -> Value {
    json!(date(number))
}

/// An article as an editor sees it.
pub fn read(app: &App, slug: &str) -> Value {
    let path = format!("/v1/articles/{slug}?body=blocks,html,markdown,text");
    app.read(&path).ok().json()
}

/// What formats of others must keep of an article.
pub fn kept(app: &App, slug: &str) -> Value {
    let article = read(app, slug);
    let names = |list: &Value| -> Vec<Value> {
        let list = list.as_array().unwrap().iter();
        list.map(|one| one["name"].clone()).collect()
    };
    json!({
        "title": article["title"],
        "summary": article["summary"],
        "category": article["category"]["name"],
        "tags": names(&article["tags"]),
        "html": article["body"]["html"],
        "image": article["image"]["url"],
        "alt": article["image"]["alt"],
        "caption": article["image"]["caption"],
    })
}
