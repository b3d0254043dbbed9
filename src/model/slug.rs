//! Slugs: lower-case ASCII words joined by hyphens, and keys, which are slugs or ids.

use uuid::Uuid;

/// The most characters that a slug may have.
pub const MAX_SLUG: usize = 120;

/// Whether `text` may be a slug: `[a-z0-9]+(-[a-z0-9]+)*`, at most [`MAX_SLUG`] characters, and
/// not shaped like a UUID, since a path takes either.
pub fn is_slug(text: &str) -> bool {
    let words_are_plain = text.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    });
    words_are_plain && text.len() <= MAX_SLUG && Uuid::try_parse(text).is_err()
}

/// Makes a slug of a title: transliterated to ASCII, lower-cased, cut at a word.
///
/// `None` when nothing of the text can be written in ASCII letters or digits.
pub fn slug_from(text: &str) -> Option<String> {
    let ascii = deunicode::deunicode(text).to_ascii_lowercase();
    let mut slug = String::new();
    // An apostrophe joins ("don't" is "dont"); everything else that is no letter or digit parts.
    let kept = ascii.replace(['\'', '`'], "");
    for word in kept
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let longer = slug.len() + usize::from(!slug.is_empty()) + word.len();
        if longer > MAX_SLUG - 8 {
            // Eight characters stay free for the number that makes a slug unique.
            if slug.is_empty() {
                slug.extend(word.chars().take(MAX_SLUG - 8));
            }
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    if Uuid::try_parse(&slug).is_ok() {
        slug.insert_str(0, "a-");
    }
    (!slug.is_empty()).then_some(slug)
}

/// What a path or a filter names a thing by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// A UUID in its canonical lower-case form.
    Id(String),
    /// Any other text; only one that [`is_slug`] can name something.
    Slug(String),
}

impl Key {
    /// Reads a key; every text is one.
    pub fn new(text: &str) -> Self {
        match Uuid::try_parse(text) {
            Ok(id) if text.len() == 36 => Self::Id(id.to_string()),
            _ => Self::Slug(text.to_owned()),
        }
    }
}

/// A new time-ordered id (RFC 9562 section 5.7, UUIDv7).
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn titles_are_transliterated() {
        let made = |title| slug_from(title).unwrap_or_default();
        assert_eq!(made("Æther & Öl: don't panic!"), "aether-ol-dont-panic");
        assert_eq!(made("港の朝"), "gang-nozhao");
        assert_eq!(made("🦀"), "crab");
        assert_eq!(slug_from("—!?"), None);
    }

    #[test]
    fn a_slug_shaped_like_a_uuid_is_none() {
        assert!(!is_slug("0198a5d2-7c4e-7bbb-8000-000000000000"));
        assert!(is_slug("0198a5d2"));
    }

    proptest! {
        #[test]
        fn whatever_a_slug_is_made_of_it_is_a_slug(title in "\\PC{0,400}") {
            if let Some(slug) = slug_from(&title) {
                prop_assert!(is_slug(&slug), "{slug}");
            }
        }
    }
}
