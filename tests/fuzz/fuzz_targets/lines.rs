//! Lines of JSON, also those of our own export, and rows of CSV.
#![no_main]

use std::collections::HashMap;

use libfuzzer_sys::fuzz_target;
use newsstand::domain::import::{
    csv::{self, MEMBERS, Mapping},
    jsonl,
};
use newsstand_fuzz::check_entries;

// A letter says which: c for CSV.
fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    if *kind != b'c' {
        check_entries(jsonl::entries(rest, "lines.jsonl"));
        return;
    }
    let named = MEMBERS.map(|name| (name.to_owned(), name.to_owned()));
    let mapping = Mapping {
        columns: HashMap::from(named),
        date_format: "%Y-%m-%d".to_owned(),
        category: None,
        author: None,
    };
    match csv::entries(rest, "rows.csv", &mapping) {
        Ok(entries) => {
            check_entries(entries);
        }
        Err(cause) => assert!(cause.starts_with("rows.csv:1: "), "{cause}"),
    }
});
