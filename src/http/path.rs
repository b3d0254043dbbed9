//! The paths of requests: what stands in their holes, decoded strictly.

use std::str::FromStr;

use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;

use crate::{http::problem::Problem, model::slug::Key};

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
