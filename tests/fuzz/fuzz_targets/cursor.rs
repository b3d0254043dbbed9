//! Cursors: what is read is written the same.
#![no_main]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use libfuzzer_sys::fuzz_target;
use newsstand::{
    http::fuzzing::{Order, cursor, cursor_of, sequence, sequence_of},
    model::page::{SortValue, Window},
};

/// That of the list which cursors are read for.
const FINGERPRINT: &str = "fuzzfuzz";

// A digit says what the list is sorted by, and whether what follows is what stands in a cursor or
// the cursor itself.
fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    let kind = kind.wrapping_sub(b'0') % 5;
    let text = match kind {
        4 => String::from_utf8_lossy(rest).into_owned(),
        _ => URL_SAFE_NO_PAD.encode(rest),
    };
    let orders: Vec<Order> = match kind {
        1 => vec![Order::Text],
        // Searches of any number of clauses.
        2 => (0..8).map(Order::Rank).collect(),
        3 => return changes(&text),
        _ => vec![Order::Number],
    };
    for order in orders {
        match cursor(&text, FINGERPRINT, order) {
            Err(why) => assert!(!why.is_empty()),
            Ok(window) => {
                check(&window, order);
                assert!(cursor(&text, "another", order).is_err());
            }
        }
    }
});

fn check(window: &Window, order: Order) {
    let (Window::After(position) | Window::Before(position)) = window else {
        panic!("{window:?} has no position");
    };
    let is_of_order = match (order, &position.value) {
        (Order::Number, SortValue::Number(_)) => true,
        (Order::Text, SortValue::Text(text)) => !text.contains('\0'),
        (Order::Rank(clauses), SortValue::Rank(_, basis)) => basis.weights.len() == clauses,
        _ => false,
    };
    assert!(is_of_order, "{window:?} for {order:?}");
    let written = cursor_of(window, FINGERPRINT).expect("it has a position");
    assert_eq!(cursor(&written, FINGERPRINT, order).as_ref(), Ok(window));
}

fn changes(text: &str) {
    if let Some(number) = sequence(text) {
        assert!(number >= 0);
        assert_eq!(sequence(&sequence_of(number)), Some(number));
    }
}
