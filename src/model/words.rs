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

/// The folded words of a text in order, split at the word boundaries of Unicode (UAX 29).
///
/// Made of letters and digits alone: an apostrophe joins, any other sign parts. Ideographs are
/// words of one character each. Both full-text indexes are fed these words, so a text is found
/// alike on SQLite and on Postgres.
pub fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in text.unicode_words() {
        let joined = fold(word).replace(['\'', '\u{2019}'], "");
        for token in joined.split(|c: char| !c.is_alphanumeric()) {
            if !token.is_empty() {
                // A word of more than 64 characters is a hash or a link, and is found by its start.
                found.push(token.chars().take(64).collect());
            }
        }
    }
    found
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

    #[test]
    fn words_are_counted_in_any_script() {
        assert_eq!(count("Two words — and three more."), 5);
        assert_eq!(count("港の朝"), 3);
    }
}
