//! Words as search, counting and sorting see them: one tokeniser for both databases.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// Lower-case, without diacritics, compatibility forms unified (Unicode NFKD without marks).
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Characters of a name or title that lists are sorted by.
const SORTED_BY: usize = 100;

/// What lists are sorted by: the beginning of the folded text. Bounded, since it goes into
/// cursors, and one character may fold into many.
pub fn sort_key(text: &str) -> String {
    fold(text).chars().take(SORTED_BY).collect()
}

/// Characters of a word that count: one of more is a hash or a link, and is found by its start.
const LONGEST_WORD: usize = 64;

/// The folded words of a text in order, split at the word boundaries of Unicode (UAX 29).
///
/// Made of letters and digits alone: an apostrophe joins, any other sign parts. Ideographs are
/// words of one character each. Both full-text indexes are fed these words, so a text is found
/// alike on SQLite and on Postgres.
pub fn tokens(text: &str) -> Vec<String> {
    joined_tokens(text)
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// [`tokens`], each with a space before it.
pub fn joined_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for run in text.split_whitespace() {
        match run.is_ascii() {
            true => push_ascii(&mut out, run.as_bytes()),
            false => push_any(&mut out, run),
        }
    }
    out
}

/// What [`push_any`] does, for the letters that most runs are made of.
fn push_ascii(out: &mut String, run: &[u8]) {
    let mut length = 0;
    for (place, byte) in run.iter().enumerate() {
        if byte.is_ascii_alphanumeric() {
            if length == 0 {
                out.push(' ');
            }
            if length < LONGEST_WORD {
                out.push(char::from(byte.to_ascii_lowercase()));
            }
            length += 1;
        } else if *byte != b'\'' || !joins(run, place) {
            length = 0;
        }
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

fn push_any(out: &mut String, run: &str) {
    for word in run.unicode_words() {
        let joined = fold(word).replace(['\'', '\u{2019}'], "");
        for token in joined.split(|c: char| !c.is_alphanumeric()) {
            if !token.is_empty() {
                out.push(' ');
                out.extend(token.chars().take(LONGEST_WORD));
            }
        }
    }
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
        let ideographs = run.chars().filter(|c| is_ideograph(*c)).count();
        if ideographs > 0 {
            return i64::try_from(ideographs).unwrap_or(i64::MAX);
        }
        i64::from(run.chars().any(char::is_alphanumeric))
    };
    text.split_whitespace().map(of_run).sum()
}

/// Whether a character is written without spaces around words: Han, Hiragana or Katakana.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_parted() {
        assert_eq!(
            tokens("Café-owner’s 3.5 U.S. naïveté"),
            ["cafe", "owners", "3", "5", "u", "s", "naivete"]
        );
    }

    proptest::proptest! {
        #[test]
        fn the_quick_way_and_the_long_way_agree(text in "[ -~]{0,60}|[a-c1-3'._ ]{0,40}") {
            let mut long = String::new();
            push_any(&mut long, &text);
            proptest::prop_assert_eq!(joined_tokens(&text), long);
        }
    }

    #[test]
    fn words_are_counted_in_any_script() {
        assert_eq!(count("Two words — and three more."), 5);
        assert_eq!(count("港の朝"), 3);
    }
}
