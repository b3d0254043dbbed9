//! Strings that were made to get through, in every form in which a body can come in.

use std::path::PathBuf;

use newsstand::{
    domain::body::{self, BodySource},
    model::block::{Block, HtmlBlock},
};

use crate::safe;

/// Faults that are shown.
const SHOWN: usize = 40;

/// Sends every string through, prints what came out unsafe, and gives how many did.
pub fn run(files: &[PathBuf]) -> u64 {
    let mut faults = 0;
    for file in files {
        let mut counts = Counts::default();
        let strings = super::list(file);
        for string in &strings {
            let string = string.as_str().expect("a list of strings");
            for (form, source) in forms(string) {
                counts.look_at(form, string, &source);
            }
        }
        println!(
            "{}: {} strings, {} bodies taken, {} refused, {} texts of markup looked at, {} unsafe",
            file.display(),
            strings.len(),
            counts.taken,
            counts.refused,
            counts.outputs,
            counts.faults
        );
        faults += counts.faults;
    }
    faults
}

fn forms(string: &str) -> [(&'static str, BodySource); 6] {
    let owned = || string.to_owned();
    let block = |html: String| {
        BodySource::Blocks(vec![Block::Html(HtmlBlock {
            html,
            ..HtmlBlock::default()
        })])
    };
    [
        ("html", BodySource::Html(owned())),
        (
            "html in a table",
            BodySource::Html(format!("<table><tr><td>{string}</table>")),
        ),
        (
            "html in details",
            BodySource::Html(format!("<details>{string}</details>")),
        ),
        ("markdown", BodySource::Markdown(owned())),
        ("text", BodySource::Text(owned())),
        ("a block of html", block(owned())),
    ]
}

#[derive(Default)]
struct Counts {
    taken: u64,
    refused: u64,
    outputs: u64,
    faults: u64,
}

impl Counts {
    fn look_at(&mut self, form: &str, string: &str, source: &BodySource) {
        let Ok(blocks) = body::blocks(source) else {
            self.refused += 1;
            return;
        };
        self.taken += 1;
        let markdown = body::markdown(&blocks);
        self.output(form, "html", string, &body::html(&blocks));
        self.output(form, "markdown", string, &rendered(&markdown));
        // What an editor gets and sends back.
        if let Ok(again) = body::blocks(&BodySource::Markdown(markdown)) {
            self.output(form, "html of markdown", string, &body::html(&again));
        }
        for block in &blocks {
            if let Block::Html(block) = block {
                self.output(form, "the html block", string, &block.html);
            }
        }
    }

    fn output(&mut self, form: &str, face: &str, string: &str, html: &str) {
        self.outputs += 1;
        for fault in safe::faults(html) {
            self.faults += 1;
            if self.faults <= SHOWN as u64 {
                println!("UNSAFE {fault}: {form} to {face}\n  in  {string:?}\n  out {html:?}");
            }
        }
    }
}

/// As a frontend would show it that lets raw HTML through.
fn rendered(markdown: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.footnotes = true;
    options.render.r#unsafe = true;
    comrak::markdown_to_html(markdown, &options)
}
