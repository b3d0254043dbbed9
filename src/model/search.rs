//! What a search asks and what it finds.

/// A search in clauses: an article is a hit when every wanted clause matches and no unwanted one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// All of these must match.
    pub wanted: Vec<Clause>,
    /// None of these may match.
    pub unwanted: Vec<Clause>,
}

/// Words that must stand next to each other, the last of them perhaps only begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Folded words ([`crate::model::words::tokens`]); never empty.
    pub words: Vec<String>,
    /// Whether the last word is a prefix.
    pub prefix: bool,
}

impl SearchQuery {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    /// The wanted words, each with whether it is a prefix, without repetition.
    pub fn terms(&self) -> Vec<(&str, bool)> {
        let mut terms: Vec<(&str, bool)> = Vec::new();
        for clause in &self.wanted {
            for (index, word) in clause.words.iter().enumerate() {
                let prefix = clause.prefix && index + 1 == clause.words.len();
                if !terms.contains(&(word.as_str(), prefix)) {
                    terms.push((word, prefix));
                }
            }
        }
        terms
    }
}

/// The words of an article as the index takes them, each with a space before it
/// ([`crate::model::words::joined_tokens`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchDocument {
    /// Words of the title.
    pub title: String,
    /// Words of the summary.
    pub summary: String,
    /// Words of the body.
    pub body: String,
}

/// A value by which the hits can be narrowed, and how many of them have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    /// What the filter of the same name takes: a slug, or a year.
    pub value: String,
    /// What a reader sees.
    pub name: String,
    /// Hits that have it.
    pub count: i64,
}

/// The facets that were asked for; `None` for one that was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// By primary category.
    pub category: Option<Vec<FacetValue>>,
    /// By tag.
    pub tag: Option<Vec<FacetValue>>,
    /// By author.
    pub author: Option<Vec<FacetValue>>,
    /// By year of the editorial date, in UTC.
    pub year: Option<Vec<FacetValue>>,
}
