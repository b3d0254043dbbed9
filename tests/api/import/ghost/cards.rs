//! Bodies in Lexical, card by card.

use rstest::rstest;
use serde_json::{Value, json};

use super::{html_of, lexical, paragraph, run, text};
use crate::support::{App, Kind, Postgres, Sqlite};

#[rstest]
fn every_card_of_lexical_is_kept_or_told(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let item = |children: Value| json!({"type": "listitem", "children": children});
    let inner = json!({"type": "list", "listType": "number", "children": [item(json!([text("inner item", 0)]))]});
    let cards = vec![
        json!({"type": "extended-heading", "tag": "h3", "children": [text("A heading", 0)]}),
        json!({"type": "extended-quote", "children": [text("A quotation", 0)]}),
        json!({"type": "aside", "children": [text("An aside", 0)]}),
        json!({"type": "list", "listType": "bullet", "children": [item(json!([text("outer item", 0)])), item(json!([inner]))]}),
        json!({"type": "horizontalrule"}),
        json!({"type": "codeblock", "code": "let a = 1 < 2;", "language": "rust", "caption": "Some code"}),
        json!({"type": "image", "src": "https://pictures.example/1.jpg", "alt": "One", "caption": "<b>Caption</b> one", "href": "https://a.example/", "width": 30, "height": 20}),
        json!({"type": "image", "src": "__GHOST_URL__/content/images/2.jpg"}),
        json!({"type": "gallery", "images": [{"src": "https://pictures.example/3.jpg"}, {"src": "https://pictures.example/4.jpg"}], "caption": "A gallery"}),
        json!({"type": "embed", "embedType": "video", "url": "https://www.youtube.com/watch?v=abc123", "html": "<iframe></iframe>", "metadata": {"title": "A film"}, "caption": "Seen twice"}),
        json!({"type": "bookmark", "url": "https://marked.example/page", "metadata": {"title": "A marked page"}}),
        json!({"type": "callout", "calloutEmoji": "\u{1F4A1}", "calloutText": "Mind <b>this</b>"}),
        json!({"type": "toggle", "heading": "Open me", "content": "<p>Folded words</p>"}),
        json!({"type": "button", "buttonText": "Press here", "buttonUrl": "https://button.example/"}),
        json!({"type": "markdown", "markdown": "Some *marked* words[^1]\n\n[^1]: A note."}),
        json!({"type": "html", "html": "<p>Raw words<script>alert(1)</script><div>"}),
        json!({"type": "audio", "src": "https://sounds.example/a.mp3", "title": "A sound"}),
        json!({"type": "video", "src": "https://films.example/a.mp4", "caption": "A moving picture"}),
        json!({"type": "file", "src": "https://files.example/a.pdf", "fileTitle": "A paper", "fileCaption": "Four pages"}),
        json!({"type": "product", "productTitle": "A teapot", "productDescription": "<p>It pours.</p>", "productRatingEnabled": true, "productStarRating": 4, "productButton": "Buy it", "productUrl": "https://shop.example/"}),
        json!({"type": "header", "header": "Large words", "subheader": "Small words"}),
        json!({"type": "signup", "header": "Join in", "disclaimer": "No mail twice"}),
        json!({"type": "call-to-action", "textValue": "<p>Act now</p>", "buttonText": "Act", "buttonUrl": "https://act.example/"}),
        json!({"type": "email", "html": "<p>Only mailed</p>"}),
        json!({"type": "email-cta", "html": "<p>Only mailed too</p>"}),
        json!({"type": "html", "html": "<p>Members' words</p>", "visibility": {"web": {"nonMember": false}}}),
        json!({"type": "paywall"}),
        json!({"type": "unheard-of", "children": [text("words within", 0)]}),
        paragraph(json!([
            text("The end, a ", 0),
            text("tab", 16),
            json!({"type": "tab"}),
            json!({"type": "linebreak"}),
            text("and a line.", 0)
        ])),
    ];
    let export = json!({"meta": {"version": "6.0.0"}, "data": {"posts": [{
        "id": 1, "title": "Cards", "slug": "cards", "type": "post", "status": "published",
        "visibility": "public", "published_at": 1_680_000_000_000_u64, "lexical": lexical(Value::from(cards))
    }]}});
    let (summary, told) = run(&app, &export);
    assert_eq!(summary.created, 1, "{:?}", told.refused);
    let html = html_of(&app, "cards");
    for kept in [
        "A heading",
        "A quotation",
        "An aside",
        "outer item",
        "inner item",
        "<hr",
        "let a = 1 &lt; 2;",
        "language-rust",
        "Some code",
        "https://pictures.example/1.jpg",
        "Caption one",
        "https://a.example/",
        "\"/content/images/2.jpg",
        "https://pictures.example/3.jpg",
        "https://pictures.example/4.jpg",
        "A gallery",
        "https://www.youtube.com/watch?v=abc123",
        "Seen twice",
        "https://marked.example/page",
        "A marked page",
        "\u{1F4A1} Mind",
        "Open me",
        "Folded words",
        "https://button.example/",
        "Press here",
        "<em>marked</em>",
        "A note.",
        "Raw words",
        "https://sounds.example/a.mp3",
        "A sound",
        "https://films.example/a.mp4",
        "A moving picture",
        "https://files.example/a.pdf",
        "A paper",
        "Four pages",
        "A teapot",
        "It pours.",
        "4/5",
        "Buy it",
        "Large words",
        "Small words",
        "Join in",
        "No mail twice",
        "Act now",
        "https://act.example/",
        "words within",
        "The end",
        "and a line.",
    ] {
        assert!(html.contains(kept), "{kept} in {html}");
    }
    for gone in ["Only mailed", "Members' words", "alert(1)"] {
        assert!(!html.contains(gone), "{gone} in {html}");
    }
    for note in [
        "a card (email)",
        "a card (email-cta)",
        "a card (html)",
        "paywall",
        "form to sign up",
        "\"unheard-of\"",
        "/content/",
    ] {
        told.has_note(1, note);
    }
}
