//! Authors and tags as things of their own: names with what carries them.

use crate::model::{author::AuthorRef, tag::TagRef, time::UtcTime};

/// The most characters of a name.
pub const MAX_NAME: usize = 200;
/// The most characters of a description.
pub const MAX_DESCRIPTION: usize = 5_000;

/// An author or a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Row number inside this database; never served.
    pub row: i64,
    /// UUIDv7.
    pub id: String,
    /// Unique among its kind.
    pub slug: String,
    /// As readers see it.
    pub name: String,
    /// A line about it.
    pub description: Option<String>,
    /// URL of a portrait, for an author.
    pub avatar: Option<String>,
    /// Published articles that carry the name.
    pub article_count: i64,
    /// The newest editorial date among those.
    pub latest_published_at: Option<UtcTime>,
    /// When anything of the name itself last changed.
    pub updated_at: UtcTime,
    /// Grows with every change of it.
    pub version: i64,
}

/// An author or a tag as an editor gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameInput {
    /// A wanted slug; else one is made from the name, or stays as it is.
    pub slug: Option<String>,
    /// As readers see it.
    pub name: String,
    /// A line about it.
    pub description: Option<String>,
    /// URL of a portrait; only authors have one.
    pub avatar: Option<String>,
}

impl From<Named> for AuthorRef {
    fn from(author: Named) -> Self {
        Self {
            id: author.id,
            slug: author.slug,
            name: author.name,
            avatar: author.avatar,
        }
    }
}

impl From<Named> for TagRef {
    fn from(tag: Named) -> Self {
        Self {
            id: tag.id,
            slug: tag.slug,
            name: tag.name,
        }
    }
}
