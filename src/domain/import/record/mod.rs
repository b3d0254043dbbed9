//! One article as JSON: a line of `jsonl`, and what writers send.

mod members;
mod reader;

use serde_json::Value;

pub(super) use reader::{Reader, is_address};

use crate::model::{
    article::{ArticleInput, MAX_NOTE, MAX_SUMMARY, MAX_TITLE, Status},
    block::Block,
};

/// What is wrong with one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// What would be right.
    pub message: String,
    /// The nearest valid name, for one that is not known.
    pub suggestion: Option<String>,
}

const MEMBERS: [&str; 15] = [
    "external_id",
    "slug",
    "title",
    "summary",
    "category",
    "tags",
    "authors",
    "published_at",
    "status",
    "language",
    "featured",
    "reading_minutes",
    "image",
    "canonical_url",
    "note",
];

/// The most minutes that an article may be said to take.
const MAX_MINUTES: i64 = 10_000;

/// What goes without saying of an article.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// Its status.
    pub status: Option<Status>,
    /// Its body, in the stored form; without one, a body must be given.
    pub body: Option<Vec<Block>>,
}

/// Reads an article; names everything that is wrong with it.
pub fn article_input(value: &Value, defaults: Defaults) -> Result<ArticleInput, Vec<FieldProblem>> {
    let valid = MEMBERS.into_iter().chain(["body"]);
    let mut reader = Reader::new(value, &valid.collect::<Vec<_>>())?;
    let input = ArticleInput {
        external_id: reader.text("external_id", 1, 200),
        slug: reader.slug(),
        yields_slug: false,
        title: reader.required_text("title", MAX_TITLE),
        title_provisional: false,
        summary: reader
            .text("summary", 0, MAX_SUMMARY)
            .filter(|text| !text.is_empty()),
        category: reader.category(),
        tags: reader.names("tags"),
        authors: reader.names("authors"),
        published_at: reader.editorial_date(),
        clears_date: false,
        status: reader.status().or(defaults.status),
        language: reader.language(),
        featured: reader.flag("featured"),
        reading_minutes: reader.number("reading_minutes", MAX_MINUTES),
        image: reader.image(),
        canonical_url: reader.web_address("canonical_url"),
        body: match (reader.get("body"), defaults.body) {
            (None, Some(stored)) => stored,
            _ => reader.body(),
        },
        note: reader.text("note", 1, MAX_NOTE),
        former_slugs: Vec::new(),
        former_paths: Vec::new(),
    };
    reader.check_date(&input);
    reader.finish(input)
}
