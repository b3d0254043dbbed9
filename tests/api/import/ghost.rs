//! `newsstand import ghost`

use newsstand::domain::import::{self, Observer, Options, Place, Refusal, Summary, ghost};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{App, Kind, Postgres, Sqlite};

#[derive(Default)]
struct Told {
    refused: Vec<String>,
    left_out: Vec<String>,
    notes: Vec<String>,
}

impl Told {
    fn has_note(&self, place: u64, words: &str) {
        let place = format!("site.json, item {place}: ");
        let is_it = |note: &&String| note.starts_with(&place) && note.contains(words);
        assert!(
            self.notes.iter().any(|note| is_it(&note)),
            "{place}{words} in {:?}",
            self.notes
        );
    }
}

impl Observer for Told {
    fn refused(&mut self, refusal: &Refusal) {
        self.refused.push(refusal.to_string());
    }

    fn left_out(&mut self, left: &Refusal) {
        self.left_out.push(left.to_string());
    }

    fn note(&mut self, place: &Place, note: &str) {
        self.notes.push(format!("{place}: {note}"));
    }

    fn progress(&mut self, _so_far: &Summary) {}
}

fn run(app: &App, export: &Value) -> (Summary, Told) {
    let options = Options {
        dry_run: false,
        language: "en".to_owned(),
    };
    let mut told = Told::default();
    let text = export.to_string();
    let entries = ghost::entries(text.as_bytes(), "site.json").unwrap();
    let summary = import::run(&app.store, entries, &options, &mut told).unwrap();
    (summary, told)
}

fn html_of(app: &App, slug: &str) -> String {
    let article = app
        .read(&format!("/v1/articles/{slug}?body=html"))
        .ok()
        .json();
    article["body"]["html"].as_str().unwrap().to_owned()
}

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect()
}

fn text(text: &str, format: u64) -> Value {
    json!({"type": "extended-text", "text": text, "format": format, "style": "", "mode": "normal", "version": 1})
}

fn paragraph(children: Value) -> Value {
    json!({"type": "paragraph", "children": children, "direction": "ltr", "version": 1})
}

fn lexical(children: Value) -> String {
    json!({"root": {"type": "root", "version": 1, "children": children}}).to_string()
}

/// One paragraph.
fn said(words: &str) -> String {
    lexical(json!([paragraph(json!([text(words, 0)]))]))
}

/// A site as version 5 exports it.
fn version_5() -> Value {
    let link =
        json!({"type": "link", "url": "__GHOST_URL__/older/", "children": [text("before", 0)]});
    let body = lexical(json!([paragraph(json!([
        text("The lamps were lit ", 0),
        text("early", 3),
        text(", as ", 0),
        link,
        text(".", 0)
    ]))]));
    let posts = vec![
        json!({
            "id": "p1", "uuid": "5f1b5a1c-0000-4000-8000-000000000001", "title": "Lamps & lanterns",
            "slug": "lamps", "lexical": body, "mobiledoc": null, "html": "<p>not this</p>",
            "feature_image": "https://pictures.example/lamp.jpg", "featured": 1, "type": "post",
            "status": "published", "locale": "nb_NO", "visibility": "public",
            "published_at": "2023-05-04T10:00:00.000Z", "created_at": "2023-05-01T10:00:00.000Z",
            "custom_excerpt": "All about light.", "canonical_url": "https://elsewhere.example/lamps",
            "codeinjection_head": "<style>p {}</style>", "codeinjection_foot": null
        }),
        json!({
            "id": "p2", "uuid": "u2", "title": "For members", "slug": "members", "type": "post",
            "lexical": said("Inside words."), "status": "published", "visibility": "paid",
            "published_at": "2023-05-05 10:00:00", "author_id": "a1"
        }),
        json!({"id": "p3", "title": "About us", "slug": "about", "type": "page", "status": "published", "lexical": said("x")}),
        json!({"id": "p4", "title": "Letter 12", "slug": "letter-12", "type": "post", "status": "sent", "lexical": said("x")}),
        json!({"id": "p5", "title": "Letter 13", "slug": "letter-13", "type": "post", "status": "published", "lexical": said("x")}),
        json!({"id": "p6", "title": "Half-written", "slug": "half", "type": "post", "status": "draft", "lexical": said("Some day.")}),
        json!({
            "id": "p7", "title": "To come", "slug": "to-come", "type": "post", "status": "scheduled",
            "published_at": "2999-01-01T00:00:00.000Z", "lexical": said("Later.")
        }),
        json!({"id": "p8", "title": "Nothing", "slug": "nothing", "type": "post", "status": "published", "lexical": lexical(json!([]))}),
    ];
    json!({"db": [{
        "meta": {"exported_on": 1_700_000_000_000_u64, "version": "5.79.0"},
        "data": {
            "posts": posts,
            "posts_meta": [
                {"post_id": "p1", "feature_image_alt": "A lamp", "feature_image_caption": "<i>By</i> night", "meta_title": "Lamps!"},
                {"post_id": "p5", "email_only": true}
            ],
            "tags": [
                {"id": "t1", "name": "Light", "slug": "light-and-dark", "description": "What shines."},
                {"id": "t2", "name": "Town", "slug": "town", "visibility": "public"},
                {"id": "t3", "name": "#wide", "slug": "hash-wide", "visibility": "internal"},
                {"id": "t4", "name": "Unused", "slug": "unused"}
            ],
            "posts_tags": [
                {"post_id": "p1", "tag_id": "t2", "sort_order": 2},
                {"post_id": "p1", "tag_id": "t3", "sort_order": 0},
                {"post_id": "p1", "tag_id": "t1", "sort_order": "1"},
                {"post_id": "p2", "tag_id": "t2", "sort_order": 0}
            ],
            "users": [
                {"id": "a1", "name": "Ada Moe", "slug": "ada", "email": "ada@secret.example", "password": "hash", "bio": "Writes at night.", "profile_image": "//faces.example/ada.png"},
                {"id": "a2", "name": "Bo Ek", "slug": "bo", "profile_image": "__GHOST_URL__/content/images/bo.png"},
                {"id": "a3", "name": "Never Wrote", "slug": "never"}
            ],
            "posts_authors": [
                {"post_id": "p1", "author_id": "a1", "sort_order": 1},
                {"post_id": "p1", "author_id": "a2", "sort_order": 0}
            ],
            "members": [{"email": "reader@secret.example"}],
            "settings": [{"key": "title", "value": "The Lamp"}]
        }
    }]})
}

#[rstest]
fn posts_come_with_their_names_and_dates(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (summary, told) = run(&app, &version_5());
    assert_eq!(
        (summary.created, summary.refused),
        (4, 1),
        "{:?}",
        told.refused
    );
    let article = app.get("/v1/articles/lamps?body=html").ok().json();
    assert_eq!(article["title"], "Lamps & lanterns");
    assert_eq!(article["summary"], "All about light.");
    assert_eq!(article["language"], "nb-NO");
    assert_eq!(article["featured"], true);
    assert_eq!(article["published_at"], "2023-05-04T10:00:00.000Z");
    assert_eq!(article["canonical_url"], "https://elsewhere.example/lamps");
    assert_eq!(article["category"]["slug"], "light-and-dark");
    assert_eq!(names(&article["tags"]), ["Town"]);
    assert_eq!(names(&article["authors"]), ["Bo Ek", "Ada Moe"]);
    assert_eq!(article["image"]["url"], "https://pictures.example/lamp.jpg");
    assert_eq!(article["image"]["alt"], "A lamp");
    assert_eq!(article["image"]["caption"], "By night");
    let html = article["body"]["html"].as_str().unwrap();
    assert!(html.contains("href=\"/older/\""), "{html}");
    assert!(
        html.contains("The lamps were lit <strong><em>early</em></strong>, as"),
        "{html}"
    );
    let category = app.get("/v1/categories/light-and-dark").ok().json();
    assert_eq!(category["description"], "What shines.");
    let author = app.get("/v1/authors/ada").ok().json();
    assert_eq!(author["description"], "Writes at night.");
    assert_eq!(author["avatar"], "https://faces.example/ada.png");
    for gone in ["/v1/authors/never", "/v1/tags/unused", "/v1/tags/hash-wide"] {
        assert_eq!(app.get(gone).status, 404, "{gone}");
    }
    told.has_note(1, "codeinjection_head, meta_title");
    assert_eq!(
        told.refused,
        ["site.json, item 8: \"Nothing\": has no text"]
    );
}

#[rstest]
fn only_what_everyone_could_read_is_public(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (_, told) = run(&app, &version_5());
    assert_eq!(app.slugs("/v1/articles"), ["lamps"]);
    for (slug, status) in [
        ("members", "draft"),
        ("half", "draft"),
        ("to-come", "scheduled"),
    ] {
        assert_eq!(
            app.get(&format!("/v1/articles/{slug}")).status,
            404,
            "{slug}"
        );
        let article = app.read(&format!("/v1/articles/{slug}")).ok().json();
        assert_eq!(article["status"], status, "{slug}");
    }
    told.has_note(2, "visibility \"paid\"");
    for left in [
        "item 3: \"About us\": is a page",
        "item 4: \"Letter 12\": was only sent as a newsletter",
        "item 5: \"Letter 13\": was only sent as a newsletter",
        "the portrait of Bo Ek",
        "1 internal tags, which readers never saw: #wide",
    ] {
        let is_told = told.left_out.iter().any(|reason| reason.contains(left));
        assert!(is_told, "{left} in {:?}", told.left_out);
    }
    assert_eq!(told.left_out.len(), 5, "{:?}", told.left_out);
}

#[rstest]
fn the_same_export_again_changes_nothing(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    run(&app, &version_5());
    let (again, _) = run(&app, &version_5());
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 4));
    let mut changed = version_5();
    changed["db"][0]["data"]["posts"][0]["title"] = json!("Lamps anew");
    let (after, _) = run(&app, &changed);
    assert_eq!((after.created, after.updated, after.unchanged), (0, 1, 3));
}

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

#[rstest]
fn versions_2_to_4_are_read(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let mobiledoc = json!({
        "version": "0.3.1",
        "markups": [["strong"], ["a", ["href", "https://old.example/second/"]]],
        "atoms": [["soft-return", "", {}]],
        "cards": [
            ["image", {"src": "/content/images/2018/a.jpg", "caption": "At sea"}],
            ["card-markdown", {"cardName": "card-markdown", "markdown": "## Under *way*"}],
            ["embed", {"url": "https://vimeo.com/12", "type": "video", "html": "<iframe></iframe>"}],
            ["code", {"code": "x = 1", "language": "python"}],
            ["hr", {}],
            ["email", {"html": "<p>Only mailed</p>"}]
        ],
        "sections": [
            [1, "p", [[0, [0], 1, "First"], [1, [], 0, 0], [0, [1], 1, "second"]]],
            [10, 0], [10, 1], [10, 2], [10, 3], [10, 4], [10, 5],
            [3, "ul", [[[0, [], 0, "one"]], [[0, [], 0, "two"]]]]
        ]
    });
    let export = json!({"db": [{"meta": {"version": "2.38.0"}, "data": {
        "posts": [
            {
                "id": 1, "uuid": "u-1", "title": "Old", "slug": "old", "mobiledoc": mobiledoc.to_string(),
                "page": 0, "featured": 0, "status": "published", "author_id": 1,
                "published_at": "2018-03-04 05:06:07"
            },
            {
                "id": 2, "uuid": "u-2", "title": "Older", "slug": "older", "mobiledoc": "{broken",
                "html": "<p>Only HTML</p>", "page": false, "status": "published", "author_id": "1",
                "published_at": "2017-03-04T05:06:07.000Z"
            },
            {"id": 3, "title": "Contact", "slug": "contact", "page": 1, "status": "published", "html": "<p>x</p>"}
        ],
        "tags": [{"id": 7, "name": "Sea", "slug": "sea"}],
        "posts_tags": [{"id": 1, "post_id": 1, "tag_id": 7, "sort_order": 0}],
        "users": [{"id": 1, "name": "Cy Ng", "slug": "cy"}],
        "settings": [{"key": "url", "value": "https://old.example"}]
    }}]});
    let (summary, told) = run(&app, &export);
    assert_eq!(
        (summary.created, summary.refused),
        (2, 0),
        "{:?}",
        told.refused
    );
    assert_eq!(told.left_out.len(), 1, "{:?}", told.left_out);
    told.has_note(1, "a card (email)");
    told.has_note(2, "its mobiledoc can't be read");
    let article = app.get("/v1/articles/old").ok().json();
    assert_eq!(article["published_at"], "2018-03-04T05:06:07.000Z");
    assert_eq!(article["category"]["name"], "Sea");
    assert_eq!(names(&article["authors"]), ["Cy Ng"]);
    let html = html_of(&app, "old");
    for kept in [
        "<strong>First</strong><br>",
        "href=\"/second/\"",
        "https://old.example/content/images/2018/a.jpg",
        "At sea",
        "Under <em>way</em>",
        "https://vimeo.com/12",
        "language-python",
        "<hr",
        "<li>one</li>",
    ] {
        assert!(html.contains(kept), "{kept} in {html}");
    }
    assert!(html_of(&app, "older").contains("Only HTML"));
}

#[test]
fn what_is_no_export_is_refused_as_a_whole() {
    let reason = |text: &str| ghost::entries(text.as_bytes(), "a.json").err().unwrap();
    assert!(reason("<rss></rss>").starts_with("a.json is not JSON"));
    assert!(reason("{\"items\": []}").starts_with("a.json is no Ghost export"));
    assert!(reason("[1, 2]").starts_with("a.json is no Ghost export"));
}

#[test]
fn hostile_documents_are_refused_one_by_one() {
    let app = App::start(Sqlite);
    let deep = format!("{}{}", "{\"root\":".repeat(5_000), "}".repeat(5_000));
    let heavy = json!({
        "version": "0.3.1",
        "cards": [["html", {"html": "x".repeat(1_000_000)}]],
        "sections": vec![json!([10, 0]); 50_000],
    });
    let post = |slug: &str, form: &str, document: &str| {
        let mut post = json!({"id": slug, "title": slug, "slug": slug, "status": "published"});
        post[form] = json!(document);
        post
    };
    let export = json!({"data": {"posts": [
        post("deep", "lexical", &deep),
        post("heavy", "mobiledoc", &heavy.to_string()),
        post("nested", "html", &"<div>".repeat(100_000)),
        post("good", "lexical", &said("Good words.")),
        {"id": "long", "title": "x".repeat(301), "status": "published", "html": "<p>x</p>"},
        {"id": "bare", "status": "published", "html": "<p>x</p>"}
    ]}});
    let started = std::time::Instant::now();
    let (summary, told) = run(&app, &export);
    assert!(started.elapsed() < std::time::Duration::from_secs(10));
    assert_eq!(
        (summary.created, summary.refused),
        (1, 5),
        "{:?}",
        told.refused
    );
    assert!(
        told.refused[4].contains("has no title"),
        "{:?}",
        told.refused
    );
}
