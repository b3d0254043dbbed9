//! Bodies of requests as JSON, no member twice; and patches of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::{domain::patch::merge, http::fuzzing::json};
use newsstand_fuzz::check_refused;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    // What is read here is what any reader reads, unless a member is there twice.
    let plain = serde_json::from_slice::<Value>(data);
    match json(data) {
        Ok(value) => {
            assert_eq!(plain.ok().as_ref(), Some(&value));
            let written = value.to_string();
            let again = json(written.as_bytes()).expect("what is written can be read");
            assert_eq!(again, value, "{written}");
            patched(value);
        }
        Err(refused) => {
            check_refused(&refused);
            assert_eq!(refused.named, [""]);
            assert!(plain.is_err() || refused.document.contains("is there twice"));
        }
    }
});

/// The first of a list, patched by the second (RFC 7396).
fn patched(value: Value) {
    let Value::Array(items) = value else {
        return;
    };
    let [target, patch, ..] = items.as_slice() else {
        return;
    };
    let mut once = target.clone();
    merge(&mut once, patch.clone());
    let mut twice = once.clone();
    merge(&mut twice, patch.clone());
    assert_eq!(once, twice, "{patch} on {target}");
    for (name, member) in patch.as_object().into_iter().flatten() {
        assert_eq!(once.get(name).is_none(), member.is_null(), "{name}");
    }
}
