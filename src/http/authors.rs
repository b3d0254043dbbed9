//! Authors over HTTP.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, patch, post, put,
    web::{Data, Payload},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::{
    domain::import::{FieldProblem, author_input},
    http::{
        articles::present,
        auth::{Allowed, Write, sight},
        managed::{self, Managed, managed_handlers},
        pagination::{Listing, PageInfo, PageLinks, link_header},
        param_types::{Count, OneKey},
        path::path_key,
        problem::Problem,
        query::Query,
        reply::Reply,
        state::State,
        stop::Stop,
        write::{Call, json as json_text},
    },
    model::{
        author::AuthorRef,
        kind::Kind,
        name::{NameInput, Named},
        page::Position,
        slug::Key,
        stamp::Stamp,
    },
    store::{self, Connection, Found, Reader, StoreError},
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
    fn new(named: &Named, state: &State) -> Self {
        let reference = AuthorRef::from(named.clone());
        Self {
            url: state.site.author(&reference),
            id: reference.id,
            slug: reference.slug,
            name: reference.name,
            description: named.description.clone(),
            avatar: reference.avatar,
            article_count: named.article_count,
            latest_published_at: named.latest_published_at.map(|time| time.to_string()),
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
            .read(sight(&request), move |reader| {
                store::authors::list(reader, &asked)
            })
            .await?
    };
    let (info, links) = listing.describe(&page, |(author, value)| Position {
        value: value.clone(),
        id: author.id.clone(),
    });
    let keys = page
        .items
        .iter()
        .map(|(author, _)| format!("author-{}", author.id));
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
    Ok(keys
        .fold(reply, Reply::key)
        .watching_all()
        .link(link_header(&links)))
}

/// Get an author
///
/// By id or slug. A former slug is answered with 308, a deleted one with 410.
#[utoipa::path(
    operation_id = "get_author",
    tag = "authors",
    params(("key" = String, Path, description = "Id or slug of the author.", max_length = 200)),
    responses((status = 200, description = "The author.", body = AuthorDetail))
)]
#[get("/v1/authors/{key}")]
pub(super) async fn get_author(request: HttpRequest, state: Data<State>) -> Result<Reply, Stop> {
    Query::none(&request)?;
    let key = path_key(&request)?;
    let found = {
        let key = key.clone();
        state
            .read(sight(&request), move |reader| {
                store::authors::by_key(reader, &key)
            })
            .await?
    };
    let named = present(&request, found, &key, Kind::Author)?;
    let reply = Reply::json(&AuthorDetail::new(&named, &state))?
        .version(&named.id, named.version)
        .key("articles")
        .key(format!("author-{}", named.id));
    Ok(reply)
}

/// An author as an editor sends them. Only `name` is required.
#[derive(ToSchema)]
#[schema(as = AuthorInput)]
#[expect(dead_code, reason = "describes what is sent; it is read by the domain")]
struct AuthorInputDoc {
    /// Lower-case ASCII words joined by hyphens; made from the name where it is left out.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: Option<String>,
    /// As readers see it.
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\u0000]*$")]
    name: String,
    /// A line about it.
    #[schema(min_length = 1, max_length = 5000, pattern = r"^[^\u0000]*$")]
    description: Option<String>,
    /// URL of a portrait.
    #[schema(max_length = 2000, pattern = r"^https?://")]
    avatar: Option<String>,
}

/// What takes the place of what is deleted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct DeleteAuthorParams {
    /// Id or slug of the author that its articles carry instead; needed while there are any.
    #[param(inline)]
    move_to: Option<OneKey>,
}

/// An author, for the handlers that all kinds share.
#[derive(Clone)]
struct AuthorItem(Named);

impl Managed for AuthorItem {
    type Input = NameInput;
    const KIND: Kind = Kind::Author;
    const PATH: &'static str = "/v1/authors";

    fn find(reader: &mut Reader<'_>, key: &Key) -> Result<Found<Self>, StoreError> {
        Ok(store::authors::by_key(reader, key)?.map(Self))
    }

    fn state(&self) -> (&str, i64) {
        (&self.0.id, self.0.version)
    }

    fn sent(&self) -> Value {
        json!({
            "slug": self.0.slug,
            "name": self.0.name,
            "description": self.0.description,
            "avatar": self.0.avatar,
        })
    }

    fn read(value: &Value) -> Result<NameInput, Vec<FieldProblem>> {
        author_input(value)
    }

    fn create(
        connection: &mut Connection,
        input: &NameInput,
        stamp: &Stamp,
    ) -> Result<String, StoreError> {
        store::authors::create(connection, input, stamp)
    }

    fn replace(
        &self,
        connection: &mut Connection,
        input: &NameInput,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        store::authors::replace(connection, &self.0, input, stamp)
    }

    fn delete(
        &self,
        connection: &mut Connection,
        move_to: Option<&Key>,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        store::authors::delete(connection, &self.0, move_to, stamp)
    }

    fn json(&self, state: &State) -> Result<String, Problem> {
        json_text(&AuthorDetail::new(&self.0, state))
    }
}

managed_handlers!(
    AuthorItem, AuthorDetail, AuthorInputDoc, DeleteAuthorParams, "authors", "an author",
    "/v1/authors", "/v1/authors/{key}",
    create_author "create_author", replace_author "replace_author",
    update_author "update_author", delete_author "delete_author"
);
