//! Bodies that are not taken, each with what is wrong with it, and nothing half-written.

use rstest::rstest;
use serde_json::json;

use crate::support::{
    App, Kind, Postgres, Sqlite, client,
    content::{article, with},
    contract, editor, send_as_editor,
};

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn assert_nothing_is_there(app: &App) {
    for kind in ["articles", "categories", "authors", "tags"] {
        let all = app.read(&format!("/v1/{kind}?count=exact")).ok().json();
        assert_eq!(all["page"]["total"], 0, "{kind}");
    }
    assert_eq!(app.get("/v1/changes").ok().json()["data"], json!([]));
}

#[rstest]
fn what_is_wrong_is_named_and_nothing_is_written(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let long = format!(r#"{{"title":"{}","body":{{"text":"x"}}}}"#, "x".repeat(301));
    let cases: [(&str, &[&str]); 28] = [
        (
            r#"{"titel":"a","title":"b","body":{"text":"x"}}"#,
            &["/titel"],
        ),
        (
            r#"{"title":"a","image":{"ur":"x"},"body":{"text":"x"}}"#,
            &["/image/ur", "/image/url"],
        ),
        (
            r#"{"title":"a","image":{"alt":"x"},"body":{"text":"x"}}"#,
            &["/image/url"],
        ),
        (
            r#"{"title":"a","image":{"url":null},"body":{"text":"x"}}"#,
            &["/image/url"],
        ),
        (
            r#"{"title":"a","image":{"url":7,"alt":7,"width":0,"height":"1"},"body":{"text":"x"}}"#,
            &["/image/url", "/image/width", "/image/height", "/image/alt"],
        ),
        (r#"{"title":"a","title":"b","body":{"text":"x"}}"#, &[""]),
        (r#"{"title":"a","body":{"text":"x","text":"y"}}"#, &[""]),
        (
            r#"{"title":1,"tags":["New"],"authors":"A","featured":"yes","published_at":5,
                "reading_minutes":"3","status":"publishd","body":"x"}"#,
            &[
                "/title",
                "/authors",
                "/published_at",
                "/status",
                "/featured",
                "/reading_minutes",
                "/body",
            ],
        ),
        (
            r#"{"title":"a","tags":["New",7],"body":{"text":"x"}}"#,
            &["/tags/1"],
        ),
        (
            r#"{"title":"a","tags":["New"],"body":{"text":"x","html":"x"}}"#,
            &["/body"],
        ),
        (r#"{"title":"a","tags":["New"],"body":{}}"#, &["/body"]),
        (r#"{"title":"a","tags":["New"]}"#, &["/body"]),
        (
            r#"{"title":"a","body":{"blocks":[{"_type":"nonsense"}]}}"#,
            &["/body/blocks"],
        ),
        (r#"{"title":"a\u0000","body":{"text":"x"}}"#, &["/title"]),
        (
            r#"{"title":"a","tags":["New","\u0000"],"body":{"text":"x"}}"#,
            &["/tags/1"],
        ),
        (
            r#"{"title":"a","body":{"markdown":"x\u0000"}}"#,
            &["/body/markdown"],
        ),
        (r#"{"title":"a\ud800b","body":{"text":"x"}}"#, &[""]),
        (
            r#"{"title":"a","slug":"0198a5d2-7c4e-7bbb-8a53-2f6f3a1c9e10","body":{"text":"x"}}"#,
            &["/slug"],
        ),
        (
            r#"{"title":"a","published_at":"0000-01-01T00:00:00Z","body":{"text":"x"}}"#,
            &["/published_at"],
        ),
        (&long, &["/title"]),
        (r#"{"title":"  ","body":{"text":"x"}}"#, &["/title"]),
        (
            r#"{"title":"\u200f\u202e","body":{"text":"x"}}"#,
            &["/title"],
        ),
        (
            r#"{"title":"a","tags":["New","\u200b\ufeff"],"body":{"text":"x"}}"#,
            &["/tags/1"],
        ),
        (
            r#"{"title":"a","tags":["New"],"status":"scheduled","body":{"text":"x"}}"#,
            &["/published_at"],
        ),
        (r#"{"title":"a","body":{"text":"x"}"#, &[""]),
        (r#"{"title":"a","body":{"text":"x"}} x"#, &[""]),
        ("[]", &[""]),
        ("", &[""]),
    ];
    for (sent, named) in cases {
        let answer = send_as_editor(app.address, "POST", "/v1/articles", &[JSON], sent);
        contract::check("POST", "/v1/articles", &answer);
        let (code, found) = answer.problem(400);
        assert_eq!(
            (code.as_str(), found),
            ("invalid_body", strings(named)),
            "{sent}"
        );
    }
    let typo = json!({"titel": "a", "title": "b", "body": {"text": "x"}});
    let answer = app.edit("POST", "/v1/articles", &[], &typo);
    assert_eq!(answer.json()["errors"][0]["suggestion"], "title");
    assert_nothing_is_there(&app);
    // What only the database can tell undoes what was made on the way.
    app.create(&article("one", 1));
    let taken = with(
        article("one", 1),
        json!({"tags": ["New"], "category": "New"}),
    );
    let answer = app.edit("POST", "/v1/articles", &[], &taken);
    assert_eq!(answer.problem(409).1, ["/external_id"]);
    let taken = with(taken, json!({"external_id": null}));
    let answer = app.edit("POST", "/v1/articles", &[], &taken);
    assert_eq!(answer.problem(409).1, ["/slug"]);
    app.read("/v1/tags/new").problem(404);
    app.read("/v1/categories/new").problem(404);
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[rstest]
fn a_body_of_another_form_or_size_is_not_taken(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let sent = article("one", 1).to_string();
    for fields in [
        vec![],
        vec![("Content-Type", "text/plain")],
        vec![("Content-Type", "application/merge-patch+json")],
        vec![("Content-Type", "application/json; charset=iso-8859-1")],
        vec![JSON, ("Content-Encoding", "gzip")],
    ] {
        let answer = send_as_editor(app.address, "POST", "/v1/articles", &fields, &sent);
        contract::check("POST", "/v1/articles", &answer);
        assert_eq!(
            answer.problem(415).0,
            "unsupported_media_type",
            "{fields:?}"
        );
    }
    for (path, length) in [("/v1/articles", 9_000_000), ("/v1/tags", 300_000)] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
            editor()
        );
        let answer = client::send_raw(app.address, head.as_bytes(), false);
        contract::check("POST", path, &answer);
        assert_eq!(answer.problem(413).0, "payload_too_large");
    }
    assert_nothing_is_there(&app);
}
