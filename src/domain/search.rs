//! Searches: what a reader types, and the passage that shows why an article was found.

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation;

use crate::{
    domain::body::escaped,
    model::{
        search::{Clause, SearchQuery},
        words::tokens,
    },
};

/// Characters of a search, at most.
pub const MAX_QUERY: usize = 500;
/// Clauses of a search that count; further ones are left out.
const MAX_CLAUSES: usize = 24;
/// Letters that a prefix needs, and prefixes of a search: others are taken as whole words. A
/// single letter begins a good part of all words, each of which has to be counted everywhere.
const SHORTEST_PREFIX: usize = 2;
const MAX_PREFIXES: usize = 4;
/// Words of a snippet.
const SNIPPET_WORDS: usize = 32;
/// Characters of a text that are looked through for a snippet.
const SNIPPET_LOOKS_AT: usize = 200_000;

/// Reads a search. Any text is one: `"a phrase"`, `-unwanted`, `begin*`, and words, all of which
/// must stand in an article. A word that the tokeniser parts (`arms-control`) is a phrase.
pub fn parse(text: &str) -> SearchQuery {
    let mut query = SearchQuery::default();
    let plain = text.replace(['\u{201C}', '\u{201D}'], "\"");
    let mut rest = plain.trim_start();
    while !rest.is_empty() {
        let (unwanted, after) = match rest.strip_prefix('-') {
            Some(after) => (true, after),
            None => (false, rest),
        };
        let (word, after) = match after.strip_prefix('"') {
            // A quotation that is not closed goes to the end.
            Some(phrase) => phrase.split_once('"').unwrap_or((phrase, "")),
            None => after.split_at(
                after
                    .find([' ', '\t', '\n', '\r', '"'])
                    .unwrap_or(after.len()),
            ),
        };
        let (star, after) = match after.strip_prefix('*') {
            Some(after) => (true, after),
            None => (false, after),
        };
        let words = tokens(word);
        let begun = words.last().map_or(0, |last| last.chars().count());
        let prefixes = query.wanted.iter().chain(&query.unwanted);
        let prefixes = prefixes.filter(|clause| clause.prefix).count();
        let clause = Clause {
            prefix: (star || word.ends_with('*'))
                && begun >= SHORTEST_PREFIX
                && prefixes < MAX_PREFIXES,
            words,
        };
        let known = query.wanted.len() + query.unwanted.len();
        if !clause.words.is_empty() && known < MAX_CLAUSES {
            match unwanted {
                true => query.unwanted.push(clause),
                false => query.wanted.push(clause),
            }
        }
        rest = after.trim_start();
    }
    query
}

/// The passage with the most different wanted words, as HTML in which nothing but `<mark>` is
/// markup. The beginning when none stands in the text.
pub fn snippet(text: &str, query: &SearchQuery) -> String {
    let terms = query.terms();
    let shown: String = text.chars().take(SNIPPET_LOOKS_AT).collect();
    // Each word with where it begins and ends, and which term it is.
    let words: Vec<(usize, usize, Option<usize>)> = shown
        .unicode_word_indices()
        .map(|(start, word)| {
            let term = tokens(word).iter().find_map(|token| {
                terms.iter().position(|(term, prefix)| {
                    token == term || (*prefix && token.starts_with(term))
                })
            });
            (start, start + word.len(), term)
        })
        .collect();
    let first = best_window(&words);
    let window: Vec<_> = words.iter().skip(first).take(SNIPPET_WORDS).collect();
    let (Some((start, ..)), Some((_, end, _))) = (window.first(), window.last()) else {
        return String::new();
    };
    let mut out = String::new();
    if *start > 0 {
        out.push('…');
    }
    let mut at = *start;
    for (from, to, term) in &window {
        if term.is_some() {
            out.push_str(&between(&shown, at, *from));
            out.push_str("<mark>");
            out.push_str(&between(&shown, *from, *to));
            out.push_str("</mark>");
            at = *to;
        }
    }
    out.push_str(&between(&shown, at, *end));
    // The sign that ends a sentence belongs to its last word.
    let tail = shown.get(*end..).unwrap_or_default();
    match tail
        .trim_start_matches(['.', '!', '?', '"', '”', ')'])
        .is_empty()
    {
        true => out.push_str(&escaped(tail.trim_end())),
        false => out.push('…'),
    }
    out
}

/// Escaped, with each run of white space as one space.
fn between(text: &str, from: usize, to: usize) -> String {
    let part = text.get(from..to).unwrap_or_default();
    let mut out = String::with_capacity(part.len());
    for c in part.chars() {
        match c.is_whitespace() {
            true if out.ends_with(' ') => {}
            true => out.push(' '),
            false => out.push(c),
        }
    }
    escaped(&out)
}

/// Where the window begins that has the most different terms, the most hits, and lies first.
fn best_window(words: &[(usize, usize, Option<usize>)]) -> usize {
    let mut best = (0, 0);
    let mut first = 0;
    for (index, (_, _, term)) in words.iter().enumerate() {
        if term.is_none() {
            continue;
        }
        let window = words.iter().skip(index).take(SNIPPET_WORDS - 4);
        let found: Vec<usize> = window.filter_map(|(.., term)| *term).collect();
        let different = found.iter().collect::<HashSet<_>>().len();
        if (different, found.len()) > best {
            best = (different, found.len());
            // A few words before the first hit tell what it is about.
            first = index.saturating_sub(4);
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clause(words: &[&str], prefix: bool) -> Clause {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Clause { words, prefix }
    }

    #[test]
    fn phrases_exclusions_and_prefixes_are_read() {
        let query = parse("\"Arms Control\" -nuclear treat* -\"cold war\" U.S.");
        let wanted = [
            clause(&["arms", "control"], false),
            clause(&["treat"], true),
            clause(&["u", "s"], false),
        ];
        let unwanted = [clause(&["nuclear"], false), clause(&["cold", "war"], false)];
        assert_eq!(query.wanted, wanted);
        assert_eq!(query.unwanted, unwanted);
    }

    #[test]
    fn a_snippet_shows_the_best_passage() {
        let text = format!(
            "{} The <ferry> timetable changes in May.",
            "Padding word. ".repeat(40)
        );
        let shown = snippet(&text, &parse("ferry timetable"));
        assert!(
            shown.contains("&lt;<mark>ferry</mark>&gt; <mark>timetable</mark> changes in May."),
            "{shown}"
        );
        assert!(shown.starts_with('…'), "{shown}");
    }

    #[test]
    fn a_text_without_the_words_shows_its_beginning() {
        assert_eq!(snippet("One two.", &parse("three")), "One two.");
        assert_eq!(snippet("", &parse("three")), "");
    }

    proptest! {
        #[test]
        fn any_text_is_a_valid_query(typed in "[\"*a-c é港 -]{0,40}|\\PC{0,80}", text in "\\PC{0,120}|[a-c <&]{0,80}") {
            let query = parse(&typed);
            let shown = snippet(&text, &query).replace("<mark>", "").replace("</mark>", "");
            prop_assert!(!shown.contains(['<', '>']), "{shown}");
        }
    }
}
