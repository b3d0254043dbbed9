//! `GET /v1/search`

mod doctor;
mod facets;
mod forms;
mod fresh;
mod paging;
mod ranking;
mod scripts;
mod spelling;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, forty, with},
};

pub fn said(slug: &str, title: &str, text: &str) -> Value {
    with(
        article(slug, 1),
        json!({"title": title, "summary": null, "body": {"text": text}}),
    )
}

fn library() -> Vec<Value> {
    vec![
        said(
            "title",
            "Seagrass returns",
            "The bay is green again. Divers are glad.",
        ),
        said(
            "body",
            "News of the bay",
            "Divers saw seagrass, and more seagrass, in the bay.",
        ),
        said(
            "once",
            "A long report",
            &format!("Seagrass. {}", "Other words fill this text. ".repeat(60)),
        ),
        said(
            "cafe",
            "Café culture",
            "The café’s owner said: arms-control treaties don't <b>bore</b> her.",
        ),
        with(
            said("named", "Untitled", "Nothing."),
            json!({"tags": ["Kelp forests"], "authors": ["Ada Lovegood"]}),
        ),
        said("kyoto", "京都の朝", "港の朝市は早い。"),
    ]
}

fn found(app: &App, q: &str) -> Vec<String> {
    let encoded: String = q.bytes().map(|b| format!("%{b:02X}")).collect();
    app.slugs(&format!("/v1/search?limit=100&q={encoded}"))
}

#[rstest]
fn words_phrases_prefixes_and_exclusions_are_understood(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &library());
    let cases: [(&str, &[&str]); 17] = [
        ("seagrass", &["title", "body", "once"]),
        ("SEAGRASS divers", &["title", "body"]),
        ("\"more seagrass\"", &["body"]),
        ("\"seagrass more\"", &[]),
        ("\"returns the bay\"", &[]),
        ("seagrass -divers", &["once"]),
        ("sea*", &["title", "body", "once"]),
        ("sea", &[]),
        ("cafe", &["cafe"]),
        ("CAFÉS", &["cafe"]),
        ("arms-control", &["cafe"]),
        ("control-arms", &[]),
        ("dont", &["cafe"]),
        ("kelp lovegood", &["named"]),
        ("京都", &["kyoto"]),
        ("朝市", &["kyoto"]),
        ("市朝", &[]),
    ];
    for (q, expected) in cases {
        assert_eq!(found(&app, q), expected, "{q}");
    }
    let mut rest = found(&app, "-seagrass");
    rest.sort();
    assert_eq!(rest, ["cafe", "kyoto", "named"]);
}

#[rstest]
fn any_text_is_a_valid_query(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &library());
    for q in [
        "",
        " ",
        "\"",
        "-",
        "*",
        "(",
        "AND",
        "OR NOT",
        "NEAR(a b)",
        "title:x",
        "a:b*",
        "^a",
        "'",
        "''",
        "\\",
        "a & b | !c",
        "<->",
        "%",
        "--",
        "\"\"",
        "-\"",
        "{x}",
        "a\" OR 1=1 --",
        "💥",
        "\u{202E}abc",
        "x".repeat(500).as_str(),
    ] {
        found(&app, q);
    }
    let long = format!("/v1/search?q={}", "x".repeat(501));
    assert_eq!(app.get(&long).problem(400).1, ["q"]);
    assert_eq!(app.get("/v1/search").problem(400).1, ["q"]);
}

#[rstest]
fn a_snippet_marks_the_words_and_nothing_else_is_markup(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &library());
    let hit = app.get("/v1/search?q=bore").ok().json()["data"][0].clone();
    let snippet = hit["snippet"].as_str().unwrap();
    assert!(
        snippet.contains("&lt;b&gt;<mark>bore</mark>&lt;/b&gt;"),
        "{snippet}"
    );
    let score = hit["score"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&score));
}

#[rstest]
fn facets_count_all_hits(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let answer = app
        .get("/v1/search?q=harbour&limit=1&facets=category,tag,author,year")
        .ok()
        .json();
    let facets = &answer["facets"];
    let all: Vec<i64> = facets["category"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["count"].as_i64().unwrap())
        .collect();
    // `world`, with `europe` below it, with `nordic` below that; and one by itself.
    assert_eq!(all, [30, 20, 10, 10]);
    assert_eq!(
        facets["tag"][0],
        json!({"value": "climate", "name": "Climate", "count": 20})
    );
    assert_eq!(facets["author"][0]["count"], 14);
    assert_eq!(
        facets["year"],
        json!([{"value": "2026", "name": "2026", "count": 40}])
    );
    let narrowed = app
        .get("/v1/search?q=harbour&facets=author&category=nordic")
        .ok()
        .json();
    assert!(narrowed["facets"]["tag"].is_null());
    let sum: i64 = narrowed["facets"]["author"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["count"].as_i64().unwrap())
        .sum();
    assert_eq!(sum, 10);
    assert!(app.get("/v1/search?q=harbour").ok().json()["facets"].is_null());
}

#[rstest]
fn hits_can_be_walked_and_counted(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let whole = app.slugs("/v1/search?q=harbour&limit=100");
    assert_eq!(app.walk("/v1/search?q=harbour&limit=7").concat(), whole);
    let answer = app.get("/v1/search?q=harbour&limit=7&page=2").ok();
    assert_eq!(answer.slugs(), whole[7..14]);
    assert_eq!(answer.json()["page"]["total"], 40);
}

#[test]
fn both_databases_find_the_same_in_the_same_order_with_the_same_scores() {
    let articles: Vec<Value> = library().into_iter().chain(forty()).collect();
    let (one, other) = (App::with(Sqlite, &articles), App::with(Postgres, &articles));
    for q in [
        "seagrass",
        "harbour+story",
        "sea*",
        "-harbour",
        "alpha",
        "story+-beta",
        "bay+divers",
    ] {
        let of = |app: &App| -> Vec<(Value, Value, Value)> {
            let answer = app.get(&format!("/v1/search?limit=100&q={q}")).ok().json();
            let hits = answer["data"].as_array().unwrap().iter();
            hits.map(|hit| {
                (
                    hit["article"]["title"].clone(),
                    hit["score"].clone(),
                    hit["snippet"].clone(),
                )
            })
            .collect()
        };
        assert_eq!(of(&one), of(&other), "{q}");
    }
}

#[rstest]
fn what_was_edited_is_found_as_it_is_now(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[said("one", "Old words", "Something.")]);
    app.put(&[said("one", "New phrase", "Something.")]);
    assert!(found(&app, "old").is_empty());
    assert_eq!(found(&app, "phrase"), ["one"]);
    app.put(&[with(
        said("one", "New phrase", "Something."),
        json!({"status": "unpublished"}),
    )]);
    assert!(found(&app, "phrase").is_empty());
    app.put(&[said("one", "New phrase", "Something.")]);
    assert_eq!(found(&app, "phrase"), ["one"]);
}
