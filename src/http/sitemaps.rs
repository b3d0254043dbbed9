//! Sitemaps over HTTP.

use actix_web::{HttpRequest, get, web::Data};
use utoipa::IntoParams;

use crate::{
    domain::syndication::sitemap::{self, NEWS_AT_MOST, NEWS_FOR, PART},
    http::{code::Code, problem::Problem, query::Query, reply::Reply, state::State},
    model::{
        article::{Article, ArticleFilter, ArticleSort},
        page::{Page, PageRequest},
        sight::Sight,
        time::UtcTime,
    },
    store,
};

const CONTENT_TYPE: &str = "application/xml; charset=utf-8";

/// The highest number of a part.
const MAX_NUMBER: i64 = 1_000_000;

/// What names a part.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read from the path"
)]
struct PartPath {
    /// Number of the part, from 1.
    #[param(minimum = 1, maximum = 1000000)]
    number: i64,
}

/// Get the sitemap
///
/// An index (sitemaps.org, 0.9) of the parts that together name every published article, 50,000
/// to a part, and of the sitemap of news while there is any. All addresses are those of the public
/// site, which serves these files as its own.
#[utoipa::path(
    operation_id = "get_sitemap",
    tag = "syndication",
    responses((status = 200, description = "The index.", content_type = "application/xml", body = String))
)]
#[get("/sitemap.xml")]
pub(super) async fn get_sitemap(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Problem> {
    Query::none(&request)?;
    let newer_than = news_begin();
    let (count, has_news) = state
        .read(Sight::Public, move |reader| {
            let count = store::articles::count(reader)?;
            let has_news = store::articles::any_after(reader, newer_than)?;
            Ok((count, has_news))
        })
        .await?;
    let parts = sitemap::parts(count, PART);
    let body = sitemap::index(&state.site, parts, has_news);
    let body = body.map_err(|cause| Problem::internal(&cause))?;
    Ok(Reply::new(body, CONTENT_TYPE).key("articles"))
}

/// Get a part of the sitemap
///
/// Published articles, oldest id first, so that a part that is full changes only with its own
/// articles. Articles whose canonical address is on another site are left out. The first part is
/// always there, also when it is empty; beyond the last there is nothing.
#[utoipa::path(
    operation_id = "get_articles_sitemap",
    tag = "syndication",
    params(PartPath),
    responses((status = 200, description = "The part.", content_type = "application/xml", body = String))
)]
#[get("/sitemaps/articles-{number}.xml")]
pub(super) async fn get_articles_sitemap(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Problem> {
    Query::none(&request)?;
    let number = number(&request)?;
    let writing = Data::clone(&state);
    Reply::of(
        &request,
        &state,
        Sight::Public,
        move |reader| store::articles::addresses(reader, number, PART),
        move |addresses: Vec<_>| {
            if addresses.is_empty() && number > 1 {
                let detail = format!("the sitemap has no part {number}");
                return Err(Problem::new(Code::NotFound, detail));
            }
            let body = sitemap::articles(&writing.site, &addresses);
            let body = body.map_err(|cause| Problem::internal(&cause))?;
            // Where a category is may be a part of an address.
            let reply = Reply::new(body, CONTENT_TYPE);
            Ok(reply.key("articles").key("categories"))
        },
    )
    .await
}

/// Get the sitemap of news
///
/// Articles of the last two days, newest first, at most 1,000, as search engines read news.
#[utoipa::path(
    operation_id = "get_news_sitemap",
    tag = "syndication",
    responses((status = 200, description = "The sitemap.", content_type = "application/xml", body = String))
)]
#[get("/sitemaps/news.xml")]
pub(super) async fn get_news_sitemap(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Problem> {
    Query::none(&request)?;
    let filter = ArticleFilter {
        published_after: Some(news_begin()),
        ..ArticleFilter::default()
    };
    let page = PageRequest {
        limit: NEWS_AT_MOST,
        ..PageRequest::default()
    };
    let writing = Data::clone(&state);
    Reply::of(
        &request,
        &state,
        Sight::Public,
        move |reader| {
            let sort = ArticleSort::PublishedDescending;
            store::articles::list(reader, &filter, sort, &page, false)
        },
        move |page: Page<_>| {
            let articles = page.items.into_iter().map(|(article, _)| article);
            let articles: Vec<Article> = articles.collect();
            let body = sitemap::news(&writing.site, &articles);
            let body = body.map_err(|cause| Problem::internal(&cause))?;
            let reply = Reply::new(body, CONTENT_TYPE);
            Ok(reply.key("articles").article_keys(&articles))
        },
    )
    .await
}

/// What is published after this is news.
fn news_begin() -> UtcTime {
    UtcTime::from_column(UtcTime::now().millis() - NEWS_FOR)
}

/// The number in `/sitemaps/articles-{number}.xml`, from the path as it came.
fn number(request: &HttpRequest) -> Result<i64, Problem> {
    let last = request.uri().path().rsplit('/').next().unwrap_or_default();
    let text = last
        .strip_prefix("articles-")
        .and_then(|rest| rest.strip_suffix(".xml"))
        .unwrap_or_default();
    let plain = !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse::<i64>().ok();
    number
        .filter(|number| plain && (1..=MAX_NUMBER).contains(number))
        .ok_or_else(|| {
            let message = format!("must be a whole number from 1 to {MAX_NUMBER}");
            Problem::parameter("number", message)
        })
}
