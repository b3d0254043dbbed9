//! Related articles, each with the reasons for it.

use crate::model::article::Article;

/// Why one article is related to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// An editor put it there.
    Pinned,
    /// Words that both have and that tell much, as the first of them writes them.
    SharedTerms(Vec<String>),
    /// Names of tags that both carry.
    SharedTags(Vec<String>),
    /// Name of the category that both are filed under.
    SameCategory(String),
    /// Names of authors of both.
    SameAuthor(Vec<String>),
}

/// A word of both articles, and what it adds to their likeness.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedTerm {
    /// As the first article writes it.
    pub term: String,
    /// Its share of the likeness of words, from 0 to 1.
    pub weight: f64,
}

/// What a score is made of, for editors who want to know.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// The words that both have and that add most.
    pub terms: Vec<SharedTerm>,
    /// Likeness of words, from 0 to 1.
    pub lexical: f64,
    /// Likeness of subjects, from 0 to 1.
    pub topic: f64,
    /// What the same category adds.
    pub category: f64,
    /// What shared tags add.
    pub tags: f64,
    /// What the score is multiplied by for distance in time; 1 where that does not count.
    pub time: f64,
    /// What content alone makes of it, time taken into account: pins and fillers have other scores.
    pub total: f64,
}

/// An article related to another.
#[derive(Debug, Clone)]
pub struct Related {
    /// The related article, without its body.
    pub article: Article,
    /// From 0 to 1; 1 for a pin.
    pub score: f64,
    /// At least none: a filler may be near in time alone.
    pub reasons: Vec<Reason>,
    /// What the score is made of, where that was asked for.
    pub evidence: Option<Evidence>,
}
