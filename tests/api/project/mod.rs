//! The project itself: its rooms, its settings, its migrations, what watches it.

mod architecture;
mod monitoring;
mod security;
mod settings;

use std::path::{Path, PathBuf};

/// Every Rust file below a folder.
pub fn sources(folder: &str) -> Vec<PathBuf> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(Path::new(folder), &mut found);
    found.sort();
    found
}
