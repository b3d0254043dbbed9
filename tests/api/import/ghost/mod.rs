//! `newsstand import ghost`

mod cards;
mod older;
mod refused;
mod site;

use newsstand::domain::import::{self, Observer, Options, Place, Refusal, Summary, ghost};
use serde_json::{Value, json};

use crate::support::App;

#[derive(Default)]
struct Told {
    refused: Vec<String>,
    left_out: Vec<String>,
    notes: Vec<String>,
}

impl Told {
    fn has_note(&self, place: u64, words: &str) {
        let place = format!("site.json, item {place}: ");
        let is_it = |note: &&String| note.starts_with(&place) && note.contains(words);
        assert!(
            self.notes.iter().any(|note| is_it(&note)),
            "{place}{words} in {:?}",
            self.notes
        );
    }
}

impl Observer for Told {
    fn refused(&mut self, refusal: &Refusal) {
        self.refused.push(refusal.to_string());
    }

    fn left_out(&mut self, left: &Refusal) {
        self.left_out.push(left.to_string());
    }

    fn note(&mut self, place: &Place, note: &str) {
        self.notes.push(format!("{place}: {note}"));
    }

    fn progress(&mut self, _so_far: &Summary) {}
}

fn run(app: &App, export: &Value) -> (Summary, Told) {
    let options = Options {
        dry_run: false,
        language: "en".to_owned(),
    };
    let mut told = Told::default();
    let text = export.to_string();
    let entries = ghost::entries(text.as_bytes(), "site.json").unwrap();
    let summary = import::run(&app.store, entries, &options, &mut told).unwrap();
    (summary, told)
}

fn html_of(app: &App, slug: &str) -> String {
    let article = app
        .read(&format!("/v1/articles/{slug}?body=html"))
        .ok()
        .json();
    article["body"]["html"].as_str().unwrap().to_owned()
}

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect()
}

fn text(text: &str, format: u64) -> Value {
    json!({"type": "extended-text", "text": text, "format": format, "style": "", "mode": "normal", "version": 1})
}

fn paragraph(children: Value) -> Value {
    json!({"type": "paragraph", "children": children, "direction": "ltr", "version": 1})
}

fn lexical(children: Value) -> String {
    json!({"root": {"type": "root", "version": 1, "children": children}}).to_string()
}

/// One paragraph.
fn said(words: &str) -> String {
    lexical(json!([paragraph(json!([text(words, 0)]))]))
}
