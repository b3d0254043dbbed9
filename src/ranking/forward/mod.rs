//! What search and related articles know of one article: its words with their weights and places,
//! and what it is about.

mod analysis;
mod encoded;
mod tally;

pub use analysis::{Analysis, Fields};
pub use encoded::{Encoded, EncodedWord, Words};

use super::vector::packed::Taken;
use encoded::{Encoding, count, word};

/// The term that every article has; its weight is the [`day`] of the article.
pub const DAY: &str = "#day";

/// The term of every article in a language, by the primary subtag of the language. The colon keeps
/// it from being [`DAY`]: "day" is a language too.
pub fn of_language(primary: &str) -> String {
    format!("#in:{primary}")
}

/// The first byte of [`Forward::encode`].
const FORM: u8 = 1;

/// What the index has of one article.
#[derive(Debug, Clone, PartialEq)]
pub struct Forward {
    /// The primary subtag of its language.
    pub language: String,
    /// Sorted by term; [`DAY`] is one of them, and that of its language ([`of_language`]).
    pub words: Vec<Word>,
    /// A [`super::vector::Vector`] as bytes.
    pub vector: Vec<u8>,
    /// For each term of the vector a word as the article writes it, joined by spaces.
    pub written: String,
}

/// A word of an article.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// Folded ([`crate::model::words::tokens`]).
    pub term: String,
    /// How much the article is about it ([`super::bm25::impact`]).
    pub weight: u32,
    /// Where it stands, ascending; not all, if they are many.
    pub places: Vec<u32>,
}

impl Forward {
    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoding = Encoding::begin(&self.language, self.words.len());
        for word in &self.words {
            encoding.word(&word.term, word.weight, word.places.iter().copied());
        }
        encoding.finish(&self.vector, &self.written)
    }

    /// From [`Self::encode`]; nothing if the bytes are not its.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut taken = Taken::of(bytes);
        if taken.byte()? != FORM {
            return None;
        }
        let language = taken.text()?.to_owned();
        let count = count(&mut taken)?;
        let mut words: Vec<Word> = Vec::with_capacity(count);
        for _ in 0..count {
            let EncodedWord {
                term,
                weight,
                places,
            } = word(&mut taken)?;
            if words
                .last()
                .is_some_and(|before| before.term.as_str() >= term)
            {
                return None;
            }
            words.push(Word {
                term: term.to_owned(),
                weight,
                places,
            });
        }
        let vector = taken.bytes()?.to_vec();
        let written = taken.text()?.to_owned();
        taken.is_empty().then_some(Self {
            language,
            words,
            vector,
            written,
        })
    }

    /// A word of the article.
    pub fn word(&self, term: &str) -> Option<&Word> {
        let place = self
            .words
            .binary_search_by(|word| word.term.as_str().cmp(term))
            .ok()?;
        self.words.get(place)
    }
}

/// The days from 1970 to a moment; 0 for one before.
pub fn day(millis: i64) -> u32 {
    u32::try_from(millis.div_euclid(86_400_000).max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn forwards() -> impl Strategy<Value = Forward> {
        let places = prop::collection::btree_set(any::<u32>(), 0..6);
        let words = prop::collection::btree_map("[#a-z港]{1,8}", (any::<u32>(), places), 0..20);
        let vector = prop::collection::vec(any::<u8>(), 0..30);
        ("[a-z]{0,3}", words, vector, "\\PC{0,30}").prop_map(
            |(language, words, vector, written)| {
                let words = words.into_iter().map(|(term, (weight, places))| Word {
                    term,
                    weight,
                    places: places.into_iter().collect(),
                });
                Forward {
                    language,
                    words: words.collect(),
                    vector,
                    written,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn it_comes_back_as_it_was(forward in forwards()) {
            prop_assert_eq!(Forward::decode(&forward.encode()), Some(forward));
        }

        #[test]
        fn it_is_read_a_word_at_a_time(forward in forwards()) {
            let bytes = forward.encode();
            let encoded = Encoded::of(&bytes).unwrap();
            prop_assert_eq!(encoded.language, forward.language.as_str());
            prop_assert_eq!(encoded.vector, forward.vector.as_slice());
            prop_assert_eq!(encoded.written, forward.written.as_str());
            prop_assert_eq!(encoded.words.len(), forward.words.len());
            let word = |word: EncodedWord<'_>| Word {
                term: word.term.to_owned(),
                weight: word.weight,
                places: word.places,
            };
            prop_assert_eq!(encoded.words.map(word).collect::<Vec<_>>(), forward.words);
        }

        #[test]
        fn damaged_bytes_stop_nothing(
            forward in forwards(),
            place in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            rubbish in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let mut bytes = forward.encode();
            let is_whole = Forward::decode(&rubbish).is_some();
            prop_assert_eq!(Encoded::of(&rubbish).is_some(), is_whole);
            prop_assert_eq!(Forward::decode(&bytes[..place.index(bytes.len())]), None);
            let place = place.index(bytes.len());
            bytes[place] = byte;
            let is_whole = Forward::decode(&bytes).is_some();
            prop_assert_eq!(Encoded::of(&bytes).is_some(), is_whole);
            let mut longer = forward.encode();
            longer.push(0);
            prop_assert_eq!(Forward::decode(&longer), None);
        }

        #[test]
        fn every_word_is_found(forward in forwards()) {
            for word in &forward.words {
                prop_assert_eq!(forward.word(&word.term), Some(word));
            }
            prop_assert_eq!(forward.word("0"), None);
        }
    }

    #[test]
    fn days_begin_at_midnight() {
        assert_eq!(day(-1), 0);
        assert_eq!(day(86_399_999), 0);
        assert_eq!(day(86_400_000), 1);
        assert_eq!(day(i64::MIN), 0);
        assert_eq!(day(i64::MAX), u32::MAX);
    }
}
