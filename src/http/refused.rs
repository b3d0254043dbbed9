//! Answers to requests that are refused before the application sees them, or that it does not answer
//! in time, for as little as can be: there may be many more of them than of others.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Instant,
};

use actix_http::{ConnectionType, Request};
use actix_web::{
    HttpMessage, HttpResponse,
    body::BoxBody,
    dev::Response,
    http::header::{self, HeaderMap},
};

use crate::http::{
    finish::{Finish, close_if_stopping},
    frame::method_name,
    problem::Problem,
    request_id::{self, ID_HEADER},
    state::{State, StoreCost},
};

/// What stands for the pattern of their paths, which nobody looked for.
const ROUTE: &str = "refused";
/// Characters of a path that are told back.
const MAX_PATH: usize = 8 * 1024;

/// How many were refused that the log was not told of.
#[derive(Debug)]
pub struct Refusals {
    started: Instant,
    /// The second in which it was told last.
    told_in: AtomicU64,
    untold: AtomicU64,
}

impl Default for Refusals {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            told_in: AtomicU64::new(0),
            untold: AtomicU64::new(0),
        }
    }
}

impl Refusals {
    /// One more; tells the log how many there were, at most once a second.
    fn note(&self, problem: &Problem) {
        let count = self.untold.fetch_add(1, Relaxed) + 1;
        let second = self.started.elapsed().as_secs() + 1;
        let told_in = self.told_in.load(Relaxed);
        let is_mine = || {
            let changed = self
                .told_in
                .compare_exchange(told_in, second, Relaxed, Relaxed);
            changed.is_ok()
        };
        if second > told_in && is_mine() {
            self.untold.fetch_sub(count, Relaxed);
            log::warn!("refused {count} requests of late, the last one with {problem}");
        }
    }
}

/// What an answer tells back of a request.
pub(super) struct Asked<'a> {
    /// By name; one word for those that nobody uses.
    pub(super) method: &'static str,
    pub(super) path: &'a str,
    pub(super) headers: &'a HeaderMap,
}

impl<'a> Asked<'a> {
    /// That of a request.
    pub(super) fn of(request: &'a Request) -> Self {
        Self {
            method: method_name(request.method()),
            path: request.path(),
            headers: request.headers(),
        }
    }
}

/// The answer.
pub(super) fn answer(
    state: &State,
    asked: &Asked<'_>,
    problem: &Problem,
    started: Instant,
) -> Response<BoxBody> {
    state.refusals.note(problem);
    let id = request_id::of(asked.headers.get(ID_HEADER));
    let instance: String = asked.path.chars().take(MAX_PATH).collect();
    let response: HttpResponse = problem.response(&instance, request_id::text(&id));
    let mut response = Response::from(response);
    let finish = Finish {
        state: Some(state),
        id: &id,
        origin: asked.headers.get(header::ORIGIN),
        took: started.elapsed(),
        cost: StoreCost::default(),
    };
    finish.write(response.headers_mut());
    if asked.headers.contains_key(header::TRANSFER_ENCODING) {
        // Nobody reads the body, and where it ends only reading would tell.
        let head = response.head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    close_if_stopping(state, &mut response);
    let status = response.status().as_u16();
    let series = state.metrics.series(ROUTE, asked.method, status);
    series.record(finish.took);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::code::Code;

    #[test]
    fn the_log_is_told_of_many_at_once() {
        let refusals = Refusals::default();
        let problem = Problem::new(Code::Overloaded, "there is no place");
        for _ in 0..1_000 {
            refusals.note(&problem);
        }
        let untold = refusals.untold.load(Relaxed);
        assert!((1..1_000).contains(&untold), "{untold}");
    }
}
