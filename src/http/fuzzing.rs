//! Parsers of requests, laid open for the targets of `tests/fuzz`: only with the feature `fuzzing`.

use std::str::FromStr;

use actix_web::{
    http::{
        Uri,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    test::TestRequest,
};
use serde_json::Value;

use crate::{
    http::{
        articles::listing_of,
        coding::Coding,
        pagination::{CursorOrder, read_cursor, read_sequence, write_cursor, write_sequence},
        payload,
        problem::Problem,
        query, rate,
        reply::state_hash,
        request_id,
        wanted::Wanted,
        write::Seen,
    },
    model::{
        page::{Page, Position, Window},
        proxy::ProxyHeader,
    },
};

/// What a client is told that is refused.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// The parameters at fault, or JSON pointers to the members.
    pub named: Vec<String>,
    /// The whole problem document.
    pub document: String,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let named = problem.errors.iter().filter_map(|error| {
            let parameter = error.parameter.as_ref();
            parameter.or(error.pointer.as_ref()).cloned()
        });
        Self {
            status: problem.code.status().as_u16(),
            named: named.collect(),
            document: problem.body("/", "fuzz"),
        }
    }
}

/// Reads the parameters of a list of articles as they stand behind the question mark, and gives the
/// address of the page that is asked for. Nothing where no request can have such an address.
pub fn list(query: &str) -> Option<Result<String, Refused>> {
    let address = format!("/v1/articles?{query}");
    Uri::from_str(&address).ok()?;
    let request = TestRequest::with_uri(&address).to_http_request();
    let listing = match listing_of(&request) {
        Ok(listing) => listing,
        Err(problem) => return Some(Err(problem.into())),
    };
    let page: Page<Position> = Page {
        items: Vec::new(),
        has_next: false,
        has_previous: false,
        total: None,
    };
    let (_, links) = listing.describe(&page, Position::clone);
    Some(Ok(links.this))
}

/// Percent-decoding of names and values.
pub fn decoded(text: &str) -> Option<String> {
    query::decoded(text)
}

/// What a list is sorted by, and its cursors therefore hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// A number.
    Number,
    /// A text.
    Text,
    /// Rank among the hits of a search with so many wanted clauses.
    Rank(usize),
}

impl From<Order> for CursorOrder {
    fn from(order: Order) -> Self {
        match order {
            Order::Number => Self::Number,
            Order::Text => Self::Text,
            Order::Rank(clauses) => Self::Rank(clauses),
        }
    }
}

/// Reads a cursor of the list with this fingerprint.
pub fn cursor(text: &str, fingerprint: &str, order: Order) -> Result<Window, &'static str> {
    read_cursor(text, fingerprint, order.into())
}

/// Writes the cursor of a window; only one before or after a position has one.
pub fn cursor_of(window: &Window, fingerprint: &str) -> Option<String> {
    match window {
        Window::After(position) => Some(write_cursor(fingerprint, position, false)),
        Window::Before(position) => Some(write_cursor(fingerprint, position, true)),
        Window::First | Window::Number(_) => None,
    }
}

/// Reads a cursor of the log of changes.
pub fn sequence(text: &str) -> Option<i64> {
    read_sequence(text)
}

/// Writes a cursor of the log of changes.
pub fn sequence_of(number: i64) -> String {
    write_sequence(number)
}

/// What the header fields of a request ask of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The coding.
    pub coding: &'static str,
    /// The same, found without the short way for common clients.
    pub coding_by_the_book: &'static str,
    /// Whether JSON will do.
    pub takes_json: bool,
    /// Whether the entity tag is one of `If-Match`.
    pub if_match: Option<bool>,
    /// Whether it is one of `If-None-Match`.
    pub if_none_match: Option<bool>,
    /// `If-Modified-Since`.
    pub if_modified_since: Option<u64>,
    /// Whether a writer has seen this state.
    pub has_seen: Option<bool>,
    /// The id of the request, where it is the client's.
    pub id: HeaderValue,
}

/// What header fields ask of the answer with this hash, and of the thing with this id and version.
/// Fields that no request can have are passed over.
pub fn asked(fields: &[(&str, &[u8])], hash: &str, id: &str, version: i64) -> Asked {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    let wanted = Wanted::read(&headers);
    Asked {
        coding: wanted.coding().name(),
        coding_by_the_book: Coding::choose(headers.get_all(header::ACCEPT_ENCODING)).name(),
        takes_json: wanted.accepts("application/json"),
        if_match: wanted.if_match(hash),
        if_none_match: wanted.if_none_match(hash),
        if_modified_since: wanted.if_modified_since(),
        has_seen: Seen::of(&headers).map(|seen| seen.check(id, version).is_ok()),
        id: request_id::of(wanted.id()),
    }
}

/// Who asked, by what a field of proxies says in these lines, and whether that is none of ours: for
/// `X-Forwarded-For` and for `Forwarded`. Lines that no request can have are passed over.
pub fn clients(lines: &[&[u8]]) -> [(String, bool); 2] {
    [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded].map(|field| {
        let mut headers = HeaderMap::new();
        for line in lines {
            let name = HeaderName::from_bytes(field.as_str().as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(line)) {
                headers.append(name, value);
            }
        }
        rate::behind_proxies(field, &headers)
    })
}

/// What entity tags of a thing with this id and version begin with.
pub fn hash_of(id: &str, version: i64) -> String {
    state_hash(id, version)
}

/// Reads the body of a request as JSON.
pub fn json(bytes: &[u8]) -> Result<Value, Refused> {
    payload::parse(bytes).map_err(Refused::from)
}
