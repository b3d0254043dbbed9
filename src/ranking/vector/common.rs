//! Words so common in their language that they tell nothing of an article.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// One language a line: its tag, then its words, folded.
const LISTS: &str = include_str!("common.txt");

static COMMON: LazyLock<HashMap<&str, HashSet<&str>>> = LazyLock::new(|| {
    let list = |line: &'static str| {
        let (language, words) = line.split_once(' ')?;
        Some((language, words.split(' ').collect::<HashSet<_>>()))
    };
    LISTS.lines().filter_map(list).collect()
});

/// The common words of a language, by its primary subtag; nothing for a language without list.
pub(super) fn common(language: &str) -> Option<&'static HashSet<&'static str>> {
    let language = match language {
        "nn" | "no" => "nb",
        other => other,
    };
    COMMON.get(language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::words::tokens;

    #[test]
    fn the_words_are_folded() {
        for (language, words) in &*COMMON {
            assert!(words.len() > 50, "{language}");
            for word in words {
                assert_eq!(tokens(word), [*word], "{language}");
            }
        }
    }

    #[test]
    fn norwegian_has_three_names() {
        assert_eq!(common("no"), common("nb"));
        assert!(common("nn").is_some());
        assert!(common("tlh").is_none());
    }
}
