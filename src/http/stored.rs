//! A whole answer, made once and given as often as it is asked for: the same from the cache as
//! when it was new.

use std::sync::OnceLock;

use actix_web::{
    body::BoxBody,
    dev::Response,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    web::Bytes,
};
use tokio::sync::OnceCell;

use crate::{
    http::{
        code::Code,
        coding::{Coding, PerCoding},
        long,
        problem::Problem,
        state::State,
        wanted::Wanted,
    },
    model::time::UtcTime,
};

/// Bodies below this many bytes are not worth compressing.
const COMPRESS_FROM: usize = 1_024;
/// Bodies from this many bytes on are compressed away from the threads that answer, and in no turn
/// to read: it takes a millisecond.
const LARGE_FROM: usize = 32 * 1_024;

const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");
const CACHE_GROUPS: HeaderName = HeaderName::from_static("cache-groups");

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

    /// The coding of the answer, given the one that the client wants.
    fn coding(&self, wanted: Coding) -> Coding {
        match self.body.len() >= COMPRESS_FROM {
            true => wanted,
            false => Coding::Identity,
        }
    }

    fn etag(&self, coding: Coding) -> HeaderValue {
        let make = || {
            let tag = ["\"", &self.hash, coding.suffix(), "\""].concat();
            // A hash in base64 is always a value.
            value("ETag", tag).unwrap_or(const { HeaderValue::from_static("\"\"") })
        };
        self.etags.of(coding).get_or_init(make).clone()
    }

    /// The body in a coding; `None` where it goes as it is.
    fn form(&self, coding: Coding) -> Option<Bytes> {
        if coding == Coding::Identity {
            return None;
        }
        let cell = self.forms.of(coding);
        if let Some(made) = cell.get() {
            return made.clone();
        }
        let made = encoded(&self.body, coding);
        // Whoever was quicker made the same bytes.
        let _ = cell.set(made.clone());
        made
    }

    /// Makes the form that a client wants, on this thread, unless that takes long.
    pub(super) fn make_here(&self, wanted: Coding) {
        if self.body.len() < LARGE_FROM {
            let _ = self.form(self.coding(wanted));
        }
    }

    /// Whether the form that a client wants is still to be made.
    pub(super) fn lacks(&self, wanted: Coding) -> bool {
        let coding = self.coding(wanted);
        coding != Coding::Identity && self.forms.of(coding).get().is_none()
    }

    /// Whether it is, takes too long for a thread that answers, and is to be sent.
    pub(super) fn is_long_in_making(&self, wanted: &Wanted<'_>) -> bool {
        let is_large = self.body.len() >= LARGE_FROM;
        let is_sent = || self.failing(wanted).is_none() && !self.is_unchanged(wanted);
        is_large && self.lacks(wanted.coding()) && is_sent()
    }

    /// Makes the form that a client wants, once for all who wait for it, away from the threads
    /// that answer.
    pub(super) async fn make(&self, wanted: Coding) {
        let coding = self.coding(wanted);
        let body = self.body.clone();
        let make = || async move {
            let made = long::run(move || encoded(&body, coding)).await;
            made.unwrap_or_else(|cause| {
                log::error!("an answer can't be encoded: {cause}");
                None
            })
        };
        if coding != Coding::Identity {
            self.forms.of(coding).get_or_init(make).await;
        }
    }

    /// Answers a request: with all of it, or with 304 where the client has it. `private` answers
    /// depend on who asks.
    pub(super) fn respond(
        &self,
        wanted: &Wanted<'_>,
        state: Option<&State>,
        private: bool,
    ) -> Result<Response<BoxBody>, Problem> {
        if !wanted.accepts(self.content_type) {
            let ours = self.content_type.split(';').next().unwrap_or_default();
            let detail = format!("Accept must allow {ours}; it is the only form of this answer");
            return Err(Problem::new(Code::NotAcceptable, detail));
        }
        if let Some(detail) = self.failing(wanted) {
            return Err(Problem::new(Code::PreconditionFailed, detail));
        }
        let coding = self.coding(wanted.coding());
        let mut response = match self.is_unchanged(wanted) {
            true => Response::with_body(StatusCode::NOT_MODIFIED, BoxBody::new(())),
            false => self.whole(coding),
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.etag(coding));
        headers.insert(
            header::VARY,
            const { HeaderValue::from_static("Accept-Encoding") },
        );
        self.write_caching(headers, state, private);
        Ok(response)
    }

    /// What is wrong with the condition that must hold, in the order of RFC 9110 section 13.2.2:
    /// a date counts only without `If-Match`, and where there is one to compare it with.
    fn failing(&self, wanted: &Wanted<'_>) -> Option<&'static str> {
        let (holds, detail) = match wanted.if_match(&self.hash) {
            Some(is_named) => {
                let detail = "the resource is not in a state that If-Match names";
                (is_named, detail)
            }
            None => {
                let detail = "the resource has changed since the time in If-Unmodified-Since";
                let since = wanted.if_unmodified_since();
                (self.is_unmodified(since) != Some(false), detail)
            }
        };
        (!holds && !self.no_store).then_some(detail)
    }

    /// Whether the client has it already. What no cache may keep is never the same again.
    fn is_unchanged(&self, wanted: &Wanted<'_>) -> bool {
        let named = wanted.if_none_match(&self.hash);
        let by_date = || self.is_unmodified(wanted.if_modified_since()) == Some(true);
        !self.no_store && named.unwrap_or_else(by_date)
    }

    /// All of it, with what tells of its body.
    fn whole(&self, coding: Coding) -> Response<BoxBody> {
        let form = self.form(coding);
        let is_encoded = form.is_some();
        let body = BoxBody::new(form.unwrap_or_else(|| self.body.clone()));
        let mut response = Response::with_body(StatusCode::OK, body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.content_type_value.clone());
        if let Some(link) = &self.link {
            headers.insert(header::LINK, link.clone());
        }
        if is_encoded {
            headers.insert(header::CONTENT_ENCODING, coding.value());
        }
        response
    }

    /// Whether it has stayed the same since a time, in seconds; `None` without either time.
    fn is_unmodified(&self, since: Option<u64>) -> Option<bool> {
        let (modified, _) = self.last_modified.as_ref()?;
        // Header fields have whole seconds.
        let modified = u64::try_from(modified.millis() / 1_000).unwrap_or(0);
        since.map(|since| modified <= since)
    }

    fn write_caching(&self, headers: &mut HeaderMap, state: Option<&State>, private: bool) {
        if private || self.no_store {
            let value = match private {
                true => const { HeaderValue::from_static("private, no-store") },
                false => const { HeaderValue::from_static("no-store") },
            };
            headers.insert(header::CACHE_CONTROL, value);
            return;
        }
        if let Some(state) = state {
            headers.insert(header::CACHE_CONTROL, state.cache_control.clone());
            headers.insert(header::CDN_CACHE_CONTROL, state.cdn_cache_control.clone());
        }
        if let Some((_, value)) = &self.last_modified {
            headers.insert(header::LAST_MODIFIED, value.clone());
        }
        if let Some((surrogate, groups)) = &self.keys {
            headers.insert(SURROGATE_KEY, surrogate.clone());
            headers.insert(CACHE_GROUPS, groups.clone());
        }
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

fn encoded(body: &[u8], coding: Coding) -> Option<Bytes> {
    let mut made = coding.encode(body)?;
    made.shrink_to_fit();
    Some(made.into())
}

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody;

    use super::*;

    fn stored(body: &str, no_store: bool) -> Stored {
        Stored::new(Parts {
            body: body.as_bytes().to_vec(),
            content_type: "application/json",
            hash: "hash".to_owned(),
            last_modified: UtcTime::from_millis(60_500),
            keys: ["articles", "tag-1"].into(),
            link: None,
            no_store,
        })
    }

    fn answer(stored: &Stored, fields: &[(HeaderName, &'static str)]) -> Response<BoxBody> {
        let field = |(name, line): &(HeaderName, &'static str)| {
            (name.clone(), HeaderValue::from_static(line))
        };
        let headers: HeaderMap = fields.iter().map(field).collect();
        let wanted = Wanted::read(&headers);
        stored.respond(&wanted, None, false).unwrap()
    }

    #[test]
    fn a_form_is_made_once_and_is_always_the_same() {
        let stored = stored(&"word ".repeat(1_000), false);
        let before = stored.size();
        let fields = [(header::ACCEPT_ENCODING, "gzip")];
        let bytes = || answer(&stored, &fields).into_body().try_into_bytes();
        let (first, second) = (bytes().unwrap(), bytes().unwrap());
        assert_eq!(first.as_ptr(), second.as_ptr());
        assert_eq!(stored.size(), before + first.len());
        let response = answer(&stored, &fields);
        assert_eq!(response.headers().get(header::ETAG).unwrap(), "\"hash-gz\"");
        assert_eq!(
            response.headers().get(header::CONTENT_ENCODING).unwrap(),
            "gzip"
        );
    }

    #[test]
    fn what_is_short_goes_as_it_is() {
        let response = answer(&stored("{}", false), &[(header::ACCEPT_ENCODING, "br")]);
        assert_eq!(response.headers().get(header::ETAG).unwrap(), "\"hash\"");
        assert!(!response.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(
            response.headers().get(SURROGATE_KEY).unwrap(),
            "articles tag-1"
        );
        assert_eq!(
            response.headers().get(CACHE_GROUPS).unwrap(),
            "\"articles\", \"tag-1\""
        );
    }

    #[test]
    fn what_the_client_has_is_not_sent_unless_it_may_not_be_kept() {
        let since = "Thu, 01 Jan 1970 00:01:00 GMT";
        for (fields, status) in [
            (vec![(header::IF_NONE_MATCH, "\"hash-br\"")], 304_u16),
            (vec![(header::IF_MODIFIED_SINCE, since)], 304),
            (
                vec![
                    (header::IF_MODIFIED_SINCE, since),
                    (header::IF_NONE_MATCH, "\"x\""),
                ],
                200,
            ),
        ] {
            assert_eq!(answer(&stored("{}", false), &fields).status(), status);
            assert_eq!(answer(&stored("{}", true), &fields).status(), 200);
        }
    }

    #[test]
    fn conditions_are_looked_at_in_their_order() {
        let (before, same) = (
            "Thu, 01 Jan 1970 00:00:59 GMT",
            "Thu, 01 Jan 1970 00:01:00 GMT",
        );
        let (unmodified, modified) = (header::IF_UNMODIFIED_SINCE, header::IF_MODIFIED_SINCE);
        let (is, is_not) = (header::IF_MATCH, header::IF_NONE_MATCH);
        let (own, other) = ("\"hash\"", "\"other\"");
        let stored = stored("{}", false);
        for (fields, status) in [
            (vec![(unmodified.clone(), before)], 412_u16),
            (vec![(unmodified.clone(), same)], 200),
            (vec![(unmodified.clone(), "rubbish")], 200),
            (vec![(is.clone(), other)], 412),
            (vec![(is.clone(), own)], 200),
            // With tags, dates count for nothing.
            (vec![(is.clone(), own), (unmodified.clone(), before)], 200),
            (vec![(is.clone(), other), (unmodified.clone(), same)], 412),
            (vec![(is_not.clone(), other), (modified.clone(), same)], 200),
            // What must hold goes before what the client has.
            (vec![(is.clone(), other), (is_not.clone(), own)], 412),
            (vec![(is.clone(), own), (is_not.clone(), own)], 304),
            (
                vec![(unmodified.clone(), before), (is_not.clone(), own)],
                412,
            ),
            (vec![(unmodified.clone(), same), (is_not.clone(), own)], 304),
            (
                vec![(unmodified.clone(), same), (modified.clone(), same)],
                304,
            ),
        ] {
            let field = |(name, line): &(HeaderName, &'static str)| {
                (name.clone(), HeaderValue::from_static(line))
            };
            let headers: HeaderMap = fields.iter().map(field).collect();
            let answer = stored.respond(&Wanted::read(&headers), None, false);
            let found = match answer {
                Ok(answer) => answer.status(),
                Err(problem) => problem.code.status(),
            };
            assert_eq!(found, status, "{fields:?}");
        }
        // Without a date of its own, there is nothing to compare one with.
        let dateless = Stored::new(Parts {
            body: Vec::new(),
            content_type: "application/json",
            hash: "hash".to_owned(),
            last_modified: None,
            keys: Vec::new(),
            link: None,
            no_store: false,
        });
        assert_eq!(answer(&dateless, &[(unmodified, before)]).status(), 200);
    }
}
