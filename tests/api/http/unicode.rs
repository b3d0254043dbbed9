//! Text that is odd: it comes back as it was, and a thing has one key, which is plain ASCII.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, with},
};

/// Letters, signs and pictures beyond the Basic Multilingual Plane: four bytes each.
const TITLE: &str = "\u{1D509}erry \u{1F980} \u{20BB7}";

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
        (
            "\u{FF50}\u{FF41}\u{FF59}\u{FF50}\u{FF41}\u{FF4C}",
            "paypal-2",
        ),
        ("\u{202E}gpj.exe", "gpj-exe"),
        ("\u{440}\u{430}\u{443}\u{440}\u{430}l", "raural"),
        ("\u{FDD0}\u{10FFFF}", "article"),
    ] {
        let (made, _) = app.create(&json!({"title": title, "body": {"text": "x"}}));
        assert_eq!(
            (&made["title"], &made["slug"]),
            (&json!(title), &json!(slug))
        );
    }
}

#[rstest]
fn a_thing_has_one_key_and_a_name_one_thing(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let titled =
        |title: &str| json!({"title": title, "status": "published", "body": {"text": "x"}});
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
        for same in [
            "\u{C9}lections",
            "E\u{301}lections",
            "\u{FF25}lections",
            "elections",
        ] {
            assert_eq!(slug_of(member, same), "elections", "{member} {same:?}");
        }
        // A Cyrillic letter that looks the same.
        assert_eq!(
            slug_of(member, "\u{415}lections"),
            "elections-2",
            "{member}"
        );
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
    let read = app
        .get(&format!("{path}?body=text,html,markdown,blocks"))
        .ok()
        .json();
    assert_eq!(
        (&read["title"], &read["summary"]),
        (&json!(TITLE), &json!(TITLE))
    );
    assert_eq!(read["tags"][0]["name"], "\u{1F980}");
    assert_eq!(read["authors"][0]["name"], "\u{20BB7}\u{91CE}\u{5C4B}");
    for form in ["text", "html", "markdown"] {
        let found = read["body"][form].as_str().unwrap().matches(TITLE).count();
        assert_eq!(found, 3, "{form}: {read}");
    }
    let list = "/v1/articles?tag=crab&author=jiye-wu&category=crab";
    assert_eq!(app.slugs(list), ["ferry-crab-ji"]);
    for path in [
        "/feeds/articles.rss",
        "/feeds/articles.atom",
        "/feeds/articles.json",
    ] {
        assert!(app.get(path).ok().text().contains(TITLE), "{path}");
    }
    app.get(&format!("{path}/share")).ok();
    app.get(&format!("{path}/related")).ok();
    for q in ["%F0%A0%AE%B7", "%F0%9D%94%89erry", "ferry"] {
        assert_eq!(
            app.slugs(&format!("/v1/search?q={q}")),
            ["ferry-crab-ji"],
            "{q}"
        );
    }
    // As long as it may be.
    app.get(&format!("/v1/search?q={}", "%F0%9F%A6%80".repeat(500)))
        .ok();
    let long = with(
        beyond(),
        json!({"external_id": null, "title": "\u{20BB7}".repeat(300)}),
    );
    app.create(&long);
    app.edit(
        "POST",
        "/v1/articles",
        &[],
        &with(long, json!({"title": "\u{20BB7}".repeat(301)})),
    )
    .problem(400);
}

#[rstest]
fn lists_are_walked_along_characters_of_four_bytes(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let marks = [
        "\u{20BB7}",
        "\u{1F980}",
        "\u{1D509}",
        "\u{10FFFF}",
        "\u{20000}",
        "\u{FFFD}",
    ];
    for (number, mark) in marks.into_iter().enumerate() {
        let title = mark.repeat(1 + number % 3);
        app.create(&json!({
            "slug": format!("s{number}"), "title": title, "status": "published",
            "tags": [mark], "body": {"text": "x"},
        }));
    }
    for path in [
        "/v1/articles?sort=title",
        "/v1/articles?sort=-title",
        "/v1/tags?count=exact",
    ] {
        let whole = app.slugs(path);
        assert_eq!(whole.len(), marks.len(), "{path}");
        let walked = app.walk(&format!("{path}&limit=1")).concat();
        assert_eq!(walked, whole, "{path}");
    }
}
