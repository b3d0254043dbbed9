//! HTTP: what is served, how it is asked for and how it is answered. Knows actix-web and utoipa.

pub mod articles;
mod audit;
mod auth;
mod authors;
mod cache;
mod categories;
mod changes;
mod code;
mod coding;
mod cors;
mod docs;
mod fallback;
mod feeds;
mod finish;
mod fixed;
mod frame;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod health;
mod keys;
mod long;
mod managed;
mod metrics;
mod oembed;
pub mod openapi;
mod overload;
mod pagination;
mod param_types;
mod path;
mod payload;
mod previews;
mod problem;
mod query;
mod rate;
mod readiness;
mod refused;
mod related;
mod related_pins;
mod reply;
mod request_id;
mod resolve;
mod revisions;
mod robots;
mod search;
mod share;
mod sitemaps;
mod state;
mod stop;
mod stored;
mod tags;
mod tokens;
mod unmade;
mod wanted;
mod write;

use std::sync::Arc;

use actix_http::Request;
use actix_service::map_config;
use actix_web::{
    App, Error,
    body::BoxBody,
    dev::{AppConfig, ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web,
};
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};

pub use cache::{Cache, Front};
pub use code::Code;
pub use long::ASIDE_AT_MOST;
pub use metrics::Metrics;
pub use overload::{Overload, OverloadOptions};
pub use rate::{RateOptions, Rates};
pub use readiness::Readiness;
pub use refused::Refusals;
pub use state::State;

/// Every route, each registered together with its documentation.
fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(articles::list_articles)
        .service(articles::get_article)
        .service(articles::batch::batch_articles)
        .service(articles::write::create_article)
        .service(articles::write::replace_article)
        .service(articles::write::update_article)
        .service(articles::write::delete_article)
        .service(articles::publication::publish_article)
        .service(articles::publication::unpublish_article)
        .service(articles::publication::schedule_article)
        .service(revisions::list_revisions)
        .service(revisions::get_revision)
        .service(revisions::diff_revisions)
        .service(revisions::restore_revision)
        .service(previews::list_preview_links)
        .service(previews::create_preview_link)
        .service(previews::get_preview_link)
        .service(previews::delete_preview_link)
        .service(related_pins::get_related_pins)
        .service(related_pins::set_related_pins)
        .service(related::list_related_articles)
        .service(share::get_article_share)
        .service(categories::list_categories)
        .service(categories::get_category)
        .service(categories::create_category)
        .service(categories::replace_category)
        .service(categories::update_category)
        .service(categories::delete_category)
        .service(authors::list_authors)
        .service(authors::get_author)
        .service(authors::create_author)
        .service(authors::replace_author)
        .service(authors::update_author)
        .service(authors::delete_author)
        .service(tags::list_tags)
        .service(tags::get_tag)
        .service(tags::create_tag)
        .service(tags::replace_tag)
        .service(tags::update_tag)
        .service(tags::delete_tag)
        .service(search::search_articles)
        .service(resolve::resolve_path)
        .service(changes::list_changes)
        .service(audit::list_audit)
        .service(tokens::revoke_token)
        .service(feeds::get_articles_feed)
        .service(feeds::get_category_feed)
        .service(feeds::get_author_feed)
        .service(feeds::get_tag_feed)
        .service(sitemaps::get_sitemap)
        .service(sitemaps::get_articles_sitemap)
        .service(sitemaps::get_news_sitemap)
        .service(oembed::get_oembed)
        .service(robots::get_robots)
        .service(docs::get_openapi)
        .service(docs::get_openapi_legacy)
        .service(docs::get_docs)
        .service(docs::get_problem_docs)
        .service(health::get_healthz)
        .service(health::get_readyz)
        .service(metrics::get_metrics);
}

/// What the handlers say of themselves; needs no database.
fn documented() -> utoipa::openapi::OpenApi {
    let app = App::new().into_utoipa_app().configure(configure);
    app.split_for_parts().1
}

/// The application, for one worker.
fn app(
    state: Arc<State>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(web::Data::from(state))
        .into_utoipa_app()
        .configure(configure)
        .into_app()
        .route("/docs/assets/{name}", web::get().to(docs::get_asset))
        .default_service(web::to(fallback::fallback))
        .wrap(from_fn(frame::around))
}

/// The whole application behind its cache, for one worker.
pub fn service(
    state: Arc<State>,
) -> Front<
    impl ServiceFactory<
        Request,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    > + 'static,
> {
    let app = app(Arc::clone(&state));
    let app = map_config::<_, _, Request, _, ()>(app, |()| AppConfig::default());
    Front::new(app, state)
}

/// A whole HTTP/1.1 answer for a request whose head could not be read.
pub fn connection_problem(status: u16, too_long: bool, request_id: &str) -> Vec<u8> {
    let problem = problem::Problem::of_connection(status, too_long);
    let status = problem.code.status();
    let body = problem.body("", request_id);
    format!(
        "HTTP/1.1 {} {}\r\nContent-Type: application/problem+json\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
         Content-Security-Policy: {}\r\nReferrer-Policy: no-referrer\r\n\
         X-Request-Id: {request_id}\r\nConnection: close\r\n\r\n{body}",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default(),
        body.len(),
        finish::POLICY,
    )
    .into_bytes()
}
