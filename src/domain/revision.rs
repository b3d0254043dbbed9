//! What a revision means: as an article again, and compared with another.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use crate::{
    domain::body,
    model::{
        article::{Article, ArticleInput},
        kind::Kind,
        slug::Key,
        time::UtcTime,
    },
    store::{self, Found, Reader, StoreError, articles::RevisionContent},
};

/// The article as it was at a save; status and times are those of now.
pub fn as_article(now: Article, content: RevisionContent) -> Article {
    Article {
        slug: content.slug,
        title: content.title,
        title_provisional: content.title_provisional,
        summary: content.summary,
        category: content.category,
        tags: content.tags,
        authors: content.authors,
        image: content.image,
        language: content.language,
        featured: content.featured,
        canonical_url: content.canonical_url,
        published_at: content.published_at.map(UtcTime::from_column),
        reading_minutes: content.reading_minutes,
        word_count: content.word_count,
        body: Some(content.body),
        ..now
    }
}

/// What an editor would send to have the article thus again. Names that were changed since are
/// taken as they are called now, and such as were deleted are made anew.
pub fn as_input(
    reader: &mut Reader<'_>,
    content: RevisionContent,
    number: i64,
) -> Result<ArticleInput, StoreError> {
    let category = match content.category {
        None => Vec::new(),
        Some(category) => vec![present(reader, Kind::Category, category.id, category.name)?],
    };
    let mut tags = Vec::with_capacity(content.tags.len());
    for tag in content.tags {
        tags.push(present(reader, Kind::Tag, tag.id, tag.name)?);
    }
    let mut authors = Vec::with_capacity(content.authors.len());
    for author in content.authors {
        authors.push(present(reader, Kind::Author, author.id, author.name)?);
    }
    Ok(ArticleInput {
        external_id: None,
        slug: None,
        yields_slug: false,
        title: content.title,
        title_provisional: content.title_provisional,
        summary: content.summary,
        category,
        tags,
        authors,
        published_at: None,
        clears_date: false,
        status: None,
        language: Some(content.language),
        featured: content.featured,
        reading_minutes: content.reading_minutes,
        image: content.image,
        canonical_url: content.canonical_url,
        body: content.body,
        note: Some(format!("restored from revision {number}")),
        former_slugs: Vec::new(),
        former_paths: Vec::new(),
    })
}

/// The present slug of a name, or the name itself where it is gone.
fn present(
    reader: &mut Reader<'_>,
    kind: Kind,
    id: String,
    name: String,
) -> Result<String, StoreError> {
    let key = Key::Id(id);
    let slug = match kind {
        Kind::Category => store::categories::by_key(reader, &key)?.map(|found| found.category.slug),
        Kind::Author => store::authors::by_key(reader, &key)?.map(|found| found.slug),
        Kind::Tag => store::tags::by_key(reader, &key)?.map(|found| found.slug),
        Kind::Article => Found::Never,
    };
    Ok(slug.here().unwrap_or(name))
}

/// What changed between two revisions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Members that differ, each with what it was and what it became, as text.
    pub members: Vec<(String, Option<String>, Option<String>)>,
    /// Lines of the body that are only in the second.
    pub added_lines: usize,
    /// Lines of the body that are only in the first.
    pub removed_lines: usize,
    /// The difference of the bodies in the unified format; empty for none.
    pub unified: String,
}

/// How long two bodies are compared to find the smallest difference; a larger one is as true.
const COMPARED_FOR: Duration = Duration::from_millis(500);
/// Lines around a difference.
const CONTEXT: usize = 3;

/// Compares two revisions; their bodies as Markdown, line by line.
pub fn difference(from: &RevisionContent, to: &RevisionContent) -> Difference {
    let members = members(from)
        .into_iter()
        .zip(members(to))
        .filter(|((_, before), (_, after))| before != after)
        .map(|((name, before), (_, after))| (name.to_owned(), before, after))
        .collect();
    let (before, after) = (lines(from), lines(to));
    let compared = TextDiff::configure()
        .timeout(COMPARED_FOR)
        .diff_lines(&before, &after);
    let count = |wanted: ChangeTag| {
        let changes = compared.iter_all_changes();
        changes.filter(|change| change.tag() == wanted).count()
    };
    Difference {
        members,
        added_lines: count(ChangeTag::Insert),
        removed_lines: count(ChangeTag::Delete),
        unified: compared.unified_diff().context_radius(CONTEXT).to_string(),
    }
}

fn lines(content: &RevisionContent) -> String {
    let mut text = body::markdown(&content.body);
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Every member but the body, as text.
fn members(content: &RevisionContent) -> Vec<(&'static str, Option<String>)> {
    let some = |text: &str| Some(text.to_owned());
    let joined = |names: Vec<&str>| (!names.is_empty()).then(|| names.join(", "));
    vec![
        ("slug", some(&content.slug)),
        ("title", some(&content.title)),
        ("summary", content.summary.clone()),
        (
            "category",
            content
                .category
                .as_ref()
                .map(|category| category.name.clone()),
        ),
        (
            "tags",
            joined(content.tags.iter().map(|tag| tag.name.as_str()).collect()),
        ),
        (
            "authors",
            joined(
                content
                    .authors
                    .iter()
                    .map(|author| author.name.as_str())
                    .collect(),
            ),
        ),
        (
            "image",
            content
                .image
                .as_ref()
                .and_then(|image| serde_json::to_string(image).ok()),
        ),
        ("language", some(&content.language)),
        ("featured", Some(content.featured.to_string())),
        ("canonical_url", content.canonical_url.clone()),
        (
            "published_at",
            content
                .published_at
                .map(|at| UtcTime::from_column(at).to_string()),
        ),
        (
            "reading_minutes",
            content.reading_minutes.map(|minutes| minutes.to_string()),
        ),
    ]
}
