//! The words of a text as the index, searches and related articles have them.

use std::{iter, ops::Range};

use unicode_segmentation::UnicodeSegmentation;

use super::{
    elision::{is_apostrophe, is_elision, parts_words, without_elided},
    marks::{folded, spells},
    spelt,
};

/// Characters of a word that count: one of more is a hash or a link, and is found by its start.
const LONGEST_WORD: usize = 64;

/// The folded words of a text in order, split at the word boundaries of Unicode (UAX 29).
///
/// Made of letters and digits alone: an apostrophe joins ("don't" is "dont"), unless it stands for
/// a vowel before another ("l'ami" is "l" and "ami"); any other sign parts. Letters that folding
/// leaves, but that not everyone has or uses, are spelt with others: "ß" is "ss". Ideographs are
/// words of one character each. The index is fed these words, so a text is found alike on SQLite
/// and on Postgres.
pub fn tokens(text: &str) -> Vec<String> {
    joined_tokens(text)
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// [`tokens`], each with a space before it.
pub fn joined_tokens(text: &str) -> String {
    read(text, usize::MAX, |_| ())
}

/// The words of a text ([`tokens`]), each with the part of the text that it was read from.
#[derive(Debug, Clone, Default)]
pub struct Words<'a> {
    text: &'a str,
    joined: String,
    parts: Vec<Range<usize>>,
}

impl<'a> Words<'a> {
    /// The first words of a text, so many at most.
    pub fn of(text: &'a str, most: usize) -> Self {
        let mut parts = Vec::new();
        let joined = read(text, most, |part| parts.push(part));
        parts.truncate(most);
        Self {
            text,
            joined,
            parts,
        }
    }

    /// The number of words.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether the text has no word.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// In order: a word, folded, and the bytes of the text that it was read from.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        let words = self.joined.split(' ').skip(1);
        words.zip(self.parts.iter().cloned())
    }

    /// A part of the text: a word as it is written, without white space.
    pub fn written(&self, part: Range<usize>) -> &'a str {
        self.text.get(part).unwrap_or_default()
    }
}

/// [`joined_tokens`] until there are so many words, or somewhat more; tells of each, in order,
/// which part of the text it was read from.
fn read(text: &str, most: usize, mut found: impl FnMut(Range<usize>)) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    let (mut start, mut count) = (0, 0);
    for piece in text.split_inclusive(char::is_whitespace) {
        let run = piece.strip_suffix(char::is_whitespace).unwrap_or(piece);
        let tell = |part: Range<usize>| {
            count += 1;
            found(start + part.start..start + part.end);
        };
        match run.is_ascii() {
            true => push_ascii(&mut out, run.as_bytes(), tell),
            false => push_any(&mut out, run, tell),
        }
        if count >= most {
            break;
        }
        start += piece.len();
    }
    out
}

/// What [`push_any`] does, for the letters that most runs are made of.
fn push_ascii(out: &mut String, run: &[u8], mut found: impl FnMut(Range<usize>)) {
    let (mut start, mut length) = (0, 0);
    for (place, byte) in run.iter().enumerate() {
        if byte.is_ascii_alphanumeric() {
            if length == 0 {
                out.push(' ');
                start = place;
            }
            if length < LONGEST_WORD {
                out.push(char::from(byte.to_ascii_lowercase()));
            }
            length += 1;
        } else if *byte != b'\'' || !joins(run, place) || is_elision(run, start, place) {
            if length > 0 {
                found(start..place);
            }
            length = 0;
        }
    }
    if length > 0 {
        found(start..run.len());
    }
}

/// Whether an apostrophe stands between two letters, or two digits (rules WB6, WB7, WB11, WB12).
fn joins(run: &[u8], place: usize) -> bool {
    let around = place
        .checked_sub(1)
        .and_then(|before| Some((run.get(before)?, run.get(place + 1)?)));
    around.is_some_and(|(before, after)| {
        (before.is_ascii_alphabetic() && after.is_ascii_alphabetic())
            || (before.is_ascii_digit() && after.is_ascii_digit())
    })
}

fn push_any(out: &mut String, run: &str, mut found: impl FnMut(Range<usize>)) {
    for (mut start, mut word) in pieces(run) {
        while let Some((elided, rest)) = without_elided(word) {
            push_word(out, elided, start, &mut found);
            start += word.len() - rest.len();
            word = rest;
        }
        push_word(out, word, start, &mut found);
    }
}

/// The words of Unicode, each with where it begins, but that figures below the line part none:
/// "CO₂" is one, as "CO2" is.
fn pieces(run: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut pieces = run.unicode_word_indices().peekable();
    iter::from_fn(move || {
        let (start, mut word) = pieces.next()?;
        let is_more = |word: &str, (next, more): &(usize, &str)| {
            start + word.len() == *next && is_of_one_formula(word, more)
        };
        while let Some((next, more)) = pieces.next_if(|more| is_more(word, more)) {
            word = run.get(start..next + more.len())?;
        }
        Some((start, word))
    })
}

/// Whether what follows a piece belongs to the formula that it ends with.
fn is_of_one_formula(piece: &str, more: &str) -> bool {
    let is_below = |c: char| matches!(c, '₀'..='₉');
    let is_letter = |c: char| c.is_ascii_alphabetic();
    match piece.ends_with(is_below) {
        true => more.starts_with(|c| is_below(c) || is_letter(c)),
        false => piece.ends_with(is_letter) && more.starts_with(is_below),
    }
}

/// The words that a piece without elision folds into; it begins at `start`.
fn push_word(out: &mut String, word: &str, start: usize, mut found: impl FnMut(Range<usize>)) {
    let joined = folded(word).replace(is_apostrophe, "");
    let mut count = 0;
    for token in joined.split(|c: char| !(c.is_alphanumeric() || spells(c))) {
        if token.contains(char::is_alphanumeric) {
            out.push(' ');
            out.extend(token.chars().flat_map(spelt).take(LONGEST_WORD));
            count += 1;
        }
    }
    match count {
        0 => {}
        1 => found(start..start + word.len()),
        _ => parts(word, start, count).into_iter().for_each(found),
    }
}

/// The parts of a word that folds into several ("3.5"): all of it for each, should it fold into
/// other parts than it has ("½").
fn parts(word: &str, start: usize, count: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::with_capacity(count);
    let mut at = start;
    for piece in word.split_inclusive(parts_words) {
        let part = piece.strip_suffix(parts_words).unwrap_or(piece);
        if !part.is_empty() {
            parts.push(at..at + part.len());
        }
        at += piece.len();
    }
    if parts.len() == count {
        return parts;
    }
    let whole = start..start + word.len();
    iter::repeat_n(whole, count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::words::sort_key;

    #[test]
    fn words_are_folded_and_parted() {
        assert_eq!(
            tokens("Café-owner’s 3.5 U.S. naïveté"),
            ["cafe", "owners", "3", "5", "u", "s", "naivete"]
        );
    }

    #[test]
    fn letters_that_folding_leaves_are_spelt_with_others() {
        assert_eq!(
            tokens("Straße STRAẞE Æsir œuvre Ølen ǿ Đurđa Łódź Iğdır Þór Guð"),
            [
                "strasse", "strasse", "aesir", "oeuvre", "olen", "o", "durda", "lodz", "igdir",
                "thor", "gud"
            ]
        );
        // Stored keys of lists keep them.
        assert_eq!(sort_key("Straße Øl"), "straße øl");
        assert_eq!(tokens(&"ß".repeat(40)), ["s".repeat(64)]);
    }

    #[test]
    fn figures_below_the_line_part_no_word() {
        assert_eq!(
            tokens("CO₂-Preis H₂O C₆H₁₂O₆ CO₂排出 5₂"),
            [
                "co2", "preis", "h2o", "c6h12o6", "co2", "排", "出", "5", "2"
            ]
        );
        // Those above it are powers, or number notes.
        assert_eq!(tokens("word¹"), ["word", "1"]);
        let words = Words::of("the CO₂ tax", 9);
        let written: Vec<&str> = words.iter().map(|(_, part)| words.written(part)).collect();
        assert_eq!(written, ["the", "CO₂", "tax"]);
    }

    proptest::proptest! {
        #[test]
        fn the_quick_way_and_the_long_way_agree(text in "[ -~]{0,60}|[a-c1-3'._ ]{0,40}|[adhlLnquU'._1 ]{0,40}") {
            let mut long = String::new();
            let mut parts = Vec::new();
            push_any(&mut long, &text, |part| parts.push(part));
            proptest::prop_assert_eq!(joined_tokens(&text), long);
            let written = Words::of(&text, usize::MAX);
            proptest::prop_assert_eq!(parts.len(), written.len());
        }

        #[test]
        fn words_know_where_they_were_read(text in "\\PC{0,60}|[a-cé1-3'’._½₂ İ港ß\u{301}]{0,40}|[adlnéœqu'’. ]{0,40}") {
            let words = Words::of(&text, usize::MAX);
            let folded: Vec<String> = words.iter().map(|(word, _)| word.to_owned()).collect();
            proptest::prop_assert_eq!(&folded, &tokens(&text));
            proptest::prop_assert_eq!(folded.len(), words.len());
            let mut end = 0;
            for (_, part) in words.iter() {
                proptest::prop_assert!(part.start < part.end && part.end >= end);
                end = part.end;
                let written = words.written(part);
                proptest::prop_assert!(!written.is_empty() && !written.contains(char::is_whitespace));
            }
        }

        #[test]
        fn no_more_words_are_read_than_wanted(text in "[a-cl1é港'. ]{0,60}", most in 0_usize..9) {
            let words = Words::of(&text, most);
            let wanted: Vec<String> = tokens(&text).into_iter().take(most).collect();
            let folded: Vec<&str> = words.iter().map(|(word, _)| word).collect();
            proptest::prop_assert_eq!(folded, wanted);
        }
    }

    #[test]
    fn words_are_known_as_they_are_written() {
        let words = Words::of("Erdoğan’s “U.S.” 3.5 visit", 9);
        let written: Vec<&str> = words.iter().map(|(_, part)| words.written(part)).collect();
        assert_eq!(written, ["Erdoğan’s", "U", "S", "3", "5", "visit"]);
        let words = Words::of("L'école d’œuvre d'ami aujourd’hui", 9);
        let written: Vec<&str> = words.iter().map(|(_, part)| words.written(part)).collect();
        let expected = ["L", "école", "d", "œuvre", "d", "ami", "aujourd’hui"];
        assert_eq!(written, expected);
    }
}
