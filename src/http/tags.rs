//! Tags over HTTP.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, patch, post, put,
    web::{Data, Payload},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::{
    domain::import::{FieldProblem, tag_input},
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
        kind::Kind,
        name::{NameInput, Named},
        page::Position,
        slug::Key,
        stamp::Stamp,
        tag::TagRef,
    },
    store::{self, Connection, Found, Reader, StoreError},
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
    fn new(named: &Named, state: &State) -> Self {
        let reference = TagRef::from(named.clone());
        Self {
            url: state.site.tag(&reference),
            id: reference.id,
            slug: reference.slug,
            name: reference.name,
            description: named.description.clone(),
            article_count: named.article_count,
            latest_published_at: named.latest_published_at.map(|time| time.to_string()),
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
            .read(sight(&request), move |reader| {
                store::tags::list(reader, &asked)
            })
            .await?
    };
    let (info, links) = listing.describe(&page, |(tag, value)| Position {
        value: value.clone(),
        id: tag.id.clone(),
    });
    let keys = page.items.iter().map(|(tag, _)| format!("tag-{}", tag.id));
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
    Ok(keys
        .fold(reply, Reply::key)
        .watching_all()
        .link(link_header(&links)))
}

/// Get a tag
///
/// By id or slug. A former slug is answered with 308, a deleted one with 410.
#[utoipa::path(
    operation_id = "get_tag",
    tag = "tags",
    params(("key" = String, Path, description = "Id or slug of the tag.", max_length = 200)),
    responses((status = 200, description = "The tag.", body = TagDetail))
)]
#[get("/v1/tags/{key}")]
pub(super) async fn get_tag(request: HttpRequest, state: Data<State>) -> Result<Reply, Stop> {
    Query::none(&request)?;
    let key = path_key(&request)?;
    let found = {
        let key = key.clone();
        state
            .read(sight(&request), move |reader| {
                store::tags::by_key(reader, &key)
            })
            .await?
    };
    let named = present(&request, found, &key, Kind::Tag)?;
    let reply = Reply::json(&TagDetail::new(&named, &state))?
        .version(&named.id, named.version)
        .key("articles")
        .key(format!("tag-{}", named.id));
    Ok(reply)
}

/// A tag as an editor sends it. Only `name` is required.
#[derive(ToSchema)]
#[schema(as = TagInput)]
#[expect(dead_code, reason = "describes what is sent; it is read by the domain")]
struct TagInputDoc {
    /// Lower-case ASCII words joined by hyphens; made from the name where it is left out.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: Option<String>,
    /// As readers see it.
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\u0000]*$")]
    name: String,
    /// A line about it.
    #[schema(min_length = 1, max_length = 5000, pattern = r"^[^\u0000]*$")]
    description: Option<String>,
}

/// What takes the place of what is deleted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct DeleteTagParams {
    /// Id or slug of the tag that its articles carry instead.
    #[param(inline)]
    move_to: Option<OneKey>,
}

/// A tag, for the handlers that all kinds share.
#[derive(Clone)]
struct TagItem(Named);

impl Managed for TagItem {
    type Input = NameInput;
    const KIND: Kind = Kind::Tag;
    const PATH: &'static str = "/v1/tags";

    fn find(reader: &mut Reader<'_>, key: &Key) -> Result<Found<Self>, StoreError> {
        Ok(store::tags::by_key(reader, key)?.map(Self))
    }

    fn state(&self) -> (&str, i64) {
        (&self.0.id, self.0.version)
    }

    fn sent(&self) -> Value {
        json!({
            "slug": self.0.slug,
            "name": self.0.name,
            "description": self.0.description,
        })
    }

    fn read(value: &Value) -> Result<NameInput, Vec<FieldProblem>> {
        tag_input(value)
    }

    fn create(
        connection: &mut Connection,
        input: &NameInput,
        stamp: &Stamp,
    ) -> Result<String, StoreError> {
        store::tags::create(connection, input, stamp)
    }

    fn replace(
        &self,
        connection: &mut Connection,
        input: &NameInput,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        store::tags::replace(connection, &self.0, input, stamp)
    }

    fn delete(
        &self,
        connection: &mut Connection,
        move_to: Option<&Key>,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        store::tags::delete(connection, &self.0, move_to, stamp)
    }

    fn json(&self, state: &State) -> Result<String, Problem> {
        json_text(&TagDetail::new(&self.0, state))
    }
}

managed_handlers!(
    TagItem, TagDetail, TagInputDoc, DeleteTagParams, "tags", "a tag",
    "/v1/tags", "/v1/tags/{key}",
    create_tag "create_tag", replace_tag "replace_tag",
    update_tag "update_tag", delete_tag "delete_tag"
);
