//! Related articles, each with the reasons for it.

use crate::model::article::Article;

/// Why one article is related to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// An editor put it there.
    Pinned,
    /// Names of tags that both carry.
    SharedTags(Vec<String>),
    /// Name of the category that both are filed under.
    SameCategory(String),
    /// Names of authors of both.
    SameAuthor(Vec<String>),
}

/// An article related to another.
#[derive(Debug, Clone)]
pub struct Related {
    /// The related article, without its body.
    pub article: Article,
    /// From 0 to 1; 1 for a pin.
    pub score: f64,
    /// At least none: a filler is near in time alone.
    pub reasons: Vec<Reason>,
}
