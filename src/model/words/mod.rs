//! Words as search, counting and sorting see them: one tokeniser for both databases.

mod elision;
mod marks;
mod tokeniser;

pub use tokeniser::{Words, joined_tokens, tokens};

use std::iter;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower-case, without any mark, compatibility forms unified (Unicode NFKD): what lists are sorted
/// by. Such keys are stored, so it stays as it is; words are folded with more care.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// A folded letter as words have it: one that is no other with a mark, and that not everyone has
/// or uses, is spelt with others. Not part of folding, since keys that lists are sorted by are
/// stored.
fn spelt(letter: char) -> impl Iterator<Item = char> {
    let (one, other) = match letter {
        'ß' => ('s', Some('s')),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'þ' => ('t', Some('h')),
        'ø' => ('o', None),
        'đ' | 'ð' => ('d', None),
        'ł' => ('l', None),
        'ı' => ('i', None),
        _ => (letter, None),
    };
    iter::once(one).chain(other)
}

/// Characters of a name or title that lists are sorted by.
const SORTED_BY: usize = 100;

/// What lists are sorted by: the beginning of the folded text. Bounded, since it goes into
/// cursors, and one character may fold into many.
pub fn sort_key(text: &str) -> String {
    fold(text).chars().take(SORTED_BY).collect()
}

/// The valid name nearest to a wrong one, if it is near.
pub fn nearest<'a>(wrong: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<String> {
    valid
        .into_iter()
        .map(|name| {
            (
                strsim::jaro_winkler(&wrong.to_lowercase(), &name.to_lowercase()),
                name,
            )
        })
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name.to_owned())
}

/// The number of words a reader reads: runs between white space that have a letter or digit, and
/// each ideograph for one.
pub fn count(text: &str) -> i64 {
    let of_run = |run: &str| -> i64 {
        if run.is_ascii() {
            return i64::from(run.bytes().any(|byte| byte.is_ascii_alphanumeric()));
        }
        let ideographs = run.chars().filter(|c| is_ideograph(*c)).count();
        if ideographs > 0 {
            return i64::try_from(ideographs).unwrap_or(i64::MAX);
        }
        i64::from(run.chars().any(char::is_alphanumeric))
    };
    text.split_whitespace().map(of_run).sum()
}

/// Whether a character is written without spaces around words: Han, Hiragana or Katakana.
pub fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_any_script() {
        assert_eq!(count("Two words — and three more."), 5);
        assert_eq!(count("港の朝"), 3);
    }
}
