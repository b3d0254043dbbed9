//! Text that is odd: what is no text is refused and not stored, whatever is text comes back as it
//! was, and a thing has one key, which is plain ASCII.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, App, Kind, Postgres, Sqlite, client,
    content::{article, with},
    contract, editor,
};

const ANY: (&str, &str) = ("If-Match", "*");
/// Letters, signs and pictures beyond the Basic Multilingual Plane: four bytes each.
const TITLE: &str = "\u{1D509}erry \u{1F980} \u{20BB7}";

/// Bytes that are no UTF-8: overlong forms, halves of pairs, what is beyond Unicode, what is cut off.
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
        ("/body/blocks", json!({"body": {"blocks": [{"_type": "code", "code": "a\0"}]}})),
    ];
    let of_article = members
        .into_iter()
        .map(|(named, members)| ("POST", "/v1/articles", with(article("two", 1), members), named));
    let pins = json!({"pins": ["a\0"], "exclusions": []});
    let batch = json!([{"title": "a\0", "body": {"text": "x"}}]);
    let others = [
        ("PATCH", "/v1/articles/one", json!({"title": "a\0"}), "/title"),
        ("PUT", "/v1/articles/one/related-pins", pins, "/pins/0"),
        ("POST", "/v1/articles/batch", batch, "/0/title"),
        ("POST", "/v1/articles/one/preview-links", json!({"note": "a\0"}), "/note"),
        ("POST", "/v1/articles/one/schedule", json!({"at": "2999-01-01\0"}), "/at"),
        ("POST", "/v1/categories", json!({"name": "New", "parent": "b\0"}), "/parent"),
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
    let html = with(article("html", 1), json!({"body": {"html": "<p>a&#0;b</p>"}}));
    app.create(&html);
    let stored = app.read("/v1/articles/html?body=text").ok().json();
    assert_eq!(stored["body"]["text"], "a\u{FFFD}b");
}

#[rstest]
fn halves_of_pairs_are_refused_and_pairs_are_one_character(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
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
            assert_eq!((code.as_str(), named), ("invalid_body", vec![String::new()]), "{sent}");
        }
    }
    assert!(all(&app).is_empty());
    let pair = post(&app, br#"{"title":"\ud83e\udd80","body":{"text":"\uD83E\uDD80"}}"#);
    assert_eq!((pair.status, &pair.json()["title"]), (201, &json!("\u{1F980}")));
    let stored = app.read("/v1/articles/crab?body=text").ok().json();
    assert_eq!(stored["body"]["text"], "\u{1F980}");
}

#[rstest]
fn bytes_that_are_no_text_are_refused_wherever_they_stand(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
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

#[rstest]
fn slugs_hold_nothing_that_looks_like_something_else(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    for slug in [
        "abc\u{202E}def",
        "\u{2066}abc\u{2069}",
        "\u{200B}abc",
        "abc\u{200D}",
        "a\u{AD}b",
        "a\u{FEFF}",
        // Cyrillic, full width, with a mark in either form, capitals, a dash that is no hyphen.
        "\u{440}\u{430}ypal",
        "\u{FF50}aypal",
        "caf\u{E9}",
        "cafe\u{301}",
        "Abc",
        "a\u{2010}b",
    ] {
        let sent = with(article("x", 1), json!({"slug": slug}));
        let answer = app.edit("POST", "/v1/articles", &[], &sent);
        assert_eq!(answer.problem(400).1, ["/slug"], "{slug:?}");
        for path in ["/v1/categories", "/v1/tags", "/v1/authors"] {
            let answer = app.edit("POST", path, &[], &json!({"name": "N", "slug": slug}));
            assert_eq!(answer.problem(400).1, ["/slug"], "{path} {slug:?}");
        }
    }
    // Titles may say what they like; the slug is made of what can be read in it.
    for (title, slug) in [
        ("paypal", "paypal"),
        ("\u{FF50}\u{FF41}\u{FF59}\u{FF50}\u{FF41}\u{FF4C}", "paypal-2"),
        ("\u{202E}gpj.exe", "gpj-exe"),
        ("\u{440}\u{430}\u{443}\u{440}\u{430}l", "raural"),
        ("\u{202E}", "article"),
        ("\u{FDD0}\u{10FFFF}", "article-2"),
    ] {
        let (made, _) = app.create(&json!({"title": title, "body": {"text": "x"}}));
        assert_eq!((&made["title"], &made["slug"]), (&json!(title), &json!(slug)));
    }
}

#[rstest]
fn a_thing_has_one_key_and_a_name_one_thing(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let titled = |title: &str| json!({"title": title, "status": "published", "body": {"text": "x"}});
    // Composed and decomposed are two articles, with a slug each.
    for (title, slug) in [("Caf\u{E9}", "cafe"), ("Cafe\u{301}", "cafe-2")] {
        assert_eq!(app.create(&titled(title)).0["slug"], slug);
    }
    // An escape that need not be is none (RFC 3986 section 6.2.2.2).
    assert_eq!(app.get("/v1/articles/c%61fe").ok().json()["slug"], "cafe");
    for other in [
        "caf%C3%A9",
        "cafe%CC%81",
        "%EF%BD%83afe",
        "%D1%81afe",
        "cafe%E2%80%8B",
        "%E2%80%AEcafe",
        "CAFE",
    ] {
        app.get(&format!("/v1/articles/{other}")).problem(404);
    }
    for q in ["Caf%C3%A9", "Cafe%CC%81", "cafe", "%EF%BC%A3afe"] {
        assert_eq!(app.slugs(&format!("/v1/search?q={q}")).len(), 2, "{q}");
    }
    let slug_of = |member: &str, name: &str| {
        let mut article = titled("Named");
        article[member] = match member {
            "category" => json!(name),
            _ => json!([name]),
        };
        let made = app.create(&article).0;
        match member {
            "category" => made[member]["slug"].clone(),
            _ => made[member][0]["slug"].clone(),
        }
    };
    for member in ["tags", "authors", "category"] {
        for same in ["\u{C9}lections", "E\u{301}lections", "\u{FF25}lections", "elections"] {
            assert_eq!(slug_of(member, same), "elections", "{member} {same:?}");
        }
        // A Cyrillic letter that looks the same.
        assert_eq!(slug_of(member, "\u{415}lections"), "elections-2", "{member}");
    }
}

/// An article all of whose texts have characters of four bytes.
fn beyond() -> Value {
    json!({
        "external_id": "\u{1F980}:1",
        "title": TITLE,
        "summary": TITLE,
        "status": "published",
        "tags": ["\u{1F980}"],
        "authors": ["\u{20BB7}\u{91CE}\u{5C4B}"],
        "category": "\u{1F980}",
        "body": {"markdown": format!("{TITLE} *{TITLE}*\n\n```\n{TITLE}\n```")},
    })
}

#[rstest]
fn characters_of_four_bytes_are_taken_everywhere(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (made, _) = app.create(&beyond());
    assert_eq!(made["slug"], "ferry-crab-ji");
    let path = "/v1/articles/ferry-crab-ji";
    let read = app.get(&format!("{path}?body=text,html,markdown,blocks")).ok().json();
    assert_eq!((&read["title"], &read["summary"]), (&json!(TITLE), &json!(TITLE)));
    assert_eq!(read["tags"][0]["name"], "\u{1F980}");
    assert_eq!(read["authors"][0]["name"], "\u{20BB7}\u{91CE}\u{5C4B}");
    for form in ["text", "html", "markdown"] {
        let found = read["body"][form].as_str().unwrap().matches(TITLE).count();
        assert_eq!(found, 3, "{form}: {read}");
    }
    let list = "/v1/articles?tag=crab&author=jiye-wu&category=crab";
    assert_eq!(app.slugs(list), ["ferry-crab-ji"]);
    for path in ["/feeds/articles.rss", "/feeds/articles.atom", "/feeds/articles.json"] {
        assert!(app.get(path).ok().text().contains(TITLE), "{path}");
    }
    app.get(&format!("{path}/share")).ok();
    app.get(&format!("{path}/related")).ok();
    for q in ["%F0%A0%AE%B7", "%F0%9D%94%89erry", "ferry"] {
        assert_eq!(app.slugs(&format!("/v1/search?q={q}")), ["ferry-crab-ji"], "{q}");
    }
    // As long as it may be.
    app.get(&format!("/v1/search?q={}", "%F0%9F%A6%80".repeat(500))).ok();
    let long = with(beyond(), json!({"external_id": null, "title": "\u{20BB7}".repeat(300)}));
    app.create(&long);
    app.edit("POST", "/v1/articles", &[], &with(long, json!({"title": "\u{20BB7}".repeat(301)})))
        .problem(400);
}

#[rstest]
fn lists_are_walked_along_characters_of_four_bytes(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let marks = ["\u{20BB7}", "\u{1F980}", "\u{1D509}", "\u{10FFFF}", "\u{20000}", "\u{FFFD}"];
    for (number, mark) in marks.into_iter().enumerate() {
        let title = mark.repeat(1 + number % 3);
        app.create(&json!({
            "slug": format!("s{number}"), "title": title, "status": "published",
            "tags": [mark], "body": {"text": "x"},
        }));
    }
    for path in ["/v1/articles?sort=title", "/v1/articles?sort=-title", "/v1/tags?count=exact"] {
        let whole = app.slugs(path);
        assert_eq!(whole.len(), marks.len(), "{path}");
        let walked = app.walk(&format!("{path}&limit=1")).concat();
        assert_eq!(walked, whole, "{path}");
    }
}
