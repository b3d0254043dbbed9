//! A whole answer, made once and given as often as it is asked for: the same from the cache as
//! when it was new.

mod forms;
mod respond;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use actix_web::{http::header::HeaderValue, web::Bytes};
use tokio::sync::OnceCell;

use crate::{
    http::coding::{Coding, PerCoding},
    model::time::UtcTime,
};

/// What an answer is made of.
pub(super) struct Parts<'a> {
    pub(super) body: Vec<u8>,
    pub(super) content_type: &'static str,
    /// What its entity tags hold.
    pub(super) hash: String,
    pub(super) last_modified: Option<UtcTime>,
    /// Keys that caches are purged by.
    pub(super) keys: Vec<&'a str>,
    pub(super) link: Option<String>,
    /// Whether no cache may keep it.
    pub(super) no_store: bool,
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Stored {
    body: Bytes,
    content_type: &'static str,
    /// The same as a value.
    content_type_value: HeaderValue,
    hash: String,
    no_store: bool,
    /// With its value.
    last_modified: Option<(UtcTime, HeaderValue)>,
    /// `Surrogate-Key` and `Cache-Groups`.
    keys: Option<(HeaderValue, HeaderValue)>,
    link: Option<HeaderValue>,
    /// Each once it was asked for.
    etags: PerCoding<OnceLock<HeaderValue>>,
    /// Each once it was asked for; `None` within for one that can't be made. Identity has none.
    forms: PerCoding<OnceCell<Option<Bytes>>>,
}

impl Stored {
    /// Puts one together; forms in other codings are made as they are asked for.
    pub(super) fn new(parts: Parts<'_>) -> Self {
        let Parts {
            mut body,
            content_type,
            hash,
            last_modified,
            keys,
            link,
            no_store,
        } = parts;
        // It may be kept for long.
        body.shrink_to_fit();
        let date = |time: UtcTime| Some((time, value("Last-Modified", time.to_http_date())?));
        Self {
            body: body.into(),
            content_type,
            content_type_value: HeaderValue::from_static(content_type),
            no_store,
            last_modified: last_modified.and_then(date),
            keys: key_values(&keys),
            link: link.and_then(|link| value("Link", link)),
            etags: PerCoding::new(|_| OnceLock::new()),
            forms: PerCoding::new(|_| OnceCell::new()),
            hash,
        }
    }

    /// Bytes of memory that it takes, about.
    pub(super) fn size(&self) -> usize {
        let forms = Coding::ALL
            .into_iter()
            .filter_map(|coding| self.forms.of(coding).get())
            .map(|form| form.as_ref().map_or(0, Bytes::len));
        let keys = self.keys.as_ref();
        let values = keys.map_or(0, |(one, other)| one.len() + other.len())
            + self.link.as_ref().map_or(0, HeaderValue::len)
            + 5 * self.hash.len();
        size_of::<Self>() + self.body.len() + values + forms.sum::<usize>()
    }
}

/// `Surrogate-Key` and `Cache-Groups` of some keys.
fn key_values(keys: &[&str]) -> Option<(HeaderValue, HeaderValue)> {
    if keys.is_empty() {
        return None;
    }
    let length: usize = keys.iter().map(|key| key.len() + 4).sum();
    let mut surrogate = String::with_capacity(length);
    // RFC 9875 section 2: a list of strings (RFC 9651).
    let mut groups = String::with_capacity(length);
    for key in keys {
        let (space, comma) = match surrogate.is_empty() {
            true => ("", "\""),
            false => (" ", ", \""),
        };
        surrogate.extend([space, *key]);
        groups.extend([comma, *key, "\""]);
    }
    let surrogate = value("Surrogate-Key", surrogate)?;
    let groups = value("Cache-Groups", groups)?;
    Some((surrogate, groups))
}

/// The value of a field; an answer goes without one that can't stand there. Ids, dates and encoded
/// addresses always can.
fn value(field: &str, text: String) -> Option<HeaderValue> {
    let value = HeaderValue::try_from(text);
    let value = value.inspect_err(|cause| log::error!("an answer goes without {field}: {cause}"));
    value.ok()
}
