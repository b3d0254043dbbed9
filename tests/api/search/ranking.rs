//! Which hit goes before which.

use rstest::rstest;
use serde_json::{Value, json};

use super::{found, said};
use crate::support::{App, Kind, Postgres, Sqlite, content::date, content::with};

fn scores(app: &App, path: &str) -> Vec<f64> {
    let answer = app.get(path).ok().json();
    let hits = answer["data"].as_array().unwrap().iter();
    hits.map(|hit| hit["score"].as_f64().unwrap()).collect()
}

#[rstest]
fn a_title_goes_before_a_summary_and_a_summary_before_a_body(
    #[values(Sqlite, Postgres)] kind: Kind,
) {
    let app = App::with(
        kind,
        &[
            said("body", "News", "The lighthouse was lit again."),
            said("title", "The lighthouse", "It was lit again."),
            with(
                said("summary", "Also news", "It was lit again."),
                json!({"summary": "About a lighthouse."}),
            ),
        ],
    );
    assert_eq!(found(&app, "lighthouse"), ["title", "summary", "body"]);
    let scores = scores(&app, "/v1/search?q=lighthouse");
    assert!(scores.is_sorted_by(|one, other| one > other), "{scores:?}");
    assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
}

#[rstest]
fn of_equally_good_hits_the_newest_goes_first(#[values(Sqlite, Postgres)] kind: Kind) {
    let of_day = |day: i64| {
        with(
            said(&format!("day-{day}"), "Tides", "High water at noon."),
            json!({"published_at": date(day)}),
        )
    };
    let app = App::with(kind, &[3, 1, 5, 2, 4].map(of_day));
    let newest_first = ["day-5", "day-4", "day-3", "day-2", "day-1"];
    assert_eq!(found(&app, "tides"), newest_first);
    assert_eq!(found(&app, "-nothing"), newest_first);
    // A better hit goes before a newer one.
    app.put(&[with(
        said("old", "High water", "High water, and nothing but water."),
        json!({"published_at": date(0)}),
    )]);
    assert_eq!(found(&app, "water")[..2], ["old", "day-5"]);
}

#[rstest]
fn a_rare_word_counts_more_than_a_common_one(#[values(Sqlite, Postgres)] kind: Kind) {
    let mut articles: Vec<Value> = (0..12)
        .map(|number| said(&format!("other-{number}"), "Harbour", "Nothing else."))
        .collect();
    articles.push(said("rare", "Walrus", "Seen in the harbour."));
    articles.push(with(
        said("common", "Harbour", "A walrus was seen."),
        json!({"published_at": date(9)}),
    ));
    let app = App::with(kind, &articles);
    assert_eq!(found(&app, "harbour walrus"), ["rare", "common"]);
}

/// Sixty articles of a few words that stand now here, now there.
fn sixty() -> Vec<Value> {
    let words = [
        "harbour", "ferry", "ferries", "council", "budget", "storm", "storms", "school", "river",
        "bridge", "bridges", "market",
    ];
    let mut state: u64 = 7;
    let mut word = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        words[usize::try_from(state >> 33).unwrap() % words.len()]
    };
    let article = |number: usize| {
        let title = format!("{} {} number {number}", word(), word());
        let text: Vec<&str> = (0..5 + number).map(|_| word()).collect();
        let members = json!({
            "published_at": date(i64::try_from(number / 5).unwrap()),
            "summary": format!("The {}.", word()),
            "tags": [word()],
        });
        with(
            said(&format!("s{number}"), &title, &text.join(" ")),
            members,
        )
    };
    (0..60).map(article).collect()
}

#[rstest]
fn no_score_is_greater_than_one_before_it(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &sixty());
    for q in [
        "ferry",
        "storm+council",
        "bri*",
        "%22storm%20river%22",
        "-harbour",
    ] {
        let scores = scores(&app, &format!("/v1/search?limit=100&q={q}"));
        assert!(
            scores.is_sorted_by(|one, other| one >= other),
            "{q}: {scores:?}"
        );
        // Newer ones go first among those that are about equally good.
        assert!(
            scores.iter().all(|score| is_a_step(*score)),
            "{q}: {scores:?}"
        );
    }
}

/// Whether a score is one of 200 steps.
fn is_a_step(score: f64) -> bool {
    let steps = score * 200.0;
    (0.0..=200.0).contains(&steps) && (steps - steps.round()).abs() < 1e-9
}

#[rstest]
fn an_unwanted_word_is_unwanted_in_all_of_its_forms(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[
            said("running", "Morning", "She was running to the ferry."),
            said("run", "Morning", "They run to the ferries."),
            said("walk", "Morning", "They walk."),
        ],
    );
    for (q, expected) in [
        ("morning -runs", &["walk"][..]),
        ("-run", &["walk"]),
        ("morning -\"running\"", &["run", "walk"]),
        ("morning -\"run to the\"", &["running", "walk"]),
        ("morning -run*", &["walk"]),
        ("run -ferries", &[]),
        ("run -run", &[]),
    ] {
        let mut slugs = found(&app, q);
        slugs.sort();
        assert_eq!(slugs, expected, "{q}");
    }
}

#[rstest]
fn each_of_many_words_counts(#[values(Sqlite, Postgres)] kind: Kind) {
    let words: Vec<String> = (0..60).map(|number| format!("w{number}")).collect();
    let app = App::with(
        kind,
        &[
            said("all", "All", &words.join(" ")),
            said("most", "Most", &words[..59].join(" ")),
        ],
    );
    let after_others = |rest: &str| format!("{} {rest}", words[..40].join(" "));
    assert_eq!(found(&app, &words.join(" ")), ["all"]);
    assert_eq!(found(&app, &after_others("w59")), ["all"]);
    assert_eq!(found(&app, &after_others("-w59")), ["most"]);
    assert_eq!(found(&app, &after_others("\"w58 w59\"")), ["all"]);
    assert_eq!(found(&app, &after_others("-\"w58 w59\"")), ["most"]);
    let unwanted: Vec<String> = (0..60).map(|number| format!("-x{number}")).collect();
    let q = format!("{} -w59", unwanted.join(" "));
    assert_eq!(found(&app, &q), ["most"]);
    assert_eq!(found(&app, &format!("w0 {q}")), ["most"]);
    let path = format!("/v1/search?q={}", words[..59].join("+"));
    let scores = scores(&app, &path);
    assert_eq!(scores.len(), 2);
    assert!(
        scores.iter().all(|score| *score > 0.0 && *score <= 1.0),
        "{scores:?}"
    );
}

#[test]
fn both_databases_rank_alike() {
    let articles = sixty();
    let (one, other) = (App::with(Sqlite, &articles), App::with(Postgres, &articles));
    for q in [
        "ferry",
        "storms%20bridge",
        "%22ferry%20council%22",
        "ri*",
        "market%20-school",
        "-harbour",
        "bri*%20-%22storm%20river%22",
        "%22bridge%22",
        "storms%20-bridges",
        "markte",
        "ferry&category=none",
        "council&facets=tag,year",
    ] {
        for rest in ["", "&page=2&limit=7"] {
            let path = format!("/v1/search?q={q}{rest}");
            let of = |app: &App| {
                let answer = app.get(&path).ok().json();
                let hits = answer["data"].as_array().unwrap().iter();
                let hits: Vec<Value> = hits
                    .map(|hit| json!([hit["article"]["slug"], hit["score"], hit["snippet"]]))
                    .collect();
                json!([
                    hits,
                    answer["did_you_mean"],
                    answer["facets"],
                    answer["page"]["total"]
                ])
            };
            assert_eq!(of(&one), of(&other), "{path}");
        }
    }
}
