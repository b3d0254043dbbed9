//! Revisions of articles.

use newsstand::model::caller::Scope;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, App, Kind, Postgres, Sqlite,
    content::{date, with},
    token,
};

const ANY: (&str, &str) = ("If-Match", "*");
const LIST: &str = "/v1/articles/one/revisions";

fn patch(app: &App, body: Value) -> Answer {
    app.edit("PATCH", "/v1/articles/one", &[ANY], &body).ok()
}

fn restore(app: &App, number: i64) -> Answer {
    let path = format!("{LIST}/{number}/restore");
    app.edit("POST", &path, &[], &Value::Null)
}

fn names(list: &Value) -> Vec<&str> {
    let names = list.as_array().unwrap().iter();
    names.map(|one| one["name"].as_str().unwrap()).collect()
}

fn numbers(page: &Value) -> Vec<i64> {
    let data = page["data"].as_array().unwrap().iter();
    data.map(|one| one["number"].as_i64().unwrap()).collect()
}

/// An article that was saved twice.
fn saved_twice(kind: Kind) -> App {
    let app = App::start(kind);
    app.create(&json!({
        "slug": "one", "title": "First title", "tags": ["Ferries"], "authors": ["Ada Moe"],
        "category": "Sea", "body": {"text": "The same line.\n\nThe first line."}, "note": "Begun",
    }));
    let second = json!({
        "title": "Second title", "tags": ["Rails"], "note": "Rewritten",
        "body": {"text": "The same line.\n\nThe second line."},
    });
    patch(&app, second);
    app
}

#[rstest]
fn every_save_is_kept_with_who_and_why(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = saved_twice(kind);
    // The same again is no save, whatever is said of it.
    patch(&app, json!({"title": "Second title"}));
    patch(&app, json!({"title": "Second title", "note": "The same"}));
    patch(&app, json!({"summary": "A summary."}));
    let list = app.read(LIST).ok().json();
    assert_eq!(numbers(&list), [3, 2, 1]);
    let member = |name: &str| -> Vec<Value> {
        let data = list["data"].as_array().unwrap().iter();
        data.map(|one| one[name].clone()).collect()
    };
    assert_eq!(
        member("note"),
        [json!(null), json!("Rewritten"), json!("Begun")]
    );
    assert_eq!(member("saved_by"), vec![json!("editor@example.com"); 3]);
    assert_eq!(
        member("title"),
        ["Second title", "Second title", "First title"]
    );
    assert_eq!(member("current"), [true, false, false]);
    let times = member("saved_at");
    assert!(
        times.iter().rev().is_sorted_by_key(|time| time.as_str()),
        "{times:?}"
    );
}

#[rstest]
fn the_list_is_paged_by_cursor_and_by_number(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = saved_twice(kind);
    for number in 3..=5 {
        patch(&app, json!({"title": format!("Title {number}")}));
    }
    let mut pages = Vec::new();
    let mut next = Some(format!("{LIST}?limit=2"));
    let mut last = Value::Null;
    while let Some(path) = next {
        last = app.read(&path).ok().json();
        pages.push(numbers(&last));
        next = last["links"]["next"].as_str().map(str::to_owned);
        if pages.len() == 1 {
            // What is saved meanwhile moves nothing.
            patch(&app, json!({"title": "Title 6"}));
        }
    }
    assert_eq!(pages, [vec![5, 4], vec![3, 2], vec![1]]);
    let back = app.read(last["links"]["prev"].as_str().unwrap()).ok();
    assert_eq!(numbers(&back.json()), [3, 2]);
    let page = app.read(&format!("{LIST}?limit=4&page=2")).ok().json();
    assert_eq!(numbers(&page), [2, 1]);
    assert_eq!(
        (&page["page"]["total"], &page["page"]["total_pages"]),
        (&json!(6), &json!(2))
    );
    let counted = app.read(&format!("{LIST}?count=exact")).ok().json();
    assert_eq!(counted["page"]["total"], 6);
    for (query, named) in [
        ("limit=0", "limit"),
        ("cursor=zzz", "cursor"),
        ("sort=x", "sort"),
    ] {
        let answer = app.read(&format!("{LIST}?{query}"));
        assert_eq!(answer.problem(400).1, [named]);
    }
}

#[rstest]
fn a_revision_shows_what_the_article_was(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = saved_twice(kind);
    let first = app.read(&format!("{LIST}/1")).ok();
    assert_eq!(
        first.header("cache-control").as_deref(),
        Some("private, no-store")
    );
    let first = first.json();
    assert_eq!(first["revision"]["note"], "Begun");
    assert_eq!(first["article"]["title"], "First title");
    assert_eq!(names(&first["article"]["tags"]), ["Ferries"]);
    assert_eq!(
        first["article"]["body"]["html"],
        "<p>The same line.</p>\n<p>The first line.</p>"
    );
    let latest = app.read(&format!("{LIST}/2")).ok().json();
    assert_eq!(latest["revision"]["current"], true);
    assert_eq!(latest["article"], app.read("/v1/articles/one").ok().json());
    app.edit("DELETE", "/v1/tags/ferries", &[ANY], &Value::Null);
    let again = app.read(&format!("{LIST}/1")).ok().json();
    assert_eq!(names(&again["article"]["tags"]), ["Ferries"]);
}

#[rstest]
fn restoring_makes_a_new_revision_of_an_old_text(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = saved_twice(kind);
    let live = json!({"slug": "moved", "status": "published", "published_at": date(1)});
    patch(
        &app,
        with(live, json!({"featured": true, "summary": "A summary."})),
    );
    let path = "/v1/articles/moved";
    let before = app.get(path).ok().json();
    let answer = app.edit(
        "POST",
        &format!("{path}/revisions/1/restore"),
        &[],
        &json!({}),
    );
    let after = answer.ok().json();
    for name in ["id", "slug", "status", "published_at", "first_published_at"] {
        assert_eq!(after[name], before[name], "{name}");
    }
    assert_eq!(after["title"], "First title");
    assert_eq!(names(&after["tags"]), ["Ferries"]);
    assert_eq!(
        (&after["featured"], &after["summary"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        after["body"]["html"],
        "<p>The same line.</p>\n<p>The first line.</p>"
    );
    assert_eq!(app.get(path).ok().json(), after, "readers see it");
    let list = app.read(&format!("{path}/revisions")).ok().json();
    assert_eq!(numbers(&list), [4, 3, 2, 1]);
    assert_eq!(
        (&list["data"][0]["note"], &list["data"][0]["current"]),
        (&json!("restored from revision 1"), &json!(true))
    );
    let third = app.read(&format!("{path}/revisions/3")).ok().json();
    assert_eq!(
        third["article"]["title"], "Second title",
        "nothing was lost"
    );
    let log = app.get("/v1/changes?limit=100").ok().json();
    let last = log["data"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["change"], &last["id"]),
        (&json!("updated"), &after["id"])
    );
}

#[rstest]
fn restoring_takes_names_as_they_are_now(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = saved_twice(kind);
    let edit = |method: &str, path: &str, body: Value| {
        let answer = app.edit(method, path, &[ANY], &body);
        assert!(answer.status < 300, "{}", answer.text());
    };
    let renamed = json!({"name": "Boats", "slug": "boats"});
    edit("PATCH", "/v1/tags/ferries", renamed);
    edit("PATCH", "/v1/authors/ada-moe", json!({"name": "Ada Ek"}));
    edit(
        "PATCH",
        "/v1/categories/sea",
        json!({"name": "Water", "slug": "water"}),
    );
    let restored = restore(&app, 1).ok().json();
    assert_eq!(names(&restored["tags"]), ["Boats"]);
    assert_eq!(names(&restored["authors"]), ["Ada Ek"]);
    assert_eq!(restored["category"]["slug"], "water");
    edit("DELETE", "/v1/tags/rails", Value::Null);
    let restored = restore(&app, 2).ok().json();
    assert_eq!(names(&restored["tags"]), ["Rails"], "made anew");
    assert_eq!(app.read("/v1/tags/rails").ok().json()["name"], "Rails");
}

#[rstest]
fn a_restoration_that_can_not_be_is_refused(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = saved_twice(kind);
    let before = app.read("/v1/articles/one").ok();
    let tag = before.header("etag").unwrap();
    patch(&app, json!({"summary": "Other"}));
    let path = format!("{LIST}/1/restore");
    app.edit("POST", &path, &[("If-Match", &tag)], &Value::Null)
        .problem(412);
    assert_eq!(
        app.edit("POST", &path, &[], &json!({"a": 1}))
            .problem(400)
            .1,
        ["/a"]
    );
    restore(&app, 9).problem(404);
    assert_eq!(restore(&app, 0).problem(400).1, ["number"]);
    app.send("POST", &path, &[]).problem(401);
    let reader = token(&[Scope::ReadDrafts]);
    app.edit_as(&reader, "POST", &path, &[], &Value::Null)
        .problem(403);
    assert_eq!(numbers(&app.read(LIST).ok().json()), [3, 2, 1]);
}

#[rstest]
fn two_revisions_are_compared(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = saved_twice(kind);
    let diff = |from: i64, to: i64| app.read(&format!("{LIST}/{from}/diff/{to}")).ok().json();
    let member = |name: &str, from: &str, to: &str| json!({"name": name, "from": from, "to": to});
    let there = diff(1, 2);
    assert_eq!(
        (&there["from"]["number"], &there["to"]["number"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(
        there["members"],
        json!([
            member("title", "First title", "Second title"),
            member("tags", "Ferries", "Rails"),
        ])
    );
    assert_eq!(
        (&there["added_lines"], &there["removed_lines"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        there["unified"],
        "@@ -1,3 +1,3 @@\n The same line.\n \n-The first line.\n+The second line.\n"
    );
    let back = diff(2, 1);
    assert_eq!(
        back["members"][0],
        member("title", "Second title", "First title")
    );
    assert_eq!(
        back["unified"],
        "@@ -1,3 +1,3 @@\n The same line.\n \n-The second line.\n+The first line.\n"
    );
    let same = diff(2, 2);
    assert_eq!(
        (&same["members"], &same["unified"]),
        (&json!([]), &json!(""))
    );
    assert_eq!(
        (&same["added_lines"], &same["removed_lines"]),
        (&json!(0), &json!(0))
    );
}

#[rstest]
fn only_numbers_of_revisions_are_taken(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = saved_twice(kind);
    for number in [
        "0",
        "-1",
        "x",
        "1.5",
        "+1",
        "1e0",
        "1000000001",
        "99999999999999999999",
    ] {
        for (path, named) in [
            (format!("{LIST}/{number}"), "number"),
            (format!("{LIST}/{number}/diff/1"), "from"),
            (format!("{LIST}/1/diff/{number}"), "to"),
        ] {
            assert_eq!(app.read(&path).problem(400).1, [named], "{path}");
        }
    }
    for path in ["9", "1/diff/9", "9/diff/1"] {
        assert_eq!(
            app.read(&format!("{LIST}/{path}")).problem(404).0,
            "not_found"
        );
    }
    app.read("/v1/articles/none/revisions").problem(404);
}

#[rstest]
fn revisions_are_for_who_may_read_drafts(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = saved_twice(kind);
    let writer = token(&[Scope::Write, Scope::Publish]);
    let reader = token(&[Scope::ReadDrafts]);
    for path in ["", "/1", "/1/diff/2"] {
        let path = format!("{LIST}{path}");
        app.get(&path).problem(401);
        let answer = app.edit_as(&writer, "GET", &path, &[], &Value::Null);
        assert_eq!(answer.problem(403).0, "insufficient_scope");
        app.edit_as(&reader, "GET", &path, &[], &Value::Null).ok();
    }
}

#[rstest]
fn a_former_slug_leads_to_the_same_revision(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = saved_twice(kind);
    patch(&app, json!({"slug": "two"}));
    for tail in ["", "?limit=1", "/1", "/1/diff/2"] {
        let answer = app.read(&format!("{LIST}{tail}"));
        assert_eq!(answer.status, 308, "{tail}");
        let location = answer.header("location").unwrap();
        assert_eq!(location, format!("/v1/articles/two/revisions{tail}"));
        app.read(&location).ok();
    }
    let answer = restore(&app, 1);
    assert_eq!(
        (answer.status, answer.header("location").as_deref()),
        (308, Some("/v1/articles/two/revisions/1/restore"))
    );
}
