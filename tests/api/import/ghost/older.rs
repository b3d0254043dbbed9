//! Exports of older versions, with bodies in Mobiledoc.

use rstest::rstest;
use serde_json::json;

use super::{html_of, names, run};
use crate::support::{App, Kind, Postgres, Sqlite};

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
