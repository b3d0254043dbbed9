//! Walks over hits, with filters and without.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rstest::rstest;
use serde_json::{Value, json};

use super::{library, said};
use crate::support::{
    App, Kind, Postgres, Sqlite,
    content::{article, date, forty, with},
};

#[rstest]
fn a_walk_meets_each_hit_once_while_articles_are_added(#[values(Sqlite, Postgres)] kind: Kind) {
    for q in ["harbour", "alpha+story", "-beta"] {
        let app = App::with(kind, &forty());
        let before = app.slugs(&format!("/v1/search?limit=100&q={q}"));
        let mut met: Vec<String> = Vec::new();
        let mut next = Some(format!("/v1/search?limit=6&q={q}"));
        let mut number = 0;
        while let Some(path) = next {
            let answer = app.get(&path).ok();
            met.extend(answer.slugs());
            next = answer.json()["links"]["next"].as_str().map(str::to_owned);
            // They make the words commoner, and stand now before, now behind.
            let new = |place: i64| {
                let text = "Alpha harbour. Alpha story. ".repeat(usize::try_from(place).unwrap());
                with(
                    said(&format!("new-{number}-{place}"), "Alpha alpha", &text),
                    json!({"published_at": date(place * 30 - 60)}),
                )
            };
            app.put(&[1, 2, 3].map(new));
            number += 1;
        }
        let old: Vec<&String> = met
            .iter()
            .filter(|slug| !slug.starts_with("new-"))
            .collect();
        assert_eq!(old, before.iter().collect::<Vec<_>>(), "{q}");
        let mut once = met.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), met.len(), "{q}: one was met twice");
    }
}

#[rstest]
fn a_walk_over_the_hits_of_a_very_long_search_ends(#[values(Sqlite, Postgres)] kind: Kind) {
    let words: Vec<String> = (0..166).map(in_letters).collect();
    let text = words.join(" ");
    let articles = (0..7).map(|number| said(&format!("n{number}"), "Letters", &text));
    let app = App::with(kind, &articles.collect::<Vec<_>>());
    app.put(&[said("lacks", "Letters", &words[1..].join(" "))]);
    let q = words.join("+");
    assert!(q.len() <= 500);
    let met = app.walk(&format!("/v1/search?limit=3&q={q}"));
    assert_eq!(met.len(), 3);
    assert_eq!(met.concat().len(), 7);
    assert!(!met.concat().contains(&"lacks".to_owned()));
}

/// Two letters for a number, no two numbers alike.
fn in_letters(number: usize) -> String {
    let letter = |place: usize| ('a'..='z').nth(place).expect("a letter");
    [letter(number / 26), letter(number % 26)].iter().collect()
}

#[rstest]
fn a_walk_back_meets_the_same_hits(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let whole = app.slugs("/v1/search?q=harbour&limit=100");
    let mut answers = vec![app.get("/v1/search?q=harbour&limit=9").ok()];
    while let Some(next) = answers.last().unwrap().json()["links"]["next"].as_str() {
        let answer = app.get(next).ok();
        answers.push(answer);
    }
    let pages: Vec<Vec<String>> = answers.iter().map(|answer| answer.slugs()).collect();
    assert_eq!(pages.concat(), whole);
    for number in (1..answers.len()).rev() {
        let answer = answers[number].json();
        let back = answer["links"]["prev"].as_str().unwrap();
        assert_eq!(app.slugs(back), pages[number - 1], "page {number}");
    }
    assert!(answers[0].json()["links"]["prev"].is_null());
}

#[rstest]
fn filters_narrow_a_search(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let all = app.slugs("/v1/search?q=harbour&limit=100");
    for filter in [
        "category=nordic",
        "category=world&tag=climate",
        "author=ada-moe",
        "language=nb",
        "published_after=2026-01-04T00:00:00Z&published_before=2026-01-09T00:00:00Z",
    ] {
        let list = app.slugs(&format!("/v1/articles?limit=100&{filter}"));
        let expected: Vec<&String> = all.iter().filter(|slug| list.contains(slug)).collect();
        assert!(!expected.is_empty() && expected.len() < 40, "{filter}");
        let path = format!("/v1/search?q=harbour&{filter}");
        let found = app.slugs(&format!("{path}&limit=100"));
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter}");
        assert_eq!(
            app.walk(&format!("{path}&limit=3")).concat(),
            found,
            "{filter}"
        );
        let counted = app.get(&format!("{path}&limit=3&count=exact")).ok().json();
        assert_eq!(counted["page"]["total"], found.len(), "{filter}");
        let second = app.get(&format!("{path}&limit=3&page=2")).ok();
        assert_eq!(second.slugs(), found[3..found.len().min(6)], "{filter}");
        assert_eq!(second.json()["page"]["total"], found.len(), "{filter}");
    }
}

#[rstest]
fn pages_are_counted_exactly_and_end(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    let page = |rest: &str| app.get(&format!("/v1/search?q=harbour&{rest}")).ok();
    assert!(page("limit=9").json()["page"]["total"].is_null());
    assert_eq!(page("limit=9&count=exact").json()["page"]["total"], 40);
    let last = page("limit=9&page=5");
    assert_eq!(last.slugs().len(), 4);
    assert!(last.json()["links"]["next"].is_null());
    let beyond = page("limit=9&page=6");
    assert!(beyond.slugs().is_empty());
    assert_eq!(beyond.json()["page"]["total"], 40);
}

#[rstest]
fn hits_stand_in_any_order_of_a_list(#[values(Sqlite, Postgres)] kind: Kind) {
    let articles: Vec<Value> = forty().into_iter().chain(library()).collect();
    let app = App::with(kind, &articles);
    let hits = app.slugs("/v1/search?q=harbour&limit=100");
    assert_eq!(hits.len(), 40);
    for sort in [
        "-published_at",
        "published_at",
        "title",
        "-title",
        "-modified_at",
    ] {
        for filter in ["", "&tag=trade"] {
            let rest = format!("sort={sort}{filter}");
            let list = app.slugs(&format!("/v1/articles?limit=100&{rest}"));
            let expected: Vec<&String> = list.iter().filter(|slug| hits.contains(slug)).collect();
            let path = format!("/v1/articles?q=harbour&{rest}");
            let whole = app.slugs(&format!("{path}&limit=100"));
            assert_eq!(whole.iter().collect::<Vec<_>>(), expected, "{rest}");
            assert_eq!(
                app.walk(&format!("{path}&limit=7")).concat(),
                whole,
                "{rest}"
            );
            let second = app.get(&format!("{path}&limit=7&page=2")).ok();
            assert_eq!(second.slugs(), whole[7..14], "{rest}");
            assert_eq!(second.json()["page"]["total"], whole.len(), "{rest}");
        }
    }
}

#[rstest]
fn a_damaged_cursor_is_refused(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &forty());
    for path in [
        "/v1/search?q=harbour+story&limit=5",
        "/v1/articles?q=harbour+story&limit=5&sort=relevance",
    ] {
        let answer = app.get(path).ok().json();
        let cursor = answer["page"]["next_cursor"].as_str().unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap();
        let whole: Value = serde_json::from_slice(&bytes).unwrap();
        let with_cursor = |cursor: &Value| {
            let cursor = URL_SAFE_NO_PAD.encode(cursor.to_string());
            app.get(&format!("{path}&cursor={cursor}"))
        };
        with_cursor(&whole).ok();
        for (member, value) in [
            // Two digits for each clause: too few, too many, half of one, nothing, no digits.
            ("w", json!("BA")),
            ("w", json!("BABABA")),
            ("w", json!("BAB")),
            ("w", json!("BAAA")),
            ("w", json!("BA*=")),
            ("w", json!([100, 100])),
            ("w", Value::Null),
            ("c", json!([[2, "word"]])),
            ("c", json!([[0, "two words"]])),
            ("c", json!([[0, "word", 1]])),
            ("n", Value::Null),
            ("i", json!("elsewhere")),
        ] {
            let mut damaged = whole.clone();
            damaged[member] = value;
            let (_, at_fault) = with_cursor(&damaged).problem(400);
            assert_eq!(at_fault, ["cursor"], "{damaged}");
        }
        let other = path.replace("harbour", "alpha");
        let (_, at_fault) = app.get(&format!("{other}&cursor={cursor}")).problem(400);
        assert_eq!(at_fault, ["cursor"]);
    }
}

/// More hits than are read one by one: their days are told by the index.
#[rstest]
fn many_hits_that_tie_are_read_newest_first(#[values(Sqlite, Postgres)] kind: Kind) {
    const COUNT: usize = 300;
    let day = |number: usize| i64::try_from(number * 7 % COUNT).unwrap() - 500;
    let made = |number: usize| {
        let made = article(&format!("tied-{number}"), day(number));
        with(made, json!({"title": "Lanterns", "summary": null}))
    };
    let app = App::with(kind, &(0..COUNT).map(made).collect::<Vec<Value>>());
    app.settle();
    let mut newest_first: Vec<usize> = (0..COUNT).collect();
    newest_first.sort_by_key(|number| std::cmp::Reverse(day(*number)));
    let slug = |number: &usize| format!("tied-{number}");
    let expected: Vec<String> = newest_first.iter().map(slug).collect();
    let pages = app.walk("/v1/search?q=lanterns&limit=60");
    assert_eq!(pages.concat(), expected);
    let third = app.get("/v1/search?q=lanterns&limit=60&page=3").ok();
    assert_eq!(third.slugs(), expected[120..180]);
    let last = app.get("/v1/search?q=lanterns&limit=60&page=5").ok().json();
    assert!(last["links"]["next"].is_null(), "{last}");
}
