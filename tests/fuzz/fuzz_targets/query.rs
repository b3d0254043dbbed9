//! Query strings: read, or refused with the names of what is wrong; and links read themselves.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::http::fuzzing::{decoded, list};
use newsstand_fuzz::check_refused;

fuzz_target!(|data: &[u8]| {
    let Ok(query) = std::str::from_utf8(data) else {
        return;
    };
    if let Some(text) = decoded(query) {
        assert!(query.contains(['%', '+']) || text == query);
    }
    match list(query) {
        None => {}
        Some(Err(refused)) => {
            check_refused(&refused);
            assert!(!refused.named.is_empty() || refused.document.contains("malformed_request"));
        }
        Some(Ok(link)) => {
            let (path, query) = link.split_once('?').unwrap_or((link.as_str(), ""));
            assert_eq!(path, "/v1/articles");
            let again = list(query).expect("a link is an address");
            assert_eq!(again.expect("a link leads to a page"), link);
        }
    }
});
