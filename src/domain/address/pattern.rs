//! Path patterns: filled with what an address is made of, and read back from paths.

use std::borrow::Cow;

use crate::model::kind::Kind;

/// What a pattern of a kind may hold.
fn placeholders(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Article => &[
            "slug",
            "id",
            "category",
            "category_path",
            "year",
            "month",
            "day",
        ],
        Kind::Category => &["slug", "id", "path"],
        Kind::Author | Kind::Tag => &["slug", "id"],
    }
}

/// A path with placeholders, such as `/articles/{slug}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The kind whose addresses it makes.
    pub(super) kind: Kind,
    segments: Vec<Segment>,
}

/// One segment of a path: fixed text, or a placeholder with fixed text around it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Fixed(String),
    Hole {
        before: String,
        name: String,
        after: String,
    },
}

/// Placeholders that stand for several segments.
const SPANNING: [&str; 2] = ["path", "category_path"];

impl Segment {
    /// Whether it stands for several segments of a path.
    fn spans(&self) -> bool {
        matches!(self, Self::Hole { name, .. } if SPANNING.contains(&name.as_str()))
    }
}

impl Pattern {
    /// Reads a pattern; says what is wrong with one that can't be told apart or read back.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, String> {
        let rest = text
            .strip_prefix('/')
            .ok_or("a path pattern begins with /")?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~{}/".contains(c);
        if !text.chars().all(is_plain) {
            return Err(
                "a path pattern holds letters, digits, - . _ ~ / and {placeholders}".into(),
            );
        }
        let mut segments = Vec::new();
        for segment in rest.split('/') {
            // Browsers and servers would resolve them before anything is looked up.
            if matches!(segment, "." | "..") {
                return Err("a path pattern has no segments . and ..".into());
            }
            segments.push(Self::segment(kind, segment)?);
        }
        let pattern = Self { kind, segments };
        if !(pattern.has("slug") || pattern.has("id") || pattern.has("path")) {
            return Err(format!(
                "a path pattern of a {} needs {{slug}} or {{id}}",
                kind.as_str()
            ));
        }
        if pattern.segments.iter().filter(|one| one.spans()).count() > 1 {
            return Err("a path pattern may have one placeholder of several segments".into());
        }
        Ok(pattern)
    }

    fn segment(kind: Kind, segment: &str) -> Result<Segment, String> {
        let Some((before, tail)) = segment.split_once('{') else {
            return match segment.is_empty() || segment.contains('}') {
                true => Err("a path pattern has no empty segments and no lone braces".into()),
                false => Ok(Segment::Fixed(segment.to_owned())),
            };
        };
        let (name, after) = tail.split_once('}').ok_or("a placeholder is not closed")?;
        if after.contains(['{', '}']) {
            return Err("a segment of a path pattern has one placeholder at most".into());
        }
        if !placeholders(kind).contains(&name) {
            let valid = placeholders(kind).join("}, {");
            return Err(format!(
                "{{{name}}} is no placeholder here; valid are {{{valid}}}"
            ));
        }
        if SPANNING.contains(&name) && !(before.is_empty() && after.is_empty()) {
            return Err(format!("{{{name}}} must be a whole segment"));
        }
        Ok(Segment::Hole {
            before: before.to_owned(),
            name: name.to_owned(),
            after: after.to_owned(),
        })
    }

    fn has(&self, wanted: &str) -> bool {
        self.segments
            .iter()
            .any(|segment| matches!(segment, Segment::Hole { name, .. } if name == wanted))
    }

    /// Writes a path behind what there is of an address.
    pub(super) fn fill<'a>(&self, address: &mut String, value: impl Fn(&str) -> Cow<'a, str>) {
        for segment in &self.segments {
            address.push('/');
            match segment {
                Segment::Fixed(text) => address.push_str(text),
                Segment::Hole {
                    before,
                    name,
                    after,
                } => {
                    address.push_str(before);
                    address.push_str(&value(name));
                    address.push_str(after);
                }
            }
        }
    }

    /// The slug or id in a path that has this form.
    pub(super) fn key(&self, path: &str) -> Option<String> {
        let given: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let spanning = self.segments.iter().any(Segment::spans);
        // A spanning placeholder takes what the other segments leave, at least one.
        let spare = given.len().checked_sub(self.segments.len())?;
        if spare > 0 && !spanning {
            return None;
        }
        let mut given = given.into_iter();
        let mut key = None;
        for segment in &self.segments {
            let text = given.next()?;
            match segment {
                Segment::Fixed(fixed) if fixed != text => return None,
                Segment::Fixed(_) => {}
                Segment::Hole { name, .. } if SPANNING.contains(&name.as_str()) => {
                    let last = (0..spare)
                        .filter_map(|_| given.next())
                        .last()
                        .unwrap_or(text);
                    // A category's path ends with its slug.
                    if name == "path" {
                        key = Some(last.to_owned());
                    }
                }
                Segment::Hole {
                    before,
                    name,
                    after,
                } => {
                    let inner = text
                        .strip_prefix(before.as_str())?
                        .strip_suffix(after.as_str())?;
                    if inner.is_empty() {
                        return None;
                    }
                    if matches!(name.as_str(), "slug" | "id") {
                        key = Some(inner.to_owned());
                    }
                }
            }
        }
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(Kind::Article, text).unwrap()
    }

    #[test]
    fn a_path_is_read_back() {
        for (text, path, key) in [
            ("/articles/{slug}", "/articles/one", Some("one")),
            ("/articles/{slug}", "/articles/one/two", None),
            ("/{year}/{slug}.html", "/2025/one.html", Some("one")),
            ("/{category_path}/{slug}", "/a/b/c/one", Some("one")),
            ("/{category_path}/{slug}", "/one", None),
        ] {
            assert_eq!(pattern(text).key(path).as_deref(), key, "{text} {path}");
        }
    }

    #[test]
    fn a_pattern_that_names_nothing_is_refused() {
        for wrong in [
            "articles/{slug}",
            "/articles",
            "/{slug",
            "/{nope}",
            "/{slug}{id}",
            "/a//{slug}",
            "/a/../{slug}",
        ] {
            assert!(Pattern::parse(Kind::Article, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pattern_that_can_be_parted_in_several_ways_is_refused() {
        for wrong in ["/c/{path}/c/{path}", "/{path}/{path}"] {
            assert!(Pattern::parse(Kind::Category, wrong).is_err(), "{wrong}");
        }
        let wrong = "/{category_path}/{category_path}/{slug}";
        assert!(Pattern::parse(Kind::Article, wrong).is_err());
    }
}
