//! What the header fields of a request ask of its answer, gone through once.

use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue, HttpDate};

use crate::http::{coding::Coding, request_id::ID_HEADER};

/// What a request asks of its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    headers: &'a HeaderMap,
    coding: Coding,
    accept: Field<'a>,
    codings: Field<'a>,
    if_match: Field<'a>,
    if_none_match: Field<'a>,
    if_modified_since: Field<'a>,
    if_unmodified_since: Field<'a>,
    id: Field<'a>,
    origin: Field<'a>,
    is_special: bool,
}

/// A field, which may stand in several lines.
#[derive(Debug, Clone, Copy, Default)]
struct Field<'a> {
    first: Option<&'a HeaderValue>,
    has_more: bool,
}

impl<'a> Field<'a> {
    fn add(&mut self, line: &'a HeaderValue) {
        match self.first {
            None => self.first = Some(line),
            Some(_) => self.has_more = true,
        }
    }

    /// The whole seconds of a date; what is none counts as not there (RFC 9110 sections 13.1.3 and
    /// 13.1.4).
    fn seconds(self) -> Option<u64> {
        let line = self.first.filter(|_| !self.has_more)?;
        let date = line.to_str().ok()?.parse::<HttpDate>().ok()?;
        let since = SystemTime::from(date).duration_since(UNIX_EPOCH);
        Some(since.map_or(0, |since| since.as_secs()))
    }
}

impl<'a> Wanted<'a> {
    /// Goes through the header fields.
    pub(super) fn read(headers: &'a HeaderMap) -> Self {
        let mut wanted = Self {
            headers,
            coding: Coding::Identity,
            accept: Field::default(),
            codings: Field::default(),
            if_match: Field::default(),
            if_none_match: Field::default(),
            if_modified_since: Field::default(),
            if_unmodified_since: Field::default(),
            id: Field::default(),
            origin: Field::default(),
            is_special: false,
        };
        for (name, line) in headers {
            wanted.note(name, line);
        }
        wanted.coding = match wanted.codings {
            Field { first: None, .. } => Coding::Identity,
            Field {
                first: Some(line),
                has_more: false,
            } => Coding::of_common(line.as_bytes())
                .unwrap_or_else(|| Coding::choose(std::iter::once(line))),
            Field { .. } => Coding::choose(headers.get_all(header::ACCEPT_ENCODING)),
        };
        wanted
    }

    fn note(&mut self, name: &HeaderName, line: &'a HeaderValue) {
        let field = if *name == header::ACCEPT_ENCODING {
            &mut self.codings
        } else if *name == header::ACCEPT {
            &mut self.accept
        } else if *name == header::IF_NONE_MATCH {
            &mut self.if_none_match
        } else if *name == header::IF_MODIFIED_SINCE {
            &mut self.if_modified_since
        } else if *name == header::ORIGIN {
            &mut self.origin
        } else if *name == header::IF_MATCH {
            self.is_special = true;
            &mut self.if_match
        } else if *name == header::IF_UNMODIFIED_SINCE {
            self.is_special = true;
            &mut self.if_unmodified_since
        } else if *name == header::AUTHORIZATION || *name == header::CONTENT_ENCODING {
            self.is_special = true;
            return;
        } else if *name == ID_HEADER {
            // Last, since it is compared by its text, the others by a number.
            &mut self.id
        } else {
            return;
        };
        field.add(line);
    }

    /// Whether they ask for more than an answer that is kept can tell: for what a token may see,
    /// for what a writer has seen, or for a refusal. A part of an answer is not: nothing here is
    /// served in parts, and then the whole is right (RFC 9110 section 14.2).
    pub(super) fn is_special(&self) -> bool {
        self.is_special
    }

    /// The id that the client gave the request.
    pub(super) fn id(&self) -> Option<&'a HeaderValue> {
        self.id.first
    }

    /// The origin of the page that asks.
    pub(super) fn origin(&self) -> Option<&'a HeaderValue> {
        self.origin.first
    }

    /// The coding that the client likes best.
    pub(super) fn coding(&self) -> Coding {
        self.coding
    }

    /// The coding to make an answer in before it is known whether the client has it already.
    pub(super) fn coding_ahead(&self) -> Coding {
        let conditions = [self.if_none_match, self.if_modified_since];
        match conditions.iter().all(|field| field.first.is_none()) {
            true => self.coding,
            false => Coding::Identity,
        }
    }

    /// Whether the client takes an answer of this type (RFC 9110 section 12.5.1).
    pub(super) fn accepts(&self, content_type: &str) -> bool {
        let ours = content_type.split(';').next().unwrap_or_default();
        match self.accept {
            Field { first: None, .. } => return true,
            Field {
                first: Some(line),
                has_more: false,
            } if line == "*/*" || line == ours => return true,
            Field { .. } => {}
        }
        let kind = ours.split('/').next().unwrap_or_default();
        let (mut of_ours, mut of_kind, mut of_any) = (None, None, None);
        let mut is_empty = true;
        let lines = self.headers.get_all(header::ACCEPT);
        let lines = lines.filter_map(|line| line.to_str().ok());
        let ranges = lines.flat_map(|line| line.split(',')).map(str::trim);
        for range in ranges.filter(|range| !range.is_empty()) {
            is_empty = false;
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let is_of_kind = |all: &str| all.eq_ignore_ascii_case(kind);
            let place = if name.eq_ignore_ascii_case(ours) {
                &mut of_ours
            } else if name.strip_suffix("/*").is_some_and(is_of_kind) {
                &mut of_kind
            } else if name == "*/*" {
                &mut of_any
            } else {
                continue;
            };
            place.get_or_insert_with(|| !parts.any(is_refusal));
        }
        // The most specific range that covers ours decides.
        is_empty || of_ours.or(of_kind).or(of_any) == Some(true)
    }

    /// Whether `If-Match` names the representation with this hash, in any coding; `None` without
    /// that field. It compares strongly, so that no weak tag satisfies it (RFC 9110 section
    /// 13.1.1).
    pub(super) fn if_match(&self, hash: &str) -> Option<bool> {
        self.is_named(self.if_match, header::IF_MATCH, hash, false)
    }

    /// Whether `If-None-Match` names the representation with this hash, in any coding; `None`
    /// without that field.
    pub(super) fn if_none_match(&self, hash: &str) -> Option<bool> {
        self.is_named(self.if_none_match, header::IF_NONE_MATCH, hash, true)
    }

    fn is_named(
        &self,
        field: Field<'_>,
        name: HeaderName,
        hash: &str,
        weakly: bool,
    ) -> Option<bool> {
        let first = field.first?;
        let names_it = |line: &HeaderValue| {
            let tags = line.to_str().unwrap_or_default().split(',');
            tags.map(str::trim).any(|tag| is_of(tag, hash, weakly))
        };
        Some(match field.has_more {
            true => self.headers.get_all(name).any(names_it),
            false => names_it(first),
        })
    }

    /// The whole seconds of `If-Modified-Since`.
    pub(super) fn if_modified_since(&self) -> Option<u64> {
        self.if_modified_since.seconds()
    }

    /// The whole seconds of `If-Unmodified-Since`.
    pub(super) fn if_unmodified_since(&self) -> Option<u64> {
        self.if_unmodified_since.seconds()
    }
}

/// Whether a parameter of a media range says that the range is not taken.
fn is_refusal(part: &str) -> bool {
    let mut begin = part.bytes().filter(|byte| *byte != b' ');
    let weighs = b"q=0".iter().all(|byte| begin.next() == Some(*byte));
    let quality = part.trim_start_matches(|c| c != '=');
    weighs && quality.trim_matches(['=', '0', '.', ' ']).is_empty()
}

/// Whether a tag is of the representation with this hash in any coding.
fn is_of(tag: &str, hash: &str, weakly: bool) -> bool {
    let tag = match tag.strip_prefix("W/") {
        Some(tag) if weakly => tag,
        Some(_) => return false,
        None => tag,
    };
    let Some(inner) = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')) else {
        return tag == "*";
    };
    let suffix = inner.strip_prefix(hash);
    suffix.is_some_and(|suffix| Coding::ALL.iter().any(|coding| coding.suffix() == suffix))
}

/// The entity tags of a condition, or `None` without one.
pub(super) fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let mut fields = headers.get_all(name).peekable();
    fields.peek()?;
    Some(
        fields
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|tag| tag.trim().to_owned())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(HeaderName, &'static str)]) -> HeaderMap {
        let field = |(name, line): &(HeaderName, &'static str)| {
            (name.clone(), HeaderValue::from_static(line))
        };
        fields.iter().map(field).collect()
    }

    #[test]
    fn the_most_specific_range_decides() {
        for (line, expected) in [
            ("", true),
            ("*/*", true),
            ("application/json", true),
            ("APPLICATION/JSON; q=0.5", true),
            ("application/*", true),
            ("text/html, */*;q=0.1", true),
            ("application/json;q=0", false),
            ("application/json; q = 0.000, */*", false),
            ("application/*;q=0, application/json", true),
            ("*/*;q=0", false),
            ("text/html", false),
            ("application/xml, text/*", false),
        ] {
            let headers = headers(&[(header::ACCEPT, line)]);
            let accepts = Wanted::read(&headers).accepts("application/json");
            assert_eq!(accepts, expected, "{line}");
        }
        let lines = headers(&[(header::ACCEPT, "text/html"), (header::ACCEPT, "*/*")]);
        assert!(Wanted::read(&lines).accepts("text/xml; charset=utf-8"));
        assert!(Wanted::read(&headers(&[])).accepts("text/html"));
    }

    #[test]
    fn tags_of_any_coding_name_an_answer() {
        for (line, weakly, strongly) in [
            ("\"abc\"", true, true),
            ("\"other\", \"abc-br\"", true, true),
            ("W/\"abc-gz\"", true, false),
            ("*", true, true),
            ("\"abc-x\"", false, false),
            ("\"abcd\"", false, false),
            ("abc", false, false),
            ("", false, false),
        ] {
            let both = headers(&[(header::IF_NONE_MATCH, line), (header::IF_MATCH, line)]);
            let wanted = Wanted::read(&both);
            assert_eq!(wanted.if_none_match("abc"), Some(weakly), "{line}");
            assert_eq!(wanted.if_match("abc"), Some(strongly), "{line}");
        }
        let lines = headers(&[
            (header::IF_NONE_MATCH, "\"x\""),
            (header::IF_NONE_MATCH, "\"abc\""),
        ]);
        assert_eq!(Wanted::read(&lines).if_none_match("abc"), Some(true));
        assert_eq!(Wanted::read(&lines).if_match("abc"), None);
    }

    #[test]
    fn no_form_is_made_ahead_for_who_may_have_the_answer() {
        let br = (header::ACCEPT_ENCODING, "br");
        let plain = headers(std::slice::from_ref(&br));
        assert_eq!(Wanted::read(&plain).coding_ahead(), Coding::Brotli);
        for condition in [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE] {
            let conditional = headers(&[br.clone(), (condition, "x")]);
            let coding = Wanted::read(&conditional).coding_ahead();
            assert_eq!(coding, Coding::Identity);
        }
    }

    #[test]
    fn dates_have_whole_seconds() {
        let since = |line| {
            let headers = headers(&[(header::IF_MODIFIED_SINCE, line)]);
            Wanted::read(&headers).if_modified_since()
        };
        assert_eq!(since("Thu, 01 Jan 1970 00:01:00 GMT"), Some(60));
        assert_eq!(since("rubbish"), None);
        assert_eq!(since(""), None);
        let line = "Thu, 01 Jan 1970 00:01:00 GMT";
        let once = headers(&[(header::IF_UNMODIFIED_SINCE, line)]);
        assert_eq!(Wanted::read(&once).if_unmodified_since(), Some(60));
        let twice = headers(&[
            (header::IF_UNMODIFIED_SINCE, line),
            (header::IF_UNMODIFIED_SINCE, line),
        ]);
        assert_eq!(Wanted::read(&twice).if_unmodified_since(), None);
    }

    #[test]
    fn fields_that_no_kept_answer_satisfies_are_told() {
        for name in [
            header::AUTHORIZATION,
            header::IF_MATCH,
            header::IF_UNMODIFIED_SINCE,
            header::CONTENT_ENCODING,
        ] {
            let headers = headers(&[(name, "x")]);
            assert!(Wanted::read(&headers).is_special());
        }
        let plain = headers(&[
            (header::ACCEPT, "*/*"),
            (header::HOST, "x"),
            (header::RANGE, "bytes=0-"),
        ]);
        assert!(!Wanted::read(&plain).is_special());
    }
}
