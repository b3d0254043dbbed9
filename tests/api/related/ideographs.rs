//! Related articles in scripts without spaces, where more articles are than can all be compared.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    related::{items, learning::unserved, path, values},
    support::{
        App, Kind, Postgres, Sqlite,
        content::{article, with},
        put,
    },
};

/// With these and what is learned from, more than are all compared.
const NOTES: usize = 1_500;
/// Signs of which each article has many.
const SIGNS: &str = "山水火木金土日月人口手足目耳心力田石米竹糸貝車雨雪風花草虫魚鳥犬牛馬羊";

/// A text in which signs that stand beside each other are no pair twice.
fn mixed(seed: usize) -> String {
    let signs: Vec<char> = SIGNS.chars().collect();
    let sign = |place: usize| signs[(seed * 7 + place * (seed % 11 + 1)) % signs.len()];
    (0..24).map(sign).collect()
}

fn told(slug: &str, text: &str) -> Value {
    let members = json!({
        "title": "記事",
        "summary": null,
        "language": "zh",
        "body": {"text": text},
    });
    with(article(slug, 5), members)
}

#[rstest]
fn pairs_of_signs_find_what_is_near(#[values(Sqlite, Postgres)] kind: Kind) {
    let (database, store) = unserved(kind);
    // Or it would be learned anew.
    database.execute("UPDATE related_state SET fitted_articles = 100000");
    let note = |number: usize| told(&format!("note-{number}"), &mixed(number));
    let mut articles: Vec<Value> = (0..NOTES).map(note).collect();
    // What both are about is written with signs that all have, one beside another as nowhere else.
    let subject = "雨犬。貝雪。魚石。羊竹。耳車。虫金。";
    articles.push(told("asked", &format!("{subject}{subject}")));
    articles.push(told("near", &format!("馬月。{subject}手牛。{subject}")));
    put(&store, &articles);
    drop(store);
    let app = App::on(database, &[]);
    let found = items(&app, &format!("{}?limit=1", path("asked")));
    assert_eq!(found[0]["article"]["slug"], "near");
    let shared = values(&found[0], "shared_terms");
    assert!(!shared.is_empty());
    for pair in shared {
        assert!(subject.contains(pair), "{pair}");
    }
    // Such pairs are words of no search.
    let search = |q: &str| app.slugs(&format!("/v1/search?q={q}"));
    let mut both = search("%E7%BE%8A%E7%AB%B9");
    both.sort();
    assert_eq!(both, ["asked", "near"]);
}
