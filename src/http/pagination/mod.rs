//! Pages: from `limit`, `cursor`, `page` and `count` to a request, and back to links.

mod cursor;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use cursor::Order;
#[cfg(feature = "fuzzing")]
pub(super) use cursor::{Order as CursorOrder, read as read_cursor, write as write_cursor};
pub(super) use cursor::{read_sequence, write_sequence};

use crate::{
    http::query::Query,
    model::page::{DEFAULT_LIMIT, MAX_LIMIT, Page, PageRequest, Position, Window},
};

/// Encoded in links: all but RFC 3986's unreserved characters, and the comma of lists.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b',');
/// The highest page number.
const MAX_PAGE: i64 = 1_000_000;
/// Characters of a cursor, at most.
const MAX_CURSOR: usize = 2_000;

/// Where a page stands in its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PageInfo {
    /// Items of a page, at most.
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub limit: i64,
    /// Leads to the next page; null on the last.
    #[schema(required, max_length = 2000, pattern = "^[A-Za-z0-9_-]+$")]
    pub next_cursor: Option<String>,
    /// Leads to the page before; null on the first.
    #[schema(required, max_length = 2000, pattern = "^[A-Za-z0-9_-]+$")]
    pub prev_cursor: Option<String>,
    /// Number of this page, from 1; null unless `page` was given.
    #[schema(required, minimum = 1, maximum = 1000000)]
    pub number: Option<i64>,
    /// Number of all items; null unless `page` or `count=exact` was given.
    #[schema(required, minimum = 0, maximum = 9007199254740991i64)]
    pub total: Option<i64>,
    /// Number of all pages; null where `number` is.
    #[schema(required, minimum = 0, maximum = 9007199254740991i64)]
    pub total_pages: Option<i64>,
}

/// Addresses of this page and those around it, relative to the API's origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PageLinks {
    /// This page.
    #[serde(rename = "self")]
    #[schema(max_length = 20000, pattern = r"^[^\u0000]*$")]
    pub this: String,
    /// The next page; null on the last.
    #[schema(required, max_length = 20000, pattern = r"^[^\u0000]*$")]
    pub next: Option<String>,
    /// The page before; null on the first.
    #[schema(required, max_length = 20000, pattern = r"^[^\u0000]*$")]
    pub prev: Option<String>,
}

/// A list as a client asks for it.
pub(super) struct Listing {
    path: String,
    /// Parameters that are not about paging, in the order of their names.
    parameters: Vec<(String, String)>,
    fingerprint: String,
    pub(super) request: PageRequest,
    given_cursor: Option<String>,
}

/// Parameters that do not decide which items a list has, or their order.
const NOT_OF_THE_LIST: [&str; 9] = [
    "limit", "cursor", "page", "count", "fields", "include", "body", "facets", "tree",
];

impl Listing {
    /// Reads the paging parameters. `is_text` says what the list is sorted by.
    pub(super) fn of(query: &mut Query, path: &str, is_text: bool) -> Self {
        let order = if is_text { Order::Text } else { Order::Number };
        Self::ordered(query, path, order)
    }

    /// Reads the paging parameters of a list by relevance to a search with so many wanted clauses.
    pub(super) fn ranked(query: &mut Query, path: &str, clauses: usize) -> Self {
        Self::ordered(query, path, Order::Rank(clauses))
    }

    fn ordered(query: &mut Query, path: &str, order: Order) -> Self {
        let mut parameters: Vec<(String, String)> = query.given().to_vec();
        parameters.sort();
        let of_list: Vec<_> = parameters
            .iter()
            .filter(|(name, _)| !NOT_OF_THE_LIST.contains(&name.as_str()))
            .collect();
        let digest = Sha256::digest(format!("{path} {of_list:?}").as_bytes());
        let fingerprint = URL_SAFE_NO_PAD.encode(digest.get(..6).unwrap_or_default());
        let limit = query.number("limit", 1, MAX_LIMIT).unwrap_or(DEFAULT_LIMIT);
        let number = query.number("page", 1, MAX_PAGE);
        let given_cursor = query.text("cursor", MAX_CURSOR);
        let count = query
            .choice("count", &[(true, "exact"), (false, "none")])
            .unwrap_or(false);
        if query.has("page") && query.has("cursor") {
            query.error("page", "can't be given together with cursor");
        }
        let window = match (number, &given_cursor) {
            (Some(number), _) => Window::Number(number),
            (None, Some(cursor)) => match cursor::read(cursor, &fingerprint, order) {
                Ok(window) => window,
                Err(why) => {
                    query.error("cursor", why);
                    Window::First
                }
            },
            (None, None) => Window::First,
        };
        parameters.retain(|(name, _)| !matches!(name.as_str(), "cursor" | "page"));
        Self {
            path: path.to_owned(),
            parameters,
            fingerprint,
            request: PageRequest {
                limit,
                window,
                count,
            },
            given_cursor,
        }
    }

    /// Describes a page whose items have these positions.
    pub(super) fn describe<T>(
        &self,
        page: &Page<T>,
        position: impl Fn(&T) -> Position,
    ) -> (PageInfo, PageLinks) {
        let written = |item: Option<&T>, backward: bool, wanted: bool| {
            let position = position(item.filter(|_| wanted)?);
            Some(cursor::write(&self.fingerprint, &position, backward))
        };
        let next_cursor = written(page.items.last(), false, page.has_next);
        let prev_cursor = written(page.items.first(), true, page.has_previous);
        let number = match self.request.window {
            Window::Number(number) => Some(number),
            _ => None,
        };
        let links = match number {
            Some(number) => PageLinks {
                this: self.link("page", Some(&number.to_string())),
                next: page
                    .has_next
                    .then(|| self.link("page", Some(&(number + 1).to_string()))),
                prev: page
                    .has_previous
                    .then(|| self.link("page", Some(&(number - 1).to_string()))),
            },
            None => PageLinks {
                this: self.link("cursor", self.given_cursor.as_deref()),
                next: next_cursor
                    .as_ref()
                    .map(|cursor| self.link("cursor", Some(cursor))),
                prev: prev_cursor
                    .as_ref()
                    .map(|cursor| self.link("cursor", Some(cursor))),
            },
        };
        let limit = self.request.limit;
        let info = PageInfo {
            limit,
            next_cursor,
            prev_cursor,
            number,
            total: page.total,
            total_pages: number
                .and(page.total)
                .map(|total| (total + limit - 1) / limit.max(1)),
        };
        (info, links)
    }

    fn link(&self, name: &str, value: Option<&str>) -> String {
        address(
            &self.path,
            &self.parameters,
            value.map(|value| (name, value)),
        )
    }
}

/// A path with parameters, and one more.
fn address(path: &str, given: &[(String, String)], own: Option<(&str, &str)>) -> String {
    let given = given
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let pairs: Vec<String> = given
        .chain(own)
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, ENCODED)))
        .collect();
    match pairs.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", pairs.join("&")),
    }
}

/// Describes a list that has no pages before or behind, but for what `next_cursor` leads to.
pub(super) fn describe_one(
    query: &Query,
    path: &str,
    limit: i64,
    next_cursor: Option<String>,
) -> (PageInfo, PageLinks) {
    // In the order of their names, so that the answer does not depend on the one that was sent.
    let mut given = query.given().to_vec();
    given.sort();
    let mut behind = given.clone();
    // Where the next part begins is told by its cursor alone.
    behind.retain(|(name, _)| !matches!(name.as_str(), "cursor" | "since"));
    let links = PageLinks {
        this: address(path, &given, None),
        next: next_cursor
            .as_ref()
            .map(|cursor| address(path, &behind, Some(("cursor", cursor)))),
        prev: None,
    };
    let info = PageInfo {
        limit,
        next_cursor,
        prev_cursor: None,
        number: None,
        total: None,
        total_pages: None,
    };
    (info, links)
}

/// The `Link` header of a page (RFC 8288).
pub(super) fn link_header(links: &PageLinks) -> Option<String> {
    let named = [(&links.next, "next"), (&links.prev, "prev")];
    let written: Vec<String> = named
        .into_iter()
        .filter_map(|(link, relation)| Some(format!("<{}>; rel=\"{relation}\"", link.as_ref()?)))
        .collect();
    (!written.is_empty()).then(|| written.join(", "))
}
