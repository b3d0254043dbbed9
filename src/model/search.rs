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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Clause {
    /// Folded words ([`crate::model::words::tokens`]); never empty.
    pub words: Vec<String>,
    /// Whether the last word is a prefix.
    pub prefix: bool,
    /// Whether it was quoted: then a word stands for itself alone, and for no form of it.
    pub exact: bool,
}

impl Clause {
    /// The word of a clause that is one, and that stands for its other forms too.
    pub fn plain_word(&self) -> Option<&str> {
        match self.words.as_slice() {
            [word] if !self.prefix && !self.exact => Some(word),
            _ => None,
        }
    }
}

/// A word that is searched for in place of one that stands nowhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Correction {
    /// Which of the wanted clauses it is about, from 0.
    pub clause: usize,
    /// The word, folded.
    pub word: String,
}

/// What a clause of a search counts, at most: what two characters of a cursor can hold.
pub const WEIGHT_AT_MOST: u16 = 4_095;

/// What the hits of a search are ranked by. Its first page finds it out, and cursors carry it, so
/// that all pages are ranked alike while articles are added.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Basis {
    /// What each wanted clause counts, in hundredths, from 1 to [`WEIGHT_AT_MOST`]: the rarer, the
    /// more.
    pub weights: Vec<u16>,
    /// Words that were put right.
    pub corrections: Vec<Correction>,
}

impl SearchQuery {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    /// The same with words put right.
    pub fn corrected(&self, corrections: &[Correction]) -> Self {
        let mut query = self.clone();
        for Correction { clause, word } in corrections {
            if let Some(clause) = query.wanted.get_mut(*clause)
                && clause.plain_word().is_some()
            {
                clause.words = vec![word.clone()];
            }
        }
        query
    }
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
    /// Whether the counts are reckoned from a part of the hits.
    pub estimated: bool,
}
