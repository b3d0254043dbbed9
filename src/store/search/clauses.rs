//! Clauses of a search as lists of the articles that they find.

use std::collections::{BTreeSet, HashMap};

use crate::{
    model::search::{Clause, Marked, SearchQuery},
    ranking::{
        lists::{List, intersection, phrase, scaled, union},
        postings::Posting,
    },
    store::{connection::DbConnection, error::StoreError, index::Snapshot, search::forms},
};

/// The term that every article has once; its weight is the day of the article.
const DAY: &str = "#day";
/// What another form of a word counts, in thousandths of the word itself.
const FORM_THOUSANDTHS: u32 = 800;

/// What the clauses of a search find, each for itself.
pub(super) struct Lists {
    /// Of each wanted clause, in order.
    pub(super) wanted: Vec<List>,
    /// Of each unwanted clause.
    pub(super) unwanted: Vec<List>,
    /// Every article that may be seen, with its day.
    pub(super) days: List,
    /// The words that count as hits.
    pub(super) marked: Marked,
}

impl Lists {
    /// Reads the lists: for all clauses together, one statement of each kind, and one for each
    /// beginning of a word.
    pub(super) fn load(
        connection: &mut DbConnection,
        snapshot: &Snapshot,
        query: &SearchQuery,
        languages: &[String],
    ) -> Result<Self, StoreError> {
        let forms = forms::of_words(connection, snapshot, query, languages)?;
        let mut found = Index::load(connection, snapshot, query, &forms)?;
        let mut marked = Marked::of(query);
        for word in query.wanted.iter().filter_map(Clause::plain_word) {
            for form in forms.get(word).into_iter().flatten() {
                marked.add_form(word, form);
            }
        }
        let inflected = |clause: &Clause| {
            let of_word = clause.plain_word().and_then(|word| forms.get(word));
            found.list(clause, of_word.map(Vec::as_slice).unwrap_or_default())
        };
        let wanted = query.wanted.iter().map(inflected).collect();
        let unwanted = query.unwanted.iter().map(|clause| found.list(clause, &[]));
        Ok(Self {
            wanted,
            unwanted: unwanted.collect(),
            days: found.lists.remove(DAY).unwrap_or_default(),
            marked,
        })
    }
}

/// What the index has of the words of a search.
struct Index {
    lists: HashMap<String, List>,
    /// With places, for phrases.
    places: HashMap<String, Vec<Posting>>,
    /// By the beginning of the words.
    beginnings: HashMap<String, List>,
}

impl Index {
    fn load(
        connection: &mut DbConnection,
        snapshot: &Snapshot,
        query: &SearchQuery,
        forms: &HashMap<String, Vec<String>>,
    ) -> Result<Self, StoreError> {
        let mut alone: BTreeSet<String> = BTreeSet::from([DAY.to_owned()]);
        alone.extend(forms.values().flatten().cloned());
        let (mut joined, mut begun) = (BTreeSet::new(), BTreeSet::new());
        for clause in query.wanted.iter().chain(&query.unwanted) {
            let (whole, beginning) = parts(clause);
            match whole {
                [word] => {
                    alone.insert(word.clone());
                }
                words => joined.extend(words.iter().cloned()),
            }
            begun.extend(beginning.cloned());
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

    /// The articles that a clause finds, by its word or any of these forms of it.
    fn list(&self, clause: &Clause, forms: &[String]) -> List {
        let (whole, beginning) = parts(clause);
        let of_whole = match whole {
            [] => None,
            [word] => Some(self.word(word, forms)),
            words => Some(self.phrase(words)),
        };
        let of_beginning = beginning.map(|beginning| {
            let list = self.beginnings.get(beginning);
            list.map(Vec::as_slice).unwrap_or_default()
        });
        match (of_whole, of_beginning) {
            (Some(whole), None) => whole,
            (None, begun) => begun.unwrap_or_default().to_vec(),
            // Where in them the begun words stand is not known.
            (Some(whole), Some(begun)) => {
                intersection(&whole, begun, |one, other| one.midpoint(other))
            }
        }
    }

    fn word(&self, word: &str, forms: &[String]) -> List {
        let list = |word: &str| self.lists.get(word).cloned().unwrap_or_default();
        if forms.is_empty() {
            return list(word);
        }
        let mut lists = vec![list(word)];
        lists.extend(
            forms
                .iter()
                .map(|form| scaled(list(form), FORM_THOUSANDTHS)),
        );
        union(lists)
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
