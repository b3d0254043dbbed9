//! Authors: the names in a byline.

use crate::model::time::UtcTime;

/// An author as articles name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorRef {
    /// UUIDv7.
    pub id: String,
    /// Unique among authors.
    pub slug: String,
    /// As the byline has it.
    pub name: String,
    /// URL of a portrait.
    pub avatar: Option<String>,
}

/// An author with what they wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Id, slug, name and portrait.
    pub author: AuthorRef,
    /// A line about them.
    pub description: Option<String>,
    /// Published articles that carry the name.
    pub article_count: i64,
    /// The newest editorial date among those.
    pub latest_published_at: Option<UtcTime>,
    /// When anything of the author itself last changed.
    pub updated_at: UtcTime,
}
