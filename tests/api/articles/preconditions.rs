//! Writes of which each names the state that it changes.

use rstest::rstest;
use serde_json::{Value, json};

use super::write::{ANY, JSON, etag, published};
use crate::support::{
    Answer, App, Kind, Postgres, Sqlite,
    content::{article, with},
    send_as_editor,
};

#[rstest]
fn every_entity_tag_of_an_article_names_its_state(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let long = json!({"body": {"text": "Many words about a harbour. ".repeat(100)}});
    let (_, tag) = app.create(&with(article("one", 1), long));
    let path = "/v1/articles/one";
    let save = |tag: &str, title: &str| {
        let answer = app.edit(
            "PATCH",
            path,
            &[("If-Match", tag)],
            &json!({"title": title}),
        );
        assert_eq!(answer.ok().json()["title"], title);
    };
    save(&tag, "By the one of creation");
    for query in ["", "?body=blocks", "?body=none", "?fields=slug"] {
        let read = app.read(&format!("{path}{query}")).ok();
        save(&etag(&read), &format!("By one of {query:?}"));
    }
    let brotli = app.edit("GET", path, &[("Accept-Encoding", "br")], &Value::Null);
    assert!(etag(&brotli).ends_with("-br\""), "{}", etag(&brotli));
    save(&etag(&brotli), "By one of a coding");
    let several = format!("\"other\", {}", etag(&app.read(path)));
    save(&several, "By one of several");
}

#[rstest]
fn a_write_without_or_with_an_old_entity_tag_is_refused(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (_, old) = app.create(&published("one"));
    let path = "/v1/articles/one";
    let title = json!({"title": "Second"});
    let second = app.edit("PATCH", path, &[("If-Match", &old)], &title).ok();
    let weak = format!("W/{}", etag(&second));
    for (method, body) in [
        ("PUT", published("one")),
        ("PATCH", json!({"title": "Third"})),
        ("DELETE", Value::Null),
    ] {
        let without = app.edit(method, path, &[], &body);
        assert_eq!(without.problem(428).0, "precondition_required", "{method}");
        for tag in [old.as_str(), &weak, "\"other\"", "other"] {
            let answer = app.edit(method, path, &[("If-Match", tag)], &body);
            assert_eq!(answer.problem(412).0, "precondition_failed", "{method}");
        }
        assert_eq!(etag(&app.read(path)), etag(&second), "nothing was written");
    }
    app.edit("PATCH", path, &[ANY], &json!({"title": "Third"}))
        .ok();
}

#[rstest]
fn of_two_editors_who_save_at_once_one_wins(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (_, mut tag) = app.create(&published("one"));
    let (address, path) = (app.address, "/v1/articles/one");
    for round in 0..5 {
        let words = [format!("zulu{round}"), format!("yankee{round}")];
        let save = |word: &str| {
            let text = format!("All of {word}.");
            let sent = json!({"title": word, "summary": word, "body": {"text": text}});
            let fields = [("If-Match", tag.as_str()), JSON];
            send_as_editor(address, "PUT", path, &fields, &sent.to_string())
        };
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let save = &save;
            let all: Vec<_> = words
                .iter()
                .map(|word| scope.spawn(move || save(word)))
                .collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let won = answers.iter().position(|answer| answer.status == 200);
        let won = won.expect("one of them wins");
        answers[1 - won].problem(412);
        let read = app.get("/v1/articles/one?body=text").ok().json();
        let (winner, loser) = (words[won].as_str(), words[1 - won].as_str());
        assert_eq!(
            (&read["title"], &read["summary"]),
            (&json!(winner), &json!(winner))
        );
        assert_eq!(read["body"]["text"], format!("All of {winner}."));
        for (word, hits) in [(winner, 1), (loser, 0)] {
            assert_eq!(app.slugs(&format!("/v1/search?q={word}")).len(), hits);
        }
        let latest = round + 2;
        let revision = app.read(&format!("{path}/revisions/{latest}")).ok();
        assert!(!revision.text().contains(loser));
        app.read(&format!("{path}/revisions/{}", latest + 1))
            .problem(404);
        tag = etag(&answers[won]);
    }
}

#[rstest]
fn whoever_takes_any_state_succeeds_beside_others(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    app.create(&published("one"));
    let (address, path) = (app.address, "/v1/articles/one");
    let save = |number: usize| {
        let sent = json!({"title": format!("Title {number}")}).to_string();
        send_as_editor(address, "PATCH", path, &[ANY, JSON], &sent)
    };
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..12)
            .map(|number| scope.spawn(move || save(number)))
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for answer in answers {
        answer.ok();
    }
    app.read(&format!("{path}/revisions/13")).ok();
}
