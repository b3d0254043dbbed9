//! Content with all that an exact copy of it needs, as exports write it and imports put it back.

use crate::model::{article::Article, kind::Kind, time::UtcTime};

/// An article with what no reader and no ordinary import knows of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleRecord {
    /// The article, with its body.
    pub article: Article,
    /// The key of the system that it comes from.
    pub external_id: Option<String>,
    /// The rest.
    pub exact: Exact,
}

/// What only an exact copy of an article needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exact {
    /// UUIDv7.
    pub id: String,
    /// Whether an importer made the title up.
    pub title_provisional: bool,
    /// When it first became visible.
    pub first_published_at: Option<UtcTime>,
    /// When it was made.
    pub created_at: UtcTime,
    /// When the text last changed.
    pub modified_at: UtcTime,
    /// When anything last changed.
    pub updated_at: UtcTime,
    /// Grows with every change.
    pub version: i64,
    /// The slug under which readers could last see it.
    pub public_slug: Option<String>,
    /// Slugs that it had before.
    pub former_slugs: Vec<FormerSlug>,
    /// Paths that it had on the site that it came from.
    pub former_paths: Vec<String>,
    /// Its saves, oldest first; such as are too long for one line have lines of their own.
    pub revisions: Vec<RevisionRecord>,
}

/// A slug that an article had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerSlug {
    /// The slug.
    pub slug: String,
    /// Whether readers could see the article under it.
    pub public: bool,
    /// When it was given up.
    pub retired_at: UtcTime,
}

/// A save of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionRecord {
    /// From 1, without gaps.
    pub number: i64,
    /// When it was saved.
    pub saved_at: UtcTime,
    /// Who saved it.
    pub saved_by: String,
    /// What they said of it.
    pub note: Option<String>,
    /// The title that the article had.
    pub title: String,
    /// What the article was, as JSON; `None` for what it is now.
    pub content: Option<String>,
}

/// A category, author or tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRecord {
    /// Row number inside the database that it was read from.
    pub row: i64,
    /// Which it is; never an article.
    pub kind: Kind,
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
    /// Slug of the category above, for a category.
    pub parent: Option<String>,
    /// When it was made.
    pub created_at: UtcTime,
    /// When anything of it last changed.
    pub updated_at: UtcTime,
    /// Grows with every change of it.
    pub version: i64,
    /// Whether readers may know it.
    pub public: bool,
}

/// What editors say of an article's related ones, all by slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinsRecord {
    /// The article.
    pub article: String,
    /// Always first, in this order.
    pub pinned: Vec<String>,
    /// Never among them.
    pub excluded: Vec<String>,
}

/// A slug that leads to what has this id, or to what had it and was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerSlugRecord {
    /// The kind of thing.
    pub kind: Kind,
    /// The slug.
    pub slug: String,
    /// UUIDv7 of the thing.
    pub id: String,
    /// Whether readers could see the thing under it.
    pub public: bool,
    /// When it was given up.
    pub retired_at: UtcTime,
}

/// Something that was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TombstoneRecord {
    /// The kind of thing.
    pub kind: Kind,
    /// UUIDv7 that it had.
    pub id: String,
    /// The slug that it had.
    pub slug: String,
    /// Whether readers had ever seen it.
    pub public: bool,
    /// When it was deleted.
    pub deleted_at: UtcTime,
}
