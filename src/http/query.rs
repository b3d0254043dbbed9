//! Query strings, strictly: every parameter is known, given once, and of a valid value.

use std::{any::TypeId, cell::RefCell, collections::HashMap, rc::Rc, str::FromStr};

use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;
use utoipa::IntoParams;

use crate::{
    http::{
        code::Code,
        problem::{FieldError, Problem},
    },
    model::{
        language::is_language,
        slug::{Key, is_slug},
        time::UtcTime,
        words::nearest,
    },
};

/// Values in one comma-separated list, at most.
const MAX_VALUES: usize = 100;

thread_local! {
    /// Names of parameters, by the type that documents them: made once, since their whole
    /// documentation is made with them.
    static KNOWN: RefCell<HashMap<TypeId, Rc<[String]>>> = RefCell::default();
}

/// The names of the parameters that `P` documents.
fn known<P: IntoParams + 'static>() -> Rc<[String]> {
    let made = || {
        let documented = P::into_params(|| None).into_iter();
        documented.map(|parameter| parameter.name).collect()
    };
    KNOWN.with_borrow_mut(|known| Rc::clone(known.entry(TypeId::of::<P>()).or_insert_with(made)))
}

/// The parameters of a request. Getters note what is wrong; [`Query::finish`] tells it all.
pub(super) struct Query {
    given: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Query {
    /// Reads the query string, which may hold the parameters that `P` documents and no others.
    pub(super) fn of<P: IntoParams + 'static>(request: &HttpRequest) -> Result<Self, Problem> {
        Self::parse(request.query_string(), &known::<P>())
    }

    /// Checks that there are no parameters, where none are known.
    pub(super) fn none(request: &HttpRequest) -> Result<(), Problem> {
        Self::parse(request.query_string(), &[])?.finish()?;
        Ok(())
    }

    /// Reads a query string that may hold the parameters named.
    fn parse(text: &str, known: &[String]) -> Result<Self, Problem> {
        let mut query = Self {
            given: Vec::new(),
            errors: Vec::new(),
        };
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name).ok_or_else(|| {
                Problem::new(
                    Code::MalformedRequest,
                    "a parameter's name is not UTF-8 text",
                )
            })?;
            if !known.contains(&name) {
                query.refuse_unknown(&name, known);
                continue;
            }
            if query.given.iter().any(|(other, _)| *other == name) {
                query.error(
                    &name,
                    "is given more than once; use commas for several values",
                );
                continue;
            }
            match decoded(value) {
                Some(value) if value.contains('\0') => {
                    query.error(&name, "can't contain the character U+0000");
                }
                Some(value) => query.given.push((name, value)),
                None => query.error(&name, "is not percent-encoded UTF-8"),
            }
        }
        Ok(query)
    }

    fn refuse_unknown(&mut self, name: &str, known: &[String]) {
        let message = match known.is_empty() {
            true => "is not known; there are no parameters here".to_owned(),
            false => format!("is not known; valid are {}", known.join(", ")),
        };
        let mut error = FieldError::parameter(name, message);
        error.suggestion = nearest(name, known.iter().map(String::as_str));
        self.errors.push(error);
    }

    /// Notes what is wrong with a parameter.
    pub(super) fn error(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError::parameter(name, message));
    }

    /// Notes a value that is none of those that are valid.
    fn refuse_value(&mut self, name: &str, value: &str, valid: &[&str]) {
        let message = format!("must be one of {}", valid.join(", "));
        let mut error = FieldError::parameter(name, message);
        error.suggestion = nearest(value, valid.iter().copied());
        self.errors.push(error);
    }

    /// Fails when anything was wrong.
    pub(super) fn finish(self) -> Result<Self, Problem> {
        match self.errors.is_empty() {
            true => Ok(self),
            false => Err(Problem::errors(self.errors)),
        }
    }

    /// Whether a parameter is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| given == name)
    }

    /// Notes that a parameter is missing, unless something was said of it already.
    pub(super) fn require(&mut self, name: &str) {
        let is_told = |error: &FieldError| error.parameter.as_deref() == Some(name);
        if !self.has(name) && !self.errors.iter().any(is_told) {
            self.error(name, "is required");
        }
    }

    /// Every given parameter with its value, for links to other pages.
    pub(super) fn given(&self) -> &[(String, String)] {
        &self.given
    }

    fn value(&self, name: &str) -> Option<String> {
        let given = self.given.iter().find(|(given, _)| given == name);
        given.map(|(_, value)| value.clone())
    }

    /// A text of at most so many characters.
    pub(super) fn text(&mut self, name: &str, most: usize) -> Option<String> {
        let value = self.value(name)?;
        if value.chars().count() > most {
            self.error(name, format!("must have at most {most} characters"));
            return None;
        }
        Some(value)
    }

    /// A whole number within bounds.
    pub(super) fn number(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        let value = self.value(name)?;
        let number = i64::from_str(&value).ok();
        let plain = value.bytes().all(|b| b.is_ascii_digit());
        match number.filter(|number| plain && (least..=most).contains(number)) {
            Some(number) => Some(number),
            None => {
                self.error(
                    name,
                    format!("must be a whole number from {least} to {most}"),
                );
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.value(name)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            other => {
                self.refuse_value(name, other, &["true", "false"]);
                None
            }
        }
    }

    /// A point in time.
    pub(super) fn time(&mut self, name: &str) -> Option<UtcTime> {
        let value = self.value(name)?;
        let time = UtcTime::parse(&value);
        if time.is_none() {
            self.error(
                name,
                "must be an RFC 3339 time such as 2025-08-09T12:00:00Z, or a date",
            );
        }
        time
    }

    /// One of some words.
    pub(super) fn choice<T: Copy>(&mut self, name: &str, valid: &[(T, &str)]) -> Option<T> {
        let value = self.value(name)?;
        let chosen = valid.iter().find(|(_, word)| *word == value);
        if chosen.is_none() {
            self.refuse_value(name, &value, &words(valid));
        }
        chosen.map(|(choice, _)| *choice)
    }

    /// Some of some words, parted by commas, each once, in the order given.
    pub(super) fn choices<T: Copy>(&mut self, name: &str, valid: &[(T, &str)]) -> Option<Vec<T>> {
        let mut chosen = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        for value in self.values(name)? {
            match valid.iter().find(|(_, word)| *word == value) {
                Some(_) if seen.contains(&value) => {
                    self.error(name, format!("names {value} twice"))
                }
                Some((choice, _)) => {
                    chosen.push(*choice);
                    seen.push(value);
                }
                None => self.refuse_value(name, &value, &words(valid)),
            }
        }
        Some(chosen)
    }

    /// Values parted by commas; none of them empty.
    fn values(&mut self, name: &str) -> Option<Vec<String>> {
        let value = self.value(name)?;
        let values: Vec<String> = value.split(',').map(str::to_owned).collect();
        if values.len() > MAX_VALUES || values.iter().any(String::is_empty) {
            self.error(
                name,
                format!("must be 1 to {MAX_VALUES} values parted by commas"),
            );
            return None;
        }
        Some(values)
    }

    fn checked_values(
        &mut self,
        name: &str,
        what: &str,
        is_valid: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let values = self.values(name).unwrap_or_default();
        if let Some(wrong) = values.iter().find(|value| !is_valid(value)) {
            let wrong: String = wrong.chars().take(60).collect();
            self.error(name, format!("\"{wrong}\" is not {what}"));
        }
        values
    }

    /// Slugs or ids.
    pub(super) fn keys(&mut self, name: &str) -> Vec<String> {
        self.checked_values(name, "a slug or an id", |value| {
            is_slug(value) || matches!(Key::new(value), Key::Id(_))
        })
    }

    /// One slug or id.
    pub(super) fn key(&mut self, name: &str) -> Option<Key> {
        let value = self.value(name)?;
        let key = Key::new(&value);
        match is_slug(&value) || matches!(key, Key::Id(_)) {
            true => Some(key),
            false => {
                self.error(name, "must be a slug or an id");
                None
            }
        }
    }

    /// Slugs.
    pub(super) fn slugs(&mut self, name: &str) -> Vec<String> {
        self.checked_values(name, "a slug", is_slug)
    }

    /// Ids, in their canonical form.
    pub(super) fn ids(&mut self, name: &str) -> Vec<String> {
        let is_id = |value: &str| matches!(Key::new(value), Key::Id(_));
        let given = self.checked_values(name, "an id", is_id);
        given
            .iter()
            .map(|value| value.to_ascii_lowercase())
            .collect()
    }

    /// The token of a preview link: letters, digits, and the signs of a JWS.
    pub(super) fn preview(&mut self) -> Option<String> {
        let token = self.value("preview")?;
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
        let mut parts = token.split('.');
        let are_plain = parts.all(|part| !part.is_empty() && part.bytes().all(is_plain));
        if token.len() > 2_048 || token.matches('.').count() != 2 || !are_plain {
            self.error("preview", "must be the token of a preview link");
            return None;
        }
        Some(token)
    }

    /// Language tags.
    pub(super) fn languages(&mut self, name: &str) -> Vec<String> {
        self.checked_values(name, "a language tag such as en or pt-BR", is_language)
    }
}

/// The words that a parameter may be.
fn words<'a, T>(valid: &[(T, &'a str)]) -> Vec<&'a str> {
    valid.iter().map(|(_, word)| *word).collect()
}

/// Percent-decoding as forms have it, or `None` for what is not UTF-8 or broken off.
pub(super) fn decoded(text: &str) -> Option<String> {
    match text.contains('+') {
        true => path_decoded(&text.replace('+', " ")),
        false => path_decoded(text),
    }
}

/// Percent-decoding as paths have it, where a plus sign is itself.
pub(super) fn path_decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    for (place, _) in text.match_indices('%') {
        let digits = bytes.get(place + 1..place + 3)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
    }
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// A segment of a request's path as it came: what actix hands over has lost what was wrong with
/// it.
fn path_segment<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    let pattern = request.match_pattern().unwrap_or_default();
    let place = pattern.split('/').position(|segment| {
        let hole = segment.strip_prefix('{');
        hole.and_then(|hole| hole.strip_suffix('}')) == Some(name)
    });
    place
        .and_then(|place| request.uri().path().split('/').nth(place))
        .unwrap_or_default()
}

/// The key in a request's path, decoded strictly.
pub(super) fn path_key(request: &HttpRequest) -> Result<Key, Problem> {
    let text = path_decoded(path_segment(request, "key"))
        .ok_or_else(|| Problem::parameter("key", "is not percent-encoded UTF-8"))?;
    if text.chars().any(char::is_control) {
        return Err(Problem::parameter(
            "key",
            "can't contain control characters",
        ));
    }
    if text.chars().count() > 200 {
        return Err(Problem::parameter(
            "key",
            "must be a slug or an id, of at most 200 characters",
        ));
    }
    Ok(Key::new(&text))
}

/// The path of a request with another key in it.
pub(super) fn path_with_key(request: &HttpRequest, key: &str) -> String {
    let pattern = request.match_pattern().unwrap_or_default();
    let segments = pattern.split('/').zip(request.uri().path().split('/'));
    let kept = segments.map(|(hole, given)| match hole {
        "{key}" => key,
        _ => given,
    });
    kept.collect::<Vec<_>>().join("/")
}

/// The highest number that a path takes.
const MAX_NUMBER: i64 = 1_000_000_000;

/// A whole number in a request's path.
pub(super) fn path_number(request: &HttpRequest, name: &str) -> Result<i64, Problem> {
    let text = path_segment(request, name);
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = i64::from_str(text).ok();
    number
        .filter(|number| plain && (1..=MAX_NUMBER).contains(number))
        .ok_or_else(|| {
            Problem::parameter(
                name,
                format!("must be a whole number from 1 to {MAX_NUMBER}"),
            )
        })
}

/// An id in a request's path.
pub(super) fn path_id(request: &HttpRequest, name: &str) -> Result<String, Problem> {
    match Key::new(path_segment(request, name)) {
        Key::Id(id) => Ok(id),
        Key::Slug(_) => Err(Problem::parameter(name, "must be an id")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn known() -> Vec<String> {
        ["limit", "category"].map(str::to_owned).to_vec()
    }

    fn refused(text: &str) -> Vec<FieldError> {
        let outcome = Query::parse(text, &known()).and_then(Query::finish);
        let errors = outcome.err().map(|problem| problem.errors);
        errors.unwrap_or_default()
    }

    #[test]
    fn unknown_and_repeated_parameters_are_named() {
        let errors = refused("limt=3&category=a&category=b");
        let named: Vec<_> = errors
            .iter()
            .filter_map(|error| error.parameter.as_deref())
            .collect();
        assert_eq!(named, ["limt", "category"]);
        assert_eq!(errors[0].suggestion.as_deref(), Some("limit"));
    }

    #[test]
    fn numbers_are_plain_and_bounded() {
        for wrong in [
            "0",
            "-1",
            "101",
            "1e2",
            "+5",
            "",
            "５",
            "1000000000000000000000000000000",
        ] {
            let text = format!("limit={}", wrong.replace('+', "%2B"));
            let mut query = Query::parse(&text, &known()).unwrap();
            assert_eq!(query.number("limit", 1, 100), None, "{wrong}");
            assert!(query.finish().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_query_string_is_read_or_refused(text in "\\PC{0,80}|([a-z%=&,+0-9]{0,60})") {
            if let Ok(mut query) = Query::parse(&text, &known()) {
                let _ = (query.number("limit", 1, 100), query.keys("category"), query.finish());
            }
        }
    }
}
