//! Bodies as Markdown, and as plain text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::domain::body::{self, BodySource};
use newsstand_fuzz::{check_body, check_read_body};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(stored) = body::blocks(&BodySource::Markdown(text.to_owned())) {
        check_read_body(&stored);
    }
    if let Ok(stored) = body::blocks(&BodySource::Text(text.to_owned())) {
        check_body(&stored);
        let lines = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count();
        assert_eq!(lines(&body::text(&stored)), lines(text));
    }
});
