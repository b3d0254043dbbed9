//! Answers as clients get them: in their codings, and under their conditions.

use actix_web::{
    body::{BoxBody, MessageBody},
    dev::Response,
    http::header::{self, HeaderMap, HeaderName},
};

use super::{
    respond::{CACHE_GROUPS, SURROGATE_KEY},
    *,
};
use crate::http::wanted::Wanted;

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
    let field =
        |(name, line): &(HeaderName, &'static str)| (name.clone(), HeaderValue::from_static(line));
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
