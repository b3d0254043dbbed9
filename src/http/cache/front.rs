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
    body::{BodySize, BoxBody, MessageBody},
    dev::{Response, ServiceResponse},
    http::{
        StatusCode,
        header::{CACHE_STATUS, HeaderValue},
    },
};
use futures_util::future::{Either, FutureExt, LocalBoxFuture};

use crate::{
    http::{
        cache::{
            Asking, Awaited, Deposit, Found, Kept, PASS_AFTER_FAILURE, PASS_FOR, Turn, asked, count,
            is_current,
        },
        finish::Finish,
        overload::Place,
        problem::Problem,
        refused, request_id,
        state::{State, StoreCost},
        wanted::Wanted,
    },
    store::Moment,
};

// RFC 9211.
const HIT: HeaderValue = HeaderValue::from_static("newsstand; hit");
const MISS: HeaderValue = HeaderValue::from_static("newsstand; fwd=miss");
const STALE: HeaderValue = HeaderValue::from_static("newsstand; fwd=stale");
const COLLAPSED: HeaderValue = HeaderValue::from_static("newsstand; fwd=miss; collapsed");

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
            let refused = refused::answer(state, &request, &problem, Instant::now());
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
        Found::Good(kept) if kept.stored.is_long_in_making(&wanted) => errand(key, true),
        Found::Good(kept) => {
            let of = (asked::method_name(request), started);
            match answer(state, &kept, &key, &wanted, of, HIT) {
                Some(response) => {
                    count(&cache.counts.hit);
                    Look::Answer(response)
                }
                None => Look::Ask,
            }
        }
        Found::Pass => {
            count(&cache.counts.passed);
            Look::Ask
        }
        Found::Nothing => errand(key, false),
    }
}

/// What a kept answer says to a request; `None` where the application must refuse it.
fn answer(
    state: &State,
    kept: &Arc<Kept>,
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
    let status = response.status().as_u16();
    kept.count(&state.metrics, method, status, finish.took);
    let bytes = match response.body().size() {
        BodySize::Sized(bytes) if method != "HEAD" => bytes,
        _ => 0,
    };
    finish.log(method, &kept.route, status, bytes);
    Some(response)
}

impl<S> Core<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error>,
{
    /// Has the application answer, if there is a place.
    async fn pass(&self, request: Request) -> Outcome {
        let started = Instant::now();
        match self.admit(&request).await {
            Ok(place) => self.ask(request, place).await,
            Err(problem) => Ok(refused::answer(&self.state, &request, &problem, started)),
        }
    }

    /// The place that a request needs, if it needs one.
    async fn admit(&self, request: &Request) -> Result<Option<Place>, Problem> {
        let overload = &self.state.overload;
        overload.admit(request.method(), request.uri()).await
    }

    /// Has the application answer a request, which has its place until then.
    async fn ask(&self, request: Request, place: Option<Place>) -> Outcome {
        let outcome = self.app.call(request).await.map(Response::from);
        drop(place);
        outcome
    }

    /// Waits for an answer, or makes it.
    async fn run(&self, request: Request, errand: Errand) -> Outcome {
        let cache = &self.state.cache;
        let asking = Asking {
            changes: self.state.store.invalidation(),
            arrived: errand.arrived,
            at: errand.started,
            is_current: errand.is_current,
        };
        match cache.wait(&errand.key, &asking).await {
            Awaited::Pass => {
                count(&cache.counts.passed);
                self.pass(request).await
            }
            Awaited::Turn(turn, was_there) => self.make(request, &errand, turn, was_there).await,
            Awaited::Made(kept) => {
                let (counter, how) = match errand.is_found {
                    true => (&cache.counts.hit, HIT),
                    false => (&cache.counts.collapsed, COLLAPSED),
                };
                count(counter);
                match self.give(&request, &errand, &kept, how).await {
                    Some(response) => Ok(response),
                    None => self.pass(request).await,
                }
            }
        }
    }

    /// Makes an answer, for others who wait for it too.
    async fn make(
        &self,
        request: Request,
        errand: &Errand,
        turn: Turn<'_>,
        was_there: bool,
    ) -> Outcome {
        let (state, cache) = (&self.state, &self.state.cache);
        let place = match self.admit(&request).await {
            Ok(place) => place,
            Err(problem) => {
                // The next of those who wait has it, and perhaps there is a place by then.
                drop(turn);
                return Ok(refused::answer(state, &request, &problem, errand.started));
            }
        };
        // Before anything is read.
        let (since, began) = (state.store.invalidation().now(), Instant::now());
        let deposit = Deposit::default();
        request.extensions_mut().insert(deposit.clone());
        let mut outcome = self.ask(request, place).await;
        let kept = deposit.take().map(|left| Kept::new(left, since, began));
        let (counter, how) = match (&kept, was_there) {
            (None, _) => (&cache.counts.passed, None),
            (Some(_), true) => (&cache.counts.stale, Some(STALE)),
            (Some(_), false) => (&cache.counts.miss, Some(MISS)),
        };
        count(counter);
        if let (Some(how), Ok(response)) = (how, &mut outcome) {
            mark(response, how);
        }
        cache.end(turn, &errand.key, kept, pass_for(&outcome));
        outcome
    }

    /// Gives what another has made.
    async fn give(
        &self,
        request: &Request,
        errand: &Errand,
        kept: &Arc<Kept>,
        how: HeaderValue,
    ) -> Option<Response<BoxBody>> {
        let state = &*self.state;
        let wanted = Wanted::read(request.headers());
        if kept.stored.is_long_in_making(&wanted) {
            kept.stored.make(wanted.coding()).await;
            state.cache.weigh(&errand.key, kept);
        }
        let of = (asked::method_name(request), errand.started);
        answer(state, kept, &errand.key, &wanted, of, how)
    }
}

/// How long each makes their own where this is an answer that others can't get.
fn pass_for(outcome: &Outcome) -> Duration {
    match outcome {
        Ok(response) if !response.status().is_server_error() => PASS_FOR,
        _ => PASS_AFTER_FAILURE,
    }
}

/// Says how an answer came about, if it is one that others may get.
fn mark(response: &mut Response<BoxBody>, how: HeaderValue) {
    if matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED) {
        response.headers_mut().insert(CACHE_STATUS, how);
    }
}
