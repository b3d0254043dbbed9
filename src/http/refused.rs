//! Answers to requests that are refused before the application sees them, for as little as can be:
//! there may be many more of them than of others.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Instant,
};

use actix_http::Request;
use actix_web::{HttpMessage, HttpResponse, body::BoxBody, dev::Response, http::header};

use crate::http::{
    finish::Finish,
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

/// The answer.
pub(super) fn answer(
    state: &State,
    request: &Request,
    problem: &Problem,
    started: Instant,
) -> Response<BoxBody> {
    state.refusals.note(problem);
    let headers = request.headers();
    let id = request_id::of(headers.get(ID_HEADER));
    let instance: String = request.path().chars().take(MAX_PATH).collect();
    let response: HttpResponse = problem.response(&instance, id.to_str().unwrap_or_default());
    let mut response = Response::from(response);
    let finish = Finish {
        state: Some(state),
        id: &id,
        origin: headers.get(header::ORIGIN),
        took: started.elapsed(),
        cost: StoreCost::default(),
    };
    finish.write(response.headers_mut());
    let method = method_name(request.method());
    let status = response.status().as_u16();
    let series = state.metrics.series(ROUTE, method, status);
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
