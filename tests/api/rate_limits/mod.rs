//! How often a client may ask, who is taken for one, and what they are told.

mod addresses;
mod fields;
mod tokens;

use serde_json::json;

use crate::support::{Answer, App, client, contract};

const PATH: &str = "/v1/tags";

/// Asks with header fields, and holds the answer against the document.
fn ask(app: &App, path: &str, fields: &[(&str, &str)]) -> Answer {
    let answer = client::send(app.address, "GET", path, fields);
    contract::check("GET", path, &answer);
    answer
}

/// Statuses of some requests that a proxy passes on from these.
fn statuses(app: &App, header: &str, clients: &[&str]) -> Vec<u16> {
    let status = |client: &&str| ask(app, PATH, &[(header, *client)]).status;
    clients.iter().map(status).collect()
}

/// A token with an id, of a subject who may do everything.
fn token_of(subject: &str, id: &str) -> String {
    crate::tokens::signed(&json!({}), &json!({"sub": subject, "jti": id}))
}

/// Seconds that a refused client is told to wait.
fn wait(answer: &Answer) -> u64 {
    assert_eq!(answer.problem(429).0, "rate_limited");
    let seconds = answer.header("retry-after").expect("when to come back");
    seconds.parse().expect("seconds")
}
