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
    // As is one that is not wanted; else no form of it is.
    assert_eq!(found(&app, "run -\"ferries\""), ["run"]);
    assert!(found(&app, "run -ferries").is_empty());
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

#[rstest]
fn letters_that_not_everyone_has_are_found_without(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[
            said("tram", "Die Straßenbahn", "Sie fährt nach Łódź."),
            said("painter", "L’œuvre", "Smørbrød og kæmpe portrætter."),
        ],
    );
    for (q, slug) in [
        ("strassen*", "tram"),
        ("Straßen*", "tram"),
        ("strassenbahn", "tram"),
        ("STRASSENBAHN", "tram"),
        ("lodz", "tram"),
        ("oeuvre", "painter"),
        ("œuvre", "painter"),
        ("smorbrod", "painter"),
        ("kaempe", "painter"),
    ] {
        assert_eq!(found(&app, q), [slug], "{q}");
    }
}

#[rstest]
fn an_elided_article_is_a_word_of_its_own(#[values(Sqlite, Postgres)] kind: Kind) {
    let french = |slug: &str, title: &str, text: &str| {
        with(said(slug, title, text), json!({"language": "fr"}))
    };
    let app = App::with(
        kind,
        &[
            french("school", "L'école d’été", "Elle ouvre aujourd'hui."),
            french("other", "Une école", "Elle est fermée."),
            said("owner", "O'Brien", "It's the owner's. Don't ask."),
        ],
    );
    let sorted = |q: &str| {
        let mut slugs = found(&app, q);
        slugs.sort();
        slugs
    };
    for q in ["école", "ecole", "ecoles", "éco*"] {
        assert_eq!(sorted(q), ["other", "school"], "{q}");
    }
    for q in [
        "l'école",
        "L’ECOLE",
        "\"l'école d'été\"",
        "aujourd’hui",
        "d'été",
    ] {
        assert_eq!(sorted(q), ["school"], "{q}");
    }
    for q in ["o’brien", "obrien", "its", "dont", "owners"] {
        assert_eq!(sorted(q), ["owner"], "{q}");
    }
    assert!(found(&app, "\"brien\"").is_empty());
}

#[rstest]
fn quotation_marks_of_any_language_make_a_phrase(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &races());
    for q in [
        "\"run to\"",
        "“run to”",
        "„run to“",
        "«\u{A0}run to\u{A0}»",
        "»run to«",
        "‹run to›",
    ] {
        assert_eq!(found(&app, q), ["run"], "{q}");
    }
}

#[rstest]
fn every_word_of_a_long_search_counts(#[values(Sqlite, Postgres)] kind: Kind) {
    let words: Vec<String> = (10..135).map(|number| number.to_string()).collect();
    let all_but_the_last = &words[..124];
    let app = App::with(
        kind,
        &[
            said("all", "All of them", &words.join(" ")),
            said("most", "All but the last", &all_but_the_last.join(" ")),
        ],
    );
    assert_eq!(found(&app, &words.join(" ")), ["all"]);
    let nowhere: Vec<String> = (300..375).map(|number| format!("-{number}")).collect();
    let q = format!("10 {} -134", nowhere.join(" "));
    assert_eq!(found(&app, &q), ["most"]);
    // Cursors carry what each of the words counts.
    let path = format!("/v1/search?limit=1&q={}", all_but_the_last.join("+"));
    let mut met = app.walk(&path).concat();
    met.sort();
    assert_eq!(met, ["all", "most"]);
}
