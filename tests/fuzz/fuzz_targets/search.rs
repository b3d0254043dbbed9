//! Searches as readers type them, and the snippets of what they find.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::{
    domain::search::{MAX_QUERY, corrected, parse, snippet},
    model::{marked::Marked, search::Correction},
};
use newsstand_fuzz::parted;

/// A word that nobody types.
const RIGHT: &str = "qzqzqzq";

// What is typed, and in the lines behind it a text.
fuzz_target!(|data: &[u8]| {
    let Some((typed, text)) = parted(data) else {
        return;
    };
    let typed: String = typed.chars().take(MAX_QUERY).collect();
    let query = parse(&typed);
    assert!(query.wanted.len() + query.unwanted.len() <= MAX_QUERY / 2 + 1);
    for clause in query.wanted.iter().chain(&query.unwanted) {
        assert!(!clause.words.is_empty() && clause.words.iter().all(|word| !word.is_empty()));
    }
    let plain = query.wanted.iter().rposition(|clause| clause.plain_word().is_some());
    if let Some(clause) = plain
        && !typed.contains(['q', 'Q'])
    {
        let corrections = [Correction {
            clause,
            word: RIGHT.to_owned(),
        }];
        let text = corrected(&typed, &corrections).expect("something is put right");
        assert_eq!(parse(&text), query.corrected(&corrections), "{text}");
    }
    for language in ["en", "ja"] {
        let shown = snippet(text, language, &Marked::of(&query));
        assert_eq!(shown.matches("<mark>").count(), shown.matches("</mark>").count());
        let bare = shown.replace("<mark>", "").replace("</mark>", "");
        assert!(!bare.contains(['<', '>']), "{shown}");
    }
});
