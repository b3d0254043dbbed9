//! What a misspelt word may have been meant for: all strings that are one slip away.

use std::ops::RangeInclusive;

/// Letters of a word that is looked at, at least: a shorter one is near too many others.
const LETTERS_AT_LEAST: usize = 4;

/// Letters of a word that is looked at, at most; no term has more.
const LETTERS_AT_MOST: usize = 64;

/// Strings near a word, at most. Only words of more than about forty letters have more, and lose
/// some of those with a letter put in.
const NEAR_AT_MOST: usize = 3_000;

/// An alphabet, as far as its letters stand in words as they are read: й is и there, and ß is ss.
struct Script {
    /// Where Unicode has it.
    all: RangeInclusive<char>,
    /// The letters that may be meant.
    letters: &'static [RangeInclusive<char>],
    /// Letters of some of its languages: they may be meant where the word has one of them.
    more: &'static str,
}

static SCRIPTS: [Script; 7] = [
    // Latin; more: Maltese, Sami and Azerbaijani.
    Script {
        all: 'a'..='\u{2AF}',
        letters: &['a'..='z'],
        more: "ħŋŧə",
    },
    // Greek.
    Script {
        all: '\u{370}'..='\u{3FF}',
        letters: &['α'..='ω'],
        more: "",
    },
    // Cyrillic; more: Serbian and Macedonian.
    Script {
        all: '\u{400}'..='\u{52F}',
        letters: &['а'..='и', 'к'..='я', 'є'..='є', 'і'..='і', 'ґ'..='ґ'],
        more: "ђѕјљњћџ",
    },
    // Armenian.
    Script {
        all: '\u{531}'..='\u{587}',
        letters: &['\u{561}'..='\u{586}'],
        more: "",
    },
    // Georgian.
    Script {
        all: '\u{10D0}'..='\u{10FF}',
        letters: &['\u{10D0}'..='\u{10F0}'],
        more: "",
    },
    // Hebrew.
    Script {
        all: '\u{5D0}'..='\u{5F2}',
        letters: &['\u{5D0}'..='\u{5EA}'],
        more: "",
    },
    // Arabic; more: Persian.
    Script {
        all: '\u{620}'..='\u{6FF}',
        letters: &[
            '\u{621}'..='\u{621}',
            '\u{627}'..='\u{63A}',
            '\u{641}'..='\u{64A}',
        ],
        more: "\u{67E}\u{686}\u{698}\u{6A9}\u{6AF}\u{6CC}",
    },
];

/// Every string at Damerau–Levenshtein distance 1 from a word ([`crate::model::words::tokens`]): a
/// letter less, two neighbours swapped, a letter for another, a letter more; in this order, none
/// twice.
///
/// The letters are those of the word's script; in a script that is not listed here, or in a
/// mixture, letters are only left out and swapped. Nothing is near a word of fewer than four
/// letters, with digits, or in Chinese, Japanese or Korean.
pub fn near(word: &str) -> Vec<String> {
    let word: Vec<char> = word.chars().take(LETTERS_AT_MOST + 1).collect();
    if !(LETTERS_AT_LEAST..=LETTERS_AT_MOST).contains(&word.len()) || !is_spelt(&word) {
        return Vec::new();
    }
    let letters = letters_of(&word);
    let shorter = cuts(&word).filter_map(shorter);
    let swapped = cuts(&word).filter_map(swapped);
    let changed = cuts(&word).flat_map(|cut| changed(cut, &letters));
    let longer = cuts(&word).flat_map(|cut| longer(cut, &letters));
    shorter
        .chain(swapped)
        .chain(changed)
        .chain(longer)
        .take(NEAR_AT_MOST)
        .collect()
}

/// Whether a word is made of letters alone, and these are not signs for syllables or words.
fn is_spelt(word: &[char]) -> bool {
    // Korean syllables are folded into their parts (U+1100 and on).
    let is_cjk = |c: char| {
        matches!(c, '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{9FFF}' | '\u{A960}'..='\u{A97F}'
            | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FFDC}'
            | '\u{16FE0}'..='\u{18DFF}' | '\u{1AFF0}'..='\u{1B2FF}' | '\u{20000}'..='\u{3FFFF}')
    };
    word.iter().all(|c| c.is_alphabetic() && !is_cjk(*c))
}

/// The letters that may be meant in a word; none in a script without a list of them.
fn letters_of(word: &[char]) -> Vec<char> {
    let is_of = |script: &&Script| word.iter().all(|c| script.all.contains(c));
    let Some(script) = SCRIPTS.iter().find(is_of) else {
        return Vec::new();
    };
    let mut letters: Vec<char> = script.letters.iter().cloned().flatten().collect();
    if word.iter().any(|c| script.more.contains(*c)) {
        letters.extend(script.more.chars());
    }
    letters
}

/// A word cut in two.
type Cut<'a> = (&'a [char], &'a [char]);

fn cuts(word: &[char]) -> impl Iterator<Item = Cut<'_>> {
    (0..=word.len()).filter_map(move |place| word.split_at_checked(place))
}

fn shorter((before, after): Cut<'_>) -> Option<String> {
    let (gone, rest) = after.split_first()?;
    // Of equal neighbours it is all the same which one goes.
    (before.last() != Some(gone)).then(|| joined(before, &[], rest))
}

fn swapped((before, after): Cut<'_>) -> Option<String> {
    match after {
        [one, two, rest @ ..] if one != two => Some(joined(before, &[*two, *one], rest)),
        _ => None,
    }
}

fn changed<'a>((before, after): Cut<'a>, letters: &'a [char]) -> impl Iterator<Item = String> {
    after
        .split_first()
        .into_iter()
        .flat_map(move |(gone, rest)| {
            let others = letters.iter().filter(move |letter| *letter != gone);
            others.map(move |letter| joined(before, &[*letter], rest))
        })
}

fn longer<'a>((before, after): Cut<'a>, letters: &'a [char]) -> impl Iterator<Item = String> {
    // After a letter of its kind it would be the same as before it.
    let others = letters
        .iter()
        .filter(move |letter| before.last() != Some(*letter));
    others.map(move |letter| joined(before, &[*letter], after))
}

fn joined(before: &[char], between: &[char], after: &[char]) -> String {
    before.iter().chain(between).chain(after).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::model::words::tokens;

    /// Whether one slip makes one word of the other: what is left without the beginning and the
    /// end that they share is a letter in one of them or in each, or two swapped ones.
    fn is_one_slip(one: &str, other: &str) -> bool {
        let (mut one, mut other): (Vec<char>, Vec<char>) =
            (one.chars().collect(), other.chars().collect());
        for _ in 0..2 {
            while !one.is_empty() && one.last() == other.last() {
                one.pop();
                other.pop();
            }
            one.reverse();
            other.reverse();
        }
        match (one.as_slice(), other.as_slice()) {
            ([], [_]) | ([_], []) | ([_], [_]) => true,
            ([a, b], [c, d]) => a == d && b == c,
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn all_that_is_near_is_one_slip_away(word in "[a-c]{4,9}|[a-zħə]{4,12}|[а-ик-я]{4,9}|[א-ת]{4,6}") {
            let near = near(&word);
            let distinct: HashSet<&String> = near.iter().collect();
            prop_assert_eq!(distinct.len(), near.len());
            for other in &near {
                prop_assert!(is_one_slip(&word, other), "{word} {other}");
            }
        }

        #[test]
        fn all_that_is_one_slip_away_is_near(
            word in "[a-c]{4,9}|[a-z]{4,12}", place in 0_usize..12, letter in prop::char::range('a', 'z'), kind in 0..4,
        ) {
            let mut other: Vec<char> = word.chars().collect();
            let place = place % other.len();
            match kind {
                0 => { other.remove(place); }
                1 => other.swap(place, (place + 1).min(word.len() - 1)),
                2 => other[place] = letter,
                _ => other.insert(place + usize::from(letter > 'm'), letter),
            }
            let other: String = other.into_iter().collect();
            prop_assert_eq!(near(&word).contains(&other), other != word);
        }

        #[test]
        fn no_word_is_too_much(word in "\\PC{0,90}") {
            let near = near(&word);
            prop_assert!(near.len() <= NEAR_AT_MOST && !near.contains(&word));
        }
    }

    #[test]
    fn as_many_are_near_as_there_should_be() {
        assert_eq!(near("abcd").len(), 4 + 3 + 4 * 25 + 26 + 4 * 25);
        assert_eq!(near("aaaa").len(), 1 + 4 * 25 + 26 + 4 * 25);
        assert_eq!(near(&"ab".repeat(32)).len(), NEAR_AT_MOST);
        // Devanagari has no list of letters here, nor has a mixture.
        assert_eq!(near("कखगघ").len(), 4 + 3);
        assert_eq!(near("abвг").len(), 4 + 3);
    }

    #[test]
    fn some_words_have_nothing_near() {
        for word in [
            "",
            "abc",
            "ab1c",
            "2024",
            "#day",
            "東京大学",
            "ひらがな",
            "カタカナ",
        ] {
            assert!(near(word).is_empty(), "{word}");
        }
        assert!(near(&tokens("한국어").concat()).is_empty());
        assert!(near(&"a".repeat(65)).is_empty());
    }

    #[test]
    fn letters_are_of_the_script() {
        let has = |word: &str, other: &str| near(word).iter().any(|near| near == other);
        assert!(has("москва", "масква") && !has("москва", "йосква") && has("киів", "киев"));
        assert!(has("ħobza", "ħobŧa") && !has("hobza", "ħobza"));
        assert!(!has("smorbrod", "smørbrod") && has("smorbrad", "smorbrod"));
        assert!(has("გამარჯობა", "გამრჯობა") && has("άλφα", "άλφω"));
    }

    #[test]
    fn no_letter_is_listed_twice_or_read_as_another() {
        for script in &SCRIPTS {
            let letters = script.letters.iter().cloned().flatten();
            let all: Vec<char> = letters.chain(script.more.chars()).collect();
            let distinct: HashSet<&char> = all.iter().collect();
            assert_eq!(distinct.len(), all.len());
            for letter in all {
                assert!(script.all.contains(&letter));
                assert_eq!(tokens(&letter.to_string()), [letter.to_string()]);
            }
        }
    }
}
