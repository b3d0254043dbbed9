//! What is near, and what never is.

use std::collections::HashSet;

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    related::{
        corpus::{EACH, SUBJECTS, of_words, publication, slug, subject_of, text, words},
        items, learned, path, scores, settle, values,
    },
    support::{
        App, Kind, Postgres, Sqlite,
        content::{article, with},
    },
};

#[rstest]
fn articles_of_one_subject_meet_across_categories_and_tags(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &publication());
    for (subject, (name, _)) in SUBJECTS.iter().enumerate() {
        let path = path(&slug(subject, subject));
        let first = app.slugs(&format!("{path}?limit=6"));
        assert_eq!(first.len(), 6);
        for found in &first {
            assert_eq!(subject_of(found), *name, "{path}: {first:?}");
        }
    }
}

#[rstest]
fn different_words_of_one_subject_meet(#[values(Sqlite, Postgres)] kind: Kind) {
    let of_ferries = words(0);
    let (one, other) = of_ferries.split_at(of_ferries.len() / 2);
    let mut articles = publication();
    articles.push(of_words("ferry-one", 3, one, 501));
    articles.push(of_words("ferry-other", 4, other, 502));
    let app = App::with(kind, &articles);
    // All of the subject are ten, and the other of the two.
    let found = app.slugs(&format!("{}?limit={}", path("ferry-one"), EACH + 1));
    assert!(found.contains(&"ferry-other".to_owned()), "{found:?}");
    let back = app.slugs(&format!("{}?limit={}", path("ferry-other"), EACH + 1));
    assert!(back.contains(&"ferry-one".to_owned()), "{back:?}");
}

#[rstest]
fn reasons_show_the_shared_words_as_they_are_written(#[values(Sqlite, Postgres)] kind: Kind) {
    let told = |slug: &str, day: i64, text: &str| {
        let members = json!({"title": "Trials", "summary": null, "body": {"text": text}});
        with(article(slug, day), members)
    };
    let mut articles = publication();
    articles.push(told(
        "one",
        40,
        "Today the engineers let the Sandpiper leave its berth. On board the Sandpiper was \
         Halvorsen, who had drawn its Zürich batteries.",
    ));
    articles.push(told(
        "two",
        41,
        "Nobody had asked HALVORSEN why the sandpiper was late. In Zurich they wait for the \
         sandpiper still.",
    ));
    let app = App::with(kind, &articles);
    let found = items(&app, &path("one"));
    assert_eq!(found[0]["article"]["slug"], "two");
    let shared = values(&found[0], "shared_terms");
    assert!(shared.contains(&"Sandpiper"), "{shared:?}");
    assert!(shared.contains(&"Halvorsen"), "{shared:?}");
    assert!(shared.contains(&"Zürich"), "{shared:?}");
    assert!(shared.len() <= 5);
    for common in ["the", "had", "was"] {
        assert!(!shared.contains(&common), "{shared:?}");
    }
}

#[rstest]
fn never_itself_nor_a_draft_nor_what_says_the_same(#[values(Sqlite, Postgres)] kind: Kind) {
    let of_bread = words(1);
    let body = text(&of_bread, 9, 77);
    let told = |slug: &str, body: &str, status: &str| {
        let members = json!({
            "title": "Bread of the week",
            "summary": null,
            "status": status,
            "body": {"text": body},
        });
        with(article(slug, 5), members)
    };
    let mut articles = publication();
    articles.push(told("source", &body, "published"));
    articles.push(told("twin", &body, "published"));
    let longer = format!("{body}\n\nThis story was updated.");
    articles.push(told("again", &longer, "published"));
    articles.push(with(
        of_words("draft", 5, &of_bread, 900),
        json!({"status": "draft"}),
    ));
    let app = App::with(kind, &articles);
    for limit in [3, 12, 50] {
        let found = app.slugs(&format!("{}?limit={limit}", path("source")));
        assert_eq!(found.len(), limit);
        for never in ["source", "twin", "again", "draft"] {
            assert!(!found.contains(&never.to_owned()), "{found:?}");
        }
    }
    // Of those that say the same, others get one.
    let found = app.slugs(&format!("{}?limit=50", path("bread-0")));
    let same = |slug: &&String| ["source", "twin", "again"].contains(&slug.as_str());
    assert_eq!(found.iter().filter(same).count(), 1, "{found:?}");
}

#[rstest]
fn lists_are_filled_up_and_scores_never_rise(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &publication());
    for limit in [1, 12, 50] {
        let found = items(&app, &format!("{}?limit={limit}", path("court-3")));
        assert_eq!(found.len(), limit);
        let distinct: HashSet<&str> = found
            .iter()
            .map(|item| item["article"]["slug"].as_str().unwrap())
            .collect();
        assert_eq!(distinct.len(), limit);
        let scores = scores(&found);
        assert!(scores.is_sorted_by(|one, other| one >= other), "{scores:?}");
        assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
    }
}

#[rstest]
fn category_and_date_narrow(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &publication());
    let source = app.get("/v1/articles/opera-6").ok().json();
    // Before their lists are kept, and after.
    for _ in 0..2 {
        let query = format!("{}?same_category=true&limit=20", path("opera-6"));
        let found = items(&app, &query);
        assert_eq!(found.len(), 20);
        for item in &found {
            assert_eq!(item["article"]["category"], source["category"]);
        }
        let first = found[0]["article"]["slug"].as_str().unwrap();
        assert_eq!(subject_of(first), "opera");
        let query = format!("{}?include_newer=false&limit=20", path("opera-6"));
        let older = |item: &Value| {
            let date = |article: &Value| article["published_at"].as_str().unwrap().to_owned();
            date(&item["article"]) <= date(&source)
        };
        let found = items(&app, &query);
        assert!(!found.is_empty() && found.iter().all(older));
        settle(&app);
    }
}

#[rstest]
fn the_answer_is_the_same_every_time(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &publication());
    learned(&app);
    let asked = |tail: &str| -> Vec<Value> {
        let slugs = (0..SUBJECTS.len()).map(|subject| path(&slug(subject, 7)));
        slugs
            .map(|path| app.get(&format!("{path}{tail}")).ok().json())
            .collect()
    };
    for tail in ["", "?limit=50", "?same_category=true"] {
        let first = asked(tail);
        assert_eq!(asked(tail), first, "{tail}");
        settle(&app);
        // Now the lists are kept.
        assert_eq!(asked(tail), first, "{tail}");
    }
    let within = app.get("/v1/articles?limit=100&include=related").ok();
    for article in within.json()["data"].as_array().unwrap() {
        let slug = article["slug"].as_str().unwrap();
        let apart = &app.get(&path(slug)).ok().json()["data"];
        assert_eq!(&article["related"], apart, "{slug}");
    }
}

#[rstest]
fn pins_come_first_and_exclusions_never(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &publication());
    let nearest = app.slugs(&format!("{}?limit=1", path("garden-2")));
    let set = json!({"pins": ["money-5", "ferry-1"], "exclusions": nearest});
    app.edit(
        "PUT",
        "/v1/articles/garden-2/related-pins",
        &[("If-Match", "*")],
        &set,
    )
    .ok();
    let found = items(&app, &path("garden-2"));
    assert_eq!(found.len(), 12);
    assert_eq!(found[0]["article"]["slug"], "money-5");
    assert_eq!(found[1]["article"]["slug"], "ferry-1");
    assert_eq!(found[0]["reasons"][0]["kind"], "pinned");
    assert_eq!(
        found[2]["article"]["slug"].as_str().map(subject_of),
        Some("garden")
    );
    let has = |slug: &str| found.iter().any(|item| item["article"]["slug"] == slug);
    assert!(!has(&nearest[0]));
}
