//! Articles created, replaced and changed.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, App, Kind, Postgres, Sqlite,
    content::{article, date, with},
    send_as_editor,
};

/// Whatever the state is.
pub(super) const ANY: (&str, &str) = ("If-Match", "*");
pub(super) const JSON: (&str, &str) = ("Content-Type", "application/json");

pub(super) fn etag(answer: &Answer) -> String {
    answer.header("etag").expect("an entity tag")
}

pub(super) fn published(slug: &str) -> Value {
    with(article(slug, 1), json!({"status": "published"}))
}

/// An article with something in every member.
fn full() -> Value {
    let members = json!({
        "category": "Sea", "tags": ["Ferries", "Tides"], "authors": ["Ada Moe"],
        "featured": true, "language": "nb", "reading_minutes": 9,
        "canonical_url": "https://elsewhere.example.com/a",
        "image": {"url": "https://example.com/a.jpg", "credit": "Bo Ek"},
    });
    with(published("one"), members)
}

#[rstest]
fn a_new_article_is_a_draft_with_a_slug_of_its_own(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let sent = json!({"title": "Été à Ørsted, 北京", "body": {"text": "Words."}});
    let answer = app.edit("POST", "/v1/articles", &[], &sent);
    assert_eq!(answer.status, 201);
    let made = answer.json();
    assert_eq!(made["status"], "draft");
    assert_eq!(made["slug"], "ete-a-orsted-bei-jing");
    assert!(made["published_at"].is_null() && made["first_published_at"].is_null());
    let location = answer.header("location").unwrap();
    assert_eq!(
        location,
        format!("/v1/articles/{}", made["id"].as_str().unwrap())
    );
    let read = app.read(&location).ok();
    assert_eq!(
        (read.json(), etag(&read)),
        (made.clone(), etag(&answer)),
        "what was answered is what is there"
    );
    app.get(&location).problem(404);
    assert_eq!(app.create(&sent).0["slug"], "ete-a-orsted-bei-jing-2");
    assert_eq!(app.create(&sent).0["slug"], "ete-a-orsted-bei-jing-3");
    let retitled = app.edit("PATCH", &location, &[ANY], &json!({"title": "Winter"}));
    assert_eq!(retitled.ok().json()["slug"], made["slug"]);
}

#[rstest]
fn titles_and_names_go_without_the_white_space_around_them(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let members = json!({"title": " \u{A0}Both ends\n", "tags": [" Ferries "]});
    let (made, _) = app.create(&with(article("one", 1), members));
    assert_eq!(made["title"], "Both ends");
    assert_eq!(made["tags"][0]["name"], "Ferries");
    let title = json!({"title": "\tOther ends "});
    let patched = app.edit("PATCH", "/v1/articles/one", &[ANY], &title).ok();
    assert_eq!(patched.json()["title"], "Other ends");
    // What is invisible and means something stays.
    let title = json!({"title": "\u{200F}שלום"});
    let patched = app.edit("PATCH", "/v1/articles/one", &[ANY], &title).ok();
    assert_eq!(patched.json()["title"], "\u{200F}שלום");
    let batch = json!([
        with(article("two", 1), json!({"title": " Two "})),
        with(article("three", 1), json!({"title": "\u{2060}"})),
    ]);
    let answer = app.edit("POST", "/v1/articles/batch?atomic=false", &[], &batch);
    let answer = answer.ok().json();
    assert_eq!(
        (&answer["created"], &answer["refused"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(app.read("/v1/articles/two").ok().json()["title"], "Two");
}

#[rstest]
fn replacing_empties_what_is_left_out(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (before, tag) = app.create(&full());
    let bare = json!({"title": "Bare", "body": {"text": "Bare words."}});
    let path = "/v1/articles/one";
    let answer = app.edit("PUT", path, &[("If-Match", &tag)], &bare).ok();
    let after = answer.json();
    for name in ["summary", "category", "image", "canonical_url"] {
        assert!(after[name].is_null(), "{name}");
    }
    assert_eq!(
        (&after["tags"], &after["authors"], &after["featured"]),
        (&json!([]), &json!([]), &json!(false))
    );
    assert_eq!(after["reading_minutes"], 1);
    assert_eq!(after["body"]["html"], "<p>Bare words.</p>");
    for name in [
        "id",
        "slug",
        "status",
        "published_at",
        "first_published_at",
        "language",
    ] {
        assert_eq!(after[name], before[name], "{name}");
    }
    let known = with(bare, json!({"external_id": "test-one"}));
    let batch = app.edit("POST", "/v1/articles/batch", &[], &json!([known]));
    let batch = batch.ok().json();
    assert_eq!(batch["unchanged"], 1, "the external id stayed");
    assert_eq!(batch["data"][0]["id"], before["id"]);
}

#[rstest]
fn a_patch_changes_what_it_names_and_nothing_else(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (before, _) = app.create(&full());
    let path = "/v1/articles/one";
    let blocks = || app.get("/v1/articles/one?body=blocks").ok().json()["body"].clone();
    let blocks_before = blocks();
    let merge = ("Content-Type", "application/merge-patch+json");
    let patch = |fields: &[(&str, &str)], body: Value| app.edit("PATCH", path, fields, &body);
    let after = patch(&[ANY, merge], json!({"title": "Other"})).ok().json();
    assert_eq!(after["title"], "Other");
    for (name, value) in before.as_object().unwrap() {
        if !["title", "modified_at", "updated_at"].contains(&name.as_str()) {
            assert_eq!(after[name], *value, "{name}");
        }
    }
    assert_eq!(blocks(), blocks_before);
    let no_url = patch(&[ANY], json!({"image": {"url": null}}));
    assert_eq!(no_url.problem(400).1, ["/image/url"]);
    let image = patch(&[ANY], json!({"image": {"alt": "A ferry", "credit": null}}));
    let image = image.ok().json()["image"].clone();
    assert_eq!(
        (&image["url"], &image["alt"], &image["credit"]),
        (&after["image"]["url"], &json!("A ferry"), &Value::Null)
    );
    let emptied = patch(
        &[ANY, merge],
        json!({"summary": null, "category": null, "tags": null}),
    );
    let emptied = emptied.ok().json();
    assert!(emptied["summary"].is_null() && emptied["category"].is_null());
    assert_eq!(
        (&emptied["tags"], &emptied["authors"]),
        (&json!([]), &before["authors"])
    );
    let rewritten = patch(&[ANY], json!({"body": {"markdown": "## Fares\n\n*New*."}})).ok();
    assert_eq!(
        rewritten.json()["body"]["html"],
        "<h2 id=\"fares\">Fares</h2>\n<p><em>New</em>.</p>"
    );
    assert_eq!(rewritten.json()["title"], "Other");
    for (refused, named) in [
        (json!({"title": null}), "/title"),
        (json!({"body": null}), "/body"),
        (json!({"titel": "x"}), "/titel"),
        (json!(["title"]), ""),
    ] {
        assert_eq!(patch(&[ANY], refused).problem(400).1, [named]);
    }
    let same = patch(&[ANY], json!({}));
    assert_eq!(etag(&same.ok()), etag(&rewritten), "nothing was written");
}

#[rstest]
fn who_prefers_little_gets_no_body(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let minimal = ("Prefer", "return=minimal");
    let sent = article("one", 1).to_string();
    let made = send_as_editor(app.address, "POST", "/v1/articles", &[JSON, minimal], &sent);
    let location = made.header("location").unwrap();
    let tag = etag(&made);
    let title = json!({"title": "Other"});
    let also = ("prefer", "respond-async, RETURN = \"Minimal\"");
    let changed = app.edit("PATCH", &location, &[("If-Match", &tag), also], &title);
    for (answer, status) in [(&made, 201), (&changed, 204)] {
        assert_eq!((answer.status, answer.body.len()), (status, 0));
        let applied = answer.header("preference-applied");
        assert_eq!(applied.as_deref(), Some("return=minimal"));
    }
    let read = app.read(&location).ok();
    assert_eq!(
        (etag(&read), &read.json()["title"]),
        (etag(&changed), &json!("Other"))
    );
}

#[rstest]
fn only_an_editor_who_says_so_moves_the_date(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (made, _) = app.create(&published("one"));
    let path = "/v1/articles/one";
    let replacement = json!({"title": "Third", "body": {"text": "Third."}});
    for (method, body) in [
        ("PATCH", json!({"title": "Second"})),
        (
            "PATCH",
            json!({"body": {"text": "Second."}, "status": "published"}),
        ),
        ("PUT", replacement.clone()),
    ] {
        let saved = app.edit(method, path, &[ANY], &body).ok().json();
        assert_eq!(saved["published_at"], date(1));
        assert_eq!(saved["first_published_at"], made["first_published_at"]);
    }
    let moved = app.edit("PATCH", path, &[ANY], &json!({"published_at": date(5)}));
    assert_eq!(moved.ok().json()["published_at"], date(5));
    let future = json!({"status": "published", "published_at": "2999-01-01T00:00:00Z"});
    let new = with(article("two", 1), future.clone());
    for (method, path, body) in [
        ("POST", "/v1/articles", new),
        ("PUT", path, with(replacement, future.clone())),
        ("PATCH", path, future),
        (
            "PATCH",
            path,
            json!({"published_at": "2999-01-01T00:00:00Z"}),
        ),
    ] {
        let answer = app.edit(method, path, &[ANY], &body);
        assert_eq!(answer.problem(400).1, ["/published_at"], "{method}");
    }
    assert_eq!(app.get(path).ok().json()["published_at"], date(5));
    app.read("/v1/articles/two").problem(404);
}

#[rstest]
fn whole_numbers_may_be_written_with_a_point(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let members = json!({
        "reading_minutes": 571.0,
        "image": {"url": "https://example.com/a.jpg", "width": 30.0, "height": 2e1},
        "body": {"blocks": [
            {"_type": "block", "listItem": "bullet", "level": 1.0, "children": [{"text": "x"}]},
            {"_type": "image", "url": "https://example.com/b.jpg", "width": 3.0, "height": null},
        ]},
    });
    app.create(&with(article("one", 1), members));
    let stored = app.read("/v1/articles/one?body=blocks").ok().json();
    assert_eq!(stored["reading_minutes"], json!(571));
    assert_eq!(stored["image"]["width"], json!(30));
    assert_eq!(stored["image"]["height"], json!(20));
    let blocks = &stored["body"]["blocks"];
    assert_eq!(blocks[0]["level"], json!(1));
    assert_eq!(blocks[1]["width"], json!(3));
    let patch = json!({"reading_minutes": 12.0});
    let patched = app.edit("PATCH", "/v1/articles/one", &[ANY], &patch);
    assert_eq!(patched.ok().json()["reading_minutes"], json!(12));
    for bad in [json!(1.5), json!(0.0), json!(1e300)] {
        let patch = json!({"reading_minutes": bad});
        let refused = app.edit("PATCH", "/v1/articles/one", &[ANY], &patch);
        assert_eq!(refused.problem(400).1, ["/reading_minutes"], "{bad}");
    }
}
