//! Reads what a reader types.

use crate::model::{
    search::{Clause, Correction, SearchQuery},
    words::tokens,
};

/// Characters of a search, at most.
pub const MAX_QUERY: usize = 500;
/// Clauses of a search that count; further ones are left out.
const MAX_CLAUSES: usize = 24;
/// Letters that a prefix needs, and prefixes of a search: others are taken as whole words. A
/// single letter begins a good part of all words, each of which has to be counted everywhere.
const SHORTEST_PREFIX: usize = 2;
const MAX_PREFIXES: usize = 4;

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

/// Signs that begin or end a quotation.
const QUOTES: [char; 3] = ['"', '\u{201C}', '\u{201D}'];

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

/// The clauses that count, each with the piece that it is made of.
fn clauses(text: &str) -> Vec<(Piece<'_>, Clause)> {
    let mut clauses = Vec::new();
    let mut prefixes = 0;
    for piece in pieces(text) {
        let words = tokens(piece.typed);
        let Some(last) = words.last() else {
            continue;
        };
        if clauses.len() == MAX_CLAUSES {
            break;
        }
        let begun = last.chars().count();
        let prefix = piece.star && begun >= SHORTEST_PREFIX && prefixes < MAX_PREFIXES;
        prefixes += usize::from(prefix);
        let clause = Clause {
            exact: piece.quoted,
            prefix,
            words,
        };
        clauses.push((piece, clause));
    }
    clauses
}

/// Reads a search. Any text is one: `"a phrase"`, `-unwanted`, `begin*`, and words, all of which
/// must stand in an article. A word that the tokeniser parts (`arms-control`) is a phrase.
pub fn parse(text: &str) -> SearchQuery {
    let mut query = SearchQuery::default();
    for (piece, clause) in clauses(text) {
        match piece.unwanted {
            true => query.unwanted.push(clause),
            false => query.wanted.push(clause),
        }
    }
    query
}

/// What was typed with words put right, and all else as it was; `None` where nothing was.
pub fn corrected(text: &str, corrections: &[Correction]) -> Option<String> {
    if corrections.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut at = 0;
    let clauses = clauses(text);
    let wanted = clauses.iter().filter(|(piece, _)| !piece.unwanted);
    for (number, (piece, _)) in wanted.enumerate() {
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

    #[test]
    fn what_was_typed_is_put_right_where_it_was_wrong() {
        let right = |clause, word: &str| Correction {
            clause,
            word: word.to_owned(),
        };
        for (typed, corrections, expected) in [
            ("harbuor", vec![right(0, "harbour")], "harbour"),
            (
                " Harbuor, -harbuor \u{201C}old harbuor\u{201D} fery* Harbuor",
                vec![right(0, "harbour"), right(3, "harbour")],
                " harbour -harbuor \u{201C}old harbuor\u{201D} fery* harbour",
            ),
        ] {
            assert_eq!(corrected(typed, &corrections).as_deref(), Some(expected));
        }
        assert_eq!(corrected("harbour", &[]), None);
    }

    proptest! {
        #[test]
        fn what_is_put_right_is_read_as_the_same_with_the_right_word(typed in "[\"*a-c -]{0,40}") {
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
