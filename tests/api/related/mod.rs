//! `GET /v1/articles/{key}/related`: what is near by content, and how it is kept so.

mod background;
mod computed;
mod content;
mod corpus;
mod edited;
mod explain;
mod former;
mod ideographs;
mod learning;
mod servers;
mod tagged;
mod thinned;
mod told;
mod upgraded;
mod waiting;

use std::time::{Duration, Instant};

use newsstand::{model::sight::Sight, store::related};
use serde_json::{Value, json};

use crate::support::App;

/// Merges and learns what waits, as the server does in its own time.
fn learned(app: &App) {
    loop {
        related::settle(&app.store).unwrap();
        let due = app.store.read_blocking(Sight::Public, related::is_due);
        if !due.unwrap().value {
            return;
        }
    }
}

/// Keeps all lists of what was learned.
fn settle(app: &App) {
    learned(app);
    while related::tend(&app.store, Duration::from_secs(5)).unwrap() {}
}

/// Asks again until it is so; the server looks twice a second.
fn soon(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn path(slug: &str) -> String {
    format!("/v1/articles/{slug}/related")
}

fn items(app: &App, path: &str) -> Vec<Value> {
    app.get(path).ok().json()["data"]
        .as_array()
        .unwrap()
        .clone()
}

/// What an item shares by a kind of reason.
fn values<'a>(item: &'a Value, kind: &str) -> Vec<&'a str> {
    let reasons = item["reasons"].as_array().unwrap().iter();
    reasons
        .filter(|reason| reason["kind"] == kind)
        .flat_map(|reason| reason["values"].as_array().unwrap())
        .map(|value| value.as_str().unwrap())
        .collect()
}

fn scores(items: &[Value]) -> Vec<f64> {
    let score = |item: &Value| item["score"].as_f64().unwrap();
    items.iter().map(score).collect()
}

fn publish(app: &App, slug: &str, step: &str) {
    let path = format!("/v1/articles/{slug}/{step}");
    app.edit("POST", &path, &[], &json!(null)).ok();
}
