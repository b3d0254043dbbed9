//! `newsstand import page`

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    import::import,
    support::{App, Kind, Postgres, Sqlite},
};

fn paragraph(number: usize) -> String {
    format!(
        "Paragraph {number} goes on about the tide and the harbour. {}",
        "It is long. ".repeat(12)
    )
    .trim()
    .to_owned()
}

fn page() -> String {
    let mut lines = vec![
        "Tides & harbours".to_owned(),
        "How a city learns to live with the tide.".to_owned(),
        "A short summary of the page, as a reader sees it.".to_owned(),
        "X Linkedin Facebook Reddit Email Bluesky".to_owned(),
        "Published by Ada Moe".to_owned(),
        "August 09, 2025 - 3 min Read".to_owned(),
        paragraph(1),
        "A first sub-heading.".to_owned(),
        paragraph(2),
        "ADVERTISEMENT".to_owned(),
        "ADVERTISEMENT".to_owned(),
        paragraph(3),
        "ADVERTISEMENT".to_owned(),
        "A second sub-heading?".to_owned(),
        paragraph(4),
        "Related Articles".to_owned(),
    ];
    for number in 1..=3 {
        lines.push("Tides & harbours".to_owned());
        lines.push(format!(
            "Related summary {number} tells of gauges, streets and of pumps, at length enough."
        ));
        lines.push(format!("July {:02}, 2025", 20 + number));
    }
    lines.join("\n")
}

#[rstest]
fn a_page_is_taken_whole(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let run = import(&app, "page", &[], &page());
    assert_eq!(
        (run.status, run.out.as_str()),
        (0, "created 4, updated 0, unchanged 0, refused 0\n"),
        "{}",
        run.told
    );
    let slug = "how-a-city-learns-to-live-with-the-tide";
    let article = app
        .get(&format!("/v1/articles/{slug}?body=blocks,html,text"))
        .ok()
        .json();
    assert_eq!(article["title"], "How a city learns to live with the tide.");
    assert_eq!(article["title_provisional"], false);
    assert_eq!(
        article["summary"],
        "A short summary of the page, as a reader sees it."
    );
    assert_eq!(article["category"]["name"], "Tides & harbours");
    assert_eq!(article["authors"][0]["name"], "Ada Moe");
    assert_eq!(article["published_at"], "2025-08-09T00:00:00.000Z");
    assert_eq!(article["reading_minutes"], 3);
    let text = article["body"]["text"].as_str().unwrap();
    assert_eq!(article["word_count"], text.split_whitespace().count());
    let shapes: Vec<&str> = article["body"]["blocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| {
            block["style"]
                .as_str()
                .unwrap_or(block["_type"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        shapes,
        [
            "normal", "h2", "normal", "ad_slot", "normal", "ad_slot", "h2", "normal"
        ]
    );
    assert_eq!(article["toc"].as_array().unwrap().len(), 2);
    for number in 1..=4 {
        assert!(text.contains(&paragraph(number)));
    }
}

#[rstest]
fn related_articles_are_articles_and_pinned_in_order(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    import(&app, "page", &[], &page());
    let related = app
        .get("/v1/articles/how-a-city-learns-to-live-with-the-tide/related")
        .ok()
        .json();
    let pinned: Vec<&Value> = related["data"].as_array().unwrap().iter().collect();
    assert_eq!(pinned.len(), 3);
    for (number, item) in (1..).zip(pinned) {
        assert_eq!(item["reasons"][0]["kind"], "pinned");
        assert_eq!(item["score"], 1.0);
        assert_eq!(
            item["article"]["title"],
            format!("Related summary {number} tells of gauges")
        );
        assert_eq!(item["article"]["title_provisional"], true);
        assert_eq!(
            item["article"]["published_at"],
            format!("2025-07-{}T00:00:00.000Z", 20 + number)
        );
    }
}

#[rstest]
fn a_page_taken_twice_doubles_nothing(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    import(&app, "page", &[], &page());
    let again = import(&app, "page", &[], &page());
    assert_eq!(again.out, "created 0, updated 0, unchanged 4, refused 0\n");
    let edited = import(
        &app,
        "page",
        &[],
        &page().replace("A first sub-heading.", "Another sub-heading."),
    );
    assert_eq!(edited.out, "created 0, updated 1, unchanged 3, refused 0\n");
    assert_eq!(
        app.get("/v1/articles?count=exact").ok().json()["page"]["total"],
        4
    );
}

#[rstest]
fn a_related_article_becomes_whole_with_its_own_page(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    import(&app, "page", &[], &page());
    let own = page()
        .replace(
            "A short summary of the page, as a reader sees it.",
            "Related summary 2 tells of gauges, streets and of pumps, at length enough.",
        )
        .replace(
            "How a city learns to live with the tide.",
            "The gauges of the harbour.",
        );
    let own = own.replacen("Related summary 2", "Related summary 9", 0);
    let run = import(&app, "page", &[], &own);
    assert!(run.out.starts_with("created 0, updated 1,"), "{}", run.out);
    let titles: Vec<Value> = app.get("/v1/articles?fields=title").ok().json()["data"]
        .as_array()
        .unwrap()
        .clone();
    assert!(
        titles.contains(&json!({"title": "The gauges of the harbour."})),
        "{titles:?}"
    );
}

/// A title without its pauses is a nicer one, but it must be one.
#[test]
fn a_title_made_of_a_summary_of_pauses_shows_them() {
    let app = App::start(Sqlite);
    let whole = "Related summary 2 tells of gauges, streets and of pumps, at length enough.";
    let run = import(&app, "page", &[], &page().replace(whole, "... :"));
    assert!(run.out.starts_with("created 4,"), "{}{}", run.out, run.told);
    let titles = app.get("/v1/articles?fields=title").ok().json()["data"].clone();
    let made = json!({"title": "... :"});
    assert!(titles.as_array().unwrap().contains(&made), "{titles}");
}

#[test]
fn what_is_no_page_is_refused_with_the_line() {
    let app = App::start(Sqlite);
    for (from, to, line, reason) in [
        ("X Linkedin", "Linkedin", 4, "expected the share bar"),
        ("Published by", "By", 5, "expected \"Published by NAME\""),
        ("Ada Moe", "Ada\0Moe", 5, "contains the character U+0000"),
        (
            "3 min Read",
            "three minutes",
            6,
            "expected a date and reading time",
        ),
        ("August 09", "Smarch 09", 6, "is no date"),
        (
            "August 09, 2025",
            "August 09, 2999",
            6,
            "lies in the future",
        ),
        ("Related Articles", "The end", 26, "the file ends where"),
        ("July 22, 2025", "yesterday", 22, "is no date"),
    ] {
        let run = import(&app, "page", &[], &page().replace(from, to));
        assert_eq!(run.status, 1, "{from}");
        let told = format!("refused -:{line}: this is not an article page: ");
        assert!(
            run.told.contains(&told) && run.told.contains(reason),
            "{from}: {}",
            run.told
        );
        assert_eq!(run.out, "created 0, updated 0, unchanged 0, refused 1\n");
    }
    assert!(app.slugs("/v1/articles").is_empty());
}
