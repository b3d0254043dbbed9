//! The log of changes over HTTP.

use actix_web::{HttpRequest, get, web::Data};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    http::{
        articles::{ArticleOut, AuthorOut, CategoryOut, Shaper, TagOut, read_filter},
        keys::article_keys,
        pagination::{
            PageInfo, PageLinks, describe_one, link_header, read_sequence, write_sequence,
        },
        param_types::{Keys, Languages},
        problem::Problem,
        query::Query,
        reply::Reply,
        state::State,
    },
    model::{
        change::{Change, ChangeKind, Subject},
        kind::Kind,
        page::{DEFAULT_LIMIT, MAX_LIMIT},
        sight::Sight,
    },
    store::{self, changes::Since},
};

/// Parameters of the log of changes.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct ChangesParams {
    /// Changes at or after this time; all of them without. Not with `cursor`.
    #[param(format = DateTime, max_length = 40)]
    since: Option<String>,
    /// Changes after those that were answered with this `next_cursor`. Not with `since`.
    #[param(max_length = 100, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// Changes of an answer, at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Only articles of these categories, or of their descendants; tombstones stay.
    #[param(inline)]
    category: Option<Keys>,
    /// Only articles with these tags; tombstones stay.
    #[param(inline)]
    tag: Option<Keys>,
    /// Only articles by these authors; tombstones stay.
    #[param(inline)]
    author: Option<Keys>,
    /// Only articles in these languages; tombstones stay.
    #[param(inline)]
    language: Option<Languages>,
}

/// A change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Change)]
struct ChangeOut {
    /// Id of what changed.
    #[schema(format = "uuid", max_length = 36)]
    id: String,
    /// What changed.
    #[schema(schema_with = kind_schema)]
    kind: &'static str,
    /// What happened to it.
    #[schema(schema_with = change_schema)]
    change: &'static str,
    /// When.
    #[schema(format = DateTime, max_length = 24)]
    at: String,
    /// The article as it is now, without its body; null when it is not published now, or when
    /// something else changed.
    #[schema(required)]
    article: Option<ArticleOut>,
    /// The category as it is now; null unless a category changed that is still there.
    #[schema(required)]
    category: Option<CategoryOut>,
    /// The author as they are now; null unless an author changed who is still there.
    #[schema(required)]
    author: Option<AuthorOut>,
    /// The tag as it is now; null unless a tag changed that is still there.
    #[schema(required)]
    tag: Option<TagOut>,
}

fn kind_schema() -> utoipa::openapi::schema::Object {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(Kind::ALL.map(Kind::as_str)))
        .description(Some("What changed."))
        .build()
}

fn change_schema() -> utoipa::openapi::schema::Object {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(ChangeKind::ALL.map(ChangeKind::as_str)))
        .description(Some("What happened to it."))
        .build()
}

impl ChangeOut {
    fn new(change: Change, state: &State) -> Self {
        let Change {
            sequence: _,
            id,
            kind,
            at,
            subject,
        } = change;
        let mut shown = Self {
            id,
            kind: subject.kind().as_str(),
            change: kind.as_str(),
            at: at.to_string(),
            article: None,
            category: None,
            author: None,
            tag: None,
        };
        let site = &state.site;
        match subject {
            Subject::Article(article) => {
                shown.article = article.map(|article| Shaper::card(state, *article));
            }
            Subject::Category(category) => {
                shown.category = Some(CategoryOut::new(category, site));
            }
            Subject::Author(author) => shown.author = Some(AuthorOut::new(author, site)),
            Subject::Tag(tag) => shown.tag = Some(TagOut::new(tag, site)),
            Subject::Gone(_) => {}
        }
        shown
    }
}

/// Changes
#[derive(Debug, Serialize, ToSchema)]
struct ChangePage {
    /// Oldest first.
    #[schema(max_items = 100)]
    data: Vec<ChangeOut>,
    /// Where the list goes on: `next_cursor` is always given, also when there is nothing more yet.
    page: PageInfo,
    /// Addresses of this part of the log and of the next.
    links: PageLinks,
    /// Whether more changes wait right now.
    has_more: bool,
}

/// List changes
///
/// What happened to published articles, and to categories, authors and tags, oldest first, so that
/// a client can keep in step: read until `has_more` is false, keep `page.next_cursor`, and come
/// back with it. A filter leaves out articles that do not pass it, but never the news that
/// something is gone.
#[utoipa::path(
    operation_id = "list_changes",
    tag = "articles",
    params(ChangesParams),
    responses((status = 200, description = "Changes.", body = ChangePage))
)]
#[get("/v1/changes")]
pub(super) async fn list_changes(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Problem> {
    let mut query = Query::of::<ChangesParams>(&request)?;
    let limit = query.number("limit", 1, MAX_LIMIT).unwrap_or(DEFAULT_LIMIT);
    let time = query.time("since");
    let cursor = query.text("cursor", 100);
    let filter = read_filter(&mut query);
    if query.has("since") && query.has("cursor") {
        query.error("since", "can't be given together with cursor");
    }
    let since = match (cursor.as_deref().map(read_sequence), time) {
        (Some(Some(sequence)), _) => Since::Sequence(sequence),
        (Some(None), _) => {
            query.error(
                "cursor",
                "is not a cursor of this API; take one from next_cursor",
            );
            Since::Sequence(0)
        }
        (None, Some(time)) => Since::Time(time),
        (None, None) => Since::Sequence(0),
    };
    let query = query.finish()?;
    let (changes, has_more, next) = state
        .read(Sight::Public, move |reader| {
            store::changes::list(reader, since, &filter, limit, false)
        })
        .await?;
    let next = Some(write_sequence(next));
    let (page, links) = describe_one(&query, request.path(), limit, next);
    let link = link_header(&links);
    let articles = changes.iter().filter_map(|change| match &change.subject {
        Subject::Article(article) => article.as_deref(),
        _ => None,
    });
    let keys = article_keys(articles);
    let answer = ChangePage {
        data: changes
            .into_iter()
            .map(|change| ChangeOut::new(change, &state))
            .collect(),
        page,
        links,
        has_more,
    };
    Ok(Reply::json(&answer)?
        .keys(keys)
        .key("articles")
        .key("changes")
        .link(link))
}
