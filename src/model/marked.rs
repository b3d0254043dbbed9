//! The words that show why an article was found.

use std::collections::HashMap;

use crate::model::search::{Clause, SearchQuery};

/// The words and phrases that show why an article was found, folded. All that one clause of a
/// search is found by has one number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    words: HashMap<String, usize>,
    /// Other forms of words, each with the language in which it is one, if not in any.
    forms: HashMap<String, Vec<(Option<String>, usize)>>,
    beginnings: Vec<(String, usize)>,
    phrases: Vec<Phrase>,
}

/// Words that count only where they stand one right after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// Folded; two at least.
    pub words: Vec<String>,
    /// That of its clause.
    pub number: usize,
}

impl Marked {
    /// What is wanted, as it was asked for.
    pub fn of(query: &SearchQuery) -> Self {
        let mut marked = Self::default();
        for (number, clause) in query.wanted.iter().enumerate() {
            marked.add(clause, number);
        }
        marked
    }

    fn add(&mut self, clause: &Clause, number: usize) {
        let (whole, beginning) = match clause.words.split_last() {
            Some((last, before)) if clause.prefix => (before, Some(last)),
            _ => (clause.words.as_slice(), None),
        };
        match whole {
            [] => {}
            [word] => {
                self.words.entry(word.clone()).or_insert(number);
            }
            words => self.phrases.push(Phrase {
                words: words.to_vec(),
                number,
            }),
        }
        let beginning = beginning.map(|beginning| (beginning.clone(), number));
        self.beginnings.extend(beginning);
    }

    /// Lets another form of a word count for the same: in texts of one language, by its primary
    /// subtag, or in all.
    pub fn add_form(&mut self, word: &str, form: &str, language: Option<&str>) {
        if let Some(number) = self.words.get(word).copied() {
            let forms = self.forms.entry(form.to_owned()).or_default();
            forms.push((language.map(str::to_owned), number));
        }
    }

    /// Which clause finds a folded word of a text in a language, if one does by that word alone.
    pub fn number(&self, word: &str, language: &str) -> Option<usize> {
        let form = || {
            let mut forms = self.forms.get(word)?.iter();
            let counts = |only: &Option<String>| only.as_deref().is_none_or(|it| it == language);
            forms
                .find(|(only, _)| counts(only))
                .map(|(_, number)| *number)
        };
        let begun = || {
            let mut beginnings = self.beginnings.iter();
            let found = beginnings.find(|(beginning, _)| word.starts_with(beginning.as_str()));
            found.map(|(_, number)| *number)
        };
        let whole = self.words.get(word).copied();
        whole.or_else(form).or_else(begun)
    }

    /// The phrases, in the order of their clauses.
    pub fn phrases(&self) -> &[Phrase] {
        &self.phrases
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(clauses: &[(&[&str], bool)]) -> SearchQuery {
        let clause = |(words, prefix): &(&[&str], bool)| Clause {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            prefix: *prefix,
            exact: false,
        };
        SearchQuery {
            wanted: clauses.iter().map(clause).collect(),
            unwanted: Vec::new(),
        }
    }

    #[test]
    fn words_of_phrases_are_no_words_alone() {
        let clauses: [(&[&str], bool); 3] = [
            (&["arms", "control"], false),
            (&["cold", "wa"], true),
            (&["ferry"], false),
        ];
        let marked = Marked::of(&query(&clauses));
        let number = |word| marked.number(word, "en");
        assert_eq!(number("arms"), None);
        assert_eq!(number("cold"), Some(1));
        assert_eq!(number("war"), Some(1));
        assert_eq!(number("ferry"), Some(2));
        let phrases: Vec<usize> = marked.phrases().iter().map(|one| one.number).collect();
        assert_eq!(phrases, [0]);
    }

    #[test]
    fn a_form_counts_in_its_language() {
        let clauses: [(&[&str], bool); 2] = [(&["other"], false), (&["wine"], false)];
        let mut marked = Marked::of(&query(&clauses));
        marked.add_form("wine", "win", Some("es"));
        marked.add_form("wine", "wines", None);
        marked.add_form("beer", "beers", None);
        assert_eq!(marked.number("win", "es"), Some(1));
        assert_eq!(marked.number("win", "en"), None);
        assert_eq!(marked.number("wines", "en"), Some(1));
        assert_eq!(marked.number("beers", "en"), None);
    }
}
