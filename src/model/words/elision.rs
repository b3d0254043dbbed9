//! Apostrophes that stand for a vowel before another, and so between two words.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::spelt;

/// What is joined to the next word by an apostrophe, having lost a vowel before another: articles
/// and the like of French, Italian, Catalan and Occitan. English has next to none of it.
const ELIDED: [&str; 22] = [
    "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "dell",
    "nell", "all", "sull", "dall", "un", "quest", "quell", "gl",
];

/// Whether an apostrophe parts what begins so from what follows it.
pub(super) fn is_elision(run: &[u8], start: usize, place: usize) -> bool {
    let next = run.get(place + 1).copied().map(char::from);
    run.get(start..place).is_some_and(is_elided) && next.is_some_and(is_vowel)
}

/// Whether a part of a word is one of those that lose their vowel.
fn is_elided(part: &[u8]) -> bool {
    let mut all = ELIDED.iter();
    all.any(|elided| elided.as_bytes().eq_ignore_ascii_case(part))
}

/// Whether a letter is a vowel, or an h, which may be mute.
fn is_vowel(c: char) -> bool {
    let mut letters = c.nfkd().flat_map(char::to_lowercase).flat_map(spelt);
    let first = letters.next();
    first.is_some_and(|first| matches!(first, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h'))
}

/// What stands before the first apostrophe of a word that parts it, and what follows.
pub(super) fn without_elided(word: &str) -> Option<(&str, &str)> {
    let mut start = 0;
    for (place, c) in word.char_indices() {
        let end = place + c.len_utf8();
        if is_apostrophe(c) {
            let rest = word.get(end..)?;
            let part = word.get(start..place)?;
            if is_elided(part.as_bytes()) && rest.chars().next().is_some_and(is_vowel) {
                return Some((word.get(..place)?, rest));
            }
        } else if parts_words(c) {
            start = end;
        }
    }
    None
}

/// Whether a sign is an apostrophe.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

/// Whether a sign within a word of Unicode ends one of ours.
pub(super) fn parts_words(c: char) -> bool {
    !(c.is_alphanumeric() || is_combining_mark(c) || is_apostrophe(c))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::model::words::tokens;

    #[rstest]
    #[case::french("L'école d'été", "l ecole d ete")]
    #[case::a_curly_apostrophe("L’ÉCOLE qu’on aime", "l ecole qu on aime")]
    #[case::a_letter_and_its_mark("l’e\u{301}cole", "l ecole")]
    #[case::a_ligature("l’œuvre d'Ægir", "l oeuvre d aegir")]
    #[case::an_h("l'hiver, JUSQU'HIER", "l hiver jusqu hier")]
    #[case::italian("dell'anno: un’altra", "dell anno un altra")]
    #[case::one_after_the_other("l'un'altra", "l un altra")]
    #[case::after_another_sign("a_l'ami n.l’été", "a l ami n l ete")]
    #[case::a_name("d'Arc O'Brien O’Brien", "d arc obrien obrien")]
    #[case::english(
        "it's don't o'clock we’re I'd've rock'n'roll",
        "its dont oclock were idve rocknroll"
    )]
    #[case::the_owner_of_something("l'équipe's Paris’s", "l equipes pariss")]
    #[case::part_of_a_word("aujourd'hui aujourd’hui", "aujourdhui aujourdhui")]
    #[case::before_a_consonant("N'Djamena l’s", "ndjamena ls")]
    #[case::a_digit("l'1 d’2", "l 1 d 2")]
    fn an_apostrophe_in_place_of_a_vowel_parts(#[case] text: &str, #[case] words: &str) {
        assert_eq!(tokens(text).join(" "), words);
    }
}
