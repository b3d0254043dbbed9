//! Whether the meaning of a body is kept from Markdown to blocks and back.

use std::path::PathBuf;

use newsstand::{
    domain::body::{self, BodySource},
    model::block::Block,
};
use serde_json::Value;

/// Failures that are shown whole.
const SHOWN: usize = 10;

/// Runs every example of the files and prints which did not keep their meaning.
pub fn run(files: &[PathBuf]) {
    for file in files {
        let examples = super::list(file);
        let mut refused = Vec::new();
        let mut of_markdown = Vec::new();
        let mut of_html = Vec::new();
        for (at, example) in examples.iter().enumerate() {
            let number = example["example"].as_u64().unwrap_or(at as u64 + 1);
            let Some(markdown) = example["markdown"].as_str() else {
                continue;
            };
            let first = match body::blocks(&BodySource::Markdown(markdown.to_owned())) {
                Ok(blocks) => blocks,
                Err(cause) => {
                    refused.push(format!("{number}: {cause}"));
                    continue;
                }
            };
            let written = body::markdown(&first);
            let second = body::blocks(&BodySource::Markdown(written.clone())).unwrap();
            if !is_same(&first, &second) {
                let told = told(example, number, &written, &first, &second);
                of_markdown.push((number, told));
            }
            let html = body::html(&first);
            let third = body::blocks(&BodySource::Html(html.clone())).unwrap();
            if body::html(&third) != html {
                of_html.push((number, told(example, number, &html, &first, &third)));
            }
        }
        println!(
            "{}: {} examples, {} refused",
            file.display(),
            examples.len(),
            refused.len()
        );
        refused.iter().for_each(|one| println!("  refused {one}"));
        print("through Markdown", &of_markdown);
        print("through HTML", &of_html);
    }
}

fn is_same(one: &[Block], other: &[Block]) -> bool {
    body::text(one) == body::text(other) && body::html(one) == body::html(other)
}

fn told(example: &Value, number: u64, written: &str, one: &[Block], other: &[Block]) -> String {
    format!(
        "  {number} ({}): {:?}\n    written {written:?}\n    was {:?}\n    is  {:?}",
        example["section"].as_str().unwrap_or_default(),
        example["markdown"].as_str().unwrap_or_default(),
        body::html(one),
        body::html(other)
    )
}

fn print(way: &str, failures: &[(u64, String)]) {
    let numbers: Vec<String> = failures.iter().map(|(one, _)| one.to_string()).collect();
    println!(
        "  {way}: {} changed [{}]",
        failures.len(),
        numbers.join(", ")
    );
    for (_, told) in failures.iter().take(SHOWN) {
        println!("{told}");
    }
}
