//! Bytes of an article, of which a word at a time is read.

use super::FORM;
use crate::ranking::vector::packed::Taken;

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
