//! Lists of the articles that have the words of a search, and what each clause makes of them.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
};

use crate::{
    model::search::Clause,
    ranking::{
        forward::{DAY, of_language},
        lists::{List, intersection, phrase, scaled, union},
        postings::{Entry, Posting},
    },
    store::{connection::DbConnection, error::StoreError, index::Snapshot, search::forms::Forms},
};

/// What another form of a word counts, in thousandths of the word itself.
const FORM_THOUSANDTHS: u32 = 800;
/// A language that more of the articles are in than this, in hundredths, is in nearly all.
const NEARLY_ALL: usize = 90;

/// Articles that matter to all clauses.
#[derive(Default)]
pub(super) struct Common {
    /// All of them, where they are needed.
    pub(super) all: List,
    /// Those of each language whose forms count in no other.
    apart: HashMap<String, List>,
}

impl Common {
    /// The terms that they are read by; those of all only where they are needed.
    pub(super) fn terms(forms: &Forms, needs_all: bool) -> Vec<String> {
        let languages = forms.languages().into_iter().map(of_language);
        languages.chain(needs_all.then(|| DAY.to_owned())).collect()
    }

    /// Whether forms found through this language count in its own articles alone.
    pub(super) fn is_apart(&self, language: &str) -> bool {
        self.apart.contains_key(language)
    }

    /// Those of the articles in which a form counts that was found through this language.
    fn within(&self, language: &str, list: &[Entry]) -> List {
        match self.apart.get(language) {
            Some(articles) => intersection(list, articles, |of_form, _| of_form),
            None => list.to_vec(),
        }
    }
}

/// What the index has of the words of some clauses.
pub(super) struct Lists {
    lists: HashMap<String, List>,
    /// With places, for phrases.
    places: HashMap<String, Vec<Posting>>,
    /// By the beginning of the words.
    beginnings: HashMap<String, List>,
}

impl Lists {
    /// Reads the lists of the clauses' words and of their forms, and of terms beside them.
    pub(super) fn load(
        connection: &mut DbConnection,
        snapshot: &Snapshot,
        clauses: &[(bool, &Clause)],
        forms: &Forms,
        beside: Vec<String>,
    ) -> Result<Self, StoreError> {
        let mut alone = BTreeSet::from_iter(beside);
        let (mut joined, mut begun) = (BTreeSet::new(), BTreeSet::new());
        for (_, clause) in clauses {
            let (whole, beginning) = parts(clause);
            match whole {
                [word] => {
                    alone.insert(word.clone());
                }
                words => joined.extend(words.iter().cloned()),
            }
            begun.extend(beginning.cloned());
            for (_, others) in clause.plain_word().into_iter().flat_map(|w| forms.of(w)) {
                alone.extend(others.iter().cloned());
            }
        }
        let alone: Vec<String> = alone.into_iter().collect();
        let joined: Vec<String> = joined.into_iter().collect();
        let lists = snapshot.lists(connection, &alone)?;
        let places = match joined.is_empty() {
            true => HashMap::new(),
            false => snapshot.postings(connection, &joined)?,
        };
        let mut beginnings = HashMap::new();
        for beginning in begun {
            let list = union(snapshot.beginning(connection, &beginning)?);
            beginnings.insert(beginning, list);
        }
        Ok(Self {
            lists,
            places,
            beginnings,
        })
    }

    /// Takes out what the terms beside the words tell, of so many articles.
    pub(super) fn take_common(&mut self, forms: &Forms, count: usize) -> Common {
        let all = self.lists.remove(DAY).unwrap_or_default();
        let mut apart = HashMap::new();
        for language in forms.languages() {
            let articles = self.lists.remove(&of_language(language));
            let articles = articles.unwrap_or_default();
            // Where nearly all articles are in one language, its forms count everywhere: they
            // hardly stand in the few others, and every word of every search would have to be
            // held against a list of nearly everything.
            if articles.len() * 100 <= count * NEARLY_ALL {
                apart.insert(language.to_owned(), articles);
            }
        }
        Common { all, apart }
    }

    /// The articles that a clause finds: a plain word in all of its forms, all else as written.
    pub(super) fn list(&self, clause: &Clause, forms: &Forms, common: &Common) -> Cow<'_, [Entry]> {
        if let Some(word) = clause.plain_word() {
            return self.in_all_forms(word, forms, common);
        }
        let (whole, beginning) = parts(clause);
        let of_whole = match whole {
            [] => None,
            [word] => Some(Cow::Borrowed(self.exact(word))),
            words => Some(Cow::Owned(self.phrase(words))),
        };
        let of_beginning = beginning.map(|beginning| {
            let list = self.beginnings.get(beginning);
            list.map(Vec::as_slice).unwrap_or_default()
        });
        match (of_whole, of_beginning) {
            (Some(whole), None) => whole,
            (None, begun) => Cow::Borrowed(begun.unwrap_or_default()),
            // Where in them the begun words stand is not known.
            (Some(whole), Some(begun)) => {
                let both = intersection(&whole, begun, |one, other| one.midpoint(other));
                Cow::Owned(both)
            }
        }
    }

    fn exact(&self, word: &str) -> &[Entry] {
        let list = self.lists.get(word);
        list.map(Vec::as_slice).unwrap_or_default()
    }

    fn in_all_forms(&self, word: &str, forms: &Forms, common: &Common) -> Cow<'_, [Entry]> {
        let mut lists = Vec::new();
        for (language, others) in forms.of(word) {
            let of_forms = others.iter().filter_map(|form| self.lists.get(form));
            let of_forms = of_forms.map(|list| common.within(language, list));
            lists.push(scaled(union(of_forms.collect()), FORM_THOUSANDTHS));
        }
        let exact = self.exact(word);
        if lists.iter().all(Vec::is_empty) {
            return Cow::Borrowed(exact);
        }
        lists.push(exact.to_vec());
        Cow::Owned(union(lists))
    }

    fn phrase(&self, words: &[String]) -> List {
        let of_words = words.iter().map(|word| self.places.get(word));
        let Some(of_words) = of_words.collect::<Option<Vec<&Vec<Posting>>>>() else {
            return List::new();
        };
        // Only where the rarest of the words stands can the phrase.
        let rarest = of_words.iter().min_by_key(|postings| postings.len());
        let rarest = rarest
            .map(|postings| postings.as_slice())
            .unwrap_or_default();
        let is_possible = |posting: &&Posting| {
            let found = rarest.binary_search_by_key(&posting.pk, |rare| rare.pk);
            found.is_ok()
        };
        let possible = |postings: &Vec<Posting>| -> Vec<Posting> {
            postings.iter().filter(is_possible).cloned().collect()
        };
        let possible: Vec<Vec<Posting>> = of_words.into_iter().map(possible).collect();
        phrase(&possible)
    }
}

/// The words of a clause that are whole, and the beginning of its last.
fn parts(clause: &Clause) -> (&[String], Option<&String>) {
    match clause.words.split_last() {
        Some((last, before)) if clause.prefix => (before, Some(last)),
        _ => (clause.words.as_slice(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::search::SearchQuery;

    fn list(entries: &[(i64, u32)]) -> List {
        let entry = |(pk, weight): &(i64, u32)| Entry {
            pk: *pk,
            weight: *weight,
        };
        entries.iter().map(entry).collect()
    }

    /// Ten articles, of which number 9 and 10 are Spanish, and their words.
    fn lists(spanish: &[i64]) -> Lists {
        let all: Vec<(i64, u32)> = (1..=10).map(|pk| (pk, 20_000)).collect();
        let of = |pks: Vec<i64>| -> Vec<(i64, u32)> { pks.into_iter().map(|pk| (pk, 1)).collect() };
        let english = (1..=10).filter(|pk| !spanish.contains(pk)).collect();
        let words = [
            ("#day", list(&all)),
            ("#in:en", list(&of(english))),
            ("#in:es", list(&of(spanish.to_vec()))),
            ("wine", list(&[(1, 100), (9, 50)])),
            ("wines", list(&[(2, 100), (10, 100)])),
            ("win", list(&[(1, 127), (3, 100), (9, 100)])),
        ];
        let words = words.map(|(word, list)| (word.to_owned(), list));
        Lists {
            lists: HashMap::from(words),
            places: HashMap::new(),
            beginnings: HashMap::new(),
        }
    }

    fn clause(word: &str, exact: bool) -> Clause {
        Clause {
            words: vec![word.to_owned()],
            prefix: false,
            exact,
        }
    }

    fn found(spanish: &[i64], exact: bool) -> List {
        let clause = clause("wine", exact);
        let query = SearchQuery {
            wanted: vec![clause.clone()],
            unwanted: Vec::new(),
        };
        let forms = Forms::told(&query, &[("en", "wine", "wines")], &["en", "es"]);
        let mut lists = lists(spanish);
        let common = lists.take_common(&forms, 10);
        assert_eq!(common.all.len(), 10);
        // Languages count for words that have forms.
        assert_eq!(common.is_apart("en"), spanish.len() > 1 && !exact);
        assert_eq!(common.is_apart("es"), !exact);
        lists.list(&clause, &forms, &common).into_owned()
    }

    #[test]
    fn a_form_counts_in_articles_of_its_language() {
        assert_eq!(found(&[9, 10], false), list(&[(1, 100), (2, 80), (9, 80)]));
        assert_eq!(found(&[9, 10], true), list(&[(1, 100), (9, 50)]));
    }

    #[test]
    fn forms_of_the_language_of_the_house_count_everywhere() {
        assert_eq!(
            found(&[], false),
            list(&[(1, 100), (2, 80), (9, 50), (10, 80)])
        );
    }
}
