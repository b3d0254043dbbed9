//! Cursors: what they hold, and how they are written.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::model::{
    page::{Position, SortValue, Window},
    search::{Basis, Correction, WEIGHT_AT_MOST},
    slug::Key,
    words::tokens,
};

/// What a cursor holds: a position, a direction, and the list that it belongs to.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    /// Fingerprint of the list: its path, filters and order.
    l: String,
    /// The value that the list is sorted by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<String>,
    /// What the clauses of a search count, in two digits each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    w: Option<String>,
    /// The clauses whose word was put right, each with the word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    c: Vec<(usize, String)>,
    /// The id of the item; empty where numbers alone order the list.
    i: String,
    /// Whether it leads backwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    b: bool,
}

/// What a list is sorted by, and its cursors therefore hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Order {
    /// A number.
    Number,
    /// A text.
    Text,
    /// Rank among the hits of a search with so many wanted clauses.
    Rank(usize),
}

/// Writes a cursor that leads on, or back, from a position in the list of this fingerprint.
pub(in crate::http) fn write(fingerprint: &str, position: &Position, backward: bool) -> String {
    let (n, t, basis) = match &position.value {
        SortValue::Number(number) => (Some(*number), None, None),
        SortValue::Text(text) => (None, Some(text.clone()), None),
        SortValue::Rank(rank, basis) => (Some(*rank), None, Some(basis)),
    };
    let corrections = basis.map(|basis| basis.corrections.as_slice());
    let cursor = Cursor {
        l: fingerprint.to_owned(),
        n,
        t,
        w: basis.map(|basis| digits(&basis.weights)),
        c: (corrections.unwrap_or_default().iter())
            .map(|Correction { clause, word }| (*clause, word.clone()))
            .collect(),
        i: position.id.clone(),
        b: backward,
    };
    // Plain strings and numbers can always be written.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

/// Reads what [`write()`] wrote; gives why it can't be.
pub(in crate::http) fn read(
    cursor: &str,
    fingerprint: &str,
    order: Order,
) -> Result<Window, &'static str> {
    let broken = "is not a cursor of this API; take one from next_cursor or prev_cursor";
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| broken)?;
    let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| broken)?;
    if cursor.l != fingerprint {
        return Err("belongs to another list; keep the filters and the order it was given for");
    }
    let value = match (order, cursor.n, cursor.t, cursor.w) {
        (Order::Rank(clauses), Some(rank), None, Some(weights)) => {
            SortValue::Rank(rank, basis(&weights, cursor.c, clauses).ok_or(broken)?)
        }
        (Order::Number | Order::Text, _, _, _) if !cursor.c.is_empty() => return Err(broken),
        (Order::Number, Some(number), None, None) => SortValue::Number(number),
        (Order::Text, None, Some(text), None) if !text.contains('\0') => SortValue::Text(text),
        _ => return Err(broken),
    };
    let is_id = Key::new(&cursor.i) == Key::Id(cursor.i.clone());
    let has_none = order == Order::Number && cursor.i.is_empty();
    if !is_id && !has_none {
        return Err(broken);
    }
    let position = Position {
        value,
        id: cursor.i,
    };
    Ok(match cursor.b {
        true => Window::Before(position),
        false => Window::After(position),
    })
}

/// What a search is ranked by, if a search of so many clauses can have written it.
fn basis(weights: &str, corrected: Vec<(usize, String)>, clauses: usize) -> Option<Basis> {
    let weights = numbers(weights)?;
    let corrections: Vec<Correction> = corrected
        .into_iter()
        .map(|(clause, word)| Correction { clause, word })
        .collect();
    let is_word = |word: &String| tokens(word) == std::slice::from_ref(word);
    let is_right = weights.len() == clauses
        && weights.iter().all(|weight| *weight > 0)
        && corrections.is_sorted_by(|one, other| one.clause < other.clause)
        && (corrections.iter())
            .all(|correction| correction.clause < clauses && is_word(&correction.word));
    is_right.then_some(Basis {
        weights,
        corrections,
    })
}

/// The digits of base64url, each worth its place.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Numbers in two digits each, so that those of the longest search fit into a cursor.
fn digits(numbers: &[u16]) -> String {
    let digit = |value: u16| DIGITS.get(usize::from(value)).copied().map(char::from);
    let two = |number: &u16| {
        let number = (*number).min(WEIGHT_AT_MOST);
        [digit(number / 64), digit(number % 64)]
    };
    numbers.iter().flat_map(two).flatten().collect()
}

/// Reads what [`digits`] wrote.
fn numbers(digits: &str) -> Option<Vec<u16>> {
    let (numbers, rest) = digits.as_bytes().as_chunks::<2>();
    let value = |digit: u8| {
        let place = DIGITS.iter().position(|known| *known == digit)?;
        u16::try_from(place).ok()
    };
    let number = |[high, low]: &[u8; 2]| Some(value(*high)? * 64 + value(*low)?);
    let numbers = numbers.iter().map(number).collect::<Option<_>>()?;
    rest.is_empty().then_some(numbers)
}

/// A number in a cursor of its own: the place in the log of changes.
pub(in crate::http) fn write_sequence(sequence: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("changes:{sequence}"))
}

/// Reads what [`write_sequence`] wrote.
pub(in crate::http) fn read_sequence(cursor: &str) -> Option<i64> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let digits = text.strip_prefix("changes:")?;
    digits
        .parse()
        .ok()
        .filter(|sequence| *sequence >= 0 && digits.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn at_rank(weights: &[u16], corrections: &[(usize, &str)]) -> Position {
        let corrections = corrections.iter().map(|(clause, word)| Correction {
            clause: *clause,
            word: (*word).to_owned(),
        });
        let basis = Basis {
            weights: weights.to_vec(),
            corrections: corrections.collect(),
        };
        Position {
            value: SortValue::Rank(77, basis),
            id: ID.to_owned(),
        }
    }

    #[test]
    fn numbers_are_written_in_two_digits() {
        assert_eq!(digits(&[0, 1, 64, 4_095, u16::MAX]), "AAABBA____");
        assert_eq!(numbers("AAABBA____"), Some(vec![0, 1, 64, 4_095, 4_095]));
        assert_eq!(numbers(""), Some(Vec::new()));
        for damaged in ["A", "AAA", "A=", "A+", "é", "A é"] {
            assert_eq!(numbers(damaged), None, "{damaged}");
        }
    }

    #[test]
    fn a_cursor_of_a_search_comes_back_as_it_was() {
        for position in [
            at_rank(&[], &[]),
            at_rank(&[1, 4_095], &[]),
            at_rank(&[5, 6, 7], &[(0, "harbour"), (2, "ferry")]),
        ] {
            let SortValue::Rank(_, basis) = &position.value else {
                panic!("a rank");
            };
            let order = Order::Rank(basis.weights.len());
            let read = read(&write("abc", &position, false), "abc", order);
            assert_eq!(read, Ok(Window::After(position)));
        }
    }

    #[test]
    fn a_cursor_that_no_search_has_written_is_refused() {
        for position in [
            at_rank(&[5], &[]),
            at_rank(&[5, 6, 7], &[]),
            at_rank(&[5, 0], &[]),
            at_rank(&[5, 6], &[(2, "harbour")]),
            at_rank(&[5, 6], &[(1, "harbour"), (1, "ferry")]),
            at_rank(&[5, 6], &[(1, "two words")]),
            at_rank(&[5, 6], &[(1, "")]),
        ] {
            let written = write("abc", &position, false);
            assert!(
                read(&written, "abc", Order::Rank(2)).is_err(),
                "{position:?}"
            );
        }
        let written = write("abc", &at_rank(&[5, 6], &[(1, "ferry")]), false);
        assert!(read(&written, "abc", Order::Rank(2)).is_ok());
        assert!(read(&written, "abc", Order::Number).is_err());
    }

    #[test]
    fn a_cursor_without_an_id_of_ours_is_refused() {
        let number = SortValue::Number(5);
        let text = SortValue::Text("a".to_owned());
        let rank = at_rank(&[5], &[]).value;
        let lists = [
            (Order::Number, number),
            (Order::Text, text),
            (Order::Rank(1), rank),
        ];
        for (order, value) in lists {
            let with_id = |id: &str| {
                let position = Position {
                    value: value.clone(),
                    id: id.to_owned(),
                };
                read(&write("abc", &position, false), "abc", order)
            };
            assert!(with_id(ID).is_ok());
            let (upper, bare) = (ID.to_uppercase(), ID.replace('-', ""));
            for wrong in ["x", "an-id", "\0", upper.as_str(), bare.as_str()] {
                assert!(with_id(wrong).is_err(), "{order:?} {wrong:?}");
            }
            // Revisions and the audit log have numbers alone.
            assert_eq!(with_id("").is_ok(), order == Order::Number);
        }
    }

    #[test]
    fn the_longest_cursor_of_a_search_is_within_the_bound() {
        let word = "\u{10428}".repeat(64);
        let corrections = [247, 248, 249].map(|clause| (clause, word.as_str()));
        let mut position = at_rank(&[WEIGHT_AT_MOST; 250], &corrections);
        if let SortValue::Rank(rank, _) = &mut position.value {
            *rank = i64::MIN;
        }
        // A fingerprint has eight characters.
        let written = write("abcdefgh", &position, true);
        assert!(
            written.len() < crate::http::pagination::MAX_CURSOR,
            "{}",
            written.len()
        );
        let read = read(&written, "abcdefgh", Order::Rank(250));
        assert_eq!(read, Ok(Window::Before(position)));
    }

    proptest! {
        #[test]
        fn any_text_is_a_cursor_or_is_refused(text in "\\PC{0,60}", fingerprint in "[a-z]{8}") {
            prop_assert!(read(&text, &fingerprint, Order::Text).is_err());
            let _ = read_sequence(&text);
        }

        #[test]
        fn a_cursor_comes_back_as_it_was(value in "[^\0]{0,40}", id in "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", backward in any::<bool>()) {
            let position = Position { value: SortValue::Text(value), id };
            let read = read(&write("abc", &position, backward), "abc", Order::Text);
            let window = if backward { Window::Before(position) } else { Window::After(position) };
            prop_assert_eq!(read, Ok(window));
        }
    }
}
