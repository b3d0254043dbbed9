//! Clients by their tokens.

use rstest::rstest;
use serde_json::{Value, json};

use super::{PATH, ask, token_of, wait};
use crate::support::{Answer, App, Kind, Postgres, Sqlite};

fn limited(kind: Kind) -> App {
    App::start_with(kind, &["--rate-limit-token", "3/3600"])
}

fn read(app: &App, token: &str) -> Answer {
    app.edit_as(token, "GET", PATH, &[], &Value::Null)
}

#[rstest]
fn each_subject_has_its_own_quota_whatever_its_tokens(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = limited(kind);
    let (first, second) = (token_of("ann", "a-1"), token_of("ann", "a-2"));
    read(&app, &first).ok();
    let made = app.edit_as(&second, "POST", PATH, &[], &json!({"name": "Sea"}));
    assert_eq!(made.status, 201, "{}", made.text());
    read(&app, &second).ok();
    for token in [&first, &second] {
        wait(&read(&app, token));
        wait(&app.edit_as(token, "POST", PATH, &[], &json!({"name": "Air"})));
    }
    assert_eq!(app.get("/v1/tags/air").status, 404);
    read(&app, &token_of("bob", "b-1")).ok();
    // Who has no token has no limit here.
    for _ in 0..5 {
        app.get(PATH).ok();
    }
}

#[rstest]
fn a_token_that_was_revoked_uses_up_nothing_of_its_subject(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = limited(kind);
    let (leaked, good) = (token_of("ann", "a-1"), token_of("ann", "a-2"));
    let body = json!({"jti": "a-1"});
    let admin = token_of("root", "r-1");
    app.edit_as(&admin, "POST", "/v1/revoked-tokens", &[], &body)
        .ok();
    for _ in 0..5 {
        read(&app, &leaked).problem(401);
    }
    for _ in 0..3 {
        read(&app, &good).ok();
    }
    wait(&read(&app, &good));
    // And no longer asks the database.
    wait(&read(&app, &leaked));
}

#[rstest]
fn bad_tokens_count_for_the_address(#[values(Sqlite, Postgres)] kind: Kind) {
    let app = App::start_with(kind, &["--rate-limit-address", "3/3600"]);
    let bad = format!("{}x", token_of("ann", "a-1"));
    for _ in 0..3 {
        read(&app, &bad).problem(401);
    }
    wait(&read(&app, &bad));
    wait(&ask(&app, PATH, &[]));
    // A good one is of its subject, who has no limit here.
    for _ in 0..5 {
        read(&app, &token_of("ann", "a-1")).ok();
    }
}

#[test]
fn where_no_token_can_be_good_all_count_for_the_address() {
    let flags = ["--without-key", "--rate-limit-address", "3/3600"];
    let app = App::start_with(Sqlite, &flags);
    let token = token_of("ann", "a-1");
    let write = || app.edit_as(&token, "POST", PATH, &[], &json!({"name": "Sea"}));
    read(&app, &token).problem(401);
    assert_eq!(write().problem(503).0, "writing_disabled");
    ask(&app, PATH, &[]).ok();
    wait(&write());
    wait(&read(&app, &token));
}
