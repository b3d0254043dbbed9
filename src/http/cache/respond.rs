//! What a kept answer says to one who asks.

use std::time::{Duration, Instant};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    dev::Response,
    http::{
        StatusCode,
        header::{AGE, CACHE_CONTROL, CACHE_STATUS, CDN_CACHE_CONTROL, HeaderMap, HeaderValue},
    },
};

use crate::http::{
    cache::holds::Given,
    finish::{Finish, close_if_stopping},
    request_id,
    state::{State, StoreCost},
    wanted::Wanted,
};

/// What a kept answer says to a request; `None` where the application must refuse it.
pub(super) fn answer(
    state: &State,
    Given { kept, stale }: &Given,
    key: &str,
    wanted: &Wanted<'_>,
    (method, started): (&'static str, Instant),
    how: HeaderValue,
) -> Option<Response<BoxBody>> {
    let was_lacking = kept.stored.lacks(wanted.coding());
    let mut response = kept.stored.respond(wanted, Some(state), false).ok()?;
    if was_lacking && response.status() == StatusCode::OK {
        state.cache.weigh(key, kept);
    }
    let id = request_id::of(wanted.id());
    let finish = Finish {
        state: Some(state),
        id: &id,
        origin: wanted.origin(),
        took: started.elapsed(),
        cost: StoreCost::default(),
    };
    let headers = response.headers_mut();
    finish.write(headers);
    headers.insert(CACHE_STATUS, how);
    if let Some(age) = stale {
        write_age(headers, *age);
    }
    let status = response.status().as_u16();
    close_if_stopping(state, &mut response);
    kept.count(&state.metrics, method, status, finish.took);
    let bytes = match response.body().size() {
        BodySize::Sized(bytes) if method != "HEAD" => bytes,
        _ => 0,
    };
    finish.log(method, &kept.route, status, bytes);
    Some(response)
}

/// Says for how long it has not been known whether an answer holds. Caches outside must ask again:
/// what they are told to purge, they would else have anew from here.
fn write_age(headers: &mut HeaderMap, age: Duration) {
    headers.insert(AGE, HeaderValue::from(age.as_secs()));
    let cache_control = const { HeaderValue::from_static("public, max-age=0") };
    headers.insert(CACHE_CONTROL, cache_control);
    let cdn_cache_control = const { HeaderValue::from_static("max-age=0") };
    headers.insert(CDN_CACHE_CONTROL, cdn_cache_control);
}
