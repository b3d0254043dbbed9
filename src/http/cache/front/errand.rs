//! Errands: answers that are waited for, or made for all who wait, or that another stands in for.

use std::time::{Duration, Instant};

use actix_http::Request;
use actix_service::Service;
use actix_web::{
    Error, HttpMessage,
    body::BoxBody,
    dev::{Response, ServiceResponse},
    http::{
        StatusCode,
        header::{CACHE_STATUS, HeaderMap, HeaderValue},
    },
};
use tokio::time::timeout;

use crate::{
    http::{
        cache::{
            Deposit, asked, count,
            front::{COLLAPSED, Core, HIT, MISS, Outcome, STALE, STANDS_IN, STOOD_IN},
            holds::{Asking, Given},
            kept::Kept,
            making::{Awaited, Making, PASS_AFTER_FAILURE, PASS_FOR},
            respond::answer,
        },
        code::Code,
        overload::Place,
        problem::Problem,
        refused::{self, Asked},
        wanted::Wanted,
    },
    store::Moment,
};

/// For so long an answer is tried to be made while another may stand in for it.
const TRIED_FOR: Duration = Duration::from_secs(1);

/// What is to be found or made.
pub(super) struct Errand {
    pub(super) key: String,
    pub(super) arrived: Moment,
    pub(super) started: Instant,
    /// Whether all is known that others had changed a little while before.
    pub(super) is_current: bool,
    /// Whether it was found, and lacks only the form that this client wants.
    pub(super) is_found: bool,
}

impl<S> Core<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error>,
{
    /// Waits for an answer, or makes it.
    pub(super) async fn run(&self, request: Request, errand: Errand) -> Outcome {
        let cache = &self.state.cache;
        let asking = Asking {
            changes: self.state.store.invalidation(),
            arrived: errand.arrived,
            at: errand.started,
            is_current: errand.is_current,
            stale_for: cache.stale_for,
        };
        match cache.wait(&errand.key, &asking).await {
            Awaited::Pass => {
                count(&cache.counts.passed);
                self.pass(request).await
            }
            Awaited::Failed(problem) => {
                count(&cache.counts.passed);
                Ok(self.refuse(&request, &problem, errand.started))
            }
            Awaited::Turn(making) => self.make(request, &errand, making).await,
            Awaited::Made(given) => {
                let (counter, how) = match (given.stale, errand.is_found) {
                    (Some(_), _) => (&cache.counts.stood_in, STANDS_IN),
                    (None, true) => (&cache.counts.hit, HIT),
                    (None, false) => (&cache.counts.collapsed, COLLAPSED),
                };
                count(counter);
                let fields = (asked::method_name(&request), request.headers());
                match self.give(fields, &errand, &given, how).await {
                    Some(response) => Ok(response),
                    None => self.pass(request).await,
                }
            }
        }
    }

    /// Makes an answer, for others who wait for it too; or gives one that may stand in for it.
    async fn make(&self, request: Request, errand: &Errand, making: Making<'_>) -> Outcome {
        let counts = &self.state.cache.counts;
        let place = match self.admit(&request, errand.started.elapsed()).await {
            Ok(place) => place,
            // The next of those who wait has the turn, and perhaps there is a place by then. All of
            // them together wait for one no longer than one of them would.
            Err(problem) => return self.do_without(&request, errand, making, &problem).await,
        };
        // Before anything is read.
        let (since, began) = (self.state.store.invalidation().now(), Instant::now());
        let deposit = Deposit::default();
        request.extensions_mut().insert(deposit.clone());
        let tried = match &making.spare {
            None => Tried::Made(self.ask(request, place).await),
            Some(spare) => self.try_to(request, place, errand, spare).await,
        };
        let mut outcome = match tried {
            Tried::Made(outcome) => outcome,
            Tried::StoodIn(response) => {
                count(&counts.stood_in);
                return Ok(response);
            }
        };
        if making.spare.is_some() && is_failure(&outcome) {
            // What could stand in goes on being there for others.
            return outcome;
        }
        if let Some(problem) = deposit.take_problem() {
            // Others who waited for it would wait in vain again, each for as long.
            count(&counts.passed);
            making.fail(problem);
            return outcome;
        }
        let kept = deposit.take().map(|left| Kept::new(left, since, began));
        let (counter, how) = match (&kept, making.was_there) {
            (None, _) => (&counts.passed, None),
            (Some(_), true) => (&counts.stale, Some(STALE)),
            (Some(_), false) => (&counts.miss, Some(MISS)),
        };
        count(counter);
        if let (Some(how), Ok(response)) = (how, &mut outcome) {
            mark(response, how);
        }
        making.end(kept, pass_for(&outcome));
        outcome
    }

    /// Answers where there is no place to make an answer: with the one that may stand in for it, or
    /// with a problem.
    async fn do_without(
        &self,
        request: &Request,
        errand: &Errand,
        making: Making<'_>,
        problem: &Problem,
    ) -> Outcome {
        if let Some(spare) = &making.spare {
            let fields = (asked::method_name(request), request.headers());
            if let Some(response) = self.give(fields, errand, spare, STOOD_IN).await {
                count(&self.state.cache.counts.stood_in);
                return Ok(response);
            }
        }
        Ok(self.refuse(request, problem, errand.started))
    }

    /// Makes an answer while another may stand in for it: that one is given where making fails, and
    /// where it takes long, as of a database that hangs.
    async fn try_to(
        &self,
        request: Request,
        place: Option<Place>,
        errand: &Errand,
        spare: &Given,
    ) -> Tried {
        let (method, fields) = (asked::method_name(&request), request.headers().clone());
        let outcome = match timeout(TRIED_FOR, self.ask(request, place)).await {
            Ok(outcome) if !is_failure(&outcome) => return Tried::Made(outcome),
            outcome => outcome.ok(),
        };
        let given = self.give((method, &fields), errand, spare, STOOD_IN);
        if let Some(response) = given.await {
            return Tried::StoodIn(response);
        }
        let no_answer = || Ok(self.no_answer(errand, method, &fields));
        Tried::Made(outcome.unwrap_or_else(no_answer))
    }

    /// What is answered where the application takes too long, and nothing else can be given.
    fn no_answer(
        &self,
        errand: &Errand,
        method: &'static str,
        headers: &HeaderMap,
    ) -> Response<BoxBody> {
        let problem = Problem::new(Code::Unavailable, "the database does not answer");
        let path = errand.key.split('?').next().unwrap_or_default();
        let asked = Asked {
            method,
            path,
            headers,
        };
        refused::answer(&self.state, &asked, &problem, errand.started)
    }

    /// Gives what is kept, or another has made, to one who asks by this method with these fields.
    async fn give(
        &self,
        (method, fields): (&'static str, &HeaderMap),
        errand: &Errand,
        given: &Given,
        how: HeaderValue,
    ) -> Option<Response<BoxBody>> {
        let state = &*self.state;
        let wanted = Wanted::read(fields);
        let stored = &given.kept.stored;
        if stored.is_long_in_making(&wanted) {
            stored.make(wanted.coding()).await;
            state.cache.weigh(&errand.key, &given.kept);
        }
        let of = (method, errand.started);
        answer(state, given, &errand.key, &wanted, of, how)
    }
}

/// What became of an answer for which another may stand in.
enum Tried {
    /// It was made, or neither can be given.
    Made(Outcome),
    /// The other was given.
    StoodIn(Response<BoxBody>),
}

fn is_failure(outcome: &Outcome) -> bool {
    match outcome {
        Ok(response) => response.status().is_server_error(),
        Err(_) => true,
    }
}

/// How long each makes their own where this is an answer that others can't get.
fn pass_for(outcome: &Outcome) -> Duration {
    match is_failure(outcome) {
        false => PASS_FOR,
        true => PASS_AFTER_FAILURE,
    }
}

/// Says how an answer came about, if it is one that others may get.
fn mark(response: &mut Response<BoxBody>, how: HeaderValue) {
    if matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED) {
        response.headers_mut().insert(CACHE_STATUS, how);
    }
}
