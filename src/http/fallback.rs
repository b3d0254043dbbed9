//! Paths that no handler took: wrong methods, slashes at the end, OPTIONS, and nothing at all.

use std::{collections::BTreeSet, sync::OnceLock};

use actix_web::{
    HttpRequest, HttpResponse,
    dev::{Path, ResourceDef},
    http::{Method, header},
    web::Data,
};

use crate::http::{auth, code::Code, cors, openapi, problem::Problem, state::State};

/// Every documented path with its methods, `HEAD` and `OPTIONS` among them.
fn routes() -> &'static [(ResourceDef, Vec<String>)] {
    static ROUTES: OnceLock<Vec<(ResourceDef, Vec<String>)>> = OnceLock::new();
    ROUTES.get_or_init(|| {
        openapi::routes()
            .into_iter()
            .map(|(path, mut methods)| {
                if methods.iter().any(|method| method == "GET") {
                    methods.push("HEAD".to_owned());
                }
                methods.push("OPTIONS".to_owned());
                (ResourceDef::new(path), methods)
            })
            .collect()
    })
}

/// The methods of a path, or `None` where there is none. A path may be one of its own and a key
/// too, as `/v1/articles/batch`.
fn methods_of(path: &str) -> Option<String> {
    methods_where(|route| route.capture_match_info(&mut Path::new(path)))
}

fn methods_where(matches: impl Fn(&ResourceDef) -> bool) -> Option<String> {
    let found = routes().iter().filter(|(route, _)| matches(route));
    let methods: BTreeSet<&str> = found
        .flat_map(|(_, methods)| methods.iter().map(String::as_str))
        .collect();
    let listed: Vec<&str> = methods.into_iter().collect();
    (!listed.is_empty()).then(|| listed.join(", "))
}

/// Whether browsers may write from other origins: only where these are named one by one.
fn may_write(request: &HttpRequest) -> bool {
    request.app_data::<Data<State>>().is_some_and(|state| {
        state
            .cors_allowed_origins
            .iter()
            .all(|origin| origin != "*")
    })
}

/// Answers what no handler took.
pub(super) async fn fallback(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let path = request.path();
    let asks_methods = request.method() == Method::OPTIONS;
    let found = match asks_methods && path == "*" {
        // Of the server as a whole (RFC 9110 section 9.3.7).
        true => methods_where(|_| true),
        false => methods_of(path),
    };
    if let Some(methods) = found {
        if asks_methods {
            let mut answer = HttpResponse::NoContent();
            let mut answer = answer
                .insert_header((header::ALLOW, methods.as_str()))
                .finish();
            let asked = request
                .headers()
                .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
            if asked && request.headers().contains_key(header::ORIGIN) {
                cors::write_preflight(answer.headers_mut(), may_write(&request));
            }
            return Ok(answer);
        }
        let problem = Problem::new(Code::MethodNotAllowed, format!("this path has {methods}"));
        return Err(problem.field("Allow", methods));
    }
    // Only to a path that there is: a redirect to any other could lead to another host.
    let slashless = request.uri().path().trim_end_matches('/');
    if slashless.len() < request.uri().path().len() && methods_of(slashless).is_some() {
        let location = match request.uri().query() {
            Some(query) => format!("{slashless}?{query}"),
            None => slashless.to_owned(),
        };
        if location.contains("preview=") {
            // The address leads a token on.
            auth::mark_private(&request);
        }
        return Ok(HttpResponse::PermanentRedirect()
            .insert_header((header::LOCATION, location))
            .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
            .finish());
    }
    Err(Problem::new(
        Code::NotFound,
        "there is nothing at this path; all paths are in /openapi.json",
    ))
}
