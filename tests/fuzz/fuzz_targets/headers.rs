//! Header fields that the server reads itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::http::fuzzing::{Asked, asked, hash_of};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const HASH: &str = "hash";

// A field in each line. STATE stands for the state that a writer has seen.
fuzz_target!(|data: &[u8]| {
    let state = hash_of(ID, 1);
    let text = String::from_utf8_lossy(data).replace("STATE", &state);
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    let mut fields: Vec<(&str, &[u8])> =
        lines.map(|(name, value)| (name, value.as_bytes())).collect();
    let found = asked(&fields, HASH, ID, 1);
    check(&found);
    assert_eq!(found, unlike(&found, asked(&fields, HASH, ID, 1)), "it depends on chance");
    // One more tag of a list can only name more.
    fields.push(("If-None-Match", b"\"hash-gz\"".as_slice()));
    fields.push(("If-Match", b"*".as_slice()));
    let more = asked(&fields, HASH, ID, 1);
    assert_eq!((more.if_none_match, more.if_match), (Some(true), Some(true)));
    assert_eq!(more.has_seen, Some(true));
    assert_eq!(more.coding, found.coding);
});

fn check(found: &Asked) {
    assert_eq!(found.coding, found.coding_by_the_book);
    assert!(["br", "zstd", "gzip", "identity"].contains(&found.coding));
    assert_eq!(found.has_seen.is_some(), found.if_match.is_some());
    let id = found.id.to_str().expect("an id is ASCII");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    assert!((1..=128).contains(&id.len()) && id.bytes().all(is_plain), "{id:?}");
}

/// The same but for an id that the server made up itself.
fn unlike(found: &Asked, again: Asked) -> Asked {
    Asked {
        id: found.id.clone(),
        ..again
    }
}
