//! How networks count the length of a text, and how a text is cut to it.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// A rule of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// X's weighted characters (twitter-text, configuration version 3): one for Latin and its
    /// like, two for everything else and for each emoji, 23 for whatever becomes a link.
    Weighted,
    /// Grapheme clusters (UAX 29), as Bluesky counts.
    Graphemes,
    /// Characters, as Unicode scalar values.
    Characters,
}

/// What a link counts on X, however long it is.
pub(super) const WEIGHTED_LINK: usize = 23;

impl Count {
    /// The length of a text by this rule.
    pub fn of(self, text: &str) -> usize {
        match self {
            Self::Weighted => weighted(text),
            Self::Graphemes => text.graphemes(true).count(),
            Self::Characters => text.chars().count(),
        }
    }
}

fn weighted(text: &str) -> usize {
    // X counts the composed form.
    let composed: String = text.nfc().collect();
    word_runs(&composed)
        .map(|run| match becomes_link(run) {
            // A link counts 23 even where it is shorter; where it is longer, the greater figure
            // stands, since not all that looks like a link is one.
            true => run_weight(run).max(WEIGHTED_LINK),
            false => run_weight(run),
        })
        .sum()
}

fn run_weight(run: &str) -> usize {
    run.graphemes(true)
        .map(|cluster| match is_emoji(cluster) {
            true => 2,
            false => cluster.chars().map(character_weight).sum(),
        })
        .sum()
}

/// The ranges of weight 100 of 100 in twitter-text's `config/v3.json`; all others weigh 200.
fn character_weight(c: char) -> usize {
    match u32::from(c) {
        0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247 => 1,
        _ => 2,
    }
}

/// Whether a cluster is drawn as one emoji, of however many characters.
fn is_emoji(cluster: &str) -> bool {
    let is_part = |c: char| {
        matches!(c, '\u{FE0F}' | '\u{20E3}' | '\u{1F1E6}'..='\u{1F1FF}' | '\u{1F3FB}'..='\u{1F3FF}'
            | '\u{E0020}'..='\u{E007F}')
    };
    let joined = cluster.contains('\u{200D}')
        && cluster
            .chars()
            .any(|c| u32::from(c) > 0x2000 && c != '\u{200D}');
    joined || cluster.chars().any(is_part)
}

/// Whether X would make a link of a run: a scheme, or a name with a dot and a top-level domain.
fn becomes_link(run: &str) -> bool {
    let run = run.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
    if run.starts_with("http://") || run.starts_with("https://") {
        return true;
    }
    let host = run.split(['/', '?', '#']).next().unwrap_or_default();
    let mut labels = host.rsplit('.');
    let last = labels.next().unwrap_or_default();
    let is_domain = last.len() >= 2 && last.chars().all(char::is_alphabetic);
    is_domain && labels.next().is_some_and(|label| !label.is_empty())
}

/// Runs between white space, with that white space as runs of its own.
fn word_runs(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(char::is_whitespace).flat_map(|run| {
        let word = run.trim_end();
        let space = run.strip_prefix(word).unwrap_or_default();
        [word, space]
    })
}

/// The text, cut to at most `most` by a rule of counting: at a word, with an ellipsis; inside a
/// word only when the first is too long, and never inside a character that a reader sees as one.
pub fn cut(text: &str, most: usize, count: Count) -> String {
    let text = text.trim();
    if count.of(text) <= most {
        return text.to_owned();
    }
    let fits = |part: &str| count.of(&format!("{part}…")) <= most;
    let (mut kept, mut kept_word) = ("", "");
    for (start, cluster) in text.grapheme_indices(true) {
        let (part, rest) = text.split_at(start + cluster.len());
        if !fits(part) {
            break;
        }
        kept = part;
        if rest.starts_with(char::is_whitespace) {
            kept_word = part;
        }
    }
    let part = if kept_word.is_empty() {
        kept
    } else {
        kept_word
    };
    let part = part.trim_end_matches(|c: char| c.is_whitespace() || ",;:–—-".contains(c));
    match part.is_empty() {
        true => String::new(),
        false => format!("{part}…"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn x_weighs_characters() {
        let weighs = |text: &str| Count::Weighted.of(text);
        assert_eq!(weighs("hello"), 5);
        assert_eq!(weighs("港の朝"), 6);
        assert_eq!(weighs("👨‍👩‍👧‍👦"), 2);
        assert_eq!(weighs("🇳🇴"), 2);
        assert_eq!(weighs("e\u{301}"), 1);
        assert_eq!(weighs("see bbc.com now"), 4 + 23 + 4);
        assert_eq!(weighs("…"), 2);
    }

    #[test]
    fn a_text_is_cut_at_a_word() {
        assert_eq!(cut("one two three", 9, Count::Characters), "one two…");
        assert_eq!(cut("one, two", 6, Count::Characters), "one…");
        assert_eq!(cut("short", 9, Count::Characters), "short");
        assert_eq!(cut("👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 2, Count::Graphemes), "👨‍👩‍👧‍👦…");
    }

    proptest! {
        #[test]
        fn a_cut_text_fits_and_is_a_beginning(text in "\\PC{0,60}|([a-z👩‍🚀é ]{1,9}){0,12}", most in 1_usize..40) {
            for count in [Count::Weighted, Count::Graphemes, Count::Characters] {
                let short = cut(&text, most, count);
                prop_assert!(count.of(&short) <= most, "{short:?}");
                prop_assert!(text.trim().starts_with(short.trim_end_matches('…')));
            }
        }
    }
}
