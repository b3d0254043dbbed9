//! Exports of Ghost.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::domain::import::ghost;
use newsstand_fuzz::check_entries;

fuzz_target!(|data: &[u8]| {
    match ghost::entries(data, "site.json") {
        Ok(entries) => {
            check_entries(entries);
        }
        Err(cause) => assert!(cause.starts_with("site.json "), "{cause}"),
    }
});
