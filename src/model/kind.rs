//! The kinds of things that a publication is made of.

/// What has a page on the public site, and an id and a slug of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An article.
    Article,
    /// A category.
    Category,
    /// An author.
    Author,
    /// A tag.
    Tag,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Article, Self::Category, Self::Author, Self::Tag];

    /// The word in columns and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Category => "category",
            Self::Author => "author",
            Self::Tag => "tag",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}
