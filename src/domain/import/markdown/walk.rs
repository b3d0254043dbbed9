//! The files of a folder.

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use crate::{
    domain::import::{Entry, Place, Refusal},
    model::article::MAX_BODY,
};

/// Folders within folders.
const DEPTH_AT_MOST: usize = 32;
/// Kinds of other files that are told of.
const KINDS_AT_MOST: usize = 20;

/// A file by its path, and by its path from the folder.
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) name: String,
}

/// What a folder holds.
pub(super) struct Found {
    pub(super) files: Vec<File>,
    /// What is told of all files that are no Markdown.
    pub(super) others: Option<Entry>,
}

/// The files of a folder in the order of their names, or the file itself.
pub(super) fn files(path: &Path) -> Result<Found, String> {
    let told = |cause: std::io::Error| format!("{} can't be read: {cause}", path.display());
    if !fs::metadata(path).map_err(told)?.is_dir() {
        fs::File::open(path).map_err(told)?;
        let file = File {
            name: name_in(path, path.parent()),
            path: path.to_owned(),
        };
        return Ok(Found {
            files: vec![file],
            others: None,
        });
    }
    let mut paths = Vec::new();
    let mut others = BTreeMap::new();
    walk(path, 0, &mut paths, &mut others)?;
    paths.sort();
    let files = paths.into_iter().map(|file| File {
        name: name_in(&file, Some(path)),
        path: file,
    });
    Ok(Found {
        files: files.collect(),
        others: told_of(&others, path),
    })
}

/// The text of a file.
pub(super) fn text(path: &Path) -> Result<String, String> {
    let told = |cause: std::io::Error| format!("can't be read: {cause}");
    let mut bytes = Vec::new();
    fs::File::open(path)
        .map_err(told)?
        .take(MAX_BODY as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(told)?;
    if bytes.len() > MAX_BODY {
        return Err(format!("a file may have at most {MAX_BODY} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())
}

fn walk(
    folder: &Path,
    depth: usize,
    into: &mut Vec<PathBuf>,
    others: &mut BTreeMap<String, u64>,
) -> Result<(), String> {
    let told = |cause: std::io::Error| format!("{} can't be read: {cause}", folder.display());
    if depth > DEPTH_AT_MOST {
        return Err(format!(
            "{} lies more than {DEPTH_AT_MOST} folders deep",
            folder.display()
        ));
    }
    for entry in fs::read_dir(folder).map_err(told)? {
        let entry = entry.map_err(told)?;
        // That of the entry itself: links are not followed.
        let kind = entry.file_type().map_err(told)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || name == "node_modules" {
            continue;
        }
        let path = entry.path();
        if kind.is_dir() {
            walk(&path, depth + 1, into, others)?;
        } else if kind.is_file() {
            let extension = path.extension().unwrap_or_default();
            let extension = extension.to_string_lossy().to_ascii_lowercase();
            match extension.as_str() {
                "md" | "markdown" | "mdx" => into.push(path),
                _ => *others.entry(extension).or_default() += 1,
            }
        }
    }
    Ok(())
}

fn told_of(others: &BTreeMap<String, u64>, folder: &Path) -> Option<Entry> {
    if others.is_empty() {
        return None;
    }
    let kinds: Vec<String> = others
        .iter()
        .take(KINDS_AT_MOST)
        .map(|(extension, count)| match extension.as_str() {
            "" => format!("{count} without extension"),
            extension => format!("{count} .{extension}"),
        })
        .collect();
    let more = match others.len() > KINDS_AT_MOST {
        true => ", and others",
        false => "",
    };
    Some(Entry::LeftOut(Refusal {
        place: Place::whole(&folder.display().to_string()),
        reason: format!("files that are no Markdown: {}{more}", kinds.join(", ")),
    }))
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
