//! Which requests the cache may answer, and under which key.

use std::borrow::Cow;

use actix_http::{Payload, Request};
use actix_web::http::{Method, Uri};

/// Bytes of an address, at most.
const LONGEST: usize = 1_024;
/// What of `/v1` may be kept: no answer there depends on the clock. The rest is for editors, or
/// follows the log of changes.
const ROOMS: [&str; 7] = [
    "articles",
    "authors",
    "categories",
    "oembed",
    "resolve",
    "search",
    "tags",
];

/// Whether the answer to a request may be kept, as far as its first line and its body tell.
pub(super) fn may_be_kept(request: &mut Request) -> bool {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    is_read && is_of_readers(request.path()) && matches!(request.payload(), Payload::None)
}

/// The name of the method, of those that read.
pub(super) fn method_name(request: &Request) -> &'static str {
    match *request.method() == Method::HEAD {
        true => "HEAD",
        false => "GET",
    }
}

fn is_of_readers(path: &str) -> bool {
    match path.strip_prefix("/v1/") {
        Some(rest) => {
            let room = rest.split_once('/').map_or(rest, |(room, _)| room);
            ROOMS.contains(&room)
        }
        None => path.starts_with("/feeds/"),
    }
}

/// The key of an address: its path, and its parameters in the order of their names, since answers
/// do not depend on another. `None` for one that is too long, or leads to what only some may see.
pub(super) fn key(uri: &Uri) -> Option<Cow<'_, str>> {
    let whole = uri.path_and_query()?.as_str();
    if whole.len() > LONGEST {
        return None;
    }
    let Some(query) = uri.query() else {
        return Some(Cow::Borrowed(whole));
    };
    let mut is_in_order = true;
    let mut last = "";
    for pair in query.split('&') {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        // Names are plain words; what is written otherwise may be the token of a preview link.
        if name == "preview" || name.contains('%') {
            return None;
        }
        is_in_order &= !pair.is_empty() && last <= pair;
        last = pair;
    }
    if is_in_order {
        return Some(Cow::Borrowed(whole));
    }
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    Some(Cow::Owned(match pairs.is_empty() {
        true => uri.path().to_owned(),
        false => format!("{}?{}", uri.path(), pairs.join("&")),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(address: &str) -> Option<String> {
        key(&address.parse().unwrap()).map(Cow::into_owned)
    }

    #[test]
    fn the_order_of_parameters_makes_no_difference() {
        for (address, expected) in [
            ("/v1/articles", "/v1/articles"),
            ("/v1/articles?", "/v1/articles"),
            ("/v1/articles?&&", "/v1/articles"),
            ("/v1/articles?limit=2&page=1", "/v1/articles?limit=2&page=1"),
            ("/v1/articles?page=1&limit=2", "/v1/articles?limit=2&page=1"),
            ("/v1/articles?a=1&&b=2", "/v1/articles?a=1&b=2"),
            ("http://x/v1/tags?b=%2C&a=", "/v1/tags?a=&b=%2C"),
        ] {
            assert_eq!(key_of(address).as_deref(), Some(expected), "{address}");
        }
        assert!(matches!(
            key(&"/v1/articles?a=1&b=2".parse().unwrap()),
            Some(Cow::Borrowed(_))
        ));
    }

    #[test]
    fn previews_and_long_addresses_have_no_key() {
        for address in [
            "/v1/articles/a?preview=x",
            "/v1/articles/a?limit=1&preview",
            "/v1/articles/a?p%72eview=x",
            &format!("/v1/articles/{}", "a".repeat(LONGEST)),
        ] {
            assert_eq!(key_of(address), None, "{address}");
        }
        assert!(key_of("/v1/articles/a?previews=x").is_some());
    }

    #[test]
    fn what_readers_ask_for_may_be_kept() {
        for path in [
            "/v1/articles",
            "/v1/articles/a/related",
            "/v1/search",
            "/feeds/tags/a.rss",
        ] {
            assert!(is_of_readers(path), "{path}");
        }
        for path in [
            "/v1/changes",
            "/v1/audit",
            "/v1/articlesx",
            "/v1/",
            "/healthz",
            "/metrics",
            "/sitemaps/news.xml",
        ] {
            assert!(!is_of_readers(path), "{path}");
        }
    }
}
