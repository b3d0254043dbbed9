//! Categories: a tree of sections.

use serde::{Deserialize, Serialize};

use crate::model::time::UtcTime;

/// The most levels that a tree of categories may have.
pub const MAX_DEPTH: usize = 8;

/// A category as lists of articles name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryRef {
    /// UUIDv7.
    pub id: String,
    /// Unique among categories.
    pub slug: String,
    /// As readers see it.
    pub name: String,
    /// Slugs from the root down to this category, joined by `/`.
    pub path: String,
}

/// A category with what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Its id, slug, name and path.
    pub category: CategoryRef,
    /// One or two sentences, or none.
    pub description: Option<String>,
    /// The category above, or `None` at the root.
    pub parent: Option<CategoryRef>,
    /// Published articles filed right here.
    pub article_count: i64,
    /// Published articles here and in all descendants.
    pub total_article_count: i64,
    /// The newest editorial date among those here and in all descendants.
    pub latest_published_at: Option<UtcTime>,
    /// When anything of the category itself last changed.
    pub updated_at: UtcTime,
    /// Grows with every change of it.
    pub version: i64,
}

/// A category as an editor gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CategoryInput {
    /// A wanted slug; else one is made from the name, or stays as it is.
    pub slug: Option<String>,
    /// As readers see it.
    pub name: String,
    /// One or two sentences, or none.
    pub description: Option<String>,
    /// Id or slug of the category above, or `None` at the root.
    pub parent: Option<String>,
}
