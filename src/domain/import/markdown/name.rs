//! What the name of a file says of its article.

use chrono::NaiveDate;

use crate::{domain::import::bounds, model::time::UtcTime};

/// Languages that are taken from names such as `post.fr.md`; any others of two letters are taken
/// for a part of the name, such as in `node.js.md`.
const LANGUAGES: [&str; 48] = [
    "ar", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr",
    "ga", "gl", "he", "hi", "hr", "hu", "id", "is", "it", "ja", "ko", "lt", "lv", "ms", "nb", "nl",
    "nn", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "ur", "vi", "zh",
];

/// The name of a file, taken apart.
#[derive(Debug)]
pub(super) struct Name {
    /// From the folder, with slashes.
    pub(super) path: String,
    pub(super) slug: Option<String>,
    pub(super) date: Option<UtcTime>,
    pub(super) language: Option<String>,
    pub(super) is_draft: bool,
    pub(super) is_mdx: bool,
    /// Whether it is a page that lists others.
    pub(super) is_list: bool,
    words: String,
}

impl Name {
    pub(super) fn read(path: &str) -> Self {
        let mut folders: Vec<&str> = path.split('/').collect();
        let file = folders.pop().unwrap_or_default();
        let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
        let (stem, language) = without_language(stem);
        // The pages of a bundle lie in a folder that has their name.
        let bundle = folders.last().filter(|_| stem == "index");
        let words = *bundle.unwrap_or(&stem);
        let (date, words) = without_date(words);
        Self {
            path: path.to_owned(),
            slug: match words {
                "-" | "index" => None,
                words => bounds::slug(words),
            },
            date,
            language,
            is_draft: folders.contains(&"_drafts"),
            is_mdx: extension.eq_ignore_ascii_case("mdx"),
            is_list: stem == "_index",
            words: words.to_owned(),
        }
    }

    /// A title for want of another.
    pub(super) fn title(&self) -> String {
        let words = bounds::collapsed(&self.words.replace(['-', '_'], " "));
        let mut letters = words.chars();
        match letters.next() {
            Some(first) => first.to_uppercase().chain(letters).collect(),
            None => "Untitled".to_owned(),
        }
    }
}

fn without_language(stem: &str) -> (&str, Option<String>) {
    let Some((rest, tag)) = stem.rsplit_once('.') else {
        return (stem, None);
    };
    let lower = tag.to_ascii_lowercase();
    let (language, region) = lower.split_once('-').unwrap_or((&lower, ""));
    let is_region = region.is_empty()
        || (region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_lowercase()));
    match LANGUAGES.contains(&language) && is_region && !rest.is_empty() {
        true => (rest, Some(tag.to_owned())),
        false => (stem, None),
    }
}

/// `2024-05-01-some-slug` is a date and a slug.
fn without_date(words: &str) -> (Option<UtcTime>, &str) {
    let Some((date, rest)) = words.split_at_checked(10) else {
        return (None, words);
    };
    let time = NaiveDate::parse_from_str(date, "%Y-%m-%d")
        .ok()
        .and_then(UtcTime::from_date)
        .and_then(UtcTime::editorial);
    match (time, rest.strip_prefix(['-', '_'])) {
        (Some(time), Some(rest)) if !rest.is_empty() => (Some(time), rest),
        _ => (None, words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_slug_date_and_language() {
        let told = |path: &str| {
            let name = Name::read(path);
            let date = name.date.map(|time| time.date().to_string());
            (name.slug, date, name.language)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told("_posts/2024-05-01-some-slug.md"),
            (some("some-slug"), some("2024-05-01"), None)
        );
        assert_eq!(
            told("posts/Über uns/index.fr.md"),
            (some("uber-uns"), None, some("fr"))
        );
        assert_eq!(told("node.js.md"), (some("node-js"), None, None));
        assert_eq!(told("2024-05-01.md"), (some("2024-05-01"), None, None));
        assert_eq!(told("-"), (None, None, None));
        assert_eq!(told("index.md"), (None, None, None));
        assert!(Name::read("posts/_index.de.md").is_list);
        assert!(Name::read("_drafts/a.mdx").is_draft);
        assert_eq!(Name::read("a-b_c.md").title(), "A b c");
    }
}
