//! The pages of a folder.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// Bytes of a page.
pub(super) const MAX_PAGE: usize = 8 * 1024 * 1024;
/// Folders within folders.
const DEPTH_AT_MOST: usize = 32;

/// A page by its path, and by its path from the folder.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) name: String,
}

/// The pages of a folder in the order of their names, or the file itself.
pub(super) fn pages(path: &Path) -> Result<Vec<Found>, String> {
    let told = |cause: std::io::Error| format!("{} can't be read: {cause}", path.display());
    let metadata = std::fs::metadata(path).map_err(told)?;
    if !metadata.is_dir() {
        return Ok(vec![Found {
            path: path.to_owned(),
            name: name_in(path, path.parent()),
        }]);
    }
    let mut paths = Vec::new();
    walk(path, 0, &mut paths)?;
    paths.sort();
    Ok(paths
        .into_iter()
        .map(|file| Found {
            name: name_in(&file, Some(path)),
            path: file,
        })
        .collect())
}

fn walk(folder: &Path, depth: usize, into: &mut Vec<PathBuf>) -> Result<(), String> {
    let told = |cause: std::io::Error| format!("{} can't be read: {cause}", folder.display());
    if depth > DEPTH_AT_MOST {
        return Err(format!(
            "{} lies more than {DEPTH_AT_MOST} folders deep",
            folder.display()
        ));
    }
    for entry in std::fs::read_dir(folder).map_err(told)? {
        let entry = entry.map_err(told)?;
        // That of the entry itself: links are not followed.
        let kind = entry.file_type().map_err(told)?;
        let path = entry.path();
        let is_page = path.extension().is_some_and(|extension| {
            extension.eq_ignore_ascii_case("html") || extension.eq_ignore_ascii_case("htm")
        });
        if kind.is_dir() {
            walk(&path, depth + 1, into)?;
        } else if kind.is_file() && is_page {
            into.push(path);
        }
    }
    Ok(())
}

/// The path from a folder, written alike on every system.
fn name_in(file: &Path, folder: Option<&Path>) -> String {
    let within = folder.and_then(|folder| file.strip_prefix(folder).ok());
    let parts = within.unwrap_or(file).components();
    parts
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join("/")
}

/// The bytes of a page, and at most one more than it may have.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let told = |cause: std::io::Error| format!("can't be read: {cause}");
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(told)?
        .take(MAX_PAGE as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(told)?;
    Ok(bytes)
}
