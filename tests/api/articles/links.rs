//! Links within the publication: readers get the address that an article has now.

use rstest::rstest;
use serde_json::json;

use crate::support::{App, Kind, Postgres, Sqlite};

fn linking(app: &App, href: &str) -> String {
    let body = format!("<p><a href=\"{href}\">there</a></p>");
    let (article, _) =
        app.create(&json!({"title": "Linking", "status": "published", "body": {"html": body}}));
    format!(
        "/v1/articles/{}?body=html,markdown,blocks",
        article["id"].as_str().unwrap()
    )
}

#[rstest]
fn a_link_follows_the_article_that_it_leads_to(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (target, tag) =
        app.create(&json!({"title": "Target", "status": "published", "body": {"text": "x"}}));
    let path = linking(&app, "/articles/target?a=1#part");
    let before = app.get(&path).ok();
    let shown = |answer: &serde_json::Value| answer["body"]["html"].as_str().unwrap().to_owned();
    assert_eq!(
        shown(&before.json()),
        "<p><a href=\"http://localhost:3000/articles/target?a=1#part\">there</a></p>"
    );
    let id = target["id"].as_str().unwrap();
    assert!(before.header("surrogate-key").unwrap().contains(id));
    let renamed = app.edit(
        "PATCH",
        "/v1/articles/target",
        &[("If-Match", &tag)],
        &json!({"slug": "elsewhere"}),
    );
    assert_eq!(renamed.status, 200, "{}", renamed.text());
    let after = app.get(&path).ok();
    let address = "http://localhost:3000/articles/elsewhere?a=1#part";
    assert!(shown(&after.json()).contains(address), "{}", after.text());
    assert!(
        after.json()["body"]["markdown"]
            .as_str()
            .unwrap()
            .contains(address)
    );
    assert_eq!(
        after.json()["body"]["blocks"][0]["markDefs"][0]["href"],
        address
    );
    assert_ne!(after.header("etag"), before.header("etag"));
    let since = before.header("last-modified").unwrap();
    // Whole seconds: the change is of the next one at the latest.
    std::thread::sleep(std::time::Duration::from_millis(10));
    let again = app.send(
        "GET",
        &path,
        &[("If-None-Match", &before.header("etag").unwrap())],
    );
    assert_eq!(again.status, 200);
    assert!(after.header("last-modified").unwrap() >= since);
}

#[rstest]
fn an_address_of_the_site_is_known_in_any_spelling(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start_with(kind, &["--public-site-url", "https://www.example.com/news"]);
    app.create(&json!({"title": "Target", "status": "published", "body": {"text": "x"}}));
    let address = "https://www.example.com/news/articles/target";
    for href in [
        "//www.example.com/news/articles/target/",
        "http://www.example.com/news/articles/target",
        "https://www.example.com:443/news/articles/target",
        "https://WWW.example.com/news/articles/target",
        "/news/articles/target",
    ] {
        let shown = app.get(&linking(&app, href)).ok().json();
        assert!(
            shown["body"]["html"].as_str().unwrap().contains(address),
            "{href}: {shown}"
        );
    }
}

#[rstest]
fn a_link_to_a_draft_stays_as_it_was_written(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    app.create(&json!({"title": "Secret", "body": {"text": "x"}}));
    let path = linking(&app, "/articles/secret");
    let shown = app.get(&path).ok().json();
    assert_eq!(
        shown["body"]["html"],
        "<p><a href=\"/articles/secret\">there</a></p>"
    );
    let read = app.read(&path).json();
    assert_eq!(
        read["body"]["html"], shown["body"]["html"],
        "an editor may send it back"
    );
    let elsewhere = linking(&app, "https://example.com/articles/secret");
    assert!(
        app.get(&elsewhere)
            .ok()
            .text()
            .contains("https://example.com/articles/secret")
    );
}
