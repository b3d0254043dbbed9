//! `Idempotency-Key`: a request that is sent again is done once.

use std::{collections::HashSet, thread};

use newsstand::{
    domain::token::{NewToken, Secret, SigningKey, issue},
    model::{caller::Scope, time::UtcTime},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    support::{
        Answer, App, Kind, Postgres, SECRET, Sqlite, client,
        content::{article, with},
        editor, token,
    },
    tokens::server::{Server, ask},
};

/// A token of somebody else than the editor of other tests.
fn token_of(subject: &str) -> String {
    let now = UtcTime::now().millis();
    let time = |millis| UtcTime::from_millis(millis).unwrap();
    let claims = NewToken {
        subject: subject.to_owned(),
        scopes: Scope::ALL.to_vec(),
        token_id: newsstand::model::slug::new_id(),
        issued_at: time(now),
        expires_at: time(now + 3_600_000),
        issuer: None,
        audience: None,
    };
    let secret = Secret::new(SECRET.to_owned()).unwrap();
    issue(
        &SigningKey::Secret {
            secret,
            key_id: None,
        },
        claims,
    )
    .unwrap()
}

fn post(app: &App, key: &str, body: &Value) -> Answer {
    app.edit("POST", "/v1/articles", &[("Idempotency-Key", key)], body)
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed").as_deref() == Some("true")
}

/// How many articles there are, drafts among them.
fn count(app: &App) -> Value {
    app.read("/v1/articles?count=exact").ok().json()["page"]["total"].clone()
}

#[rstest]
fn the_same_request_gets_the_same_answer_and_is_done_once(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let first = post(&app, "k-1", &article("one", 1));
    assert_eq!(first.status, 201, "{}", first.text());
    assert!(!is_replayed(&first));
    // Also when the article has moved on since, and with the key in the quotes of RFC 8941.
    let patch = json!({"title": "Another"});
    app.edit("PATCH", "/v1/articles/one", &[("If-Match", "*")], &patch)
        .ok();
    for key in ["k-1", "\"k-1\""] {
        let again = post(&app, key, &article("one", 1));
        assert_eq!((again.status, &again.body), (201, &first.body));
        assert!(is_replayed(&again));
        for field in ["location", "etag", "content-type", "cache-control"] {
            assert_eq!(again.header(field), first.header(field), "{field}");
        }
    }
    let bearer = format!("Bearer {}", editor());
    let fields = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", "k-1"),
        ("Prefer", "return=minimal"),
    ];
    let body = article("one", 1).to_string();
    let minimal = client::send_with(
        app.address,
        "POST",
        "/v1/articles",
        &fields,
        body.as_bytes(),
    );
    assert!(minimal.body.is_empty() && is_replayed(&minimal));
    assert_eq!(minimal.header("location"), first.header("location"));
    assert_eq!(count(&app), 1);
}

#[rstest]
fn a_key_is_of_one_request_of_one_actor(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    post(
        &app,
        "k",
        &json!({"title": "One", "body": {"text": "Words."}}),
    );
    let other = json!({"title": "Two", "body": {"text": "Words."}});
    assert_eq!(
        post(&app, "k", &other).problem(422).0,
        "idempotency_key_reused"
    );
    let fields = [("Idempotency-Key", "k")];
    let elsewhere = app.edit("POST", "/v1/tags", &fields, &json!({"name": "Tag"}));
    assert_eq!(elsewhere.problem(422).0, "idempotency_key_reused");
    assert_eq!(count(&app), 1);
    // Another token of the same person is the same actor, and another person is not.
    let narrow = token(&[Scope::Write]);
    let same = json!({"title": "One", "body": {"text": "Words."}});
    assert!(is_replayed(&app.edit_as(
        &narrow,
        "POST",
        "/v1/articles",
        &fields,
        &same
    )));
    let bob = app.edit_as(&token_of("bob"), "POST", "/v1/articles", &fields, &other);
    assert_eq!((bob.status, is_replayed(&bob)), (201, false));
    assert_eq!(count(&app), 2);
    // A token that may not write gets no answer of another's.
    let reader = token(&[Scope::ReadDrafts]);
    app.edit_as(&reader, "POST", "/v1/articles", &fields, &same)
        .problem(403);
}

#[rstest]
fn every_way_to_make_something_knows_the_key(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(
        kind,
        &[with(article("draft", 1), json!({"status": "draft"}))],
    );
    let name = json!({"name": "Name"});
    let cases = [
        ("/v1/tags", name.clone()),
        ("/v1/authors", name.clone()),
        ("/v1/categories", name),
        ("/v1/articles/batch", json!([article("in-batch", 1)])),
        ("/v1/articles/draft/preview-links", json!({})),
        ("/v1/articles/draft/publish", Value::Null),
        ("/v1/revoked-tokens", json!({"jti": "t-1"})),
    ];
    for (number, (path, body)) in cases.iter().enumerate() {
        let key = format!("key-{number}");
        let send = || app.edit("POST", path, &[("Idempotency-Key", key.as_str())], body);
        let (first, again) = (send(), send());
        assert!(first.status < 300, "{path}: {}", first.text());
        assert_eq!(
            (again.status, &again.body),
            (first.status, &first.body),
            "{path}"
        );
        assert!(!is_replayed(&first) && is_replayed(&again), "{path}");
    }
}

#[rstest]
fn of_many_at_once_one_is_done_and_all_get_its_answer(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let (address, token) = (app.address, editor());
    let body = json!({"title": "At once", "body": {"text": "Words."}, "category": "New"});
    let answers: Vec<Answer> = thread::scope(|scope| {
        let send = || {
            let fields = [("Idempotency-Key", "at-once")];
            ask(address, &token, ("POST", "/v1/articles"), &fields, &body)
        };
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(send)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let distinct: HashSet<(u16, &[u8], Option<String>)> = answers
        .iter()
        .map(|answer| {
            (
                answer.status,
                answer.body.as_slice(),
                answer.header("location"),
            )
        })
        .collect();
    assert_eq!(distinct.len(), 1, "{distinct:?}");
    assert_eq!(answers[0].status, 201);
    assert_eq!(
        answers.iter().filter(|answer| is_replayed(answer)).count(),
        15
    );
    assert_eq!(count(&app), 1);
}

#[rstest]
fn a_request_that_failed_does_not_use_its_key_up(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::with(kind, &[article("taken", 1)]);
    post(&app, "k", &json!({"title": ""})).problem(400);
    let twin = json!({"slug": "taken", "title": "Twin", "body": {"text": "Words."}});
    assert_eq!(post(&app, "k", &twin).problem(409).0, "conflict");
    let published = with(article("new", 1), json!({"status": "published"}));
    let fields = [("Idempotency-Key", "k")];
    let writer = token(&[Scope::Write]);
    app.edit_as(&writer, "POST", "/v1/articles", &fields, &published)
        .problem(403);
    let good = post(&app, "k", &published);
    assert_eq!(
        (good.status, is_replayed(&good)),
        (201, false),
        "{}",
        good.text()
    );
    assert_eq!(count(&app), 2);
}

#[rstest]
fn keys_have_bounds(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    let long = "k".repeat(256);
    for key in ["", "\"\"", long.as_str(), "kéy", "two words"] {
        let (code, named) = post(&app, key, &article("one", 1)).problem(400);
        assert_eq!(code, "invalid_parameter", "{key:?}");
        assert_eq!(named, ["Idempotency-Key"], "{key:?}");
    }
    let twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")];
    app.edit("POST", "/v1/articles", &twice, &article("one", 1))
        .problem(400);
    assert_eq!(count(&app), 0);
    for key in [&long[..255], "!#$%&'*+-.^_`|~:/?"] {
        assert!(!is_replayed(&post(
            &app,
            key,
            &article(&format!("n{}", key.len()), 1)
        )));
    }
    assert_eq!(count(&app), 2);
}

#[rstest]
fn a_key_is_kept_for_a_day_and_over_a_restart(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start(kind);
    post(&app, "k", &article("one", 1));
    let later = |millis: i64| {
        let sql = format!("UPDATE idempotency_keys SET created_at = created_at - {millis}");
        app.database.execute(&sql);
    };
    later(86_400_000 - 60_000);
    post(&app, "k", &article("two", 1)).problem(422);
    let second = Server::start(&app.database.url, "warn", std::process::Stdio::inherit());
    let fields = [("Idempotency-Key", "k")];
    let path = ("POST", "/v1/articles");
    assert!(is_replayed(&ask(
        second.address,
        &editor(),
        path,
        &fields,
        &article("one", 1)
    )));
    later(60_001);
    let free = post(&app, "k", &article("two", 1));
    assert_eq!(
        (free.status, is_replayed(&free)),
        (201, false),
        "{}",
        free.text()
    );
    assert!(is_replayed(&post(&app, "k", &article("two", 1))));
    // Nobody without a token learns of a key.
    client::send_with(app.address, path.0, path.1, &fields, b"{}").problem(401);
}
