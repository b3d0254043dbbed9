//! What crawlers may read here, and where the sitemap is.

use actix_web::{HttpRequest, get, web::Data};

use crate::http::{problem::Problem, query::Query, reply::Reply, state::State};

/// What crawlers may read
///
/// Everything; and where the sitemap of the public site is. A frontend can serve it as its own.
#[utoipa::path(
    operation_id = "get_robots",
    tag = "syndication",
    responses((status = 200, description = "The file.", content_type = "text/plain", body = String))
)]
#[get("/robots.txt")]
pub(super) async fn get_robots(request: HttpRequest, state: Data<State>) -> Result<Reply, Problem> {
    Query::none(&request)?;
    let text = format!(
        "User-agent: *\nDisallow:\n\nSitemap: {}/sitemap.xml\n",
        state.site.base()
    );
    Ok(Reply::new(text.into_bytes(), "text/plain; charset=utf-8"))
}
