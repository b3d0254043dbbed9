//! Tags: subjects, without a hierarchy.

use crate::model::time::UtcTime;

/// A tag as articles name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRef {
    /// UUIDv7.
    pub id: String,
    /// Unique among tags.
    pub slug: String,
    /// As readers see it.
    pub name: String,
}

/// A tag with what carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Id, slug and name.
    pub tag: TagRef,
    /// A line about the subject.
    pub description: Option<String>,
    /// Published articles that carry the tag.
    pub article_count: i64,
    /// The newest editorial date among those.
    pub latest_published_at: Option<UtcTime>,
    /// When anything of the tag itself last changed.
    pub updated_at: UtcTime,
}
