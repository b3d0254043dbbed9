//! Bytes of an article, written and read a word at a time.

use super::FORM;
use crate::ranking::vector::packed::{Taken, push_bytes, push_varint};

/// Bytes that are being written.
pub(super) struct Encoding(Vec<u8>);

impl Encoding {
    /// Of an article in a language, with so many words.
    pub(super) fn begin(language: &str, words: usize) -> Self {
        // The rest is some kilobyte of what the article is about.
        let mut bytes = Vec::with_capacity(2_048 + 12 * words);
        bytes.push(FORM);
        push_bytes(&mut bytes, language.as_bytes());
        push_varint(&mut bytes, words as u64);
        Self(bytes)
    }

    /// Adds a word.
    pub(super) fn word(
        &mut self,
        term: &str,
        weight: u32,
        places: impl Iterator<Item = u32> + Clone,
    ) {
        let bytes = &mut self.0;
        push_bytes(bytes, term.as_bytes());
        push_varint(bytes, u64::from(weight));
        push_varint(bytes, places.clone().count() as u64);
        let mut before = 0;
        for place in places {
            push_varint(bytes, u64::from(place.wrapping_sub(before)));
            before = place;
        }
    }

    /// Adds what comes after the words.
    pub(super) fn finish(self, vector: &[u8], written: &str) -> Vec<u8> {
        let mut bytes = self.0;
        push_bytes(&mut bytes, vector);
        push_bytes(&mut bytes, written.as_bytes());
        bytes
    }
}

/// What [`super::Forward::encode`] wrote, known to be whole.
#[derive(Debug, Clone)]
pub struct Encoded<'a> {
    /// The primary subtag of its language.
    pub language: &'a str,
    /// Sorted by term.
    pub words: Words<'a>,
    /// A [`crate::ranking::vector::Vector`] as bytes.
    pub vector: &'a [u8],
    /// For each term of the vector a word as the article writes it, joined by spaces.
    pub written: &'a str,
}

/// A word as it stands in the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedWord<'a> {
    /// As [`super::Word::term`].
    pub term: &'a str,
    /// As [`super::Word::weight`].
    pub weight: u32,
    /// As [`super::Word::places`].
    pub places: Vec<u32>,
}

impl<'a> Encoded<'a> {
    /// Nothing if the bytes are not those of [`super::Forward::encode`].
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let mut taken = Taken::of(bytes);
        if taken.byte()? != FORM {
            return None;
        }
        let language = taken.text()?;
        let left = count(&mut taken)?;
        let words = Words { taken, left };
        let mut last: Option<&str> = None;
        for _ in 0..left {
            let term = taken.text()?;
            taken.varint32()?;
            let places = count(&mut taken)?;
            each_place(&mut taken, places, |_| ())?;
            if last.is_some_and(|last| last >= term) {
                return None;
            }
            last = Some(term);
        }
        let vector = taken.bytes()?;
        let written = taken.text()?;
        taken.is_empty().then_some(Self {
            language,
            words,
            vector,
            written,
        })
    }
}

/// Words that are left to be read.
#[derive(Debug, Clone, Default)]
pub struct Words<'a> {
    taken: Taken<'a>,
    left: usize,
}

impl<'a> Iterator for Words<'a> {
    type Item = EncodedWord<'a>;

    fn next(&mut self) -> Option<EncodedWord<'a>> {
        self.left = self.left.checked_sub(1)?;
        word(&mut self.taken)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Words<'_> {}

/// The length of a list. Each part takes a byte at least, so that a wrong length reserves little.
pub(super) fn count(taken: &mut Taken<'_>) -> Option<usize> {
    let count = usize::try_from(taken.varint()?).ok()?;
    (count <= taken.len()).then_some(count)
}

/// The next word.
pub(super) fn word<'a>(taken: &mut Taken<'a>) -> Option<EncodedWord<'a>> {
    let term = taken.text()?;
    let weight = taken.varint32()?;
    let count = count(taken)?;
    let mut places = Vec::with_capacity(count);
    each_place(taken, count, |place| places.push(place))?;
    Some(EncodedWord {
        term,
        weight,
        places,
    })
}

fn each_place(taken: &mut Taken<'_>, count: usize, mut tell: impl FnMut(u32)) -> Option<()> {
    let mut place = 0_u32;
    for _ in 0..count {
        place = place.checked_add(taken.varint32()?)?;
        tell(place);
    }
    Some(())
}
