//! How a vector is made: which stems it keeps of an article, and how much each weighs.

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{HashMap, HashSet, hash_map::Entry},
};

use super::{
    SATURATION, TERMS_AT_MOST, Term, Vector,
    common::common,
    id,
    said::{Form, Said, Uses, is_without_spaces},
    texts::{Glossary, Texts},
};
use crate::ranking::stems::stem;

/// How much a long text makes each of its words weigh less, and which length does not.
const LENGTH_COUNTS: f64 = 0.75;
const USUAL_LENGTH: f64 = 500.0;

/// Letters that are kept of a word as it is written.
const LONGEST_FORM: usize = 64;

/// The vector of an article in a language (a primary subtag), and for each of its terms a word as
/// the article writes it, joined by spaces.
pub(in crate::ranking) fn made(
    language: &str,
    glossary: &Glossary<'_>,
    texts: &Texts<'_>,
) -> (Vector, String) {
    let length = [&texts.title, &texts.summary, &texts.body].map(|text| text.numbers.len());
    let words = u32::try_from(length.into_iter().sum::<usize>()).unwrap_or(u32::MAX);
    let said = Said::of(glossary, texts);
    let mut stems = Stems::new(language, glossary.words().len());
    for (word, uses) in glossary.words().iter().zip(&said.words) {
        stems.add_word(word, uses);
    }
    for ((one, other), uses) in &said.pairs {
        stems.add(Cow::Owned(format!("{one}{other}")), uses);
    }
    chosen(stems.known, words)
}

/// The stems of an article.
struct Stems<'a> {
    language: &'a str,
    /// Words that tell nothing.
    common: Option<&'static HashSet<&'static str>>,
    known: HashMap<Cow<'a, str>, (f64, Form<'a>)>,
}

impl<'a> Stems<'a> {
    /// With room for those of so many words.
    fn new(language: &'a str, words: usize) -> Self {
        Self {
            language,
            common: common(language),
            known: HashMap::with_capacity(words),
        }
    }

    fn add_word(&mut self, word: &'a str, uses: &Uses<'a>) {
        if self.tells(word) {
            self.add(stem(self.language, word), uses);
        }
    }

    /// Neither a letter, nor a number, nor a common word.
    fn tells(&self, word: &str) -> bool {
        word.chars().nth(1).is_some()
            && !word.chars().all(char::is_numeric)
            && !self.common.is_some_and(|common| common.contains(word))
    }

    fn add(&mut self, stem: Cow<'a, str>, uses: &Uses<'a>) {
        let used = uses.forms.iter().filter(|(_, count)| *count > 0);
        let forms = used.map(|&(form, count)| (shown(form), count));
        let Some(best) = forms.reduce(better) else {
            return;
        };
        match self.known.entry(stem) {
            Entry::Vacant(new) => {
                new.insert((uses.times, best));
            }
            Entry::Occupied(mut known) => {
                let (times, form) = known.get_mut();
                *times += uses.times;
                *form = better(*form, best);
            }
        }
    }
}

/// A word as a reader knows it: without the ending of "Anna's".
fn shown(form: &str) -> &str {
    let owner = form
        .strip_suffix("'s")
        .or_else(|| form.strip_suffix("\u{2019}s"));
    owner.filter(|owner| !owner.is_empty()).unwrap_or(form)
}

fn better<'a>(one: Form<'a>, other: Form<'a>) -> Form<'a> {
    match rank(other) > rank(one) {
        true => other,
        false => one,
    }
}

/// Of two forms the more frequent is the better, then the plainer.
fn rank((form, count): Form<'_>) -> (u32, Reverse<usize>, Reverse<usize>, Reverse<&str>) {
    let capitals = form.chars().filter(|c| c.is_uppercase()).count();
    (count, Reverse(capitals), Reverse(form.len()), Reverse(form))
}

/// The stems that are kept, best first: those that weigh most, as far as that can be told without
/// the other articles. Short words are frequent everywhere, names are rare.
fn chosen(stems: HashMap<Cow<'_, str>, (f64, Form<'_>)>, words: u32) -> (Vector, String) {
    let length = 1.0 - LENGTH_COUNTS + LENGTH_COUNTS * f64::from(words) / USUAL_LENGTH;
    let mut candidates: Vec<_> = stems
        .into_iter()
        .map(|(stem, (times, (form, _)))| {
            let weight = times / (times + SATURATION * length);
            (weight * rarity(form), weight, stem, form)
        })
        .collect();
    candidates.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.2.cmp(&other.2)));
    candidates.truncate(TERMS_AT_MOST);
    let mut kept: Vec<(u32, u8, &str)> = candidates
        .iter()
        .map(|(_, weight, stem, form)| {
            let weight = (*weight * 255.0).round().clamp(1.0, 255.0) as u8;
            (id(stem), weight, *form)
        })
        .collect();
    kept.sort_by_key(|(id, ..)| *id);
    kept.dedup_by_key(|(id, ..)| *id);
    let terms = (0_u8..).zip(&kept).map(|(place, (id, weight, _))| Term {
        id: *id,
        weight: *weight,
        place,
    });
    let terms = terms.collect();
    let written = kept
        .iter()
        .map(|(_, _, form)| -> String { form.chars().take(LONGEST_FORM).collect() });
    let written = written.collect::<Vec<_>>().join(" ");
    (Vector { terms, words }, written)
}

/// How rare a word is likely to be.
fn rarity(form: &str) -> f64 {
    match form.chars().next() {
        Some(first) if first.is_uppercase() => 1.5,
        Some(first) if is_without_spaces(first) => 1.0,
        _ => form.chars().take(9).count().max(3) as f64 / 9.0,
    }
}
