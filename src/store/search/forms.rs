//! Other forms of the words of a search: those with the same stem in a language.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::{
    model::search::{Clause, SearchQuery},
    ranking::{
        forward::Forward,
        stems::{primary, stem},
    },
    store::{
        connection::DbConnection,
        error::StoreError,
        index::{self, Snapshot},
    },
};

/// Other forms of one word in one language that count, at most.
const FORMS_AT_MOST: usize = 100;

/// The other forms of each word of a search that stands for them too.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// By word, then by language.
    of_words: HashMap<String, BTreeMap<String, Vec<String>>>,
    /// Whether forms of several languages were looked for.
    in_several: bool,
}

impl Forms {
    /// Looks for them in the languages given, or in all that there are.
    pub(super) fn find(
        connection: &mut DbConnection,
        snapshot: &Snapshot,
        query: &SearchQuery,
        languages: &[String],
    ) -> Result<Self, StoreError> {
        let clauses = query.wanted.iter().chain(&query.unwanted);
        let words: BTreeSet<&str> = clauses.filter_map(Clause::plain_word).collect();
        if words.is_empty() {
            return Ok(Self::default());
        }
        let languages = spoken(connection, snapshot, languages)?;
        let mut gathering = Gathering::of(&words, &languages);
        for (language, stem, term) in index::terms_of_stems(connection, &gathering.stems())? {
            gathering.add(&language, &stem, &term);
        }
        // What waits for the index has not told it its stems yet.
        gathering.add_waiting(snapshot.waiting());
        Ok(gathering.finish(languages.len() > 1))
    }

    /// Those that these terms, each with its language and stem, and the stems themselves make.
    #[cfg(test)]
    pub(super) fn told(
        query: &SearchQuery,
        terms: &[(&str, &str, &str)],
        languages: &[&str],
    ) -> Self {
        let in_several = languages.len() > 1;
        let languages = languages.iter().map(|language| (*language).to_owned());
        let words = query.wanted.iter().filter_map(Clause::plain_word);
        let mut gathering = Gathering::of(&words.collect(), &languages.collect());
        for (language, stem, term) in terms {
            gathering.add(language, stem, term);
        }
        gathering.finish(in_several)
    }

    /// The other forms of a word, by language.
    pub(super) fn of(&self, word: &str) -> impl Iterator<Item = (&str, &[String])> {
        let of_word = self.of_words.get(word).into_iter().flatten();
        of_word.map(|(language, forms)| (language.as_str(), forms.as_slice()))
    }

    /// The languages whose forms were found among those of others. A form found through one of
    /// them counts in articles in that language alone, since elsewhere it is another word: "win"
    /// is the Spanish stem of "wine".
    pub(super) fn languages(&self) -> BTreeSet<&str> {
        let of_words = self.of_words.values().filter(|_| self.in_several);
        let languages = of_words.flat_map(BTreeMap::keys);
        languages.map(String::as_str).collect()
    }
}

/// The languages whose inflections count. Articles in others pass no filter by language, so that
/// forms of a single one need not be kept out of them.
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
    languages.remove("");
    Ok(languages)
}

/// Forms as they are gathered.
struct Gathering<'a> {
    /// By language and stem, the words that have it.
    stems: HashMap<String, HashMap<String, Vec<&'a str>>>,
    /// By word and language.
    forms: HashMap<&'a str, BTreeMap<String, BTreeSet<String>>>,
}

impl<'a> Gathering<'a> {
    /// Each word with its stems alone, which may be words too.
    fn of(words: &BTreeSet<&'a str>, languages: &BTreeSet<String>) -> Self {
        let mut gathering = Self {
            stems: HashMap::new(),
            forms: HashMap::new(),
        };
        for language in languages {
            let stems = gathering.stems.entry(language.clone()).or_default();
            for word in words.iter().copied() {
                let stem = stem(language, word).into_owned();
                let of_word = gathering.forms.entry(word).or_default();
                let forms = of_word.entry(language.clone()).or_default();
                forms.insert(stem.clone());
                stems.entry(stem).or_default().push(word);
            }
        }
        gathering
    }

    /// Every stem with its language.
    fn stems(&self) -> Vec<(String, String)> {
        let pairs = self.stems.iter().flat_map(|(language, stems)| {
            let stems = stems.keys();
            stems.map(|stem| (language.clone(), stem.clone()))
        });
        pairs.collect()
    }

    /// Notes a term with its stem, if it is a form of one of the words.
    fn add(&mut self, language: &str, stem: &str, term: &str) {
        let words = self.stems.get(language).and_then(|stems| stems.get(stem));
        for word in words.into_iter().flatten() {
            let of_word = self.forms.entry(*word).or_default();
            let forms = of_word.entry(language.to_owned()).or_default();
            forms.insert(term.to_owned());
        }
    }

    /// Notes the terms of articles, each once.
    fn add_waiting<'f>(&mut self, waiting: impl Iterator<Item = &'f Forward>) {
        let beginnings = self.beginnings();
        let mut read: HashSet<(&str, &str)> = HashSet::new();
        for forward in waiting {
            let language = forward.language.as_str();
            if !self.stems.contains_key(language) {
                continue;
            }
            let terms = forward.words.iter().map(|word| word.term.as_str());
            // As when they are merged: what has digits is no word with a stem.
            let is_word = |term: &&str| term.chars().all(char::is_alphabetic);
            for term in terms.filter(|term| is_word(term) && has_one(term, &beginnings)) {
                if read.insert((language, term)) {
                    self.add(language, &stem(language, term), term);
                }
            }
        }
    }

    /// How the words and their stems begin. A word with one of these stems has one of these in it,
    /// perhaps after a prefix: others, which are most, need not be looked at.
    fn beginnings(&self) -> BTreeSet<Beginning> {
        let stems = self.stems.values().flat_map(HashMap::keys);
        let words = self.forms.keys().copied();
        let all = stems.map(String::as_str).chain(words);
        let beginning = |text: &str| {
            let mut letters = text.chars();
            Some((letters.next()?, letters.next()))
        };
        all.filter_map(beginning).collect()
    }

    /// The forms that are others than the words themselves.
    fn finish(self, in_several: bool) -> Forms {
        let mut of_words = HashMap::with_capacity(self.forms.len());
        for (word, of_word) in self.forms {
            let mut others: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (language, forms) in of_word {
                let forms = forms.into_iter().filter(|form| form != word);
                let forms: Vec<String> = forms.take(FORMS_AT_MOST).collect();
                if !forms.is_empty() {
                    others.insert(language, forms);
                }
            }
            of_words.insert(word.to_owned(), others);
        }
        Forms {
            of_words,
            in_several,
        }
    }
}

/// The first letter of a word and its second, if it has one.
type Beginning = (char, Option<char>);

/// Whether one of these beginnings stands anywhere in a word.
fn has_one(word: &str, beginnings: &BTreeSet<Beginning>) -> bool {
    let next = word.chars().skip(1).map(Some).chain([None]);
    let mut pairs = word.chars().zip(next);
    pairs.any(|(one, next)| beginnings.contains(&(one, next)) || beginnings.contains(&(one, None)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranking::forward::{Analysis, Fields};

    fn gathering<'a>(words: &[&'a str], languages: &[&str]) -> Gathering<'a> {
        let languages = languages.iter().map(|language| (*language).to_owned());
        Gathering::of(&words.iter().copied().collect(), &languages.collect())
    }

    fn forms_of<'a>(forms: &'a Forms, word: &str) -> Vec<(&'a str, Vec<&'a str>)> {
        let of_word = forms.of_words.get(word).into_iter().flatten();
        let as_text = |forms: &'a Vec<String>| forms.iter().map(String::as_str).collect();
        of_word
            .map(|(language, forms)| (language.as_str(), as_text(forms)))
            .collect()
    }

    #[test]
    fn forms_are_those_of_the_same_stem_and_language() {
        let mut gathering = gathering(&["harbours", "mat"], &["en", "nb"]);
        let stem_of = |word| stem("en", word).into_owned();
        gathering.add("en", &stem_of("harbour"), "harbour");
        gathering.add("en", &stem_of("harbours"), "harbours");
        gathering.add("nb", "something", "other");
        let forms = gathering.finish(true);
        let of_harbours = forms_of(&forms, "harbours");
        let english = of_harbours.iter().find(|(language, _)| *language == "en");
        assert!(english.unwrap().1.contains(&"harbour"));
        for (_, forms) in of_harbours {
            assert!(!forms.contains(&"other") && !forms.contains(&"harbours"));
        }
    }

    #[test]
    fn a_stem_is_a_form_in_its_own_language() {
        let forms = gathering(&["wine"], &["en", "es"]).finish(true);
        assert_eq!(forms_of(&forms, "wine"), [("es", vec!["win"])]);
        assert_eq!(forms.languages(), BTreeSet::from(["es"]));
        let alone = gathering(&["wine"], &["es"]).finish(false);
        assert_eq!(forms_of(&alone, "wine"), [("es", vec!["win"])]);
        assert!(alone.languages().is_empty());
    }

    #[test]
    fn what_waits_is_read_for_forms() {
        let fields = Fields {
            language: "en-GB",
            title: "Running",
            summary: "",
            headings: "",
            body: "She runs in rain, and outruns all.",
        };
        let forward = Forward::decode(&Analysis::of(&fields).finish(&[], 0)).unwrap();
        let mut gathering = gathering(&["run"], &["de", "en"]);
        gathering.add_waiting([&forward, &forward].into_iter());
        let forms = gathering.finish(true);
        assert_eq!(forms_of(&forms, "run"), [("en", vec!["running", "runs"])]);
    }

    #[test]
    fn what_waits_gives_no_forms_that_it_has_not_once_it_is_merged() {
        let fields = Fields {
            language: "en",
            title: "Types",
            summary: "",
            headings: "",
            body: "Both 4runners were sold.",
        };
        let forward = Forward::decode(&Analysis::of(&fields).finish(&[], 0)).unwrap();
        let mut gathering = gathering(&["4runner"], &["en"]);
        gathering.add_waiting([&forward].into_iter());
        let forms = gathering.finish(false);
        let mut others = forms.of("4runner").flat_map(|(_, forms)| forms);
        assert!(!others.any(|form| form == "4runners"));
    }

    #[test]
    fn beginnings_stand_anywhere_in_a_word() {
        let beginnings = BTreeSet::from([('h', Some('u')), ('港', None)]);
        for (word, expected) in [
            ("hund", true),
            ("gehupt", true),
            ("hafen", false),
            ("uh", false),
            ("朝港", true),
            ("h", false),
            ("", false),
        ] {
            assert_eq!(has_one(word, &beginnings), expected, "{word}");
        }
    }
}
