//! Markdown files: front matter in YAML, TOML or JSON, shortcodes, and the text behind.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::domain::import::{At, Entry, markdown};
use newsstand_fuzz::check_entries;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for name in ["content/posts/2024-05-01-a-title.en.md", "a.mdx"] {
        let entry = markdown::entry(text, name);
        if let Entry::Refused(refusal) = &entry
            && let At::Line(line) = refusal.place.at
        {
            // The place of a mistake may lie right behind the last line. To YAML, a carriage return
            // ends one as well.
            let lines = text.split(['\n', '\r']).count() as u64 + 1;
            assert!((1..=lines).contains(&line), "{refusal}");
        }
        check_entries([entry]);
    }
});
