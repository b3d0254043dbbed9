//! What can be said of a request at once: its answer, where one is kept that holds, or who is to
//! answer it.

use std::{borrow::Cow, time::Instant};

use actix_http::Request;
use actix_web::{HttpMessage, body::BoxBody, dev::Response};

use crate::http::{
    cache::{
        asked, count,
        front::{HIT, STANDS_IN, errand::Errand},
        holds::{Asking, Found, is_current},
        respond::answer,
    },
    state::State,
    wanted::Wanted,
};

/// What can be said of a request at once.
pub(super) enum Look {
    /// This is its answer.
    Answer(Response<BoxBody>),
    /// It is for the application alone.
    Ask,
    /// It may have to be waited for.
    Wait(Errand),
}

/// Answers at once what is kept, and holds.
pub(super) fn look(state: &State, request: &mut Request) -> Look {
    let started = Instant::now();
    let cache = &state.cache;
    if cache.entries.is_none() || !asked::may_be_kept(request) {
        return Look::Ask;
    }
    let request = &*request;
    let wanted = Wanted::read(request.headers());
    if wanted.is_special() {
        return Look::Ask;
    }
    let Some(key) = asked::key(request.uri()) else {
        return Look::Ask;
    };
    let changes = state.store.invalidation();
    let asking = Asking {
        changes,
        arrived: changes.now(),
        at: started,
        is_current: is_current(changes, started),
        stale_for: cache.stale_for,
    };
    let errand = |key: Cow<'_, str>, is_found: bool| {
        Look::Wait(Errand {
            key: key.into_owned(),
            arrived: asking.arrived,
            started,
            is_current: asking.is_current,
            is_found,
        })
    };
    match cache.find(&key, &asking) {
        Found::Good(given) if given.kept.stored.is_long_in_making(&wanted) => errand(key, true),
        Found::Good(given) => {
            let of = (asked::method_name(request), started);
            let (counter, how) = match given.stale {
                None => (&cache.counts.hit, HIT),
                Some(_) => (&cache.counts.stood_in, STANDS_IN),
            };
            match answer(state, &given, &key, &wanted, of, how) {
                Some(response) => {
                    count(counter);
                    Look::Answer(response)
                }
                None => Look::Ask,
            }
        }
        Found::Pass => {
            count(&cache.counts.passed);
            Look::Ask
        }
        Found::Failed(_) | Found::Nothing => errand(key, false),
    }
}
