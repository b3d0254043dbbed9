//! Members that several kinds of lines have, and the problems of those that are wrong.

use serde_json::Value;

use crate::{
    domain::import::{FieldProblem, record::Reader},
    model::{
        kind::Kind,
        slug::{Key, is_slug},
        time::UtcTime,
    },
};

/// The highest version, and the highest number of a revision.
const MAX_COUNT: i64 = 9_007_199_254_740_991;

/// What is wrong with a member.
pub(super) fn problem(pointer: &str, message: &str) -> FieldProblem {
    FieldProblem {
        pointer: pointer.to_owned(),
        message: message.to_owned(),
        suggestion: None,
    }
}

/// Problems of a part, as those of the whole.
pub(super) fn below(pointer: &str, problems: Vec<FieldProblem>) -> Vec<FieldProblem> {
    let moved = |inner: FieldProblem| FieldProblem {
        pointer: format!("{pointer}{}", inner.pointer),
        ..inner
    };
    problems.into_iter().map(moved).collect()
}

/// A part that must be there.
pub(super) fn inner<T>(
    reader: &mut Reader<'_>,
    whole: &Value,
    member: &str,
    read: impl FnOnce(&Value) -> Result<T, Vec<FieldProblem>>,
) -> Option<T> {
    let pointer = format!("/{member}");
    let Some(part) = whole.get(member) else {
        reader.problem(pointer, "is required");
        return None;
    };
    match read(part) {
        Ok(part) => Some(part),
        Err(problems) => {
            for inner in below(&pointer, problems) {
                reader.problem(inner.pointer, inner.message);
            }
            None
        }
    }
}

/// A whole of which one part may have been wrong, which the reader knows then.
pub(super) fn finished<T>(reader: Reader<'_>, whole: Option<T>) -> Result<T, Vec<FieldProblem>> {
    reader.finish(())?;
    whole.ok_or_else(Vec::new)
}

/// The kind that a line is of.
pub(super) fn kind_of(reader: &mut Reader<'_>) -> Kind {
    let word = reader.text("of", 0, 20).unwrap_or_default();
    Kind::parse(&word).unwrap_or_else(|| {
        let valid = Kind::ALL.map(Kind::as_str).join(", ");
        reader.problem("/of", format!("must be one of {valid}"));
        Kind::Article
    })
}

/// An id, which must be there.
pub(super) fn id(reader: &mut Reader<'_>, member: &str) -> String {
    let text = reader.text(member, 0, 36).unwrap_or_default();
    if Key::new(&text) != Key::Id(text.clone()) {
        reader.problem(format!("/{member}"), "must be a UUID in lower case");
    }
    text
}

/// A slug, which must be there.
pub(super) fn slug(reader: &mut Reader<'_>, member: &str) -> String {
    let slug = optional_slug(reader, member);
    if slug.is_none() && reader.get(member).is_none() {
        reader.problem(format!("/{member}"), "is required");
    }
    slug.unwrap_or_default()
}

/// A slug, where there is one.
pub(super) fn optional_slug(reader: &mut Reader<'_>, member: &str) -> Option<String> {
    let text = reader.text(member, 0, 120)?;
    if !is_slug(&text) {
        let message = "must be lower-case ASCII words joined by single hyphens, and no UUID";
        reader.problem(format!("/{member}"), message);
        return None;
    }
    Some(text)
}

/// A time, which must be there.
pub(super) fn time(reader: &mut Reader<'_>, member: &str) -> UtcTime {
    let time = reader.time(member);
    if time.is_none() && reader.get(member).is_none() {
        reader.problem(format!("/{member}"), "is required");
    }
    time.unwrap_or(UtcTime::from_column(0))
}

/// A version, or the number of a revision, which must be there.
pub(super) fn count(reader: &mut Reader<'_>, member: &str) -> i64 {
    let number = reader.number(member, MAX_COUNT);
    if number.is_none() && reader.get(member).is_none() {
        reader.problem(format!("/{member}"), "is required");
    }
    number.unwrap_or(1)
}
