//! `newsstand export jsonl`, and the exact restore of what it wrote.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    export::{ANY, done, export, filled, import_path, run},
    import::import,
    support::{App, Kind, Postgres, Sqlite},
};

/// Everything that an editor and a reader are answered about the content.
fn seen(app: &App) -> Vec<(String, u16, Option<String>, Value)> {
    let mut paths: Vec<String> = Vec::new();
    for slug in ["first", "draft", "later", "back"] {
        paths.push(format!(
            "/v1/articles/{slug}?body=blocks,html,markdown,text"
        ));
        paths.push(format!("/v1/articles/{slug}/related-pins"));
        paths.push(format!("/v1/articles/{slug}/revisions?limit=100"));
        paths.push(format!("/v1/articles/{slug}/revisions/1"));
    }
    paths.push("/v1/articles/first/revisions/2".to_owned());
    paths.push("/v1/articles/first/revisions/3".to_owned());
    for list in ["categories", "authors", "tags"] {
        paths.push(format!("/v1/{list}?limit=100"));
    }
    // Former slugs, and what was deleted.
    for path in [
        "articles/one",
        "articles/deleted",
        "articles/deleted-later",
        "articles/secret",
        "categories/europe",
        "tags/ferries",
        "tags/old",
    ] {
        paths.push(format!("/v1/{path}"));
    }
    let editors = paths.iter().map(|path| (path, app.read(path)));
    let needs_token = |path: &str| path.contains("/related-pins") || path.contains("/revisions");
    let readers = paths.iter().filter(|path| !needs_token(path));
    let readers = readers.map(|path| (path, app.get(path)));
    let answers = editors.chain(readers).map(|(path, answer)| {
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if let Some(members) = body.as_object_mut() {
            members.remove("request_id");
            members.remove("instance");
            members.remove("links");
        }
        (path.clone(), answer.status, answer.header("location"), body)
    });
    answers.collect()
}

fn file(app: &App, folder: &tempfile::TempDir, name: &str) -> std::path::PathBuf {
    let path = folder.path().join(name);
    export(app, "jsonl", &path);
    path
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[rstest]
fn an_export_is_restored_exactly_on_either_database(
    #[values(Sqlite, Postgres)] from: Kind,
    #[values(Sqlite, Postgres)] to: Kind,
) {
    let app = filled(from);
    let folder = tempfile::tempdir().unwrap();
    let path = file(&app, &folder, "one.jsonl");
    let other = App::start(to);
    let done = import_path(&other, "jsonl", &path);
    assert!(
        done.out
            .starts_with("created 4, updated 0, unchanged 0, refused 0"),
        "{}{}",
        done.out,
        done.told
    );
    for (before, after) in seen(&app).into_iter().zip(seen(&other)) {
        assert_eq!(before, after);
    }
    let again = file(&other, &folder, "two.jsonl");
    let (one, two) = (
        std::fs::read_to_string(&path).unwrap(),
        std::fs::read_to_string(&again).unwrap(),
    );
    for (one, two) in one.lines().zip(two.lines()) {
        assert_eq!(one, two);
    }
    assert_eq!(one, two);
    let doctor = run(&other, &["doctor"]);
    assert_eq!(doctor.status, 0, "{}", doctor.out);
}

#[rstest]
fn a_second_import_changes_nothing(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = filled(kind);
    let folder = tempfile::tempdir().unwrap();
    let path = file(&app, &folder, "one.jsonl");
    // Into the same database, and into another, twice.
    let other = App::start(kind);
    import_path(&other, "jsonl", &path);
    for app in [&app, &other] {
        let before = seen(app);
        let done = import_path(app, "jsonl", &path);
        assert!(
            done.out
                .starts_with("created 0, updated 0, unchanged 4, refused 0"),
            "{}{}",
            done.out,
            done.told
        );
        assert_eq!(before, seen(app));
    }
}

#[rstest]
fn what_was_changed_since_becomes_as_it_was(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = filled(kind);
    let folder = tempfile::tempdir().unwrap();
    let path = file(&app, &folder, "one.jsonl");
    let changed = json!({"title": "Another", "slug": "another"});
    done(app.edit("PATCH", "/v1/articles/first", &[ANY], &changed));
    let run = import_path(&app, "jsonl", &path);
    assert!(
        run.out
            .starts_with("created 0, updated 1, unchanged 3, refused 0"),
        "{}{}",
        run.out,
        run.told
    );
    let article = app.get("/v1/articles/first").ok().json();
    assert_eq!(article["title"], "Ærlig talt: 港の朝 🦀");
    // As a save of its own, after the others.
    let saves = app.read("/v1/articles/first/revisions").ok().json();
    assert_eq!(saves["data"].as_array().unwrap().len(), 5);
}

#[rstest]
fn clients_that_keep_in_step_are_told_of_what_was_restored(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = filled(kind);
    let folder = tempfile::tempdir().unwrap();
    let path = file(&app, &folder, "one.jsonl");
    let other = App::start(kind);
    import_path(&other, "jsonl", &path);
    let log = other.get("/v1/changes?limit=100").ok().json();
    let changes: Vec<(&str, &str)> = log["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["id"].as_str().unwrap(), one["change"].as_str().unwrap()))
        .collect();
    let live = other.get("/v1/articles/first").ok().json();
    assert!(changes.contains(&(live["id"].as_str().unwrap(), "published")));
    let text = std::fs::read_to_string(&path).unwrap();
    let graves = lines(&text).into_iter();
    let graves: Vec<Value> = graves.filter(|one| one["kind"] == "tombstone").collect();
    assert_eq!(graves.len(), 4, "two articles, two tags");
    for grave in graves {
        let told = changes.contains(&(grave["id"].as_str().unwrap(), "deleted"));
        assert_eq!(json!(told), grave["public"], "{grave}");
    }
    let draft = other.read("/v1/articles/draft").ok().json();
    assert!(
        changes
            .iter()
            .all(|(id, _)| *id != draft["id"].as_str().unwrap())
    );
}

#[rstest]
fn hostile_lines_are_refused_by_name(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = filled(Sqlite);
    let folder = tempfile::tempdir().unwrap();
    let path = file(&app, &folder, "one.jsonl");
    let lines = lines(&std::fs::read_to_string(path).unwrap());
    let whole = lines.iter().find(|one| one["slug"] == "first").unwrap();
    let tag = lines.iter().find(|one| one["kind"] == "tag").unwrap();
    let other = App::start(kind);
    let javascript = json!([{
        "_type": "block", "children": [{"text": "x", "marks": ["a"]}],
        "markDefs": [{"_type": "link", "_key": "a", "href": "javascript:alert(1)"}],
    }]);
    for (line, pointer, value, told) in [
        (
            whole,
            "/kind",
            json!("articel"),
            "/kind must be one of category, author",
        ),
        (
            whole,
            "/kind",
            json!(7),
            "/kind must be one of category, author",
        ),
        (whole, "/record", json!(null), "expected an object"),
        (whole, "/record/id", json!("x"), "/record/id must be a UUID"),
        (
            whole,
            "/record/version",
            json!(0),
            "/record/version must be a whole number",
        ),
        (
            whole,
            "/record/created_at",
            json!("soon"),
            "/record/created_at must be",
        ),
        (
            whole,
            "/record/created_at",
            json!(null),
            "/record/created_at is required",
        ),
        (
            whole,
            "/record/public_slug",
            json!("A b"),
            "/record/public_slug must be",
        ),
        (
            whole,
            "/record/first_published_at",
            json!(null),
            "/record/first_published_at is required",
        ),
        (
            whole,
            "/record/former_paths",
            json!(["javascript:x"]),
            "/record/former_paths/0 must be",
        ),
        (
            whole,
            "/record/former_slugs/0/slug",
            json!("A b"),
            "/record/former_slugs/0/slug must be",
        ),
        (
            whole,
            "/record/revisions",
            json!([]),
            "/record/revisions must have at least one",
        ),
        (
            whole,
            "/record/revisions/1/number",
            json!(7),
            "/record/revisions/1/number must follow",
        ),
        (
            whole,
            "/record/revisions/0/content",
            json!(null),
            "/record/revisions/0/content must be there",
        ),
        (
            whole,
            "/record/revisions/0/content",
            json!({"a": 1}),
            "/record/revisions/0/content is not what",
        ),
        (
            whole,
            "/record/revisions/0/content/title",
            json!("a\u{0}b"),
            "/record/revisions/0/content can't contain",
        ),
        (
            whole,
            "/record/revisions/0/content/body",
            javascript.clone(),
            "/record/revisions/0/content/body/blocks",
        ),
        (
            whole,
            "/record/revisions/0/content/image/url",
            json!("javascript:x"),
            "/record/revisions/0/content/image/url must be",
        ),
        (
            whole,
            "/record/revisions/0/content/tags/0/slug",
            json!("A b"),
            "/record/revisions/0/content/tags must have",
        ),
        (whole, "/body/blocks", javascript, "/body/blocks"),
        (whole, "/language", json!(null), "/language is required"),
        (whole, "/title", json!(""), "/title"),
        (tag, "/slug", json!("A b"), "/slug must be lower-case"),
        (tag, "/name", json!(""), "/name"),
        (
            tag,
            "/record/id",
            json!("0198A5D2-7C4E-7BBB-8A53-2F6F3A1C9E10"),
            "/record/id must be a UUID",
        ),
        (
            tag,
            "/record/updated_at",
            json!(3),
            "/record/updated_at must be",
        ),
    ] {
        let mut hostile = line.clone();
        *hostile.pointer_mut(pointer).unwrap() = value;
        let run = import(&other, "jsonl", &[], &hostile.to_string());
        assert!(
            run.told.contains("refused -:1: ") && run.told.contains(told),
            "{pointer}: {}",
            run.told
        );
        assert!(
            run.out
                .starts_with("created 0, updated 0, unchanged 0, refused 1"),
            "{pointer}: {}",
            run.out
        );
    }
    let lines = [
        json!({"kind": "tag", "name": "x", "slug": "x"}),
        json!({"kind": "tag", "name": "x", "slug": "x", "avatar": "https://a.example/x", "record": {}}),
        json!({"kind": "pins", "article": "nobody", "pinned": [], "excluded": []}),
        json!({"kind": "pins", "article": "a", "pinned": ["a"]}),
        json!({"kind": "former_slug", "of": "planet", "slug": "x"}),
        json!({"kind": "tombstone", "of": "tag", "id": "x", "slug": "x", "deleted_at": "2025-01-01"}),
        json!({"kind": "revision", "article": "0198a5d2-7c4e-7bbb-8a53-2f6f3a1c9e10", "number": 1}),
    ];
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    let run = import(&other, "jsonl", &[], &text.join("\n"));
    assert!(run.out.contains("refused 7"), "{}{}", run.out, run.told);
    assert!(
        other.read("/v1/tags").ok().json()["data"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[rstest]
fn markup_in_a_former_text_is_sanitised(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = filled(Sqlite);
    let folder = tempfile::tempdir().unwrap();
    let path = file(&app, &folder, "one.jsonl");
    let lines = lines(&std::fs::read_to_string(path).unwrap());
    let mut line = lines
        .into_iter()
        .find(|one| one["slug"] == "first")
        .unwrap();
    let html = "<p>a<script>alert(1)</script><img src=x onerror=y></p>";
    line["record"]["revisions"][0]["content"]["body"] = json!([{"_type": "html", "html": html}]);
    let other = App::start(kind);
    let run = import(&other, "jsonl", &[], &line.to_string());
    assert!(run.out.starts_with("created 1,"), "{}", run.told);
    let former = other.read("/v1/articles/first/revisions/1").ok().text();
    assert!(
        !former.contains("<script") && !former.contains("onerror"),
        "{former}"
    );
}

#[test]
fn many_long_revisions_have_lines_of_their_own() {
    let app = App::start(Sqlite);
    let text = |n: u32| format!("{n} {}", "word ".repeat(500_000));
    app.create(&json!({"slug": "long", "title": "Long", "body": {"text": text(0)}}));
    for n in 1..6 {
        let body = json!({"body": {"text": text(n)}});
        done(app.edit("PATCH", "/v1/articles/long", &[ANY], &body));
    }
    let out = run(&app, &["export", "jsonl", "-"]);
    assert_eq!(
        out.told,
        "exported 1 articles, 0 categories, 0 authors, 0 tags\n"
    );
    let kinds: Vec<Value> = lines(&out.out)
        .into_iter()
        .map(|one| one["kind"].clone())
        .collect();
    assert_eq!(kinds, ["article", "revision", "revision"]);
    let other = App::start(Sqlite);
    for wanted in [
        "created 1, updated 0, unchanged 0",
        "created 0, updated 0, unchanged 1",
    ] {
        let run = import(&other, "jsonl", &[], &out.out);
        assert!(run.out.starts_with(wanted), "{}{}", run.out, run.told);
    }
    assert_eq!(run(&other, &["export", "jsonl", "-"]).out, out.out);
    assert_eq!(run(&other, &["doctor"]).status, 0);
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let app = filled(Sqlite);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("there.jsonl");
    std::fs::write(&path, "mine").unwrap();
    let refused = run(&app, &["export", "jsonl", path.to_str().unwrap()]);
    assert_eq!(refused.status, 1);
    assert!(
        refused.told.contains("is there already"),
        "{}",
        refused.told
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    let forced = run(
        &app,
        &["export", "jsonl", "--force", path.to_str().unwrap()],
    );
    assert_eq!(forced.status, 0, "{}", forced.told);
    assert!(std::fs::read_to_string(&path).unwrap().ends_with("}\n"));
    let nowhere = folder.path().join("no/such/folder.jsonl");
    let failed = run(&app, &["export", "jsonl", nowhere.to_str().unwrap()]);
    assert_eq!(failed.status, 1);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
