//! How much an article uses each of its words.

use std::{
    collections::{HashMap, hash_map::Entry},
    ops::Range,
};

use super::texts::{Glossary, Text, Texts, WORDS_AT_MOST};
use crate::model::words::{is_ideograph, tokens};

/// A word in the title, the summary or a heading counts as so many in the body, where those at
/// the beginning count for more, and for the less the later they stand.
const TITLE: f64 = 4.0;
const SUMMARY: f64 = 2.0;
const HEADING: f64 = 2.0;
const LEAD: f64 = 2.0;
/// What is left of that lead from one word to the next: e^(-1/60).
const FADING: f64 = 0.983_471_453_8;

/// A word as it is written, and how often.
pub(super) type Form<'a> = (&'a str, u32);

/// How much a word is used, and its first forms.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Uses<'a> {
    pub(super) times: f64,
    pub(super) forms: [Form<'a>; 3],
}

impl<'a> Uses<'a> {
    fn add(&mut self, times: f64, form: &'a str) {
        self.times += times;
        let slot = self
            .forms
            .iter_mut()
            .find(|(known, count)| *count == 0 || *known == form);
        if let Some((known, count)) = slot {
            *known = form;
            *count = count.saturating_add(1);
        }
    }
}

/// What an article says: the words of its glossary and, where no spaces part the words, pairs of
/// adjacent signs.
#[derive(Debug, Default)]
pub(super) struct Said<'a> {
    pub(super) words: Vec<Uses<'a>>,
    pub(super) pairs: Vec<((char, char), Uses<'a>)>,
    numbers: HashMap<(char, char), usize>,
}

impl<'a> Said<'a> {
    pub(super) fn of(glossary: &Glossary<'a>, texts: &Texts<'a>) -> Self {
        let mut said = Self {
            words: vec![Uses::default(); glossary.words().len()],
            ..Self::default()
        };
        said.read(&texts.title, || TITLE);
        said.read(&texts.summary, || SUMMARY);
        said.read(&texts.headings, || HEADING);
        let mut lead = LEAD;
        said.read(&texts.body, || {
            let times = 1.0 + lead;
            lead = if lead > 0.001 { lead * FADING } else { 0.0 };
            times
        });
        said
    }

    fn read(&mut self, text: &Text<'a>, mut weigh: impl FnMut() -> f64) {
        let mut before: Option<(char, Range<usize>)> = None;
        for ((word, part), number) in text.words.iter().zip(&text.numbers) {
            let times = weigh();
            let Some(sign) = without_spaces(word) else {
                before = None;
                if let Some(uses) = self.words.get_mut(*number) {
                    uses.add(times, text.words.written(part));
                }
                continue;
            };
            if let Some((first, from)) = before.take()
                && from.end == part.start
            {
                let form = text.words.written(from.start..part.end);
                self.add_pair((first, sign), times, form);
            }
            before = Some((sign, part));
        }
    }

    fn add_pair(&mut self, pair: (char, char), times: f64, form: &'a str) {
        let next = self.pairs.len();
        let number = match self.numbers.entry(pair) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(_) if next >= WORDS_AT_MOST => return,
            Entry::Vacant(new) => {
                self.pairs.push((pair, Uses::default()));
                *new.insert(next)
            }
        };
        if let Some((_, uses)) = self.pairs.get_mut(number) {
            uses.add(times, form);
        }
    }
}

/// The term under which the index has a word of a vector, as the article writes it; a pair of signs
/// goes by both of them. Nothing for what folds into several words.
pub fn term(written: &str) -> Option<String> {
    let mut own = tokens(written);
    match own.as_slice() {
        [_] => own.pop(),
        [_, _] => pair(written),
        _ => None,
    }
}

/// [`term`] of what is a pair of signs.
pub(in crate::ranking) fn pair(written: &str) -> Option<String> {
    // Most words are none, which their first letter tells.
    if !written.chars().next().is_some_and(is_without_spaces) {
        return None;
    }
    let own = tokens(written);
    let are_signs = own.iter().all(|word| without_spaces(word).is_some());
    (own.len() == 2 && are_signs).then(|| own.concat())
}

/// The sign that a word is made of, if it is of a script without spaces between words: then it
/// is rather a syllable.
fn without_spaces(word: &str) -> Option<char> {
    let mut signs = word.chars();
    let (sign, None) = (signs.next()?, signs.next()) else {
        return None;
    };
    is_without_spaces(sign).then_some(sign)
}

/// Han, Kana, Thai, Lao, Burmese or Khmer.
pub(super) fn is_without_spaces(c: char) -> bool {
    is_ideograph(c)
        || matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}')
}
