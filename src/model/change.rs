//! The log of what happened to published content, for clients that keep in step.

use crate::model::{
    article::Article, author::AuthorRef, category::CategoryRef, kind::Kind, tag::TagRef,
    time::UtcTime,
};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It became visible.
    Published,
    /// Something about it changed while it was visible.
    Updated,
    /// It is no longer visible.
    Unpublished,
    /// It was removed for good.
    Deleted,
    /// Its slug, and so its address, changed.
    Moved,
}

impl ChangeKind {
    /// Every kind, in the order of the contract.
    pub const ALL: [Self; 5] = [
        Self::Published,
        Self::Updated,
        Self::Unpublished,
        Self::Deleted,
        Self::Moved,
    ];

    /// The word in columns and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Updated => "updated",
            Self::Unpublished => "unpublished",
            Self::Deleted => "deleted",
            Self::Moved => "moved",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether the thing was gone when this happened; never dropped by a filter.
    pub fn is_tombstone(self) -> bool {
        matches!(self, Self::Unpublished | Self::Deleted)
    }
}

/// One entry of the log.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its place in the log; grows without reuse.
    pub sequence: i64,
    /// The id of the thing that it happened to.
    pub id: String,
    /// What happened.
    pub kind: ChangeKind,
    /// When.
    pub at: UtcTime,
    /// The thing as it is now.
    pub subject: Subject,
}

/// What a change happened to, as readers see it now.
#[derive(Debug, Clone)]
pub enum Subject {
    /// An article, or none when it is not visible now.
    Article(Option<Box<Article>>),
    /// A category.
    Category(CategoryRef),
    /// An author.
    Author(AuthorRef),
    /// A tag.
    Tag(TagRef),
    /// A thing of this kind that is not there any more.
    Gone(Kind),
}

impl Subject {
    /// The kind of thing.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Article(_) => Kind::Article,
            Self::Category(_) => Kind::Category,
            Self::Author(_) => Kind::Author,
            Self::Tag(_) => Kind::Tag,
            Self::Gone(kind) => *kind,
        }
    }
}
