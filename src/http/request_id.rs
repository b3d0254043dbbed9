//! The id of a request: the client's own, if it can go into a log and a header; else a new one.

use std::{
    cell::Cell,
    hash::{BuildHasher, RandomState},
    thread,
};

use actix_web::{
    http::header::{HeaderName, HeaderValue},
    web::Bytes,
};
use uuid::{Builder, fmt::Hyphenated};

use crate::model::time::UtcTime;

/// The header field that it stands in.
pub(super) const ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Characters of a client's id, at most.
const LONGEST: usize = 128;

thread_local! {
    /// Where this thread stands in its numbers.
    static CHANCE: Cell<u64> =
        Cell::new(RandomState::new().hash_one(thread::current().id()));
}

/// The id of a request whose client gave this one.
pub(super) fn of(given: Option<&HeaderValue>) -> HeaderValue {
    let is_well_formed = |id: &&HeaderValue| {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        (1..=LONGEST).contains(&id.len()) && id.as_bytes().iter().all(is_plain)
    };
    given.filter(is_well_formed).cloned().unwrap_or_else(new)
}

/// An id as text.
pub(super) fn text(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or_default()
}

/// A new one: a UUIDv7 (RFC 9562 section 5.7). Nothing hangs on its being hard to guess, so its
/// random part comes from numbers of this thread's own, without asking the system for each.
fn new() -> HeaderValue {
    let chance = number()
        .to_le_bytes()
        .into_iter()
        .chain(number().to_le_bytes());
    let mut random = [0; 10];
    for (byte, by_chance) in random.iter_mut().zip(chance) {
        *byte = by_chance;
    }
    let millis = u64::try_from(UtcTime::now().millis()).unwrap_or_default();
    let id = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    let mut text = [0; Hyphenated::LENGTH];
    id.hyphenated().encode_lower(&mut text);
    // Letters, digits and hyphens are always a value. A clone of this one takes no memory.
    HeaderValue::from_maybe_shared(Bytes::from_owner(text))
        .unwrap_or(const { HeaderValue::from_static("-") })
}

/// The next of this thread's numbers (SplitMix: Steele, Lea and Flood 2014).
fn number() -> u64 {
    CHANCE.with(|chance| {
        let state = chance.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        chance.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_good_id_is_kept_and_another_is_not() {
        for good in ["abc-123_X.y", "x"] {
            let given = HeaderValue::from_static(good);
            assert_eq!(of(Some(&given)), given);
        }
        for bad in ["", "a b", "a\tb", "a/b"] {
            let given = HeaderValue::from_static(bad);
            assert_ne!(of(Some(&given)), given, "{bad}");
        }
        let long = HeaderValue::from_str(&"x".repeat(LONGEST + 1)).unwrap();
        assert_ne!(of(Some(&long)), long);
    }

    #[test]
    fn new_ids_are_uuids_of_now_and_all_differ() {
        let many = || -> Vec<String> {
            let id = |_| of(None).to_str().unwrap().to_owned();
            (0..10_000).map(id).collect()
        };
        let other = thread::spawn(many);
        let ids: HashSet<String> = many().into_iter().chain(other.join().unwrap()).collect();
        assert_eq!(ids.len(), 20_000);
        for id in ids {
            let uuid = Uuid::try_parse(&id).unwrap();
            assert_eq!(uuid.get_version_num(), 7);
            let (seconds, _) = uuid.get_timestamp().unwrap().to_unix();
            let now = UtcTime::now().millis() / 1_000;
            assert!(now.abs_diff(i64::try_from(seconds).unwrap()) < 60, "{id}");
        }
    }
}
