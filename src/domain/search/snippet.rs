//! The passage that shows why an article was found.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use crate::{
    domain::body::escaped,
    model::{
        marked::{Marked, Phrase},
        words::Words,
    },
    ranking::stems::primary,
};

/// Words of a snippet. A phrase that begins in it may end behind it, by as many words at most.
const SNIPPET_WORDS: usize = 32;
/// Characters of a text that are looked through for a snippet.
const SNIPPET_LOOKS_AT: usize = 200_000;
/// Characters of a passage, before it is escaped: words may be of any length.
const PASSAGE_AT_MOST: usize = 1_000;
/// Signs that end a text.
const ENDINGS: [char; 11] = ['.', '!', '?', '"', '”', '»', ')', '。', '！', '？', '」'];

/// A word of a text.
#[derive(Debug, Clone)]
struct Placed {
    part: Range<usize>,
    /// The clause that finds it.
    number: Option<usize>,
    /// Whether it stands in one phrase with the word before it.
    goes_on: bool,
}

/// The passage of a text in this language that the most clauses are found in, as HTML in which
/// nothing but `<mark>` is markup. The beginning when nothing wanted stands in the text.
pub fn snippet(text: &str, language: &str, marked: &Marked) -> String {
    let shown: String = text.chars().take(SNIPPET_LOOKS_AT).collect();
    let words = Words::of(&shown, usize::MAX);
    let language = primary(language);
    let placed = words.iter().map(|(word, part)| Placed {
        part,
        number: marked.number(word, &language),
        goes_on: false,
    });
    let mut placed: Vec<Placed> = placed.collect();
    find_phrases(&mut placed, &words, marked.phrases());
    let window = best_window(&placed);
    let window = placed.get(window).unwrap_or_default();
    passage(&shown, &within_bounds(&shown, window))
}

/// What fits of a window, from its beginning or, should the first word that is found not fit then,
/// from that one.
fn within_bounds(shown: &str, window: &[Placed]) -> Vec<Placed> {
    let end_from = |start: usize| {
        let rest = shown.get(start..).unwrap_or_default();
        let beyond = rest.char_indices().nth(PASSAGE_AT_MOST);
        beyond.map_or(shown.len(), |(length, _)| start + length)
    };
    let start = |word: &Placed| word.part.start;
    let from_first = end_from(window.first().map_or(0, start));
    let found = window.iter().position(|word| word.number.is_some());
    let fits = |place: &usize| {
        window
            .get(*place)
            .is_none_or(|word| word.part.end <= from_first)
    };
    let window = match found.filter(|place| !fits(place)) {
        Some(place) => window.get(place..).unwrap_or_default(),
        None => window,
    };
    let end = end_from(window.first().map_or(0, start));
    let fitting = window.iter().filter(|word| word.part.start < end);
    let cut = |word: &Placed| Placed {
        part: word.part.start..word.part.end.min(end),
        ..word.clone()
    };
    fitting.map(cut).collect()
}

/// Numbers the words that stand in phrases. Words are compared as whole numbers, so that time
/// grows with the text alone.
fn find_phrases(placed: &mut [Placed], words: &Words<'_>, phrases: &[Phrase]) {
    if phrases.is_empty() {
        return;
    }
    // 0 is for all words that stand in no phrase.
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut by_first: HashMap<usize, Vec<(Vec<usize>, usize)>> = HashMap::new();
    for phrase in phrases {
        let named = phrase.words.iter().map(|word| {
            let next = names.len() + 1;
            *names.entry(word.as_str()).or_insert(next)
        });
        let named: Vec<usize> = named.collect();
        if let Some(first) = named.first().copied() {
            let same = by_first.entry(first).or_default();
            same.push((named, phrase.number));
        }
    }
    let named = |(word, _): (&str, Range<usize>)| names.get(word).copied().unwrap_or(0);
    let text: Vec<usize> = words.iter().map(named).collect();
    let mut end = 0;
    for (start, name) in text.iter().enumerate() {
        for (phrase, number) in by_first.get(name).into_iter().flatten() {
            let stands = start..start + phrase.len();
            if text.get(stands.clone()) == Some(phrase.as_slice()) {
                number_phrase(placed, stands.clone(), end, *number);
                end = stands.end.max(end);
            }
        }
    }
}

/// Numbers the words of a phrase, but for those before `end`, which are of another one.
fn number_phrase(placed: &mut [Placed], stands: Range<usize>, end: usize, number: usize) {
    let first = stands.start;
    for place in first.max(end)..stands.end {
        if let Some(word) = placed.get_mut(place) {
            word.number = Some(number);
            word.goes_on = place > first;
        }
    }
}

/// The words of the window and what lies between them.
fn passage(shown: &str, window: &[Placed]) -> String {
    let (Some(first), Some(last)) = (window.first(), window.last()) else {
        return String::new();
    };
    let mut out = String::new();
    if first.part.start > 0 {
        out.push('…');
    }
    let mut at = first.part.start;
    for part in marked_parts(window) {
        out.push_str(&between(shown, at..part.start));
        out.push_str("<mark>");
        out.push_str(&between(shown, part.clone()));
        out.push_str("</mark>");
        at = part.end;
    }
    let end = last.part.end;
    out.push_str(&between(shown, at..end));
    // The sign that ends a sentence belongs to its last word.
    let tail = shown.get(end..).unwrap_or_default();
    match tail.trim_start_matches(ENDINGS).is_empty() {
        true => out.push_str(&escaped(tail.trim_end())),
        false => out.push('…'),
    }
    out
}

/// The parts of the text that are marked: words without anything between them, as ideographs
/// stand, are one.
fn marked_parts(window: &[Placed]) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    for word in window.iter().filter(|word| word.number.is_some()) {
        match parts.last_mut() {
            Some(before) if before.end >= word.part.start => before.end = word.part.end,
            _ => parts.push(word.part.clone()),
        }
    }
    parts
}

/// Escaped, with each run of white space as one space.
fn between(text: &str, part: Range<usize>) -> String {
    let part = text.get(part).unwrap_or_default();
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

/// The window in which the most different clauses are found, the most often, and that lies first.
/// No phrase is cut by its ends.
fn best_window(words: &[Placed]) -> Range<usize> {
    let mut best = (0, 0);
    let mut hit = 0;
    for (index, word) in words.iter().enumerate() {
        if word.number.is_none() || word.goes_on {
            continue;
        }
        let window = words.iter().skip(index).take(SNIPPET_WORDS - 4);
        let found: Vec<usize> = window.filter_map(|word| word.number).collect();
        let different = found.iter().collect::<HashSet<_>>().len();
        if (different, found.len()) > best {
            best = (different, found.len());
            hit = index;
        }
    }
    let going_on = |from: usize| {
        let words = words.iter().skip(from).take(SNIPPET_WORDS);
        words.take_while(|word| word.goes_on).count()
    };
    // A few words before the first hit tell what it is about.
    let start = hit.saturating_sub(4);
    let start = start + going_on(start);
    let end = start + SNIPPET_WORDS;
    start..(end + going_on(end)).min(words.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::domain::search::parse;

    fn shown(text: &str, typed: &str) -> String {
        snippet(text, "en", &Marked::of(&parse(typed)))
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
    fn words_of_any_length_make_no_long_passage() {
        let (long, rest) = ("v".repeat(150_000), "w".repeat(900));
        let of_long = shown(&format!("One {long} two"), "vvvv*");
        assert!(
            of_long.starts_with("…<mark>vvv") && of_long.ends_with("vvv</mark>…"),
            "{}",
            of_long.len()
        );
        let behind = shown(&format!("{long} ferry {rest} {rest}"), "ferry");
        assert!(
            behind.starts_with("…<mark>ferry</mark> www") && behind.ends_with("www…"),
            "{}",
            behind.len()
        );
        for found in [of_long, behind] {
            assert!(found.len() < PASSAGE_AT_MOST + 30, "{}", found.len());
        }
    }

    #[test]
    fn other_forms_of_a_word_are_marked_in_their_language() {
        let mut marked = Marked::of(&parse("run fast* wine"));
        marked.add_form("run", "running", None);
        marked.add_form("wine", "win", Some("es"));
        let text = "Running faster than runs to win wine.";
        assert_eq!(
            snippet(text, "en-GB", &marked),
            "<mark>Running</mark> <mark>faster</mark> than runs to win <mark>wine</mark>."
        );
        assert!(snippet(text, "es-MX", &marked).contains("<mark>win</mark>"));
    }

    #[rstest]
    #[case::in_order(
        "\"arms control\"",
        "Control arms: <mark>arms</mark> <mark>control</mark>."
    )]
    #[case::parted_by_a_sign(
        "arms-control",
        "Control arms: <mark>arms</mark> <mark>control</mark>."
    )]
    #[case::and_a_word(
        "\"arms control\" control",
        "<mark>Control</mark> arms: <mark>arms</mark> <mark>control</mark>."
    )]
    #[case::not_there("\"control control\"", "Control arms: arms control.")]
    #[case::overlapping(
        "\"arms arms\" \"arms control\" \"control arms\"",
        "<mark>Control</mark> <mark>arms</mark>: <mark>arms</mark> <mark>control</mark>."
    )]
    fn a_phrase_is_marked_where_it_stands(#[case] typed: &str, #[case] expected: &str) {
        assert_eq!(shown("Control arms: arms control.", typed), expected);
    }

    #[rstest]
    #[case("朝市", "…朝。朝の市。<mark>朝市</mark>は早い。")]
    #[case("朝の市", "市の朝。<mark>朝の市</mark>。朝市は早い。")]
    #[case(
        "朝市 市の朝",
        "<mark>市の朝</mark>。朝の市。<mark>朝市</mark>は早い。"
    )]
    #[case("早朝", "市の朝。朝の市。朝市は早い。")]
    fn ideographs_are_marked_as_one(#[case] typed: &str, #[case] expected: &str) {
        assert_eq!(shown("市の朝。朝の市。朝市は早い。", typed), expected);
    }

    #[test]
    fn no_phrase_is_cut() {
        let before = "word ".repeat(40);
        let long: Vec<String> = (0..30).map(|number| format!("w{number}")).collect();
        let long = long.join(" ");
        let text = format!("{before} new york or {long} {before}");
        let whole = shown(&text, &format!("\"new york\" \"{long}\""));
        assert!(
            whole.contains("<mark>new</mark> <mark>york</mark> or"),
            "{whole}"
        );
        assert_eq!(whole.matches("<mark>").count(), 32, "{whole}");
        let (phrase, between) = ("one two three four five six", "and ".repeat(24));
        let text = format!("{before} {phrase} far {between} near dear {before}");
        let behind = shown(&text, &format!("\"{phrase}\" far near dear"));
        assert!(behind.starts_with("…<mark>far</mark> and"), "{behind}");
    }

    #[test]
    fn long_runs_of_one_sign_do_no_harm() {
        let text = format!("{}字", "哈".repeat(199)).repeat(100);
        let typed = format!("{} 哈哈", "哈".repeat(200));
        assert!(shown(&text, &typed).starts_with("<mark>哈哈"));
        let endless = shown(&"哈".repeat(20_000), &"哈".repeat(250));
        assert!(endless.starts_with("<mark>哈哈"), "{endless}");
        assert!(endless.chars().count() < 200, "{endless}");
    }

    proptest! {
        #[test]
        fn any_text_is_a_valid_query(typed in "[\"*a-c é港 -]{0,40}|\\PC{0,80}", text in "\\PC{0,120}|[a-c <&½港]{0,80}") {
            let shown = shown(&text, &typed).replace("<mark>", "").replace("</mark>", "");
            prop_assert!(!shown.contains(['<', '>']), "{shown}");
        }

        #[test]
        fn exactly_the_words_of_phrases_are_marked(
            text in prop::collection::vec("[a-c]", 0..24),
            phrases in prop::collection::vec(prop::collection::vec("[a-c]", 2..4), 1..4),
        ) {
            let typed: Vec<String> = phrases.iter().map(|words| format!("\"{}\"", words.join(" "))).collect();
            let shown = shown(&text.join(" "), &typed.join(" "));
            let mut expected = vec![false; text.len()];
            for phrase in &phrases {
                for start in 0..text.len() {
                    if text[start..].starts_with(phrase) {
                        expected[start..start + phrase.len()].fill(true);
                    }
                }
            }
            let words = shown.split(' ').filter(|word| !word.is_empty());
            let shown: Vec<bool> = words.map(|word| word.contains("<mark>")).collect();
            // What lies more than four words before the first hit is not shown.
            let left_out = text.len() - shown.len();
            prop_assert!(left_out == 0 || !expected[..left_out].contains(&true));
            prop_assert_eq!(shown.as_slice(), &expected[left_out..]);
        }
    }
}
