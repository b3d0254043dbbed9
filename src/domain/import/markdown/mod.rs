//! `markdown`: Markdown with front matter, as Hugo, Jekyll and Astro have it in folders.

mod fields;
mod front_matter;
mod headline;
mod name;
mod shortcodes;
mod walk;

use std::{collections::HashSet, path::Path};

use crate::{
    domain::{
        body::{self, BodySource},
        import::{Entry, Place, Refusal, bounds},
    },
    model::{
        article::{ArticleInput, MAX_BODY, Status},
        block::Block,
        shown::shows,
        time::UtcTime,
    },
};
use fields::Fields;
use front_matter::Problem;
use name::Name;
use walk::File;

/// Reads the Markdown of a folder (`*.md`, `*.markdown` and `*.mdx`, also in folders within, links
/// not followed) in the order of the files' names, or one file.
pub fn entries(path: &Path) -> Result<impl Iterator<Item = Entry> + Send + use<>, String> {
    let found = walk::files(path)?;
    let mut slugs = HashSet::new();
    let files = found.files.into_iter();
    let entries = files.map(move |file| own_slug(file_entry(&file), &mut slugs));
    Ok(entries.chain(found.others))
}

/// Reads one text; it is known again by the name of its file.
pub fn entry(text: &str, name: &str) -> Entry {
    let within = name.rsplit(['/', '\\']).next().unwrap_or(name);
    text_entry(text, name, within)
}

fn file_entry(file: &File) -> Entry {
    let path = file.path.display().to_string();
    match walk::text(&file.path) {
        Ok(text) => text_entry(&text, &path, &file.name),
        Err(reason) => Entry::refused(Place::whole(&path), reason),
    }
}

/// Files of one name in two folders are two articles.
fn own_slug(mut entry: Entry, slugs: &mut HashSet<String>) -> Entry {
    if let Entry::Article { article, notes, .. } = &mut entry
        && let Some(slug) = article.slug.take()
    {
        match slugs.insert(slug.clone()) {
            true => article.slug = Some(slug),
            false => notes.push(format!(
                "the slug {slug} is that of another file; another is made from the title"
            )),
        }
    }
    entry
}

fn text_entry(text: &str, file: &str, within: &str) -> Entry {
    let name = Name::read(within);
    if name.is_list {
        return left_out(file, "it is the page of a list");
    }
    let mut notes = Vec::new();
    match read(text, &name, &mut notes) {
        Ok(Some(article)) => Entry::Article {
            article: Box::new(article),
            related: Vec::new(),
            place: Place::whole(file),
            notes,
        },
        Ok(None) => left_out(file, "it is a page and no article"),
        Err(Problem { line, reason }) => {
            let place = match line {
                Some(line) => Place::line(file, line),
                None => Place::whole(file),
            };
            Entry::refused(place, reason)
        }
    }
}

fn left_out(file: &str, reason: &str) -> Entry {
    Entry::LeftOut(Refusal {
        place: Place::whole(file),
        reason: reason.to_owned(),
    })
}

/// The article of a text, unless it is a page.
fn read(text: &str, name: &Name, notes: &mut Vec<String>) -> Result<Option<ArticleInput>, Problem> {
    if text.len() > MAX_BODY {
        return Err(Problem::of(format!(
            "a file may have at most {MAX_BODY} bytes"
        )));
    }
    let (front, markdown) = front_matter::read(text.trim_start_matches('\u{FEFF}'))?;
    let fields = Fields::new(front);
    if matches!(fields.text(&["layout"]).as_deref(), Some("page" | "home")) {
        return Ok(None);
    }
    let (title, markdown) = titled(&fields, markdown, name);
    let title = bounds::title(title).map_err(Problem::of)?;
    let body = blocks(&markdown, name, notes).map_err(Problem::of)?;
    let dates = fields.dates(name.date, notes);
    let status = match dates.expires.is_some_and(|time| time <= UtcTime::now()) {
        _ if name.is_draft || fields.is_draft(notes) => Status::Draft,
        true => Status::Unpublished,
        false => bounds::public(dates.published),
    };
    let (category, tags) = fields.names(notes);
    let id = match name.path.as_str() {
        // Standard input has no name.
        "-" => bounds::digest(&title),
        path => path.to_owned(),
    };
    Ok(Some(ArticleInput {
        yields_slug: true,
        external_id: Some(bounds::external_id("markdown", &id)),
        slug: fields.slug().or_else(|| name.slug.clone()),
        summary: fields
            .text(&["description", "summary", "excerpt"])
            .and_then(|text| bounds::summary(&text, notes)),
        category,
        tags,
        authors: bounds::names(fields.authors(), "authors", notes),
        published_at: dates.published,
        status: Some(status),
        language: fields.language().or_else(|| name.language.clone()),
        featured: fields.flag("featured") == Some(true),
        image: fields.image(notes),
        canonical_url: fields.canonical(),
        former_paths: fields.former_paths(),
        title,
        body,
        ..ArticleInput::default()
    }))
}

/// The title, and the text without the heading that says it.
fn titled(fields: &Fields, markdown: &str, name: &Name) -> (String, String) {
    let heading = headline::find(markdown);
    let given = fields.text(&["title"]).filter(|title| shows(title));
    match (given, heading) {
        (Some(title), Some(heading)) if heading.is_first && heading.says(&title) => {
            (bounds::collapsed(&title), heading.rest)
        }
        (Some(title), _) => (bounds::collapsed(&title), markdown.to_owned()),
        (None, Some(heading)) => (heading.title, heading.rest),
        (None, None) => (name.title(), markdown.to_owned()),
    }
}

fn blocks(markdown: &str, name: &Name, notes: &mut Vec<String>) -> Result<Vec<Block>, String> {
    let expanded = shortcodes::expanded(markdown, name.is_mdx, notes);
    let blocks =
        body::blocks(&BodySource::Markdown(expanded)).map_err(|cause| cause.to_string())?;
    match blocks.is_empty() {
        true => Err("the file has no text".to_owned()),
        false => Ok(blocks),
    }
}

#[cfg(test)]
mod tests;
