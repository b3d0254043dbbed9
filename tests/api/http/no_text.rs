//! What is no text: refused wherever it stands, and not stored.

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Answer, App, Kind, Postgres, Sqlite, client,
    content::{article, with},
    contract, editor,
};

const ANY: (&str, &str) = ("If-Match", "*");

/// Bytes that are no UTF-8: overlong forms, halves of pairs, beyond Unicode, cut off.
const NO_TEXT: [&[u8]; 10] = [
    b"\xC0\x80",
    b"\xC0\xAF",
    b"\xE0\x80\xAF",
    b"\xF0\x80\x80\xAF",
    b"\xED\xA0\x80",
    b"\xED\xB0\x80",
    b"\xF4\x90\x80\x80",
    b"\xF8\x88\x80\x80\x80",
    b"\xE2\x82",
    b"\xFF",
];

/// Posts bytes as an article.
fn post(app: &App, body: &[u8]) -> Answer {
    let bearer = format!("Bearer {}", editor());
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    let answer = client::send_with(app.address, "POST", "/v1/articles", &headers, body);
    contract::check("POST", "/v1/articles", &answer);
    answer
}

/// A text that begins with `a` and goes on with bytes.
fn begun(bytes: &[u8]) -> Vec<u8> {
    [b"a".as_slice(), bytes].concat()
}

fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect()
}

/// Slugs of all articles that editors see.
fn all(app: &App) -> Vec<String> {
    app.read("/v1/articles?status=draft&limit=100").ok().slugs()
}

#[rstest]
fn nul_is_refused_in_every_text_and_not_stored(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    app.create(&article("one", 1));
    let members = [
        ("/slug", json!({"slug": "a\0b"})),
        ("/summary", json!({"summary": "a\0"})),
        ("/authors/0", json!({"authors": ["New\0"]})),
        ("/category", json!({"category": "New\0"})),
        ("/tags/1", json!({"tags": ["New", "a\0"]})),
        ("/note", json!({"note": "a\0"})),
        ("/external_id", json!({"external_id": "a\0"})),
        ("/language", json!({"language": "e\0"})),
        (
            "/image/url",
            json!({"image": {"url": "https://example.com/\0"}}),
        ),
        ("/body/text", json!({"body": {"text": "a\0"}})),
        ("/body/html", json!({"body": {"html": "<p>a\0</p>"}})),
        (
            "/body/blocks",
            json!({"body": {"blocks": [{"_type": "code", "code": "a\0"}]}}),
        ),
    ];
    let of_article = members.into_iter().map(|(named, members)| {
        (
            "POST",
            "/v1/articles",
            with(article("two", 1), members),
            named,
        )
    });
    let pins = json!({"pins": ["a\0"], "exclusions": []});
    let batch = json!([{"title": "a\0", "body": {"text": "x"}}]);
    let others = [
        (
            "PATCH",
            "/v1/articles/one",
            json!({"title": "a\0"}),
            "/title",
        ),
        ("PUT", "/v1/articles/one/related-pins", pins, "/pins/0"),
        ("POST", "/v1/articles/batch", batch, "/0/title"),
        (
            "POST",
            "/v1/articles/one/preview-links",
            json!({"note": "a\0"}),
            "/note",
        ),
        (
            "POST",
            "/v1/articles/one/schedule",
            json!({"at": "2999-01-01\0"}),
            "/at",
        ),
        (
            "POST",
            "/v1/categories",
            json!({"name": "New", "parent": "b\0"}),
            "/parent",
        ),
        ("POST", "/v1/revoked-tokens", json!({"jti": "a\0"}), "/jti"),
    ];
    for (method, path, sent, named) in of_article.chain(others) {
        let answer = app.edit(method, path, &[ANY], &sent);
        assert_eq!(answer.problem(400).1, [named], "{method} {path} {sent}");
    }
    assert_eq!(all(&app), ["one"]);
    for path in ["/v1/tags/new", "/v1/authors/new", "/v1/categories/new"] {
        app.read(path).problem(404);
    }
    // What HTML makes of it is another character.
    let html = with(
        article("html", 1),
        json!({"body": {"html": "<p>a&#0;b</p>"}}),
    );
    app.create(&html);
    let stored = app.read("/v1/articles/html?body=text").ok().json();
    assert_eq!(stored["body"]["text"], "a\u{FFFD}b");
}

#[rstest]
fn halves_of_pairs_are_refused_and_pairs_are_one_character(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    for half in [
        r"\ud800",
        r"\udc00",
        r"\udbff",
        r"a\ud800b",
        r"\udc00\ud800",
        r"\ud83dx",
        r"\ud83d\\ude00",
    ] {
        for sent in [
            format!(r#"{{"title":"{half}","body":{{"text":"x"}}}}"#),
            format!(r#"{{"title":"x","tags":["{half}"],"body":{{"text":"x"}}}}"#),
            format!(r#"{{"title":"x","body":{{"html":"{half}"}}}}"#),
            format!(r#"{{"title":"x","body":{{"text":"x"}},"{half}":1}}"#),
        ] {
            let (code, named) = post(&app, sent.as_bytes()).problem(400);
            assert_eq!(
                (code.as_str(), named),
                ("invalid_body", vec![String::new()]),
                "{sent}"
            );
        }
    }
    assert!(all(&app).is_empty());
    let pair = post(
        &app,
        br#"{"title":"\ud83e\udd80","body":{"text":"\uD83E\uDD80"}}"#,
    );
    assert_eq!(
        (pair.status, &pair.json()["title"]),
        (201, &json!("\u{1F980}"))
    );
    let stored = app.read("/v1/articles/crab?body=text").ok().json();
    assert_eq!(stored["body"]["text"], "\u{1F980}");
}

#[rstest]
fn bytes_that_are_no_text_are_refused_wherever_they_stand(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    for bytes in NO_TEXT {
        let begun = begun(bytes);
        let encoded = percent_encoded(&begun);
        for (path, named) in [
            (format!("/v1/articles/{encoded}"), "key"),
            (format!("/v1/tags/{encoded}"), "key"),
            (format!("/v1/search?q={encoded}"), "q"),
            (format!("/v1/articles?category={encoded}"), "category"),
            (format!("/v1/articles?cursor={encoded}"), "cursor"),
            (format!("/v1/resolve?path=/{encoded}"), "path"),
        ] {
            assert_eq!(app.get(&path).problem(400).1, [named], "{path}");
        }
        for before in ["GET /v1/articles/", "GET /v1/search?q="] {
            let after = b" HTTP/1.1\r\nHost: x\r\n\r\n";
            let head = [before.as_bytes(), &begun, after].concat();
            client::send_raw(app.address, &head, false).problem(400);
        }
        for around in [
            [r#"{"title":""#, r#"","body":{"text":"x"}}"#],
            [r#"{"title":"x","body":{"markdown":""#, r#""}}"#],
            [r#"{"title":"x","body":{"text":"x"},""#, r#"":1}"#],
        ] {
            let [before, after] = around.map(str::as_bytes);
            let answer = post(&app, &[before, &begun, after].concat());
            assert_eq!(answer.problem(400).0, "invalid_body", "{bytes:?}");
        }
    }
    assert!(all(&app).is_empty());
}

#[test]
fn problems_do_not_tell_nul_back() {
    let app = App::start(Sqlite);
    let parameter = app.get("/v1/articles?%00=1");
    assert_eq!(parameter.problem(400).1, ["\u{FFFD}"]);
    let unknown = post(&app, br#"{"title":"x","body":{"text":"x"},"a\u0000b":1}"#);
    assert_eq!(unknown.problem(400).1, ["/a\u{FFFD}b"]);
    let twice = post(&app, br#"{"a\u0000b":1,"a\u0000b":2}"#);
    assert_eq!(twice.problem(400).0, "invalid_body");
    assert!(twice.text().contains("is there twice"), "{}", twice.text());
    let headers = [
        ("Authorization", format!("Bearer {}", editor())),
        ("Content-Type", "application/json".to_owned()),
    ];
    let headers = headers
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let tag = br#"{"name":"x","a\u0000b":1}"#;
    let tag = client::send_with(app.address, "POST", "/v1/tags", &headers, tag);
    contract::check("POST", "/v1/tags", &tag);
    for answer in [parameter, unknown, twice, tag] {
        assert_eq!(answer.status, 400);
        assert!(!answer.text().contains("\\u0000"), "{}", answer.text());
    }
}

#[test]
fn nul_about_a_picture_is_told_as_what_it_is() {
    let app = App::start(Sqlite);
    for member in ["alt", "caption", "credit"] {
        let mut picture = json!({"url": "https://example.com/a.jpg"});
        picture[member] = json!("a\0b");
        let sent = with(article("one", 1), json!({"image": picture}));
        let answer = app.edit("POST", "/v1/articles", &[], &sent);
        assert_eq!(answer.problem(400).1, [format!("/image/{member}")]);
        assert!(answer.text().contains("U+0000"), "{}", answer.text());
    }
}
