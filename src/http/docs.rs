//! The OpenAPI documents and their page; every asset comes from the binary.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use actix_web::{HttpRequest, HttpResponse, Responder, get, http::header, web};
use utoipa_swagger_ui::{Config, serve};

use crate::{
    domain::body::escaped,
    http::{
        code::Code, fixed::Fixed, openapi, problem::Problem, query::Query, reply::Reply,
        stored::Stored,
    },
};

/// Nothing from another host, no frame around it; Swagger UI sets styles in attributes.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// The OpenAPI document
///
/// OpenAPI 3.1, generated from the handlers of the running server.
#[utoipa::path(
    operation_id = "get_openapi",
    tag = "operations",
    responses((status = 200, description = "The document.", content_type = "application/json", body = Object))
)]
#[get("/openapi.json")]
pub(super) async fn get_openapi(request: HttpRequest) -> Result<Reply, Problem> {
    static DOCUMENT: Fixed = Fixed::new();
    Query::none(&request)?;
    DOCUMENT.reply(|| Ok(Reply::new(openapi::json().into_bytes(), "application/json")))
}

/// The OpenAPI document as 3.0.3
///
/// The same, derived for generators that need the older version.
#[utoipa::path(
    operation_id = "get_openapi_legacy",
    tag = "operations",
    responses((status = 200, description = "The document.", content_type = "application/json", body = Object))
)]
#[get("/openapi-3.0.json")]
pub(super) async fn get_openapi_legacy(request: HttpRequest) -> Result<Reply, Problem> {
    static DOCUMENT: Fixed = Fixed::new();
    Query::none(&request)?;
    DOCUMENT.reply(|| {
        let text = openapi::legacy_json();
        Ok(Reply::new(text.into_bytes(), "application/json"))
    })
}

/// The page of the OpenAPI document
///
/// Swagger UI, served whole by this server.
#[utoipa::path(
    operation_id = "get_docs",
    tag = "operations",
    responses((status = 200, description = "The page.", content_type = "text/html", body = String))
)]
#[get("/docs")]
pub(super) async fn get_docs(request: HttpRequest) -> Result<HttpResponse, Problem> {
    static PAGE: Fixed = Fixed::new();
    Query::none(&request)?;
    let page = PAGE.reply(|| {
        let (page, _) = asset("index.html")?;
        // The page names its files relative to a folder, and this is none.
        let page = String::from_utf8_lossy(&page)
            .replace("\"./", "\"/docs/assets/")
            .replace("\"index.css\"", "\"/docs/assets/index.css\"");
        Ok(Reply::new(page.into_bytes(), "text/html; charset=utf-8"))
    });
    Ok(guarded(page?, &request))
}

/// What the codes of problems mean
///
/// A page with each code, its status and its meaning, for people who follow a problem's `type`.
#[utoipa::path(
    operation_id = "get_problem_docs",
    tag = "operations",
    responses((status = 200, description = "The page.", content_type = "text/html", body = String))
)]
#[get("/docs/problems")]
pub(super) async fn get_problem_docs(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Query::none(&request)?;
    let rows: Vec<String> = Code::TABLE
        .iter()
        .map(|(_, code, status, title)| {
            let title = escaped(title);
            format!("<tr id=\"{code}\"><td>{code}</td><td>{status}</td><td>{title}</td></tr>\n")
        })
        .collect();
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Problems</title>\
         </head><body><h1>Problems</h1>\n<table><thead><tr><th>code</th><th>status</th>\
         <th>meaning</th></tr></thead><tbody>\n{}</tbody></table></body></html>\n",
        rows.concat()
    );
    Ok(guarded(
        Reply::new(page.into_bytes(), "text/html; charset=utf-8"),
        &request,
    ))
}

/// A file of the page; not part of the API, and so not of its document.
pub(super) async fn get_asset(
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    // Each once it was asked for.
    static FILES: Mutex<BTreeMap<String, Arc<Stored>>> = Mutex::new(BTreeMap::new());
    let files = || FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let known = files().get(name.as_str()).cloned();
    let stored = match known {
        Some(stored) => stored,
        None => {
            let (bytes, content_type) = asset(&name)?;
            let made = Arc::new(Reply::new(bytes, content_type).stored());
            Arc::clone(files().entry(name.into_inner()).or_insert(made))
        }
    };
    Ok(guarded(Reply::prepared(stored), &request))
}

fn guarded(reply: Reply, request: &HttpRequest) -> HttpResponse {
    let mut response = reply.respond_to(request);
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        header::HeaderValue::from_static(POLICY),
    );
    response
}

fn asset(name: &str) -> Result<(Vec<u8>, &'static str), Problem> {
    static CONFIG: OnceLock<Arc<Config<'static>>> = OnceLock::new();
    let config = CONFIG.get_or_init(|| {
        let config = Config::new(["/openapi.json"]).validator_url("none");
        Arc::new(config)
    });
    let missing = || Problem::new(Code::NotFound, "there is no such file");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !name.chars().all(is_plain) {
        return Err(missing());
    }
    let content_type = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("png") => "image/png",
        _ => return Err(missing()),
    };
    match serve(name, Arc::clone(config)) {
        Ok(Some(file)) => Ok((file.bytes.into_owned(), content_type)),
        Ok(None) => Err(missing()),
        Err(cause) => Err(Problem::internal(&cause)),
    }
}
