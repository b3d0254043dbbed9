//! Other forms of a word.

use rstest::rstest;
use serde_json::{Value, json};

use super::{found, said};
use crate::support::{App, Kind, Postgres, Sqlite, content::with};

fn races() -> Vec<Value> {
    vec![
        said("running", "Sports day", "She was running to the ferries."),
        said("run", "A morning", "They run to the ferry."),
        with(
            said("hunde", "Tiere", "Die Hunde schlafen am Hafen."),
            json!({"language": "de"}),
        ),
    ]
}

#[rstest]
fn a_word_finds_its_other_forms(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &races());
    for q in ["run", "running", "runs", "ferry", "ferries", "FERRIES"] {
        let mut slugs = found(&app, q);
        slugs.sort();
        assert_eq!(slugs, ["run", "running"], "{q}");
    }
    // The word itself goes first.
    assert_eq!(found(&app, "run")[0], "run");
    assert_eq!(found(&app, "running")[0], "running");
    assert_eq!(found(&app, "runs morning"), ["run"]);
}

#[rstest]
fn a_quoted_word_is_meant_as_it_is(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &races());
    assert_eq!(found(&app, "\"run\""), ["run"]);
    assert_eq!(found(&app, "\"ferries\""), ["running"]);
    assert!(found(&app, "\"runs\"").is_empty());
    // As is one that is not wanted.
    assert_eq!(found(&app, "run -ferries"), ["run"]);
}

#[rstest]
fn inflections_are_those_of_the_languages_of_the_articles(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &races());
    assert_eq!(found(&app, "hund"), ["hunde"]);
    assert_eq!(app.slugs("/v1/search?q=hund&language=de"), ["hunde"]);
    assert!(app.slugs("/v1/search?q=hund&language=en").is_empty());
    assert_eq!(
        app.slugs("/v1/articles?q=runs&sort=title"),
        ["run", "running"]
    );
}

#[rstest]
fn other_forms_are_marked(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &races());
    let answer = app.get("/v1/search?q=run%20ferry").ok().json();
    let hits = answer["data"].as_array().unwrap();
    let hit = hits.iter().find(|hit| hit["article"]["slug"] == "running");
    let snippet = hit.unwrap()["snippet"].as_str().unwrap();
    assert_eq!(
        snippet,
        "She was <mark>running</mark> to the <mark>ferries</mark>."
    );
}

#[rstest]
fn forms_of_a_new_article_are_found_at_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let sent = with(
        said("nouveau", "Nouvelles", "Les chats mangeaient des oranges."),
        json!({"language": "fr", "status": "published"}),
    );
    app.create(&sent);
    for q in ["chat", "orange", "mange"] {
        assert_eq!(found(&app, q), ["nouveau"], "{q}");
    }
}
