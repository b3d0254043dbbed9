//! Saved pages: bytes in any encoding, what a page says of itself, and the article in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::domain::import::html;
use newsstand_fuzz::{check_entries, let_panics_be_caught, watched};

fuzz_target!(init: let_panics_be_caught(), |data: &[u8]| {
    watched(|| {
        check_entries([html::entry(data, "page.html")]);
    });
});
