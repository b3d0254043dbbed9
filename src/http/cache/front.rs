//! What stands before the application: gives what is kept, and keeps what the application makes.

use std::{
    borrow::Cow,
    future::{Ready, ready},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use actix_http::Request;
use actix_service::{Service, ServiceFactory};
use actix_web::{
    Error, HttpMessage,
    body::BoxBody,
    dev::{Response, ServiceResponse},
    http::{
        StatusCode,
        header::{CACHE_STATUS, HeaderMap, HeaderValue},
    },
};
use futures_util::future::{Either, FutureExt, LocalBoxFuture};
use tokio::time::timeout;

use crate::{
    http::{
        cache::{
            Deposit, asked, count,
            holds::{Asking, Found, Given, is_current},
            kept::Kept,
            making::{Awaited, Making, PASS_AFTER_FAILURE, PASS_FOR},
            respond::answer,
        },
        code::Code,
        finish,
        overload::Place,
        problem::Problem,
        refused::{self, Asked},
        state::State,
        wanted::Wanted,
    },
    store::Moment,
};

// RFC 9211.
const HIT: HeaderValue = HeaderValue::from_static("newsstand; hit");
const MISS: HeaderValue = HeaderValue::from_static("newsstand; fwd=miss");
const STALE: HeaderValue = HeaderValue::from_static("newsstand; fwd=stale");
const COLLAPSED: HeaderValue = HeaderValue::from_static("newsstand; fwd=miss; collapsed");
const STANDS_IN: HeaderValue = HeaderValue::from_static("newsstand; hit; detail=stale");
const STOOD_IN: HeaderValue = HeaderValue::from_static("newsstand; fwd=stale; detail=stale");

/// For so long an answer is tried to be made while another may stand in for it.
const TRIED_FOR: Duration = Duration::from_secs(1);

type Outcome = Result<Response<BoxBody>, Error>;

/// Makes what stands before the application, for one worker.
pub struct Front<F> {
    app: F,
    state: Arc<State>,
}

impl<F> Front<F> {
    /// Before this application.
    pub(in crate::http) fn new(app: F, state: Arc<State>) -> Self {
        Self { app, state }
    }
}

impl<F> ServiceFactory<Request> for Front<F>
where
    F: ServiceFactory<
            Request,
            Config = (),
            Response = ServiceResponse<BoxBody>,
            Error = Error,
            InitError = (),
        > + 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Config = ();
    type Service = FrontService<F::Service>;
    type InitError = ();
    type Future = LocalBoxFuture<'static, Result<Self::Service, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let app = self.app.new_service(());
        let state = Arc::clone(&self.state);
        Box::pin(async move {
            let app = app.await?;
            Ok(FrontService(Rc::new(Core { app, state })))
        })
    }
}

/// Stands before the application of one worker.
pub struct FrontService<S>(Rc<Core<S>>);

struct Core<S> {
    app: S,
    state: Arc<State>,
}

/// What can be said of a request at once.
enum Look {
    /// This is its answer.
    Answer(Response<BoxBody>),
    /// It is for the application alone.
    Ask,
    /// It may have to be waited for.
    Wait(Errand),
}

/// What is to be found or made.
struct Errand {
    key: String,
    arrived: Moment,
    started: Instant,
    /// Whether all is known that others had changed a little while before.
    is_current: bool,
    /// Whether it was found, and lacks only the form that this client wants.
    is_found: bool,
}

impl<S> Service<Request> for FrontService<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error> + 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Future = Either<Ready<Outcome>, LocalBoxFuture<'static, Outcome>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.app.poll_ready(context)
    }

    fn call(&self, mut request: Request) -> Self::Future {
        let state = &*self.0.state;
        if let Err(problem) = state.rates.admit(&request) {
            let asked = Asked::of(&request);
            let refused = refused::answer(state, &asked, &problem, Instant::now());
            return Either::Left(ready(Ok(refused)));
        }
        match look(state, &mut request) {
            Look::Answer(response) => Either::Left(ready(Ok(response))),
            Look::Ask => {
                let core = Rc::clone(&self.0);
                Either::Right(async move { core.pass(request).await }.boxed_local())
            }
            Look::Wait(errand) => {
                let core = Rc::clone(&self.0);
                Either::Right(async move { core.run(request, errand).await }.boxed_local())
            }
        }
    }
}

/// Answers at once what is kept, and holds.
fn look(state: &State, request: &mut Request) -> Look {
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

impl<S> Core<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error>,
{
    /// Has the application answer, if there is a place.
    async fn pass(&self, request: Request) -> Outcome {
        let started = Instant::now();
        match self.admit(&request, Duration::ZERO).await {
            Ok(place) => self.ask(request, place).await,
            Err(problem) => Ok(self.refuse(&request, &problem, started)),
        }
    }

    /// The place that a request needs, if it needs one, which has waited for so long already.
    async fn admit(&self, request: &Request, waited: Duration) -> Result<Option<Place>, Problem> {
        let overload = &self.state.overload;
        let (method, uri) = (request.method(), request.uri());
        overload.admit(method, uri, waited).await
    }

    fn refuse(&self, request: &Request, problem: &Problem, started: Instant) -> Response<BoxBody> {
        refused::answer(&self.state, &Asked::of(request), problem, started)
    }

    /// Has the application answer a request, which has its place until then.
    async fn ask(&self, request: Request, place: Option<Place>) -> Outcome {
        let outcome = self.app.call(request).await;
        drop(place);
        let mut response = Response::from(outcome?);
        finish::close_if_stopping(&self.state, &mut response);
        Ok(response)
    }

    /// Waits for an answer, or makes it.
    async fn run(&self, request: Request, errand: Errand) -> Outcome {
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
