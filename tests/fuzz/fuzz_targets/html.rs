//! Bodies as HTML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::domain::body::{self, BodySource};
use newsstand_fuzz::check_read_body;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(stored) = body::blocks(&BodySource::Html(text.to_owned())) {
        check_read_body(&stored);
    }
});
