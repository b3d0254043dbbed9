//! Cursors: what they hold, and how they are written.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::model::{
    page::{Position, SortValue, Window},
    search::{Basis, Correction},
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
    /// What the clauses of a search count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    w: Option<Vec<u16>>,
    /// The clauses whose word was put right, each with the word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    c: Vec<(usize, String)>,
    /// The id of the item.
    i: String,
    /// Whether it leads backwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    b: bool,
}

/// What a list is sorted by, and its cursors therefore hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// A number.
    Number,
    /// A text.
    Text,
    /// Rank among the hits of a search with so many wanted clauses.
    Rank(usize),
}

/// Writes a cursor that leads on, or back, from a position in the list of this fingerprint.
pub(super) fn write(fingerprint: &str, position: &Position, backward: bool) -> String {
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
        w: basis.map(|basis| basis.weights.clone()),
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
pub(super) fn read(cursor: &str, fingerprint: &str, order: Order) -> Result<Window, &'static str> {
    let broken = "is not a cursor of this API; take one from next_cursor or prev_cursor";
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| broken)?;
    let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| broken)?;
    if cursor.l != fingerprint {
        return Err("belongs to another list; keep the filters and the order it was given for");
    }
    let value = match (order, cursor.n, cursor.t, cursor.w) {
        (Order::Rank(clauses), Some(rank), None, Some(weights)) => {
            SortValue::Rank(rank, basis(weights, cursor.c, clauses).ok_or(broken)?)
        }
        (Order::Number | Order::Text, _, _, _) if !cursor.c.is_empty() => return Err(broken),
        (Order::Number, Some(number), None, None) => SortValue::Number(number),
        (Order::Text, None, Some(text), None) if !text.contains('\0') => SortValue::Text(text),
        _ => return Err(broken),
    };
    if cursor.i.contains('\0') {
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
fn basis(weights: Vec<u16>, corrected: Vec<(usize, String)>, clauses: usize) -> Option<Basis> {
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
            id: "an-id".to_owned(),
        }
    }

    #[test]
    fn a_cursor_of_a_search_comes_back_as_it_was() {
        for position in [
            at_rank(&[], &[]),
            at_rank(&[1, 65_535], &[]),
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
    fn the_longest_cursor_of_a_search_is_within_the_bound() {
        let word = "\u{10428}".repeat(64);
        let corrections = [21, 22, 23].map(|clause| (clause, word.as_str()));
        let position = Position {
            id: crate::model::slug::new_id(),
            ..at_rank(&[65_535; 24], &corrections)
        };
        let written = write("abc", &position, true);
        assert!(
            written.len() < crate::http::pagination::MAX_CURSOR,
            "{}",
            written.len()
        );
    }

    proptest! {
        #[test]
        fn any_text_is_a_cursor_or_is_refused(text in "\\PC{0,60}", fingerprint in "[a-z]{8}") {
            prop_assert!(read(&text, &fingerprint, Order::Text).is_err());
            let _ = read_sequence(&text);
        }

        #[test]
        fn a_cursor_comes_back_as_it_was(value in "[^\0]{0,40}", id in "[0-9a-f-]{1,36}", backward in any::<bool>()) {
            let position = Position { value: SortValue::Text(value), id };
            let read = read(&write("abc", &position, backward), "abc", Order::Text);
            let window = if backward { Window::Before(position) } else { Window::After(position) };
            prop_assert_eq!(read, Ok(window));
        }
    }
}
