//! Words that stand nowhere, and what may have been meant.

use rstest::rstest;
use serde_json::{Value, json};

use super::said;
use crate::support::{App, Kind, Postgres, Sqlite, content::with};

fn search(app: &App, q: &str) -> Value {
    let encoded: String = q.bytes().map(|b| format!("%{b:02X}")).collect();
    app.get(&format!("/v1/search?q={encoded}")).ok().json()
}

/// The slugs found, and what was searched for instead.
fn meant(app: &App, q: &str) -> (Vec<String>, Option<String>) {
    let answer = search(app, q);
    let hits = answer["data"].as_array().unwrap().iter();
    let slugs = hits.map(|hit| hit["article"]["slug"].as_str().unwrap().to_owned());
    let instead = answer["did_you_mean"].as_str().map(str::to_owned);
    (slugs.collect(), instead)
}

#[rstest]
fn a_misspelt_word_is_put_right_and_said(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[
            said("dawn", "News", "The harbour lay still at dawn."),
            said("dusk", "News", "The harbour lay still at dusk."),
        ],
    );
    let cases: [(&str, &[&str], Option<&str>); 10] = [
        ("dawn", &["dawn"], None),
        ("harbuor dawn", &["dawn"], Some("harbour dawn")),
        (
            "Harbuor  -dusk \"lay still\" daw*",
            &["dawn"],
            Some("harbour  -dusk \"lay still\" daw*"),
        ),
        ("hrabour stlil dusk", &["dusk"], Some("harbour still dusk")),
        // Nothing is near, or nothing is put right.
        ("zzzzzz", &[], None),
        ("zzzzzz harbuor", &[], None),
        ("\"harbuor\"", &[], None),
        ("harbuo*", &[], None),
        ("dwn", &[], None),
        ("harbour dawm2", &[], None),
    ];
    for (q, slugs, instead) in cases {
        let slugs: Vec<String> = slugs.iter().map(|slug| (*slug).to_owned()).collect();
        assert_eq!(meant(&app, q), (slugs, instead.map(str::to_owned)), "{q}");
    }
    let answer = search(&app, "harbuor dawn");
    assert_eq!(
        answer["data"][0]["snippet"],
        "The <mark>harbour</mark> lay still at <mark>dawn</mark>."
    );
}

#[rstest]
fn of_several_near_words_the_most_used_is_taken(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[
            said("one", "Boat", "Nothing."),
            said("two", "Bear", "Nothing."),
        ],
    );
    assert_eq!(meant(&app, "beat").1.as_deref(), Some("bear"));
    app.put(&[said("three", "Boat", "Nothing.")]);
    assert_eq!(meant(&app, "beat").1.as_deref(), Some("boat"));
}

#[rstest]
fn a_word_of_a_draft_is_not_told_to_everyone(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[
            said("open", "News", "Nothing."),
            with(
                said("draft", "Zeppelin", "Nothing."),
                json!({"status": "draft"}),
            ),
        ],
    );
    assert_eq!(meant(&app, "zepelin"), (vec![], None));
    let read = app.read("/v1/search?q=zepelin").ok().json();
    assert_eq!(read["did_you_mean"], "zeppelin");
    assert_eq!(read["data"][0]["article"]["slug"], "draft");
}

#[rstest]
fn a_walk_keeps_to_the_word_that_it_began_with(#[values(Sqlite, Postgres)] kind: Kind) {
    let number = |number: i32| said(&format!("h{number}"), "Harbour", "Nothing.");
    let app = App::with(kind, &[0, 1, 2, 3, 4].map(number));
    let mut met: Vec<String> = Vec::new();
    let mut next = Some("/v1/search?q=harbuor&limit=2".to_owned());
    while let Some(path) = next {
        let answer = app.get(&path).ok();
        assert_eq!(answer.json()["did_you_mean"], "harbour");
        met.extend(answer.slugs());
        next = answer.json()["links"]["next"].as_str().map(str::to_owned);
        // Now the word is one.
        app.put(&[said("slip", "Harbuor", "Nothing.")]);
    }
    met.sort();
    assert_eq!(met, ["h0", "h1", "h2", "h3", "h4"]);
    assert_eq!(meant(&app, "harbuor"), (vec!["slip".to_owned()], None));
}

#[rstest]
fn a_list_puts_nothing_right(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[said("one", "Harbour", "Nothing.")]);
    for sort in ["", "&sort=relevance"] {
        let path = format!("/v1/articles?q=harbuor{sort}");
        assert!(app.slugs(&path).is_empty(), "{path}");
    }
}

#[rstest]
fn a_word_typed_twice_is_put_right_twice(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[said("dawn", "News", "The harbour at dawn.")]);
    let (slugs, instead) = meant(&app, "Harbuor dawn -harbuor harbuor");
    assert_eq!(slugs, ["dawn"]);
    assert_eq!(instead.as_deref(), Some("harbour dawn -harbuor harbour"));
}

#[rstest]
fn letters_that_not_everyone_has_are_put_right_too(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[said("tram", "Straßenbahn", "Smørbrød.")]);
    for (q, right) in [
        ("Straßenbann", "strassenbahn"),
        ("strasenbahn", "strassenbahn"),
        ("smørbrot", "smorbrod"),
    ] {
        let (slugs, instead) = meant(&app, q);
        assert_eq!(slugs, ["tram"], "{q}");
        assert_eq!(instead.as_deref(), Some(right), "{q}");
    }
}
