//! A search finds what is stored now, whatever the index has taken in so far.

use rstest::rstest;
use serde_json::{Value, json};

use super::{found, said};
use crate::support::{App, Kind, Postgres, Sqlite, content::with};

const ANY: (&str, &str) = ("If-Match", "*");

fn published(slug: &str, title: &str, text: &str) -> Value {
    with(said(slug, title, text), json!({"status": "published"}))
}

#[rstest]
fn each_step_of_an_article_shows_at_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[said("other", "Harbour", "A walrus.")]);
    app.create(&published("one", "Narwhal", "Seen in the harbour."));
    assert_eq!(found(&app, "narwhal"), ["one"]);
    assert_eq!(found(&app, "harbour -narwhal"), ["other"]);
    let path = "/v1/articles/one";
    app.edit("PATCH", path, &[ANY], &json!({"title": "Beluga"}))
        .ok();
    assert!(found(&app, "narwhal").is_empty());
    assert_eq!(found(&app, "\"beluga\""), ["one"]);
    assert_eq!(found(&app, "bel*"), ["one"]);
    app.edit("POST", &format!("{path}/unpublish"), &[], &Value::Null)
        .ok();
    assert!(found(&app, "beluga").is_empty());
    assert_eq!(app.read("/v1/search?q=beluga").ok().slugs(), ["one"]);
    app.edit("POST", &format!("{path}/publish"), &[], &Value::Null)
        .ok();
    assert_eq!(found(&app, "beluga"), ["one"]);
    let deleted = app.edit("DELETE", path, &[ANY], &Value::Null);
    assert_eq!(deleted.status, 204, "{}", deleted.text());
    assert!(found(&app, "beluga").is_empty());
    assert!(app.read("/v1/search?q=beluga").ok().slugs().is_empty());
    assert_eq!(found(&app, "-walrus"), Vec::<String>::new());
}

#[rstest]
fn what_is_merged_is_found_as_what_waits_is(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    for number in 0..4 {
        let title = ["Harbour", "Harbours"][number % 2];
        let text = "The ferry came late. ".repeat(number + 1);
        app.create(&published(&format!("m{number}"), title, &text));
    }
    let asked = [
        "harbour",
        "harbours+late",
        "fer*",
        "%22came+late%22",
        "-late",
        "hrabour",
    ];
    let all = || -> Vec<Value> {
        let one = |q: &&str| {
            let answer = app.get(&format!("/v1/search?q={q}")).ok().json();
            json!([answer["data"], answer["did_you_mean"]])
        };
        asked.iter().map(one).collect()
    };
    let waiting = all();
    newsstand::store::index::merge_all(&app.store).expect("it merges");
    assert_eq!(all(), waiting);
}

#[rstest]
fn a_phrase_of_ideographs_is_found_at_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let sent = with(
        published("kyoto", "京都の朝", "港の朝市は早い。"),
        json!({"language": "ja"}),
    );
    app.create(&sent);
    assert_eq!(found(&app, "朝市"), ["kyoto"]);
    assert_eq!(found(&app, "\"京都の朝\""), ["kyoto"]);
    assert!(found(&app, "市朝").is_empty());
    assert!(found(&app, "都京").is_empty());
}

#[rstest]
fn only_the_phrase_of_ideographs_is_marked(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    for (slug, title, text) in [
        ("body", "港", "市の朝。朝市は早い。"),
        ("title", "港の朝市", "市の朝。"),
    ] {
        let japanese = json!({"language": "ja"});
        app.create(&with(published(slug, title, text), japanese));
    }
    let snippet = |slug: &str| {
        let answer = app.get("/v1/search?q=%E6%9C%9D%E5%B8%82").ok().json();
        let hits = answer["data"].as_array().unwrap().clone();
        let mut hits = hits.into_iter();
        let hit = hits.find(|hit| hit["article"]["slug"] == slug).unwrap();
        hit["snippet"].as_str().unwrap().to_owned()
    };
    assert_eq!(snippet("body"), "市の朝。<mark>朝市</mark>は早い。");
    assert_eq!(snippet("title"), "港の<mark>朝市</mark>");
}

/// English articles, each of a word that Spanish or French takes for a form of another.
fn english(others: usize) -> Vec<Value> {
    let mut articles = vec![
        said("wines", "Cellars", "Wines for those who win."),
        said("win", "Teams", "They win again."),
        said("news", "Tonight", "News of what is new."),
        said("new", "Today", "A new bridge."),
        said("cares", "At home", "She cares for a car."),
        said("car", "Roads", "One car after another."),
    ];
    let other = |number: usize| said(&format!("other-{number}"), "Nothing", "At all.");
    articles.extend((0..others).map(other));
    articles
}

#[rstest]
fn articles_in_other_languages_change_no_search(
    #[values(Sqlite, Postgres)] kind: Kind,
    #[values(0, 40)] others: usize,
) {
    let app = App::with(kind, &english(others));
    let asked = [
        "wine",
        "wines",
        "news",
        "care",
        "-care",
        "wine -news",
        "car",
    ];
    let all = || -> Vec<Vec<String>> {
        let sorted = |q: &&str| {
            let mut slugs = found(&app, q);
            slugs.retain(|slug| !["vino", "actualite"].contains(&slug.as_str()));
            slugs.sort();
            slugs
        };
        asked.iter().map(sorted).collect()
    };
    let before = all();
    assert_eq!(before[0], ["wines"]);
    assert_eq!(before[2], ["news"]);
    assert_eq!(before[3], ["cares"]);
    let spanish = json!({"language": "es-MX"});
    app.create(&with(
        published("vino", "Bodegas", "Los vinos blancos del valle."),
        spanish,
    ));
    let french = json!({"language": "fr"});
    app.create(&with(
        published(
            "actualite",
            "Informations",
            "Les voitures bleues roulaient.",
        ),
        french,
    ));
    for is_merged in [false, true] {
        if is_merged {
            newsstand::store::index::merge_all(&app.store).expect("it merges");
        }
        assert_eq!(all(), before, "{is_merged}");
        for (q, slug) in [
            ("vino", "vino"),
            ("blanco", "vino"),
            ("voiture", "actualite"),
            ("bleue", "actualite"),
            ("wine", "wines"),
            ("cared", "cares"),
        ] {
            assert_eq!(found(&app, q), [slug], "{q} {is_merged}");
        }
        let answer = app.get("/v1/search?q=wine").ok().json();
        assert_eq!(
            answer["data"][0]["snippet"],
            "<mark>Wines</mark> for those who win."
        );
    }
}

#[rstest]
fn a_language_may_have_any_name(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[said("english", "Harbours", "By day.")]);
    for language in ["day", "in", "DAY-x"] {
        let slug = language.to_lowercase();
        let sent = with(
            published(&slug, "Harbour", "At night."),
            json!({"language": language}),
        );
        app.create(&sent);
    }
    for _ in 0..2 {
        let mut slugs = found(&app, "harbour");
        slugs.sort();
        assert_eq!(slugs, ["day", "day-x", "english", "in"]);
        assert_eq!(found(&app, "by day"), ["english"]);
        newsstand::store::index::merge_all(&app.store).expect("it merges");
    }
}

#[rstest]
fn an_editor_searches_among_articles_of_one_status(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[
            said("open", "Harbour", "Nothing."),
            with(
                said("draft", "Harbour", "Nothing."),
                json!({"status": "draft"}),
            ),
        ],
    );
    assert_eq!(app.slugs("/v1/articles?q=harbour"), ["open"]);
    for sort in ["relevance", "title"] {
        let path = format!("/v1/articles?q=harbour&sort={sort}&status=draft");
        assert_eq!(app.read(&path).ok().slugs(), ["draft"]);
        assert_eq!(
            app.read("/v1/articles?q=harbour&count=exact").ok().json()["page"]["total"],
            2
        );
    }
}
