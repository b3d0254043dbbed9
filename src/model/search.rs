//! What a search asks and what it finds.

use std::collections::HashMap;

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

/// What the hits of a search are ranked by. Its first page finds it out, and cursors carry it, so
/// that all pages are ranked alike while articles are added.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Basis {
    /// What each wanted clause counts, in thousandths: the rarer, the more.
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

/// The words that show why an article was found, folded. All forms of one word have one number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    words: HashMap<String, usize>,
    beginnings: Vec<(String, usize)>,
}

impl Marked {
    /// The wanted words as they were asked for.
    pub fn of(query: &SearchQuery) -> Self {
        let mut marked = Self::default();
        for clause in &query.wanted {
            for (place, word) in clause.words.iter().enumerate() {
                let number = marked.words.len() + marked.beginnings.len();
                if clause.prefix && place + 1 == clause.words.len() {
                    marked.beginnings.push((word.clone(), number));
                } else {
                    marked.words.entry(word.clone()).or_insert(number);
                }
            }
        }
        marked
    }

    /// Lets another form of a word count for the same.
    pub fn add_form(&mut self, word: &str, form: &str) {
        if let Some(number) = self.words.get(word).copied() {
            self.words.entry(form.to_owned()).or_insert(number);
        }
    }

    /// Which word a folded word of a text is, if it is one of these.
    pub fn number(&self, word: &str) -> Option<usize> {
        let begun = || {
            let mut beginnings = self.beginnings.iter();
            beginnings.find(|(beginning, _)| word.starts_with(beginning.as_str()))
        };
        let whole = self.words.get(word).copied();
        whole.or_else(|| begun().map(|(_, number)| *number))
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
