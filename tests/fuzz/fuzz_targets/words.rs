//! Words, slugs, keys, languages and times.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::model::{
    language::is_language,
    slug::{Key, is_slug, slug_from},
    time::UtcTime,
    words::{Words, count, nearest, sort_key, tokens},
};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    slugs(text);
    words(text);
    assert!(sort_key(text).chars().count() <= 100);
    assert!(count(text) >= 0);
    assert!(!is_language(text) || (text.is_ascii() && text.len() <= 35));
    if let Some(near) = nearest(text, ["limit", "language", ""]) {
        assert!(["limit", "language", ""].contains(&near.as_str()));
    }
    if let Some(time) = UtcTime::parse(text) {
        let written = time.to_string();
        assert_eq!(UtcTime::parse(&written), Some(time), "{written}");
        assert_eq!(UtcTime::from_millis(time.millis()), Some(time));
        assert_eq!(time.to_http_date().len(), "Sat, 09 Aug 2025 12:00:00 GMT".len());
    }
});

fn slugs(text: &str) {
    if let Some(slug) = slug_from(text) {
        assert!(is_slug(&slug), "{slug}");
        assert_eq!(slug_from(&slug).as_ref(), Some(&slug));
    }
    match Key::new(text) {
        Key::Id(id) => assert_eq!(Key::new(&id), Key::Id(id)),
        Key::Slug(slug) => assert_eq!(slug, text),
    }
    // A path takes either.
    assert!(!is_slug(text) || matches!(Key::new(text), Key::Slug(_)));
}

fn words(text: &str) {
    let words = Words::of(text, usize::MAX);
    let folded: Vec<String> = words.iter().map(|(word, _)| word.to_owned()).collect();
    assert_eq!(folded, tokens(text));
    assert_eq!(folded.len(), words.len());
    for word in &folded {
        assert!((1..=64).contains(&word.chars().count()), "{word:?}");
        assert!(word.contains(char::is_alphanumeric), "{word:?}");
    }
    let mut end = 0;
    for (word, part) in words.iter() {
        assert!(part.start < part.end && part.end >= end, "{word:?} at {part:?}");
        end = part.end;
        let written = words.written(part);
        assert!(!written.is_empty() && !written.contains(char::is_whitespace));
    }
    let some = Words::of(text, 3);
    let first: Vec<&str> = some.iter().map(|(word, _)| word).collect();
    let expected: Vec<&str> = folded.iter().take(3).map(String::as_str).collect();
    assert_eq!(first, expected);
}
