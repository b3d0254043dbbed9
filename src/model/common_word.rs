//! Words that stand in nearly every block of a body, and are not copied for each.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

/// The member of a block that tells its kind.
pub(super) const KIND: &str = "_type";
/// The kind of a block of text.
pub(super) const BLOCK: &str = "block";
/// The kind of a run of text.
pub(super) const SPAN: &str = "span";

/// One of these words, or any other.
pub(super) struct Word(pub(super) Cow<'static, str>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(WordVisitor).map(Self)
    }
}

/// Reads what [`Word`] holds, as a member of a struct.
pub(super) fn word<'de, D>(deserializer: D) -> Result<Cow<'static, str>, D::Error>
where
    D: Deserializer<'de>,
{
    Word::deserialize(deserializer).map(|Word(word)| word)
}

struct WordVisitor;

impl Visitor<'_> for WordVisitor {
    type Value = Cow<'static, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
        Ok(match word {
            KIND => Cow::Borrowed(KIND),
            BLOCK => Cow::Borrowed(BLOCK),
            SPAN => Cow::Borrowed(SPAN),
            other => Cow::Owned(other.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_are_not_copied_and_others_are_read_too() {
        let read = |json: &str| serde_json::from_str(json).map(|Word(word)| word);
        assert!(matches!(read("\"span\""), Ok(Cow::Borrowed(SPAN))));
        assert!(matches!(read("\"sp\\u0061n\""), Ok(Cow::Borrowed(SPAN))));
        assert!(matches!(read("\"poem\""), Ok(Cow::Owned(word)) if word == "poem"));
        assert!(read("1").is_err());
    }
}
