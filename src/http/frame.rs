//! What goes around every handler: request ids, refusals that need no handler, HEAD, panics,
//! whole problems, and one line in the log.

use std::{cell::Cell, fmt, panic::AssertUnwindSafe, time::Instant};

use actix_http::ConnectionType;
use actix_web::{
    Error, HttpMessage, HttpResponse, ResponseError,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use futures_util::FutureExt;

use crate::http::{
    auth,
    cache::Deposit,
    code::Code,
    finish::{Finish, mark},
    problem::Problem,
    rate::Standing,
    request_id::{self, ID_HEADER},
    state::{COST, REQUEST_ID, State, StoreCost},
    unmade,
};

/// Bytes of an address, at most.
const MAX_URI: usize = 8 * 1024;

/// Stands for the route of what no route took, and of what was lost on its way.
const UNMATCHED: &str = "unmatched";

/// Runs a request through the app inside the frame.
pub(super) async fn around(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = request_id::of(request.headers().get(ID_HEADER));
    let method = request.method().clone();
    if method == Method::HEAD {
        // Routed as GET; the connection knows that it sends no body.
        request.head_mut().method = Method::GET;
    }
    let refused = match refusal(&request) {
        None => {
            let cost = Cell::new(StoreCost::default());
            let checked = COST.scope(cost, auth::authenticate(&request));
            REQUEST_ID.scope(id.clone(), checked).await.err()
        }
        refused => refused,
    };
    let (response, cost) = match refused {
        Some(problem) => {
            let refused = Error::from(problem).into();
            // Taken apart, since turning it into a response would lose the problem.
            let (request, _) = request.into_parts();
            (ServiceResponse::new(request, refused), StoreCost::default())
        }
        None => {
            let path = request.path().to_owned();
            let state = request.app_data::<Data<State>>().cloned();
            let run = COST.scope(Cell::new(StoreCost::default()), async {
                let answered = async {
                    let response = next.call(request).await?;
                    Ok::<_, Error>(unmade::made(response.map_into_boxed_body()).await)
                };
                let answered = AssertUnwindSafe(answered).catch_unwind().await;
                (answered, COST.with(Cell::get))
            });
            match REQUEST_ID.scope(id.clone(), run).await {
                (Ok(Ok(response)), cost) => (response, cost),
                (escaped, _) => {
                    let cause = match escaped {
                        Ok(Err(error)) => error.to_string(),
                        _ => "a handler panicked".to_owned(),
                    };
                    if let Some(state) = state {
                        let series = state.metrics.series(UNMATCHED, method_name(&method), 500);
                        series.record(started.elapsed());
                    }
                    return Err(Escaped::new(&cause, path, id).into());
                }
            }
        }
    };
    let mut response = completed(response, &id);
    finish(&mut response, &id, &method, started, cost);
    Ok(response)
}

/// What is answered when no response came back, and with it the request is gone.
#[derive(Debug)]
struct Escaped {
    path: String,
    id: HeaderValue,
}

impl Escaped {
    fn new(cause: &dyn fmt::Display, path: String, id: HeaderValue) -> Self {
        let text = request_id::text(&id);
        log::error!(target: "newsstand::access", "{path} 500 {text}: {cause}");
        Self { path, id }
    }
}

impl fmt::Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request {} failed", request_id::text(&self.id))
    }
}

impl ResponseError for Escaped {
    fn error_response(&self) -> HttpResponse {
        let detail = "the cause is in the server's log under this request_id";
        let problem = Problem::new(Code::Internal, detail);
        let mut response = problem.response(&self.path, request_id::text(&self.id));
        // Of the request nothing more is known, so that its body may not have been read.
        response
            .head_mut()
            .set_connection_type(ConnectionType::Close);
        mark(response.headers_mut(), &self.id);
        response
    }
}

/// What is refused whatever the path.
fn refusal(request: &ServiceRequest) -> Option<Problem> {
    let address = request.uri().path_and_query();
    if address.is_some_and(|address| address.as_str().len() > MAX_URI) {
        let mut problem = Problem::parameter(
            "query",
            format!("path and query string may have at most {MAX_URI} bytes together"),
        );
        problem.code = Code::UriTooLong;
        return Some(problem);
    }
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        let detail = "request bodies are taken without Content-Encoding";
        return Some(Problem::new(Code::UnsupportedMediaType, detail));
    }
    None
}

/// Makes a whole problem of every answer over 399, whoever made it.
fn completed(response: ServiceResponse<BoxBody>, id: &HeaderValue) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let known = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Problem>())
        .cloned();
    let problem = known.unwrap_or_else(|| {
        if status.is_server_error() {
            let cause = response.response().error().map(ToString::to_string);
            let id = request_id::text(id);
            log::error!("request {id}: {}", cause.unwrap_or_default());
        }
        Problem::of_status(status)
    });
    if problem.code == Code::Unavailable
        && let Some(deposit) = Deposit::of(response.request())
    {
        deposit.leave_problem(problem.clone());
    }
    let path = response.request().uri().path();
    let instance: String = path.chars().take(MAX_URI).collect();
    let whole = problem.response(&instance, request_id::text(id));
    ServiceResponse::new(response.request().clone(), whole)
}

/// Whether a body in chunks may not have been read to its end: by those alone who take one is it
/// read, if they take it. What is left of it is not waited for.
fn may_have_more(response: &ServiceResponse<BoxBody>, method: &Method) -> bool {
    let is_chunked = response
        .request()
        .headers()
        .contains_key(header::TRANSFER_ENCODING);
    let takes_bodies = matches!(*method, Method::POST | Method::PUT | Method::PATCH);
    let status = response.status();
    is_chunked && (!takes_bodies || status.is_client_error() || status.is_server_error())
}

fn finish(
    response: &mut ServiceResponse<BoxBody>,
    id: &HeaderValue,
    method: &Method,
    started: Instant,
    cost: StoreCost,
) {
    let state = response.request().app_data::<Data<State>>().cloned();
    let origin = response.request().headers().get(header::ORIGIN).cloned();
    let private = auth::is_private(response.request());
    if may_have_more(response, method) {
        let head = response.response_mut().head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    let finish = Finish {
        state: state.as_ref().map(Data::get_ref),
        id,
        origin: origin.as_ref(),
        took: started.elapsed(),
        cost,
    };
    let headers = response.headers_mut();
    finish.write(headers);
    if private {
        // Whoever made the answer, no shared cache keeps it.
        let value = HeaderValue::from_static("private, no-store");
        headers.insert(header::CACHE_CONTROL, value);
    }
    let status = response.status();
    let standing = response.request().extensions().get::<Standing>().cloned();
    if let Some(standing) = standing {
        standing.write(status, response.headers_mut());
    }
    let status = status.as_u16();
    let route = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| UNMATCHED.to_owned());
    let method = method_name(method);
    if let Some(state) = &state {
        let series = state.metrics.series(&route, method, status);
        series.record(finish.took);
    }
    let bytes = match response.response().body().size() {
        BodySize::Sized(bytes) if method != "HEAD" => bytes,
        _ => 0,
    };
    finish.log(method, &route, status, bytes);
}

/// Methods by name; one word for those that nobody uses, so that figures stay bounded.
pub(super) fn method_name(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
    known
        .into_iter()
        .find(|name| *name == method.as_str())
        .unwrap_or("OTHER")
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::{SocketAddr, TcpListener, TcpStream},
        time::Duration,
    };

    use actix_web::{
        App, HttpServer,
        body::to_bytes,
        middleware::from_fn,
        rt::{spawn, task::spawn_blocking},
        test, web,
    };
    use serde_json::Value;

    use super::*;

    async fn stumble() -> HttpResponse {
        panic!("on purpose");
    }

    #[actix_web::test]
    async fn a_handler_that_panics_is_answered_with_a_problem() {
        let app = App::new()
            .route("/stumble", web::get().to(stumble))
            .wrap(from_fn(around));
        let app = test::init_service(app).await;
        for _ in 0..2 {
            let request = test::TestRequest::get().uri("/stumble?a=b").to_request();
            let failed = test::try_call_service(&app, request).await.unwrap_err();
            let response = failed.error_response();
            assert_eq!(response.status(), 500);
            let id = response.headers().get(ID_HEADER).unwrap().clone();
            let body = to_bytes(response.into_body()).await.unwrap();
            let problem: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem["code"], "internal_error");
            assert_eq!(problem["instance"], "/stumble");
            assert_eq!(problem["request_id"], id.to_str().unwrap());
        }
    }

    /// All that comes back over a connection of its own.
    fn ask(address: SocketAddr) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).unwrap();
        let request = b"POST /stumble HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
        stream.write_all(request).unwrap();
        let mut came = String::new();
        stream.read_to_string(&mut came).unwrap();
        came
    }

    #[actix_web::test]
    async fn it_is_answered_so_over_a_connection_and_the_worker_goes_on() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let app = || {
            App::new()
                .route("/stumble", web::post().to(stumble))
                .wrap(from_fn(around))
        };
        let server = HttpServer::new(app).workers(1).disable_signals();
        let server = server.listen(listener).unwrap().run();
        let handle = server.handle();
        let serving = spawn(server);
        for _ in 0..2 {
            let came = spawn_blocking(move || ask(address)).await.unwrap();
            assert!(came.starts_with("HTTP/1.1 500 "), "{came}");
            for said in [
                "content-type: application/problem+json\r\n",
                "connection: close\r\n",
                "x-content-type-options: nosniff\r\n",
                "content-security-policy: default-src 'none'",
                "\"code\":\"internal_error\"",
            ] {
                assert!(came.contains(said), "{said} in {came}");
            }
            assert!(!came.contains("on purpose"), "{came}");
        }
        handle.stop(false).await;
        serving.await.unwrap().unwrap();
    }
}
