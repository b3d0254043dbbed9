//! Reading an article for the index.

use std::collections::BTreeMap;

use super::{
    DAY,
    encoded::Encoding,
    of_language,
    tally::{Counted, Tally},
};
use crate::{
    model::words::{Words, tokens},
    ranking::{
        bm25::impact,
        stems::primary,
        vector::{Glossary, Texts, made, pair},
    },
};

/// Words of each field that are read.
const WORDS_AT_MOST: usize = 200_000;

/// Words of names that are read.
const NAMES_AT_MOST: usize = 2_000;

/// Places that are kept of a word; the last of them are for names.
const PLACES_AT_MOST: usize = 256;
pub(super) const PLACES_IN_TEXT: usize = 240;

/// Places left free between two fields, or two names, so that no phrase reaches over both.
pub(super) const GAP: u32 = 10;

/// The plain texts of an article.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    /// A language tag.
    pub language: &'a str,
    /// The title.
    pub title: &'a str,
    /// The summary; empty if there is none.
    pub summary: &'a str,
    /// The headings of the body.
    pub headings: &'a str,
    /// The body with its headings.
    pub body: &'a str,
}

/// An article as it was read, before it is known whose it is and of which day.
#[derive(Debug, Clone)]
pub struct Analysis {
    language: String,
    tally: Tally,
    /// Words of the body.
    words: usize,
    /// The first place after the text.
    end: u32,
    vector: Vec<u8>,
    written: String,
    /// Pairs of signs that it is about, each with what it weighs: by these, articles that share
    /// them are found. Searches for two signs go by their places.
    pairs: Vec<(String, u32)>,
}

/// A word of the article, and where it stands.
struct Said<'a> {
    term: &'a str,
    weight: u32,
    in_text: &'a [u32],
    in_names: &'a [u32],
}

impl<'a> Said<'a> {
    /// One that stands nowhere.
    fn nowhere(term: &'a str, weight: u32) -> Self {
        Self {
            term,
            weight,
            in_text: &[],
            in_names: &[],
        }
    }
}

impl Analysis {
    /// Reads an article.
    pub fn of(fields: &Fields<'_>) -> Self {
        let language = primary(fields.language);
        let [title, summary, body, headings] =
            [fields.title, fields.summary, fields.body, fields.headings]
                .map(|text| Words::of(text, WORDS_AT_MOST));
        let mut glossary = Glossary::for_words(title.len() + summary.len() + body.len());
        let texts = Texts {
            title: glossary.read(&title),
            summary: glossary.read(&summary),
            body: glossary.read(&body),
            headings: glossary.read(&headings),
        };
        let (tally, end) = Tally::of(&glossary, &texts);
        let (vector, written) = made(&language, &glossary, &texts);
        let terms = vector.terms.iter().zip(written.split(' '));
        let pairs = terms.filter_map(|(term, word)| Some((pair(word)?, weight(term.weight))));
        Self {
            pairs: pairs.collect(),
            language,
            tally,
            words: body.len(),
            end,
            vector: vector.encode(),
            written,
        }
    }

    /// The primary subtag of its language.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// What the index is given: the text with the names of its authors and tags, of a day
    /// ([`super::day`]); as [`super::Forward::encode`] writes it.
    pub fn finish(&self, names: &[String], day: u32) -> Vec<u8> {
        let named = self.named(names);
        let language = of_language(&self.language);
        let mut said = Vec::with_capacity(self.tally.len() + named.len() + 2);
        // The words of a text begin with a letter or a digit, and so come after these.
        said.push(Said::nowhere(DAY, day));
        if !self.language.is_empty() {
            said.push(Said::nowhere(&language, 1));
        }
        let mut named = named.iter().peekable();
        for (term, counted, in_text) in self.tally.iter() {
            while let Some((name, in_names)) = named.next_if(|(name, _)| name.as_str() < term) {
                said.push(self.said(name, &Counted::default(), &[], in_names));
            }
            let in_names = named.next_if(|(name, _)| name.as_str() == term);
            let in_names = in_names.map(|(_, places)| places.as_slice());
            said.push(self.said(term, counted, in_text, in_names.unwrap_or_default()));
        }
        for (name, in_names) in named {
            said.push(self.said(name, &Counted::default(), &[], in_names));
        }
        if !self.pairs.is_empty() {
            let pairs = self.pairs.iter();
            said.extend(pairs.map(|(pair, weight)| Said::nowhere(pair, *weight)));
            said.sort_by_key(|word| word.term);
            said.dedup_by_key(|word| word.term);
        }
        let mut encoding = Encoding::begin(&self.language, said.len());
        for word in &said {
            let places = word.in_text.iter().chain(word.in_names);
            encoding.word(word.term, word.weight, places.take(PLACES_AT_MOST).copied());
        }
        encoding.finish(&self.vector, &self.written)
    }

    /// The words of names and where they stand, after the text.
    fn named(&self, names: &[String]) -> BTreeMap<String, Vec<u32>> {
        let mut named: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let (mut place, mut read) = (self.end, 0);
        for name in names {
            for token in tokens(name) {
                if read == NAMES_AT_MOST {
                    return named;
                }
                named.entry(token).or_default().push(place);
                place += 1;
                read += 1;
            }
            place += GAP;
        }
        named
    }

    fn said<'a>(
        &self,
        term: &'a str,
        counted: &Counted,
        in_text: &'a [u32],
        in_names: &'a [u32],
    ) -> Said<'a> {
        let named = u32::try_from(in_names.len()).unwrap_or(u32::MAX);
        let head = counted.summary.saturating_add(named);
        let weight = impact(counted.title, head, counted.body, self.words);
        Said {
            term,
            weight: u32::from(weight),
            in_text,
            in_names,
        }
    }
}

/// What a pair of signs weighs in a list, where a term of a vector weighs so much.
fn weight(of_term: u8) -> u32 {
    u32::from(of_term / 2).max(1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::ranking::{
        forward::Forward,
        stems::stem,
        vector::{TERMS_AT_MOST, Vector, id},
    };

    fn finished(fields: &Fields<'_>, names: &[String], day: u32) -> Forward {
        let bytes = Analysis::of(fields).finish(names, day);
        let forward = Forward::decode(&bytes).unwrap();
        assert_eq!(forward.encode(), bytes);
        forward
    }

    fn read(language: &str, title: &str, body: &str) -> Forward {
        let fields = Fields {
            language,
            title,
            summary: "",
            headings: "",
            body,
        };
        finished(&fields, &[], 0)
    }

    /// The words as written, strongest first.
    fn about(forward: &Forward) -> Vec<&str> {
        let vector = Vector::decode(&forward.vector).unwrap();
        let written: Vec<&str> = forward.written.split(' ').collect();
        let mut terms = vector.terms;
        terms.sort_by_key(|term| std::cmp::Reverse(term.weight));
        let written = terms.iter().map(|term| written[usize::from(term.place)]);
        written.collect()
    }

    #[test]
    fn phrases_keep_their_places_and_fields_their_distance() {
        let fields = Fields {
            language: "en-GB",
            title: "Harbour bridge",
            summary: "The bridge opens",
            headings: "",
            body: "A bridge over the harbour.",
        };
        let names = ["Ada Bridge".to_owned(), "Opens".to_owned()];
        let forward = finished(&fields, &names, 20_000);
        assert_eq!(forward.language, "en");
        let places = |term| forward.word(term).unwrap().places.clone();
        assert_eq!(places("harbour"), [0, 29]);
        assert_eq!(places("bridge"), [1, 13, 26, 41]);
        assert_eq!(places("opens"), [14, 52]);
        assert_eq!(places("ada"), [40]);
        assert_eq!(forward.word("#day").unwrap().weight, 20_000);
        assert_eq!(forward.word("#in:en").unwrap().weight, 1);
        let weight = |term| forward.word(term).unwrap().weight;
        assert!(weight("bridge") > weight("harbour") && weight("ada") > weight("over"));
    }

    #[rstest]
    #[case("en-GB", &["#day", "#in:en"])]
    #[case("in", &["#day", "#in:in"])]
    #[case("day", &["#day", "#in:day"])]
    #[case("", &["#day"])]
    fn a_language_has_a_term(#[case] language: &str, #[case] expected: &[&str]) {
        let forward = read(language, "Harbour", "");
        let terms = forward.words.iter().map(|word| word.term.as_str());
        let terms: Vec<&str> = terms.filter(|term| term.starts_with('#')).collect();
        assert_eq!(terms, expected);
    }

    #[test]
    fn an_article_is_about_its_stems() {
        let forward = read(
            "en",
            "Elections in Turkey",
            "Erdoğan’s party won the election. Erdoğan spoke of the election in 2023.",
        );
        let about = about(&forward);
        assert!(about.contains(&"Erdoğan") && about.contains(&"election"));
        assert!(!about.contains(&"the") && !about.contains(&"2023"));
        let vector = Vector::decode(&forward.vector).unwrap();
        assert!(vector.terms.iter().any(|term| term.id == id("elect")));
        assert_eq!(vector.words, 15);
        assert!(forward.word("erdogans").is_some());
    }

    #[rstest]
    #[case::japanese("ja", "港の朝", &["港の", "の朝"])]
    #[case::two_sentences("zh", "港口。早晨", &["港口", "早晨"])]
    #[case::an_elided_article("fr", "l'Europe d’abord", &["Europe", "abord"])]
    #[case::a_list_of_numbers("en", "7 88 999 x", &[])]
    fn these_words_are_about_something(
        #[case] language: &str,
        #[case] body: &str,
        #[case] expected: &[&str],
    ) {
        let forward = read(language, "", body);
        let written = forward.written.split(' ').filter(|word| !word.is_empty());
        let found: BTreeSet<&str> = written.collect();
        assert_eq!(found, expected.iter().copied().collect());
    }

    #[test]
    fn the_beginning_tells_more_than_the_end() {
        let body = format!("glacier {} volcano", "meanwhile ".repeat(200));
        let forward = read("en", "", &body);
        let vector = Vector::decode(&forward.vector).unwrap();
        let weight = |word| {
            let id = id(&stem("en", word));
            let found = vector.terms.iter().find(|term| term.id == id);
            found.unwrap().weight
        };
        assert!(weight("glacier") > weight("volcano"));
    }

    #[test]
    fn a_giant_body_is_cut() {
        let words: Vec<String> = (0..250_000).map(|n| format!("w{}", n % 70_000)).collect();
        let forward = read("en", "a title", &words.join(" "));
        assert!(forward.words.len() <= 60_002);
        assert!(forward.words.iter().all(|word| word.places.len() <= 256));
        let vector = Vector::decode(&forward.vector).unwrap();
        assert_eq!(vector.words, 200_002);
        assert!(vector.terms.len() <= TERMS_AT_MOST);
        let many = read("en", "", &"word ".repeat(2_000));
        assert_eq!(many.word("word").unwrap().places.len(), PLACES_IN_TEXT);
    }

    proptest! {
        #[test]
        fn all_words_are_found_and_nothing_else(
            title in "[a-cA-C éß港'. 1]{0,20}",
            summary in "\\PC{0,20}",
            body in "[a-eA-E éğ港口ก'’. 1-9]{0,80}|\\PC{0,40}",
            names in prop::collection::vec("[a-c é]{0,8}", 0..4),
            language in prop::sample::select(vec!["en", "fr", "de-AT", "ja", "xx"]),
        ) {
            let fields = Fields { language, title: &title, summary: &summary, headings: "", body: &body };
            let forward = finished(&fields, &names, 7);
            let mut wanted: BTreeSet<String> = BTreeSet::from([DAY.to_owned()]);
            wanted.insert(of_language(&primary(language)));
            for text in [&title, &summary, &body].into_iter().chain(&names) {
                wanted.extend(tokens(text));
            }
            let found: BTreeSet<String> = forward.words.iter().map(|word| word.term.clone()).collect();
            // Pairs of signs come beside the signs.
            for pair in found.difference(&wanted) {
                let mut signs = pair.chars().map(String::from);
                prop_assert!(pair.chars().count() == 2 && signs.all(|sign| wanted.contains(&sign)));
                prop_assert!(forward.word(pair).unwrap().places.is_empty());
            }
            prop_assert!(found.is_superset(&wanted));
            for word in &forward.words {
                prop_assert!(word.term == DAY || (1..=127).contains(&word.weight));
                prop_assert!(word.places.is_sorted());
            }
            prop_assert_eq!(&forward, &finished(&fields, &names, 7));
            let vector = Vector::decode(&forward.vector);
            prop_assert!(vector.is_some());
            let terms = vector.map_or(0, |vector| vector.terms.len());
            let written = forward.written.split(' ').filter(|word| !word.is_empty()).count();
            prop_assert_eq!(terms, written);
        }
    }
}
