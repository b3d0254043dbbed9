//! `GET /v1/articles/{key}`

use rstest::rstest;
use serde_json::json;

use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, forty, with},
};

#[rstest]
fn an_article_is_found_by_slug_and_by_id(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1)]);
    let by_slug = app.get("/v1/articles/one").ok().json();
    let id = by_slug["id"].as_str().unwrap();
    assert_eq!(app.get(&format!("/v1/articles/{id}")).ok().json(), by_slug);
    assert_eq!(
        app.get(&format!("/v1/articles/{}", id.to_uppercase()))
            .ok()
            .json(),
        by_slug
    );
    assert_eq!(by_slug["published_at"], "2026-01-02T00:00:00.000Z");
    assert_eq!(by_slug["url"], "http://localhost:3000/articles/one");
}

/// Each is read by a statement of its own.
#[rstest]
fn readers_editors_and_lists_have_the_same_of_an_article(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let list = app.get("/v1/articles?limit=100").ok().json();
    let listed = list["data"].as_array().unwrap();
    assert_eq!(listed.len(), 40);
    for article in listed {
        let slug = article["slug"].as_str().unwrap();
        let path = format!("/v1/articles/{slug}");
        let read = app.get(&path).ok().json();
        assert_eq!(app.read(&path).ok().json(), read);
        let bare = app.get(&format!("{path}?body=none")).ok().json();
        assert_eq!(&bare, article);
    }
}

#[rstest]
fn every_member_is_there_and_absent_values_are_null(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[json!({"title": "Bare", "body": {"text": "Words."}})],
    );
    let bare = app.get("/v1/articles/bare").ok().json();
    for name in ["summary", "category", "image", "canonical_url"] {
        assert!(bare[name].is_null() && bare.get(name).is_some(), "{name}");
    }
    for name in ["tags", "authors", "toc"] {
        assert_eq!(bare[name], json!([]), "{name}");
    }
    assert_eq!(bare["reading_minutes"], 1);
    assert_eq!(bare["word_count"], 1);
    assert_eq!(bare["language"], "en");
    assert_eq!(bare["body"], json!({"html": "<p>Words.</p>"}));
}

#[rstest]
fn all_forms_of_the_body_agree(#[values(Sqlite, Postgres)] kind: Kind) {
    let markdown = "## Fares\n\nA *single* costs **4 marks**.\n\n- one\n- two";
    let app = App::with(
        kind,
        &[with(
            article("one", 1),
            json!({"body": {"markdown": markdown}}),
        )],
    );
    let read = app
        .get("/v1/articles/one?body=html,blocks,markdown,text")
        .ok()
        .json();
    let body = &read["body"];
    assert_eq!(
        body["html"],
        "<h2 id=\"fares\">Fares</h2>\n<p>A <em>single</em> costs <strong>4 marks</strong>.</p>\n\
         <ul><li>one</li><li>two</li></ul>"
    );
    assert_eq!(body["markdown"], markdown);
    assert_eq!(
        body["text"],
        "Fares\n\nA single costs 4 marks.\n\none\n\ntwo"
    );
    assert_eq!(body["blocks"][0]["style"], "h2");
    assert_eq!(body["blocks"][2]["listItem"], "bullet");
    assert_eq!(
        read["toc"],
        json!([{"level": 2, "text": "Fares", "anchor": "fares"}])
    );
    let none = app.get("/v1/articles/one?body=none").ok().json();
    assert!(none.get("body").is_none() && none.get("toc").is_none());
}

#[rstest]
fn a_former_slug_leads_to_the_present_one(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("first", 1)]);
    for slug in ["second", "third"] {
        app.put(&[with(article("first", 1), json!({"slug": slug}))]);
    }
    for (tail, query) in [("", ""), ("/related", "?limit=3"), ("/share", "")] {
        for former in ["first", "second"] {
            let answer = app.get(&format!("/v1/articles/{former}{tail}{query}"));
            assert_eq!(answer.status, 308);
            let location = answer.header("location").unwrap();
            assert_eq!(location, format!("/v1/articles/third{tail}{query}"));
            app.get(&location).ok();
        }
    }
    // Going back to an old name takes it out of the former ones.
    app.put(&[article("first", 1)]);
    app.get("/v1/articles/first").ok();
    assert_eq!(app.get("/v1/articles/third").status, 308);
}

#[rstest]
fn what_was_taken_away_is_gone_and_what_never_was_is_not_found(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = App::with(
        kind,
        &[
            article("one", 1),
            with(article("draft", 1), json!({"status": "draft"})),
        ],
    );
    let id = app.get("/v1/articles/one").ok().json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    app.put(&[with(article("one", 1), json!({"status": "unpublished"}))]);
    for path in [
        "/v1/articles/one",
        "/v1/articles/one/related",
        "/v1/articles/one/share",
    ] {
        assert_eq!(app.get(path).problem(410).0, "gone");
    }
    app.get(&format!("/v1/articles/{id}")).problem(410);
    app.put(&[
        with(article("never-seen", 1), json!({"status": "unpublished"})),
        article("once-seen", 1),
    ]);
    app.put(&[with(article("once-seen", 1), json!({"status": "draft"}))]);
    app.get("/v1/articles/once-seen").problem(410);
    for key in [
        "never-seen",
        "draft",
        "never",
        "Not a slug",
        "0198a5d2-7c4e-7bbb-8a53-2f6f3a1c9e10",
    ] {
        let path = format!("/v1/articles/{}", key.replace(' ', "%20"));
        assert_eq!(app.get(&path).problem(404).0, "not_found");
    }
}

#[rstest]
fn the_canonical_url_overrides_the_pattern(#[values(Sqlite, Postgres)] kind: Kind) {
    let elsewhere = "https://elsewhere.example.com/a?b=1";
    let app = App::with(
        kind,
        &[with(article("one", 1), json!({"canonical_url": elsewhere}))],
    );
    assert_eq!(app.get("/v1/articles/one").ok().json()["url"], elsewhere);
    assert_eq!(
        app.get("/v1/articles/one/share").ok().json()["canonical_url"],
        elsewhere
    );
}

#[rstest]
fn editing_moves_only_the_times_that_it_should(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("one", 1)]);
    let first = app.get("/v1/articles/one").ok().json();
    std::thread::sleep(std::time::Duration::from_millis(5));
    app.put(&[with(article("one", 1), json!({"featured": true}))]);
    let second = app.get("/v1/articles/one").ok().json();
    std::thread::sleep(std::time::Duration::from_millis(5));
    let text = json!({"featured": true, "title": "Another title", "published_at": null});
    app.put(&[with(article("one", 1), text)]);
    let third = app.get("/v1/articles/one").ok().json();
    for name in ["published_at", "first_published_at", "id", "slug"] {
        assert_eq!(first[name], third[name], "{name}");
    }
    assert_eq!(first["modified_at"], second["modified_at"]);
    assert_ne!(second["modified_at"], third["modified_at"]);
    assert_ne!(first["updated_at"], second["updated_at"]);
}

#[rstest]
fn any_writing_comes_back_as_it_went_in(#[values(Sqlite, Postgres)] kind: Kind) {
    let title = "مرحبا 👩‍👩‍👧 e\u{301} 港 \u{FFFD}\"?";
    let app = App::with(
        kind,
        &[json!({"slug": "x", "title": title, "body": {"text": title}})],
    );
    let read = app.get("/v1/articles/x?body=text").ok().json();
    assert_eq!(read["title"], title);
    assert_eq!(read["body"]["text"], title);
}
