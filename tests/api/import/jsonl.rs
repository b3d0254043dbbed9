//! `newsstand import jsonl`

use rstest::rstest;
use serde_json::json;

use crate::{
    import::import,
    support::{App, Kind, Postgres, Sqlite},
};

#[rstest]
fn every_member_goes_in_and_comes_out(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let line = json!({
        "external_id": "x-1", "slug": "given-slug", "title": "Title", "summary": "Summary",
        "category": ["World", "Europe"], "tags": ["One", "Two"], "authors": ["Bo Ek", "Ada Moe"],
        "published_at": "2025-08-09T10:00:00+02:00", "status": "published", "language": "nb-NO",
        "featured": true, "reading_minutes": 7,
        "image": {"url": "https://images.example.com/a.jpg", "alt": "A", "width": 3, "height": 2, "caption": "C", "credit": "D"},
        "canonical_url": "https://elsewhere.example.com/a",
        "body": {"html": "<p>Hello <b>there</b></p>"},
    });
    let run = import(&app, "jsonl", &[], &format!("\n{line}\n\n"));
    assert_eq!(
        run.out, "created 1, updated 0, unchanged 0, refused 0\n",
        "{}",
        run.told
    );
    let article = app.get("/v1/articles/given-slug").ok().json();
    for name in [
        "slug",
        "title",
        "summary",
        "status",
        "language",
        "featured",
        "reading_minutes",
        "image",
        "canonical_url",
    ] {
        assert_eq!(article[name], line[name], "{name}");
    }
    assert_eq!(article["published_at"], "2025-08-09T08:00:00.000Z");
    assert_eq!(article["category"]["slug"], "europe");
    assert_eq!(article["authors"][0]["name"], "Bo Ek");
    assert_eq!(
        article["body"]["html"],
        "<p>Hello <strong>there</strong></p>"
    );
}

#[rstest]
fn bad_lines_are_named_and_good_ones_taken(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let lines = [
        r#"{"title": "Good", "body": {"text": "x"}}"#,
        r#"{"title": "Bad" "#,
        r#"{"titel": "x", "body": {"text": "x"}}"#,
        r#"{"title": "x", "body": {"text": "x", "html": "y"}}"#,
        r#"{"title": "x", "body": {}}"#,
        r#"{"title": "x", "body": {"text": "  "}}"#,
        r#"{"title": "x\u0000", "body": {"text": "x"}}"#,
        r#"{"title": "x", "body": {"text": "a\u0000b"}}"#,
        r#"{"title": "\ud800", "body": {"text": "x"}}"#,
        r#"{"title": "x", "slug": "0198a5d2-7c4e-7bbb-8a53-2f6f3a1c9e10", "body": {"text": "x"}}"#,
        r#"{"title": "x", "slug": "Not A Slug", "body": {"text": "x"}}"#,
        r#"{"title": "x", "status": "publish", "body": {"text": "x"}}"#,
        r#"{"title": "x", "published_at": "2025-08-09 10:00", "body": {"text": "x"}}"#,
        r#"{"title": "x", "published_at": "2999-08-09T10:00:00Z", "body": {"text": "x"}}"#,
        r#"{"title": "x", "image": {"url": "javascript:x"}, "body": {"text": "x"}}"#,
        r#"{"title": "x", "tags": "one", "body": {"text": "x"}}"#,
        r#"{"title": "x", "reading_minutes": 0, "body": {"text": "x"}}"#,
        r#"{"title": "x", "featured": 1, "body": {"text": "x"}}"#,
        r#"{"title": "x", "language": "e", "body": {"text": "x"}}"#,
        r#"[1]"#,
        r#""text""#,
    ];
    let run = import(&app, "jsonl", &[], &lines.join("\n"));
    assert_eq!(
        run.out, "created 1, updated 0, unchanged 0, refused 20\n",
        "{}",
        run.told
    );
    assert_eq!(run.status, 3);
    for told in [
        "-:2: is not JSON",
        "-:3: /titel is not known; valid are external_id, slug, title",
        "(did you mean \"title\"?); /title is required",
        "-:4: /body must have exactly one of",
        "-:7: /title can't contain the character U+0000",
        "-:10: /slug must be lower-case",
        "-:12: /status must be one of draft, scheduled, published, unpublished (did you mean \"published\"?)",
        "-:14: /published_at lies in the future",
        "-:15: /image/url must be",
        "-:17: /reading_minutes must be a whole number from 1 to",
    ] {
        assert!(run.told.contains(told), "{told} in {}", run.told);
    }
}

#[rstest]
fn hostile_markup_is_refused_quickly_and_sanitised(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let deep = json!({"title": "Deep", "body": {"html": "<div>".repeat(100_000)}});
    let script = json!({"title": "Script", "body": {"html": "<p>a<script>alert(1)</script><img src=x onerror=y></p>"}});
    let started = std::time::Instant::now();
    let run = import(&app, "jsonl", &[], &format!("{deep}\n{script}"));
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
    assert_eq!(
        run.out, "created 1, updated 0, unchanged 0, refused 1\n",
        "{}",
        run.told
    );
    let body = app.get("/v1/articles/script?body=html,blocks").ok().text();
    assert!(
        !body.contains("script>") && !body.contains("onerror"),
        "{body}"
    );
}

#[rstest]
fn the_same_title_gets_another_slug_and_a_taken_slug_is_refused(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = App::start(kind);
    let line = |id: &str, slug: Option<&str>| {
        json!({"external_id": id, "slug": slug, "title": "Same", "body": {"text": id}}).to_string()
    };
    let run = import(
        &app,
        "jsonl",
        &[],
        &[line("1", None), line("2", None), line("3", Some("third"))].join("\n"),
    );
    assert_eq!(
        run.out, "created 3, updated 0, unchanged 0, refused 0\n",
        "{}",
        run.told
    );
    let mut slugs = app.slugs("/v1/articles");
    slugs.sort();
    assert_eq!(slugs, ["same", "same-2", "third"]);
    // Moving onto another's slug would lead that one's readers astray; the rest of the file goes in.
    let run = import(
        &app,
        "jsonl",
        &[],
        &[line("3", Some("same")), line("4", None)].join("\n"),
    );
    assert_eq!(
        (run.status, run.out.as_str()),
        (3, "created 1, updated 0, unchanged 0, refused 1\n"),
        "{}",
        run.told
    );
    assert!(
        run.told
            .contains("-:1: /slug \"same\" is, or was, another article's"),
        "{}",
        run.told
    );
}

#[test]
fn a_file_that_can_not_be_read_changes_nothing() {
    let app = App::start(Sqlite);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_newsstand"))
        .args(["import", "jsonl", "/nowhere/at-all.jsonl"])
        .env("DATABASE_URL", &app.database.url)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("/nowhere/at-all.jsonl can't be read")
    );
}

#[rstest]
fn hundreds_may_share_a_title(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let line = |n: u32| {
        json!({"external_id": n.to_string(), "title": "Morning briefing", "body": {"text": n.to_string()}}).to_string()
    };
    let lines: Vec<String> = (0..140).map(line).collect();
    let run = import(&app, "jsonl", &[], &lines.join("\n"));
    assert_eq!(
        run.out, "created 140, updated 0, unchanged 0, refused 0\n",
        "{}",
        run.told
    );
    let again = import(&app, "jsonl", &[], &lines.join("\n"));
    assert_eq!(
        again.out,
        "created 0, updated 0, unchanged 140, refused 0\n"
    );
}

#[rstest]
fn what_has_no_external_id_is_known_by_slug_or_by_itself(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let put = |line: serde_json::Value| import(&app, "jsonl", &[], &line.to_string()).out;
    let bare = json!({"title": "Bare", "body": {"text": "Words."}});
    assert!(put(bare.clone()).starts_with("created 1,"));
    assert!(put(bare).starts_with("created 0, updated 0, unchanged 1,"));
    // Another story under the same title is another article.
    assert!(put(json!({"title": "Bare", "body": {"text": "Others."}})).starts_with("created 1,"));
    let keyed =
        json!({"external_id": "E1", "slug": "shared", "title": "Keyed", "body": {"text": "x"}});
    assert!(put(keyed.clone()).starts_with("created 1,"));
    let by_slug = json!({"slug": "shared", "title": "Keyed anew", "body": {"text": "x"}});
    assert!(put(by_slug.clone()).starts_with("created 0, updated 1,"));
    assert!(put(by_slug).starts_with("created 0, updated 0, unchanged 1,"));
    assert!(
        put(keyed).starts_with("created 0, updated 1,"),
        "the external id is kept"
    );
    let other =
        json!({"external_id": "E2", "slug": "shared", "title": "Other", "body": {"text": "y"}});
    for _ in 0..2 {
        assert_eq!(
            put(other.clone()),
            "created 0, updated 0, unchanged 0, refused 1\n"
        );
    }
}

#[rstest]
fn a_line_that_is_too_long_is_passed_over(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let long = json!({"title": "Long", "body": {"text": "x".repeat(34 * 1024 * 1024)}});
    let good = json!({"title": "Good", "body": {"text": "x"}});
    let run = import(&app, "jsonl", &[], &format!("{long}\n{good}\n"));
    assert_eq!(
        run.out, "created 1, updated 0, unchanged 0, refused 1\n",
        "{}",
        run.told
    );
    assert!(
        run.told.contains("-:1: a line may have at most"),
        "{}",
        run.told
    );
}

#[test]
fn bounds_hold_where_content_hides_from_them() {
    let app = App::start(Sqlite);
    let nul = |block: &str| format!("{{\"title\": \"x\", \"body\": {{\"blocks\": [{block}]}}}}");
    let deep: Vec<String> = (0..8).map(|n| format!("Level {n}")).collect();
    let deeper = ["Level 7", "Level 8"];
    let lines = [
        nul(r#"{"_type": "code", "code": "x", "language": "a\u0000"}"#),
        nul(r#"{"_type": "image", "url": "https://example.com/\u0000"}"#),
        json!({"title": "Deep", "category": deep, "body": {"text": "x"}}).to_string(),
        json!({"title": "Deeper", "category": deeper, "body": {"text": "x"}}).to_string(),
    ];
    let run = import(&app, "jsonl", &[], &lines.join("\n"));
    assert_eq!(
        run.out, "created 1, updated 0, unchanged 0, refused 3\n",
        "{}",
        run.told
    );
    assert!(
        run.told
            .contains("-:4: /category may lead at most 8 levels deep"),
        "{}",
        run.told
    );
}

#[rstest]
fn two_articles_under_one_id_are_told_apart(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let line =
        |text: &str| json!({"external_id": "1", "title": "T", "body": {"text": text}}).to_string();
    let lines = [line("one"), line("one"), line("another")].join("\n");
    for created in [1, 0] {
        let run = import(&app, "jsonl", &[], &lines);
        assert_eq!(
            run.out,
            format!(
                "created {created}, updated 0, unchanged {}, refused 1\n",
                2 - created
            ),
            "{}",
            run.told
        );
        assert!(
            run.told
                .contains("-:3: has the id of another article of this import"),
            "{}",
            run.told
        );
    }
}
