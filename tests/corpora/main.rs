//! Newsstand on files that others made: `cargo test --release --test corpora -- FOLDER`.
//!
//! The folder has any of these: `wordpress`, `ghost`, `feed`, `markdown` and `html` with files to
//! import; `commonmark` with lists of examples, each an object with `markdown`; `xss` with lists
//! of strings. Exit status 1 when anything unsafe came out, or a reader panicked.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers prints, and stops where it fails"
)]

mod commonmark;
mod importers;
mod safe;
mod times;
mod xss;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    let folder = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let Some(folder) = folder else {
        eprintln!("name a folder: cargo test --release --test corpora -- FOLDER");
        return ExitCode::from(2);
    };
    let folder = PathBuf::from(folder);
    let mut faults = 0;
    for corpus in importers::ALL {
        if let Some(files) = files(&folder, corpus.name) {
            faults += importers::run(&corpus, &folder.join(corpus.name), &files);
        }
    }
    if let Some(files) = files(&folder, "commonmark") {
        commonmark::run(&files);
    }
    if let Some(files) = files(&folder, "xss") {
        faults += xss::run(&files);
    }
    times::run();
    match faults {
        0 => ExitCode::SUCCESS,
        _ => {
            println!("\n{faults} faults");
            ExitCode::FAILURE
        }
    }
}

/// The files of a sub-folder in order; says so when there is none.
fn files(folder: &Path, name: &str) -> Option<Vec<PathBuf>> {
    let folder = folder.join(name);
    println!("\n== {name}");
    if !folder.is_dir() {
        println!("there is no {}", folder.display());
        return None;
    }
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Some(files)
}

/// What a list of strings or objects in a file of JSON holds.
fn list(file: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(file).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|cause| panic!("{}: {cause}", file.display()))
}
