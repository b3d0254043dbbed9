//! Article pages that were saved as the text that a reader sees.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::domain::import::page;
use newsstand_fuzz::check_entries;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        check_entries([page::entry(text, "page.txt")]);
    }
});
