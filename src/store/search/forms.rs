//! Other forms of the words of a search: those with the same stem.

use std::collections::{BTreeSet, HashMap};

use crate::{
    model::search::{Clause, SearchQuery},
    ranking::stems::{primary, stem},
    store::{
        connection::DbConnection,
        error::StoreError,
        index::{self, Snapshot},
    },
};

/// Other forms of one word that count, at most.
const FORMS_AT_MOST: usize = 100;

/// The other forms of each wanted word that stands for them too, in the languages given, or in
/// all that there are.
pub(super) fn of_words(
    connection: &mut DbConnection,
    snapshot: &Snapshot,
    query: &SearchQuery,
    languages: &[String],
) -> Result<HashMap<String, Vec<String>>, StoreError> {
    let words: BTreeSet<&str> = query.wanted.iter().filter_map(Clause::plain_word).collect();
    if words.is_empty() {
        return Ok(HashMap::new());
    }
    let languages = spoken(connection, snapshot, languages)?;
    let mut forms = Forms::of(&words, &languages);
    for (language, stem, term) in index::terms_of_stems(connection, &forms.stems())? {
        forms.add(&language, &stem, &term);
    }
    // What waits for the index has not told it its stems yet.
    let likely = forms.beginnings();
    for forward in snapshot.waiting() {
        if languages.contains(&forward.language) {
            let terms = forward.words.iter().map(|word| word.term.as_str());
            for term in terms.filter(|term| likely.iter().any(|part| term.contains(part))) {
                let stem = stem(&forward.language, term);
                forms.add(&forward.language, &stem, term);
            }
        }
    }
    Ok(forms.finish())
}

/// The languages whose inflections count.
fn spoken(
    connection: &mut DbConnection,
    snapshot: &Snapshot,
    chosen: &[String],
) -> Result<BTreeSet<String>, StoreError> {
    if !chosen.is_empty() {
        return Ok(chosen.iter().map(|language| primary(language)).collect());
    }
    let mut languages: BTreeSet<String> = index::languages(connection)?.into_iter().collect();
    let waiting = snapshot.waiting();
    languages.extend(waiting.map(|forward| forward.language.clone()));
    Ok(languages)
}

/// Forms as they are gathered.
struct Forms<'a> {
    /// By language and stem, the words that have it.
    stems: HashMap<String, HashMap<String, Vec<&'a str>>>,
    /// By word.
    forms: HashMap<&'a str, BTreeSet<String>>,
}

impl<'a> Forms<'a> {
    /// Each word with its stems alone, which may be words too.
    fn of(words: &BTreeSet<&'a str>, languages: &BTreeSet<String>) -> Self {
        let mut stems: HashMap<String, HashMap<String, Vec<&'a str>>> = HashMap::new();
        let mut forms: HashMap<&'a str, BTreeSet<String>> = HashMap::new();
        for language in languages {
            let of_language = stems.entry(language.clone()).or_default();
            for word in words.iter().copied() {
                let stem = stem(language, word);
                forms.entry(word).or_default().insert(stem.to_string());
                let same = of_language.entry(stem.into_owned()).or_default();
                same.push(word);
            }
        }
        Self { stems, forms }
    }

    /// Every stem with its language.
    fn stems(&self) -> Vec<(String, String)> {
        let pairs = self.stems.iter().flat_map(|(language, stems)| {
            let stems = stems.keys();
            stems.map(|stem| (language.clone(), stem.clone()))
        });
        pairs.collect()
    }

    /// How the words and their stems begin. A word with one of these stems has one of these in it,
    /// perhaps after a prefix: others, which are most, need not be looked at.
    fn beginnings(&self) -> BTreeSet<String> {
        let stems = self.stems.values().flat_map(HashMap::keys);
        let words = self.forms.keys().copied();
        let all = stems.map(String::as_str).chain(words);
        all.map(|word| word.chars().take(2).collect()).collect()
    }

    /// Notes a term with its stem, if it is a form of one of the words.
    fn add(&mut self, language: &str, stem: &str, term: &str) {
        let words = self.stems.get(language).and_then(|stems| stems.get(stem));
        for word in words.into_iter().flatten() {
            let forms = self.forms.entry(*word).or_default();
            forms.insert(term.to_owned());
        }
    }

    /// The forms that are others than the words themselves.
    fn finish(self) -> HashMap<String, Vec<String>> {
        let others = |(word, forms): (&str, BTreeSet<String>)| {
            let others = forms.into_iter().filter(|form| form != word);
            let others: Vec<String> = others.take(FORMS_AT_MOST).collect();
            (word.to_owned(), others)
        };
        self.forms.into_iter().map(others).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_those_of_the_same_stem_and_language() {
        let words = BTreeSet::from(["harbours", "mat"]);
        let languages = ["en", "nb"].map(str::to_owned);
        let mut forms = Forms::of(&words, &BTreeSet::from(languages));
        let stem_of = |word| stem("en", word).into_owned();
        forms.add("en", &stem_of("harbour"), "harbour");
        forms.add("en", &stem_of("harbours"), "harbours");
        forms.add("nb", "something", "other");
        assert_eq!(
            forms.beginnings().into_iter().collect::<Vec<_>>(),
            ["ha", "ma"]
        );
        let found = forms.finish();
        assert!(found["harbours"].contains(&"harbour".to_owned()));
        assert!(found.values().flatten().all(|form| form != "other"));
        assert!(!found["harbours"].contains(&"harbours".to_owned()));
    }
}
