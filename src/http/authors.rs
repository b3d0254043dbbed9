//! Authors over HTTP.

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
    model::{author::Author, page::Position, slug::Key},
    store,
};

/// Parameters of the list of authors.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct ListAuthorsParams {
    /// Authors of a page, at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Where the page begins, from `next_cursor` or `prev_cursor`; not with `page`.
    #[param(max_length = 2000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// Number of the page, from 1; not with `cursor`.
    #[param(minimum = 1, maximum = 1000000)]
    page: Option<i64>,
    /// `exact` to have the authors counted in cursor mode too.
    #[param(inline)]
    count: Option<Count>,
}

/// An author.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Author)]
struct AuthorDetail {
    /// UUIDv7; never changes.
    #[schema(format = "uuid", max_length = 36)]
    id: String,
    /// Unique among authors.
    #[schema(
        max_length = 120,
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        example = "mara-ellison"
    )]
    slug: String,
    /// The page on the public site.
    #[schema(max_length = 3000, pattern = r"^https?://")]
    url: String,
    /// As the byline has it.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    name: String,
    /// A line about them.
    #[schema(required, max_length = 5000, pattern = r"^[^\u0000]*$")]
    description: Option<String>,
    /// URL of a portrait.
    #[schema(required, max_length = 2000, pattern = r"^https?://")]
    avatar: Option<String>,
    /// Published articles that carry the name.
    #[schema(minimum = 0, maximum = 9007199254740991i64)]
    article_count: i64,
    /// The newest editorial date among those.
    #[schema(required, format = DateTime, max_length = 24)]
    latest_published_at: Option<String>,
}

impl AuthorDetail {
    fn new(author: &Author, state: &State) -> Self {
        let Author {
            author: reference,
            description,
            article_count,
            latest_published_at,
            updated_at: _,
        } = author;
        Self {
            id: reference.id.clone(),
            slug: reference.slug.clone(),
            url: state.site.author(reference),
            name: reference.name.clone(),
            description: description.clone(),
            avatar: reference.avatar.clone(),
            article_count: *article_count,
            latest_published_at: latest_published_at.map(|time| time.to_string()),
        }
    }
}

/// Authors
#[derive(Debug, Serialize, ToSchema)]
struct AuthorPage {
    /// The authors of this page.
    #[schema(max_items = 100)]
    data: Vec<AuthorDetail>,
    /// Where the page stands.
    page: PageInfo,
    /// Addresses of this page and those around it.
    links: PageLinks,
}

/// List authors
///
/// By name, with counts of published articles.
#[utoipa::path(
    operation_id = "list_authors",
    tag = "authors",
    params(ListAuthorsParams),
    responses((status = 200, description = "A page of authors.", body = AuthorPage))
)]
#[get("/v1/authors")]
pub(super) async fn list_authors(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Problem> {
    let mut query = Query::of::<ListAuthorsParams>(&request)?;
    let listing = Listing::of(&mut query, request.path(), true);
    query.finish()?;
    let page = {
        let asked = listing.request.clone();
        state
            .read(move |connection| store::authors::list(connection, &asked))
            .await?
    };
    let (info, links) = listing.describe(&page, |(author, value)| Position {
        value: value.clone(),
        id: author.author.id.clone(),
    });
    let keys = page
        .items
        .iter()
        .map(|(author, _)| format!("author-{}", author.author.id));
    let answer = AuthorPage {
        data: page
            .items
            .iter()
            .map(|(author, _)| AuthorDetail::new(author, &state))
            .collect(),
        links: links.clone(),
        page: info,
    };
    let reply = Reply::json(&answer)?.key("articles").key("authors");
    Ok(keys.fold(reply, Reply::key).link(link_header(&links)))
}

/// Get an author
///
/// By id or slug.
#[utoipa::path(
    operation_id = "get_author",
    tag = "authors",
    params(("key" = String, Path, description = "Id or slug of the author.", max_length = 200)),
    responses((status = 200, description = "The author.", body = AuthorDetail))
)]
#[get("/v1/authors/{key}")]
pub(super) async fn get_author(request: HttpRequest, state: Data<State>) -> Result<Reply, Problem> {
    Query::none(&request)?;
    let key = path_key(&request)?;
    let found = {
        let key = key.clone();
        state
            .read(move |connection| store::authors::by_key(connection, &key))
            .await?
    };
    let (Key::Id(text) | Key::Slug(text)) = &key;
    let author = found.ok_or_else(|| Problem::not_found("author", text))?;
    Ok(Reply::json(&AuthorDetail::new(&author, &state))?
        .key("articles")
        .key(format!("author-{}", author.author.id)))
}
