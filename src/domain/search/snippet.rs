//! The passage that shows why an article was found.

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation;

use crate::{
    domain::body::escaped,
    model::{search::Marked, words::tokens},
};

/// Words of a snippet.
const SNIPPET_WORDS: usize = 32;
/// Characters of a text that are looked through for a snippet.
const SNIPPET_LOOKS_AT: usize = 200_000;

/// A word of a text: where it begins and ends, and which of the marked ones it is.
type Placed = (usize, usize, Option<usize>);

/// The passage with the most different wanted words, as HTML in which nothing but `<mark>` is
/// markup. The beginning when none stands in the text.
pub fn snippet(text: &str, marked: &Marked) -> String {
    let shown: String = text.chars().take(SNIPPET_LOOKS_AT).collect();
    let words: Vec<Placed> = shown
        .unicode_word_indices()
        .map(|(start, word)| {
            let number = tokens(word).iter().find_map(|token| marked.number(token));
            (start, start + word.len(), number)
        })
        .collect();
    let first = best_window(&words);
    let window: Vec<Placed> = words.into_iter().skip(first).take(SNIPPET_WORDS).collect();
    passage(&shown, &window)
}

/// The words of the window and what lies between them.
fn passage(shown: &str, window: &[Placed]) -> String {
    let (Some((start, ..)), Some((_, end, _))) = (window.first(), window.last()) else {
        return String::new();
    };
    let mut out = String::new();
    if *start > 0 {
        out.push('…');
    }
    let mut at = *start;
    for (from, to, number) in window {
        if number.is_some() {
            out.push_str(&between(shown, at, *from));
            out.push_str("<mark>");
            out.push_str(&between(shown, *from, *to));
            out.push_str("</mark>");
            at = *to;
        }
    }
    out.push_str(&between(shown, at, *end));
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
fn best_window(words: &[Placed]) -> usize {
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
    use crate::domain::search::parse;

    fn shown(text: &str, typed: &str) -> String {
        snippet(text, &Marked::of(&parse(typed)))
    }

    #[test]
    fn a_snippet_shows_the_best_passage() {
        let text = format!(
            "{} The <ferry> timetable changes in May.",
            "Padding word. ".repeat(40)
        );
        let shown = shown(&text, "ferry timetable");
        assert!(
            shown.contains("&lt;<mark>ferry</mark>&gt; <mark>timetable</mark> changes in May."),
            "{shown}"
        );
        assert!(shown.starts_with('…'), "{shown}");
    }

    #[test]
    fn a_text_without_the_words_shows_its_beginning() {
        assert_eq!(shown("One two.", "three"), "One two.");
        assert_eq!(shown("", "three"), "");
    }

    #[test]
    fn other_forms_of_a_word_are_marked() {
        let mut marked = Marked::of(&parse("run fast*"));
        marked.add_form("run", "running");
        assert_eq!(
            snippet("Running faster than runs.", &marked),
            "<mark>Running</mark> <mark>faster</mark> than runs."
        );
        assert_eq!(marked.number("running"), marked.number("run"));
        assert_ne!(marked.number("running"), marked.number("fastest"));
    }

    proptest! {
        #[test]
        fn any_text_is_a_valid_query(typed in "[\"*a-c é港 -]{0,40}|\\PC{0,80}", text in "\\PC{0,120}|[a-c <&]{0,80}") {
            let shown = shown(&text, &typed).replace("<mark>", "").replace("</mark>", "");
            prop_assert!(!shown.contains(['<', '>']), "{shown}");
        }
    }
}
