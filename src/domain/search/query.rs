//! Reads what a reader types.

use std::collections::HashMap;

use crate::model::{
    search::{Clause, Correction, SearchQuery},
    words::tokens,
};

/// Characters of a search, at most. All its clauses count: there are 250 at most, since each but
/// the last takes two characters.
pub const MAX_QUERY: usize = 500;
/// Letters that a prefix needs, and prefixes of a search: others are taken as whole words. A
/// single letter begins a good part of all words, each of which has to be counted everywhere.
const SHORTEST_PREFIX: usize = 2;
const MAX_PREFIXES: usize = 8;

/// A piece of a search as it was typed.
struct Piece<'a> {
    /// The word, or what stands between quotation marks.
    typed: &'a str,
    /// Where that begins, in bytes.
    start: usize,
    unwanted: bool,
    quoted: bool,
    star: bool,
}

/// Signs that begin or end a quotation: which of them do what differs from language to language.
const QUOTES: [char; 8] = [
    '"', '\u{201C}', '\u{201D}', '\u{201E}', '\u{AB}', '\u{BB}', '\u{2039}', '\u{203A}',
];

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (unwanted, after) = match rest.strip_prefix('-') {
            Some(after) => (true, after),
            None => (false, rest),
        };
        let (quoted, from) = match after.strip_prefix(QUOTES) {
            Some(phrase) => (true, phrase),
            None => (false, after),
        };
        let end = match quoted {
            // A quotation that is not closed goes to the end.
            true => from.find(QUOTES),
            false => from.find(|c: char| c.is_whitespace() || QUOTES.contains(&c)),
        };
        let (typed, after) = from.split_at(end.unwrap_or(from.len()));
        let after = match quoted {
            true => after.strip_prefix(QUOTES).unwrap_or(after),
            false => after,
        };
        let (star, after) = match after.strip_prefix('*') {
            Some(after) => (true, after),
            None => (typed.ends_with('*'), after),
        };
        pieces.push(Piece {
            typed,
            start: text.len() - from.len(),
            unwanted,
            quoted,
            star,
        });
        rest = after.trim_start();
    }
    pieces
}

/// A search as it was typed and as it is meant.
#[derive(Default)]
struct Reading<'a> {
    query: SearchQuery,
    /// The pieces that are wanted, each with the number of its clause. Equal ones share a clause.
    wanted: Vec<(Piece<'a>, usize)>,
}

impl<'a> Reading<'a> {
    fn of(text: &'a str) -> Self {
        let mut reading = Self::default();
        let mut known: HashMap<(bool, Clause), usize> = HashMap::new();
        let mut prefixes = 0;
        for piece in pieces(text) {
            let Some(mut clause) = clause_of(&piece) else {
                continue;
            };
            let is_known = known.contains_key(&(piece.unwanted, clause.clone()));
            clause.prefix &= is_known || prefixes < MAX_PREFIXES;
            let query = &mut reading.query;
            let clauses = match piece.unwanted {
                true => &mut query.unwanted,
                false => &mut query.wanted,
            };
            let key = (piece.unwanted, clause.clone());
            let number = *known.entry(key).or_insert_with(|| {
                prefixes += usize::from(clause.prefix);
                clauses.push(clause);
                clauses.len() - 1
            });
            if !piece.unwanted {
                reading.wanted.push((piece, number));
            }
        }
        reading
    }
}

/// What a piece means, if it has a word.
fn clause_of(piece: &Piece<'_>) -> Option<Clause> {
    let words = tokens(piece.typed);
    let begun = words.last()?.chars().count();
    Some(Clause {
        exact: piece.quoted,
        prefix: piece.star && begun >= SHORTEST_PREFIX,
        words,
    })
}

/// Reads a search. Any text is one: `"a phrase"`, `-unwanted`, `begin*`, and words, all of which
/// must stand in an article. A word that the tokeniser parts (`arms-control`) is a phrase. What is
/// typed twice counts once.
pub fn parse(text: &str) -> SearchQuery {
    Reading::of(text).query
}

/// What was typed with words put right wherever they stand, and all else as it was; `None` where
/// nothing was.
pub fn corrected(text: &str, corrections: &[Correction]) -> Option<String> {
    if corrections.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut at = 0;
    for (piece, number) in Reading::of(text).wanted {
        let mut corrections = corrections.iter();
        if let Some(right) = corrections.find(|correction| correction.clause == number) {
            out.push_str(text.get(at..piece.start).unwrap_or_default());
            out.push_str(&right.word);
            at = piece.start + piece.typed.len();
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn clause(words: &[&str], prefix: bool, exact: bool) -> Clause {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Clause {
            words,
            prefix,
            exact,
        }
    }

    #[test]
    fn phrases_exclusions_and_prefixes_are_read() {
        let query = parse("\"Arms Control\" -nuclear treat* -\"cold war\" U.S.");
        let wanted = [
            clause(&["arms", "control"], false, true),
            clause(&["treat"], true, false),
            clause(&["u", "s"], false, false),
        ];
        let unwanted = [
            clause(&["nuclear"], false, false),
            clause(&["cold", "war"], false, true),
        ];
        assert_eq!(query.wanted, wanted);
        assert_eq!(query.unwanted, unwanted);
    }

    #[test]
    fn pieces_are_parted_by_any_space_and_any_quotation_mark() {
        let query = parse("one\u{3000}two \u{201C}arms control\u{201D}* three");
        let wanted = [
            clause(&["one"], false, false),
            clause(&["two"], false, false),
            clause(&["arms", "control"], true, true),
            clause(&["three"], false, false),
        ];
        assert_eq!(query.wanted, wanted);
    }

    #[rstest]
    #[case("\"arms control\" now")]
    #[case("\u{201C}arms control\u{201D} now")]
    #[case("\u{201E}Arms control\u{201C} now")]
    #[case("\u{AB}\u{A0}arms control\u{A0}\u{BB} now")]
    #[case("\u{BB}arms control\u{AB}now")]
    #[case("\u{2039}arms control\u{203A} now")]
    fn a_quotation_is_a_phrase_in_any_language(#[case] typed: &str) {
        let wanted = [
            clause(&["arms", "control"], false, true),
            clause(&["now"], false, false),
        ];
        assert_eq!(parse(typed).wanted, wanted, "{typed}");
    }

    #[test]
    fn no_clause_is_left_out() {
        let letters = ('\u{0561}'..='\u{0586}').chain('a'..='z').chain('א'..='ת');
        let numbers = '0'..='9';
        let signs: Vec<String> = (letters.chain(numbers).chain('\u{1401}'..='\u{1500}'))
            .take(250)
            .map(|sign| sign.to_string())
            .collect();
        let typed = signs.join(" ");
        assert!(typed.chars().count() <= MAX_QUERY);
        let query = parse(&typed);
        assert_eq!(query.wanted.len(), 250);
        let words = query.wanted.iter().map(|clause| clause.words.concat());
        assert_eq!(words.collect::<Vec<String>>(), signs);
        let unwanted = (1..=100).map(|number| format!("-{number}"));
        let query = parse(&unwanted.collect::<Vec<_>>().join(" "));
        assert_eq!(query.unwanted.len(), 100);
    }

    #[test]
    fn what_is_typed_twice_counts_once() {
        let query = parse("ferry FERRY \"ferry\" -ferry ferry* harbour -Ferry Ferry*");
        let wanted = [
            clause(&["ferry"], false, false),
            clause(&["ferry"], false, true),
            clause(&["ferry"], true, false),
            clause(&["harbour"], false, false),
        ];
        assert_eq!(query.wanted, wanted);
        assert_eq!(query.unwanted, [clause(&["ferry"], false, false)]);
    }

    #[test]
    fn prefixes_beyond_the_bound_are_whole_words() {
        let typed: Vec<String> = ('a'..='i').map(|letter| format!("x{letter}*")).collect();
        let query = parse(&format!("y* {} xa* xi", typed.join(" ")));
        assert_eq!(query.wanted.len(), 10);
        let is_prefix = |clause: &Clause| clause.prefix;
        let prefixes: Vec<bool> = query.wanted.iter().map(is_prefix).collect();
        let expected = [false].into_iter().chain([true; 8]).chain([false]);
        assert_eq!(prefixes, expected.collect::<Vec<_>>());
        assert_eq!(query.wanted[9], clause(&["xi"], false, false));
    }

    #[test]
    fn what_was_typed_is_put_right_where_it_was_wrong() {
        let right = |clause, word: &str| Correction {
            clause,
            word: word.to_owned(),
        };
        for (typed, corrections, expected) in [
            ("harbuor", vec![right(0, "harbour")], "harbour"),
            (
                " Harbuor, -harbuor \u{201C}old harbuor\u{201D} fery* fery Harbuor",
                vec![right(0, "harbour"), right(3, "ferry")],
                " harbour -harbuor \u{201C}old harbuor\u{201D} fery* ferry harbour",
            ),
        ] {
            assert_eq!(corrected(typed, &corrections).as_deref(), Some(expected));
        }
        assert_eq!(corrected("harbour", &[]), None);
    }

    proptest! {
        #[test]
        fn what_is_put_right_is_read_as_the_same_with_the_right_word(typed in "[\"«“*a-c -]{0,40}") {
            let query = parse(&typed);
            let plain = query.wanted.iter().rposition(|clause| clause.plain_word().is_some());
            if let Some(clause) = plain {
                let corrections = [Correction { clause, word: "right".to_owned() }];
                let text = corrected(&typed, &corrections).unwrap_or_default();
                prop_assert_eq!(parse(&text), query.corrected(&corrections));
            }
        }
    }
}
