//! Which marks of letters words are told apart by.

use unicode_normalization::{
    UnicodeNormalization,
    char::{compose, is_combining_mark},
};

/// A word in lower case, compatibility forms unified (Unicode NFKD), without diacritics: accents
/// and points, which not everyone writes. Vowel signs and the like of the scripts of India and its
/// neighbours stay, since they spell the word, and so do the marks that make other syllables of
/// Kana.
pub(super) fn folded(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    let mut last = None;
    for sign in word.nfkd() {
        let voiced = last.filter(|_| is_voicing(sign));
        if let Some(voiced) = voiced.and_then(|kana| compose(kana, sign)) {
            folded.pop();
            folded.push(voiced);
            last = Some(voiced);
        } else if spells(sign) || !(is_combining_mark(sign) || is_unseen(last, sign)) {
            folded.extend(sign.to_lowercase());
            last = Some(sign);
        }
    }
    folded
}

/// Whether a sign is a mark of a script with spaces between words in which marks are part of the
/// spelling: those from Devanagari to Sinhala, Tibetan, Thaana, and those of South-East Asia.
pub(super) fn spells(sign: char) -> bool {
    let is_of_them = matches!(sign, '\u{780}'..='\u{7BF}' | '\u{900}'..='\u{DFF}'
        | '\u{F00}'..='\u{FFF}' | '\u{1700}'..='\u{177F}' | '\u{1900}'..='\u{194F}'
        | '\u{1A00}'..='\u{1A1F}' | '\u{1B00}'..='\u{1C4F}' | '\u{A800}'..='\u{A82F}'
        | '\u{A880}'..='\u{A8FF}' | '\u{A930}'..='\u{A9DF}' | '\u{AA00}'..='\u{AA5F}'
        | '\u{AAE0}'..='\u{AAFF}' | '\u{ABC0}'..='\u{ABFF}' | '\u{11000}'..='\u{11FFF}');
    is_of_them && is_combining_mark(sign)
}

/// The marks of "が" and "ぱ".
fn is_voicing(sign: char) -> bool {
    matches!(sign, '\u{3099}' | '\u{309A}')
}

/// Whether a sign within a word is not seen: where it may be broken, or must not be, and, after a
/// mark, how both are drawn.
fn is_unseen(before: Option<char>, sign: char) -> bool {
    let is_drawn_so = matches!(sign, '\u{200C}' | '\u{200D}') && before.is_some_and(spells);
    is_drawn_so || matches!(sign, '\u{AD}' | '\u{2060}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::model::words::tokens;

    #[rstest]
    #[case::accents("é ё ά", "e е α")]
    #[case::points_of_vowels("שָׁלוֹם مُحَمَّد", "שלום محمد")]
    #[case::hindi("दिल दल दाल क्या", "दिल दल दाल क्या")]
    #[case::bengali("মাছ মোছ", "মাছ মোছ")]
    #[case::tamil("கொடி கோடி", "கொடி கோடி")]
    #[case::kana("かき がき ぱん ﾊﾞﾝ", "か き が き ぱ ん バン")]
    #[case::how_it_is_drawn("क्\u{200D}ष नमस्\u{200C}ते", "क्ष नमस्ते")]
    #[case::where_it_may_break(
        "Donau\u{AD}dampf\u{AD}schiff a\u{2060}b c\u{FEFF}d",
        "donaudampfschiff ab cd"
    )]
    #[case::another_joiner("می\u{200C}خواهم", "می خواهم")]
    fn words_are_told_apart_by_what_spells_them(#[case] text: &str, #[case] words: &str) {
        use unicode_normalization::UnicodeNormalization;
        let found = tokens(text).join(" ");
        assert_eq!(found.nfc().to_string(), words.nfc().to_string());
    }
}
