//! How often each word of a text stands in it, and where.

use std::ops::Range;

use super::analysis::{GAP, PLACES_IN_TEXT};
use crate::ranking::vector::{Glossary, Text, Texts};

/// The words of a text, sorted by term. All terms are one string, and all places one list: an
/// article has hundreds of both.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    counted: Vec<Counted>,
    terms: String,
    places: Vec<u32>,
}

/// How often a word stands in each field.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counted {
    pub(super) title: u32,
    pub(super) summary: u32,
    pub(super) body: u32,
    /// Bytes of its term.
    length: usize,
}

impl Counted {
    /// How many of its places are kept.
    fn places(&self) -> usize {
        let times = [self.title, self.summary, self.body];
        let times: usize = times.map(|times| times as usize).into_iter().sum();
        times.min(PLACES_IN_TEXT)
    }
}

/// A field's number of a word.
type Field = fn(&mut Counted) -> &mut u32;

impl Tally {
    /// The words of an article, and the first place after them.
    pub(super) fn of(glossary: &Glossary<'_>, texts: &Texts<'_>) -> (Self, u32) {
        let numbered = glossary.words().iter().map(|term| Counted {
            length: term.len(),
            ..Counted::default()
        });
        let mut numbered: Vec<Counted> = numbered.collect();
        let end = each_word(texts, |number, field, _| {
            if let Some(word) = numbered.get_mut(number) {
                *field(word) += 1;
            }
        });
        let mut sorted: Vec<(&str, usize)> = glossary.words().iter().copied().zip(0..).collect();
        sorted.sort_unstable();

        let mut counted = Vec::with_capacity(sorted.len());
        let mut terms = String::with_capacity(numbered.iter().map(|word| word.length).sum());
        // Of each word, by its number, where its places stand.
        let mut free: Vec<Range<usize>> = vec![Range::default(); numbered.len()];
        let mut taken = 0;
        for (term, number) in sorted {
            let (Some(word), Some(free)) = (numbered.get(number), free.get_mut(number)) else {
                continue;
            };
            // None: a heading whose body was cut before it.
            if word.places() > 0 {
                *free = taken..taken + word.places();
                taken = free.end;
                terms.push_str(term);
                counted.push(*word);
            }
        }
        let mut places = vec![0; taken];
        each_word(texts, |number, _, place| {
            let own = free.get_mut(number).and_then(Iterator::next);
            if let Some(own) = own.and_then(|own| places.get_mut(own)) {
                *own = place;
            }
        });
        let tally = Self {
            counted,
            terms,
            places,
        };
        (tally, end)
    }

    /// The number of words.
    pub(super) fn len(&self) -> usize {
        self.counted.len()
    }

    /// Each word's term, how often it stands in each field, and where, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Counted, &[u32])> {
        let (mut terms, mut places) = (self.terms.as_str(), self.places.as_slice());
        self.counted.iter().map_while(move |word| {
            let (term, other_terms) = terms.split_at_checked(word.length)?;
            let (own, others) = places.split_at_checked(word.places())?;
            (terms, places) = (other_terms, others);
            Some((term, word, own))
        })
    }
}

/// Tells of each word, in order, its number, its field and its place; gives the first place after
/// them all.
fn each_word(texts: &Texts<'_>, mut tell: impl FnMut(usize, Field, u32)) -> u32 {
    let fields: [(&Text<'_>, Field); 3] = [
        (&texts.title, |word| &mut word.title),
        (&texts.summary, |word| &mut word.summary),
        (&texts.body, |word| &mut word.body),
    ];
    let mut place = 0;
    for (text, field) in fields {
        for number in &text.numbers {
            tell(*number, field, place);
            place += 1;
        }
        place += GAP;
    }
    place
}
