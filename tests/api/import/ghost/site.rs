//! A whole site: its posts, names and dates, and what of it is public.

use rstest::rstest;
use serde_json::{Value, json};

use super::{lexical, names, paragraph, run, said, text};
use crate::support::{App, Kind, Postgres, Sqlite};

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
