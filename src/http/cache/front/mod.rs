//! What stands before the application: gives what is kept, and keeps what the application makes.
//!
//! What can be said of a request at once is found in [`look()`]. What has to be waited for or made
//! is an errand; the rest goes to the application as it is.

mod errand;
mod look;

use std::{
    future::{Ready, ready},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use actix_http::Request;
use actix_service::{Service, ServiceFactory};
use actix_web::{
    Error,
    body::BoxBody,
    dev::{Response, ServiceResponse},
    http::header::HeaderValue,
};
use futures_util::future::{Either, FutureExt, LocalBoxFuture};

use look::{Look, look};

use crate::http::{
    finish,
    overload::Place,
    problem::Problem,
    refused::{self, Asked},
    state::State,
};

// RFC 9211.
const HIT: HeaderValue = HeaderValue::from_static("newsstand; hit");
const MISS: HeaderValue = HeaderValue::from_static("newsstand; fwd=miss");
const STALE: HeaderValue = HeaderValue::from_static("newsstand; fwd=stale");
const COLLAPSED: HeaderValue = HeaderValue::from_static("newsstand; fwd=miss; collapsed");
const STANDS_IN: HeaderValue = HeaderValue::from_static("newsstand; hit; detail=stale");
const STOOD_IN: HeaderValue = HeaderValue::from_static("newsstand; fwd=stale; detail=stale");

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
}
