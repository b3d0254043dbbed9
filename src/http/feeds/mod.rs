//! Feeds over HTTP: their addresses and parameters.

mod answer;
mod content;

use actix_web::{HttpRequest, get, web::Data};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use answer::feed;
use content::Of;

use crate::{
    domain::syndication::FeedFormat,
    http::{reply::Reply, state::State, stop::Stop},
};

/// The word that a feed's address ends with.
struct FormatWord;

impl PartialSchema for FormatWord {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(FeedFormat::ALL.map(FeedFormat::as_str)))
            .into()
    }
}

impl ToSchema for FormatWord {}

/// What names the feed of all articles.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read from the path"
)]
struct FeedPath {
    /// Form of the feed.
    #[param(inline)]
    format: FormatWord,
}

/// What names the feed of one thing.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read from the path"
)]
struct KeyedFeedPath {
    /// Id or slug.
    #[param(max_length = 200)]
    key: String,
    /// Form of the feed.
    #[param(inline)]
    format: FormatWord,
}

/// Parameters of feeds.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct FeedParams {
    /// Articles of the feed, at most.
    #[param(minimum = 1, maximum = 100, default = 30)]
    limit: Option<i64>,
}

/// Get the feed of all articles
///
/// The newest published articles, whole, as RSS 2.0, Atom or JSON Feed 1.1. Addresses are those of
/// the public site, also the feed's own.
#[utoipa::path(
    operation_id = "get_articles_feed",
    tag = "syndication",
    params(FeedPath, FeedParams),
    responses((status = 200, description = "The feed.", content(
        (String = "application/rss+xml"),
        (String = "application/atom+xml"),
        (Object = "application/feed+json")
    )))
)]
#[get("/feeds/articles.{format}")]
pub(super) async fn get_articles_feed(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Stop> {
    feed(&request, state, None).await
}

/// Get the feed of a category
///
/// The newest published articles of the category and its descendants. A former slug is answered
/// with 308 and the present address.
#[utoipa::path(
    operation_id = "get_category_feed",
    tag = "syndication",
    params(KeyedFeedPath, FeedParams),
    responses((status = 200, description = "The feed.", content(
        (String = "application/rss+xml"),
        (String = "application/atom+xml"),
        (Object = "application/feed+json")
    )))
)]
#[get("/feeds/categories/{key}.{format}")]
pub(super) async fn get_category_feed(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Stop> {
    feed(&request, state, Some(Of::Category)).await
}

/// Get the feed of an author
///
/// The newest published articles by the author. A former slug is answered with 308 and the present
/// address.
#[utoipa::path(
    operation_id = "get_author_feed",
    tag = "syndication",
    params(KeyedFeedPath, FeedParams),
    responses((status = 200, description = "The feed.", content(
        (String = "application/rss+xml"),
        (String = "application/atom+xml"),
        (Object = "application/feed+json")
    )))
)]
#[get("/feeds/authors/{key}.{format}")]
pub(super) async fn get_author_feed(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Stop> {
    feed(&request, state, Some(Of::Author)).await
}

/// Get the feed of a tag
///
/// The newest published articles with the tag. A former slug is answered with 308 and the present
/// address.
#[utoipa::path(
    operation_id = "get_tag_feed",
    tag = "syndication",
    params(KeyedFeedPath, FeedParams),
    responses((status = 200, description = "The feed.", content(
        (String = "application/rss+xml"),
        (String = "application/atom+xml"),
        (Object = "application/feed+json")
    )))
)]
#[get("/feeds/tags/{key}.{format}")]
pub(super) async fn get_tag_feed(request: HttpRequest, state: Data<State>) -> Result<Reply, Stop> {
    feed(&request, state, Some(Of::Tag)).await
}
