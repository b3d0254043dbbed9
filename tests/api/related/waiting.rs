//! Articles that wait to be merged are near to others as they will be.

use newsstand::store::index;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    related::{learning::unserved, path},
    support::{
        App, Kind, Postgres, Sqlite,
        content::{article, with},
        put,
    },
};

/// With these and what is learned from, more than are all compared.
const NOTES: usize = 1_450;

/// Words that no language has.
fn invented(beginning: &str, count: usize) -> Vec<String> {
    let letters = [
        "b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "t", "v", "z",
    ];
    let word = |number: usize| {
        let (first, last) = (
            letters[number % letters.len()],
            ["k", "m", "p"][number / letters.len()],
        );
        format!("{beginning}{first}a{last}")
    };
    (0..count).map(word).collect()
}

/// An article with an ending to each of some words, and words of its own. Nothing else is shared
/// by two of them.
fn ending(slug: &str, day: i64, ending: &str, own: &str) -> Value {
    let shared: Vec<String> = invented("zorbo", 12)
        .into_iter()
        .map(|word| format!("{word}{ending}"))
        .collect();
    let shared = shared.join(" ");
    let own = invented(own, 30).join(" ");
    let members = json!({
        "title": slug,
        "summary": null,
        "body": {"text": format!("{shared}\n\n{own}\n\n{shared}\n\n{shared}")},
    });
    with(article(slug, day), members)
}

#[rstest]
fn forms_of_words_that_wait_to_be_merged_are_known(#[values(Sqlite, Postgres)] kind: Kind) {
    let (database, store) = unserved(kind);
    // Or it would be learned anew.
    database.execute("UPDATE related_state SET fitted_articles = 100000");
    let note = |number: usize| {
        let members = json!({
            "title": format!("Note {number}"),
            "summary": null,
            "body": {"text": format!("This is note {number}.")},
        });
        with(article(&format!("note-{number}"), 5), members)
    };
    let mut articles: Vec<Value> = (0..NOTES).map(note).collect();
    articles.push(ending("source", 3, "ed", "quelli"));
    put(&store, &articles);
    drop(store);
    let app = App::on(database, &[]);
    let new = ending("new", 40, "ing", "dravu");
    app.create(&with(new, json!({"status": "published"})));
    let first = || app.slugs(&format!("{}?limit=1", path("source")));
    assert_eq!(first(), ["new"]);
    index::merge_all(&app.store).unwrap();
    assert_eq!(first(), ["new"]);
}
