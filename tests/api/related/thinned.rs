//! Lists that are thinned out: not too much of one event, and no text twice.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    related::{
        corpus::{SUBJECTS, of_words, publication, text, words},
        learned, path,
    },
    support::{
        App, Kind, Postgres, Sqlite,
        content::{article, with},
    },
};

/// Reports of one event: more than are looked at for the first page.
const REPORTS: usize = 16;

/// One of them: of opera, with what all of them tell, and a few words of its own.
fn report(number: usize) -> Value {
    let event = "The Sandpiper premiere of Halvorsen at Quillmouth ended in smoke, and Ottoline \
                 Verhagen sang the Brackenfell encore from the Tamsin staircase.";
    let own = text(&words(5), 4, 4_000 + number as u64);
    let members = json!({
        "title": format!("Smoke at Quillmouth, report {number}"),
        "summary": null,
        "body": {"text": format!("{event}\n\n{own}")},
    });
    with(article(&format!("smoke-{number}"), number as i64), members)
}

#[rstest]
fn an_event_of_which_much_is_told_leaves_room_for_others(#[values(Sqlite, Postgres)] kind: Kind) {
    let mut articles = publication();
    articles.extend((0..REPORTS).map(report));
    let app = App::with(kind, &articles);
    learned(&app);
    let of_event = |slug: &&String| slug.starts_with("smoke-");
    for limit in [4, 5, 12] {
        let found = app.slugs(&format!("{}?limit={limit}", path("smoke-0")));
        assert_eq!(found.len(), limit);
        let first = &found[..limit.min(5)];
        assert_eq!(first.iter().filter(of_event).count(), 3, "{found:?}");
    }
    // Where nothing else is near, all may be of it.
    let far = App::with(kind, &(0..REPORTS).map(report).collect::<Vec<_>>());
    let found = far.slugs(&format!("{}?limit=5", path("smoke-0")));
    assert!(found.iter().all(|slug| of_event(&slug)), "{found:?}");
}

#[rstest]
fn a_short_text_of_an_agency_is_shown_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let agency =
        "The Brackenfell ferry stays in the harbour until the fog lifts, its skipper said.";
    let told = |slug: &str, day: i64| {
        let members = json!({
            "title": format!("Ferry news of {slug}"),
            "summary": null,
            "body": {"text": agency},
        });
        with(article(slug, day), members)
    };
    let mut articles = publication();
    articles.extend([told("courier", 3), told("gazette", 9), told("herald", 5)]);
    articles.push(of_words("asked", 4, &words(0), 777));
    let app = App::with(kind, &articles);
    learned(&app);
    let found = app.slugs(&format!("{}?limit=50", path("asked")));
    let same = |slug: &&String| ["courier", "gazette", "herald"].contains(&slug.as_str());
    let shown: Vec<&String> = found.iter().filter(same).collect();
    assert_eq!(shown, ["gazette"], "{found:?}");
}

#[rstest]
fn words_of_headings_count_for_more(#[values(Sqlite, Postgres)] kind: Kind) {
    let filling = text(&words(3), 8, 31);
    let told = |slug: &str, heading: &str, paragraph: &str| {
        // The earlier the more a word counts, where both are in paragraphs.
        let html = format!("<p>{filling}</p><p>{paragraph}</p><h2>{heading}</h2>");
        let members = json!({"title": slug, "summary": null, "body": {"html": html}});
        with(article(slug, 5), members)
    };
    let (telling, other) = ("Lanternfish of Quillmouth", "What was also said there");
    let mut articles = publication();
    articles.push(told("headed", telling, other));
    articles.push(told("mentioned", other, telling));
    let members = json!({
        "title": "Lanternfish at night",
        "summary": null,
        "body": {"text": "Off Quillmouth the lanternfish rise. Lanternfish glow, at Quillmouth too."},
    });
    articles.push(with(article("asked", 6), members));
    let app = App::with(kind, &articles);
    learned(&app);
    let found = app.slugs(&format!("{}?limit=2", path("asked")));
    assert_eq!(found, ["headed", "mentioned"]);
}

#[rstest]
fn closeness_in_time_counts_where_it_is_asked_for(#[values(Sqlite, Postgres)] kind: Kind) {
    let subject = words(0);
    let mut articles = publication();
    // The nearer by content is the farther in time.
    let near = format!(
        "{} {}",
        text(&subject, 6, 51),
        "The Sandpiper left its berth."
    );
    let told = |slug: &str, day: i64, body: &str| {
        let members = json!({"title": "News", "summary": null, "body": {"text": body}});
        with(article(slug, day), members)
    };
    articles.push(told("asked", 250, &near));
    articles.push(told(
        "old",
        10,
        &format!("{near}\n\nThe fog lifted over the pier."),
    ));
    articles.push(of_words("new", 249, &subject, 52));
    assert_eq!(SUBJECTS[0].0, "ferry");
    let app = App::with(kind, &articles);
    learned(&app);
    let asked = format!("{}?limit=1", path("asked"));
    assert_eq!(app.slugs(&asked), ["old"]);
    let timely = App::start_with(kind, &["--related-half-life-days", "30"]);
    timely.put(&articles);
    learned(&timely);
    assert_eq!(timely.slugs(&asked), ["new"]);
}
