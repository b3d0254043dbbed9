//! Tags over HTTP.

use actix_web::{HttpRequest, get, web::Data};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    http::{
        pagination::{Listing, PageInfo, PageLinks, link_header},
        param_types::Count,
        problem::Problem,
        query::{Query, path_key},
        reply::Reply,
        state::State,
    },
    model::{page::Position, slug::Key, tag::Tag},
    store,
};

/// Parameters of the list of tags.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct ListTagsParams {
    /// Tags of a page, at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Where the page begins, from `next_cursor` or `prev_cursor`; not with `page`.
    #[param(max_length = 2000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// Number of the page, from 1; not with `cursor`.
    #[param(minimum = 1, maximum = 1000000)]
    page: Option<i64>,
    /// `exact` to have the tags counted in cursor mode too.
    #[param(inline)]
    count: Option<Count>,
}

/// A tag.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Tag)]
struct TagDetail {
    /// UUIDv7; never changes.
    #[schema(format = "uuid", max_length = 36)]
    id: String,
    /// Unique among tags.
    #[schema(
        max_length = 120,
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        example = "ferries"
    )]
    slug: String,
    /// The page on the public site.
    #[schema(max_length = 3000, pattern = r"^https?://")]
    url: String,
    /// As readers see it.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    name: String,
    /// A line about the subject.
    #[schema(required, max_length = 5000, pattern = r"^[^\u0000]*$")]
    description: Option<String>,
    /// Published articles that carry the tag.
    #[schema(minimum = 0, maximum = 9007199254740991i64)]
    article_count: i64,
    /// The newest editorial date among those.
    #[schema(required, format = DateTime, max_length = 24)]
    latest_published_at: Option<String>,
}

impl TagDetail {
    fn new(tag: &Tag, state: &State) -> Self {
        let Tag {
            tag: reference,
            description,
            article_count,
            latest_published_at,
            updated_at: _,
        } = tag;
        Self {
            id: reference.id.clone(),
            slug: reference.slug.clone(),
            url: state.site.tag(reference),
            name: reference.name.clone(),
            description: description.clone(),
            article_count: *article_count,
            latest_published_at: latest_published_at.map(|time| time.to_string()),
        }
    }
}

/// Tags
#[derive(Debug, Serialize, ToSchema)]
struct TagPage {
    /// The tags of this page.
    #[schema(max_items = 100)]
    data: Vec<TagDetail>,
    /// Where the page stands.
    page: PageInfo,
    /// Addresses of this page and those around it.
    links: PageLinks,
}

/// List tags
///
/// By name, with counts of published articles.
#[utoipa::path(
    operation_id = "list_tags",
    tag = "tags",
    params(ListTagsParams),
    responses((status = 200, description = "A page of tags.", body = TagPage))
)]
#[get("/v1/tags")]
pub(super) async fn list_tags(request: HttpRequest, state: Data<State>) -> Result<Reply, Problem> {
    let mut query = Query::of::<ListTagsParams>(&request)?;
    let listing = Listing::of(&mut query, request.path(), true);
    query.finish()?;
    let page = {
        let asked = listing.request.clone();
        state
            .read(move |connection| store::tags::list(connection, &asked))
            .await?
    };
    let (info, links) = listing.describe(&page, |(tag, value)| Position {
        value: value.clone(),
        id: tag.tag.id.clone(),
    });
    let keys = page
        .items
        .iter()
        .map(|(tag, _)| format!("tag-{}", tag.tag.id));
    let answer = TagPage {
        data: page
            .items
            .iter()
            .map(|(tag, _)| TagDetail::new(tag, &state))
            .collect(),
        links: links.clone(),
        page: info,
    };
    let reply = Reply::json(&answer)?.key("articles").key("tags");
    Ok(keys.fold(reply, Reply::key).link(link_header(&links)))
}

/// Get a tag
///
/// By id or slug.
#[utoipa::path(
    operation_id = "get_tag",
    tag = "tags",
    params(("key" = String, Path, description = "Id or slug of the tag.", max_length = 200)),
    responses((status = 200, description = "The tag.", body = TagDetail))
)]
#[get("/v1/tags/{key}")]
pub(super) async fn get_tag(request: HttpRequest, state: Data<State>) -> Result<Reply, Problem> {
    Query::none(&request)?;
    let key = path_key(&request)?;
    let found = {
        let key = key.clone();
        state
            .read(move |connection| store::tags::by_key(connection, &key))
            .await?
    };
    let (Key::Id(text) | Key::Slug(text)) = &key;
    let tag = found.ok_or_else(|| Problem::not_found("tag", text))?;
    Ok(Reply::json(&TagDetail::new(&tag, &state))?
        .key("articles")
        .key(format!("tag-{}", tag.tag.id)))
}
