//! Cross-origin reads (Fetch standard, section 3.3).
//!
//! Our own, since the library for actix answers only requests that carry `Origin`: a shared cache
//! that was filled without one would then serve browsers an answer that they must refuse.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

const ANY: HeaderValue = HeaderValue::from_static("*");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Cache-Status, ETag, Idempotency-Replayed, Link, Location, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
);
const METHODS: &str = "GET, HEAD, OPTIONS";
const REQUEST_FIELDS: &str = "Accept, Accept-Language, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, X-Request-Id";
/// What pages of origins that are named one by one may send too: a page of any origin has no
/// business with tokens.
const WRITING_METHODS: &str = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
const WRITING_FIELDS: &str = "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, Prefer, X-Request-Id";
/// Seconds that a browser may remember a preflight; browsers cap it at two hours or less.
const MAX_AGE: &str = "7200";

/// Says which pages may read an answer. Nothing is ever sent with a reader's credentials.
pub(super) fn write(headers: &mut HeaderMap, allowed: &[String], origin: Option<&HeaderValue>) {
    if allowed.iter().any(|allowed| allowed == "*") {
        // The same for all, so that caches need not tell origins apart.
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        return;
    }
    // The answer depends on who asks, also where the one who asks is not allowed.
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let known = origin.filter(|origin| allowed.iter().any(|allowed| *origin == allowed.as_str()));
    if let Some(origin) = known {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

/// What a browser asks before an unusual request.
pub(super) fn write_preflight(headers: &mut HeaderMap, may_write: bool) {
    let (methods, fields) = match may_write {
        true => (WRITING_METHODS, WRITING_FIELDS),
        false => (METHODS, REQUEST_FIELDS),
    };
    set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, fields);
    set(headers, header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
