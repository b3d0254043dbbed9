//! The parts of an article, their words numbered.

use std::collections::{HashMap, hash_map::Entry};

use crate::model::words::Words;

/// Distinct words of an article that count.
pub(super) const WORDS_AT_MOST: usize = 60_000;
/// Distinct words that there is room for from the beginning, at most.
const ROOM_AT_MOST: usize = 4_096;

/// The words of an article, numbered in the order in which they first stand in it.
#[derive(Debug)]
pub(in crate::ranking) struct Glossary<'a> {
    numbers: HashMap<&'a str, usize>,
    words: Vec<&'a str>,
}

/// A part of an article: its words, and the number of each in the glossary. The number of a word
/// that came when the glossary was full is beyond its end.
#[derive(Debug)]
pub(in crate::ranking) struct Text<'a> {
    pub(super) words: &'a Words<'a>,
    pub(in crate::ranking) numbers: Vec<usize>,
}

/// The parts of an article. The headings stand in the body too.
#[derive(Debug)]
pub(in crate::ranking) struct Texts<'a> {
    pub(in crate::ranking) title: Text<'a>,
    pub(in crate::ranking) summary: Text<'a>,
    pub(in crate::ranking) body: Text<'a>,
    pub(in crate::ranking) headings: Text<'a>,
}

impl<'a> Glossary<'a> {
    /// For texts of so many words, of which about half are distinct.
    pub(in crate::ranking) fn for_words(count: usize) -> Self {
        let room = (count / 2).min(ROOM_AT_MOST);
        Self {
            numbers: HashMap::with_capacity(room),
            words: Vec::with_capacity(room),
        }
    }

    /// The words by number.
    pub(in crate::ranking) fn words(&self) -> &[&'a str] {
        &self.words
    }

    /// Numbers the words of a text.
    pub(in crate::ranking) fn read(&mut self, words: &'a Words<'a>) -> Text<'a> {
        let numbers = words.iter().map(|(word, _)| self.number(word)).collect();
        Text { words, numbers }
    }

    fn number(&mut self, word: &'a str) -> usize {
        let next = self.words.len();
        match self.numbers.entry(word) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(_) if next >= WORDS_AT_MOST => usize::MAX,
            Entry::Vacant(new) => {
                self.words.push(word);
                *new.insert(next)
            }
        }
    }
}
