//! Feeds: RSS, Atom and JSON Feed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::domain::import::feed;
use newsstand_fuzz::{check_entries, let_panics_be_caught, watched};

fuzz_target!(init: let_panics_be_caught(), |data: &[u8]| {
    watched(|| match feed::entries(data, "feed.xml") {
        Ok(entries) => {
            check_entries(entries);
        }
        Err(cause) => assert!(cause.starts_with("feed.xml "), "{cause}"),
    });
});
