//! `GET /v1/oembed`

use rstest::rstest;
use serde_json::{Value, json};

use super::{SITE, start, whole};
use crate::support::{
    Kind, Postgres, Sqlite,
    content::{article, with},
};

const BOATS: &str = "/v1/oembed?url=https%3A%2F%2Fwww.example.com%2Farticles%2Fboats";

#[rstest]
fn a_card_is_complete(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = start(kind, &[whole("boats", 3)]);
    let card = app.get(BOATS).ok().json();
    for (member, wanted) in [
        ("version", json!("1.0")),
        ("type", json!("rich")),
        ("title", json!("Boats < ships & \"ferries\" 🦀")),
        ("author_name", json!("Ada Moe, Bo Ek")),
        ("author_url", json!(format!("{SITE}/authors/ada-moe"))),
        ("provider_name", json!("Harbour & Times")),
        ("provider_url", json!(SITE)),
        (
            "thumbnail_url",
            json!("https://images.example.com/a.jpg?w=1&h=2"),
        ),
        ("thumbnail_width", json!(300)),
        ("thumbnail_height", json!(150)),
        ("width", json!(600)),
        ("height", json!(200)),
    ] {
        assert_eq!(card[member], wanted, "{member}");
    }
    assert_eq!(
        card["html"],
        "<blockquote class=\"newsstand-embed\"><a href=\"https://www.example.com/articles/boats\">\
         Boats &lt; ships &amp; &quot;ferries&quot; 🦀</a><p>A dek ]]&gt; with &amp; signs.</p></blockquote>"
    );
    assert!(card["cache_age"].is_u64());
}

#[rstest]
fn a_card_fits_where_it_is_shown(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = start(kind, &[whole("boats", 3), article("plain", 1)]);
    let small = app
        .get(&format!("{BOATS}&maxwidth=250&maxheight=180"))
        .ok()
        .json();
    assert_eq!(
        (&small["width"], &small["height"]),
        (&json!(250), &json!(180))
    );
    // All three or none: the picture is wider than that.
    for member in ["thumbnail_url", "thumbnail_width", "thumbnail_height"] {
        assert!(small.get(member).is_none(), "{member}");
    }
    let large = app.get(&format!("{BOATS}&maxwidth=2000")).ok().json();
    assert_eq!(large["width"], 600);
    let plain = app
        .get(&format!("/v1/oembed?url={SITE}/articles/plain"))
        .ok()
        .json();
    for member in ["thumbnail_url", "author_name", "author_url"] {
        assert!(plain.get(member).is_none(), "{member}");
    }
}

#[rstest]
fn a_card_can_be_xml(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = start(kind, &[whole("boats", 3)]);
    let answer = app.get(&format!("{BOATS}&format=xml")).ok();
    assert_eq!(
        answer.header("content-type").as_deref(),
        Some("text/xml; charset=utf-8")
    );
    let text = answer.text();
    for part in [
        "<?xml ",
        "<oembed>",
        "<type>rich</type>",
        "<width>600</width>",
        "<html>&lt;blockquote ",
    ] {
        assert!(text.contains(part), "no {part}: {text}");
    }
    assert_eq!(
        app.get(&format!("{BOATS}&format=yaml")).problem(400).1,
        ["format"]
    );
}

#[rstest]
fn only_pages_of_published_articles_have_cards(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = start(kind, &[whole("boats", 3)]);
    app.create(&with(article("draft", 1), json!({"status": "draft"})));
    for url in [
        format!("{SITE}/articles/never"),
        format!("{SITE}/articles/draft"),
        format!("{SITE}/tags/sea"),
        format!("{SITE}/"),
        SITE.to_owned(),
        "https://www.example.community/articles/boats".to_owned(),
        "https://other.example/articles/boats".to_owned(),
    ] {
        let path = format!("/v1/oembed?url={url}");
        app.get(&path).problem(404);
        app.read(&path).problem(404);
    }
    for wrong in [
        "",
        "boats",
        "/articles/boats",
        "ftp://www.example.com/articles/boats",
        "javascript:alert(1)",
    ] {
        let (_, named) = app.get(&format!("/v1/oembed?url={wrong}")).problem(400);
        assert_eq!(named, ["url"], "{wrong}");
    }
    assert_eq!(app.get("/v1/oembed").problem(400).1, ["url"]);
    assert_eq!(
        app.get(&format!("{BOATS}&maxwidth=0")).problem(400).1,
        ["maxwidth"]
    );
}

#[rstest]
fn a_former_address_has_the_same_card(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = start(kind, &[whole("boats", 3)]);
    app.put(&[with(whole("boats", 3), json!({"slug": "ships"}))]);
    let card: Value = app.get(BOATS).ok().json();
    assert!(
        card["html"]
            .as_str()
            .unwrap()
            .contains(&format!("{SITE}/articles/ships"))
    );
    for tail in ["/", "?utm_source=x", "#part"] {
        let url = format!("{SITE}/articles/ships{tail}").replace('#', "%23");
        assert_eq!(app.get(&format!("/v1/oembed?url={url}")).ok().json(), card);
    }
}
