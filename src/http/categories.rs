//! Categories over HTTP.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, patch, post, put,
    web::{Data, Payload},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::{
    domain::import::{FieldProblem, category_input},
    http::{
        articles::{CategoryOut, present},
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
        category::{Category, CategoryInput},
        kind::Kind,
        page::{Page, PageRequest, Position, SortValue, Window},
        slug::Key,
        stamp::Stamp,
        words::sort_key,
    },
    store::{self, Connection, Found, Reader, StoreError},
};

/// Parameters of the list of categories.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct ListCategoriesParams {
    /// Categories of a page, at most; with `tree`, roots.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Where the page begins, from `next_cursor` or `prev_cursor`; not with `page`.
    #[param(max_length = 2000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// Number of the page, from 1; not with `cursor`.
    #[param(minimum = 1, maximum = 1000000)]
    page: Option<i64>,
    /// `exact` to have the categories counted in cursor mode too.
    #[param(inline)]
    count: Option<Count>,
    /// Nest `children` under roots.
    #[param(default = false)]
    tree: Option<bool>,
}

/// A category.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Category)]
struct CategoryDetail {
    /// UUIDv7; never changes.
    #[schema(format = "uuid", max_length = 36)]
    id: String,
    /// Unique among categories.
    #[schema(
        max_length = 120,
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        example = "culture"
    )]
    slug: String,
    /// The page on the public site.
    #[schema(max_length = 3000, pattern = r"^https?://")]
    url: String,
    /// As readers see it.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    name: String,
    /// A line about it.
    #[schema(required, max_length = 5000, pattern = r"^[^\u0000]*$")]
    description: Option<String>,
    /// The category above; null at the root.
    #[schema(required)]
    parent: Option<CategoryOut>,
    /// Slugs from the root down, joined by slashes.
    #[schema(
        max_length = 1000,
        pattern = "^[a-z0-9-]+(/[a-z0-9-]+)*$",
        example = "culture/music"
    )]
    path: String,
    /// Published articles right in it.
    #[schema(minimum = 0, maximum = 9007199254740991i64)]
    article_count: i64,
    /// Published articles in it and all below it.
    #[schema(minimum = 0, maximum = 9007199254740991i64)]
    total_article_count: i64,
    /// The newest editorial date in it and all below it.
    #[schema(required, format = DateTime, max_length = 24)]
    latest_published_at: Option<String>,
    /// Categories right below it, with `tree=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, no_recursion, max_items = 10000)]
    children: Option<Vec<CategoryDetail>>,
}

impl CategoryDetail {
    fn new(category: &Category, state: &State) -> Self {
        let Category {
            category: reference,
            description,
            parent,
            article_count,
            total_article_count,
            latest_published_at,
            updated_at: _,
            version: _,
        } = category;
        Self {
            id: reference.id.clone(),
            slug: reference.slug.clone(),
            url: state.site.category(reference),
            name: reference.name.clone(),
            description: description.clone(),
            parent: parent
                .clone()
                .map(|parent| CategoryOut::new(parent, &state.site)),
            path: reference.path.clone(),
            article_count: *article_count,
            total_article_count: *total_article_count,
            latest_published_at: latest_published_at.map(|time| time.to_string()),
            children: None,
        }
    }

    fn with_children(category: &Category, all: &[Category], state: &State) -> Self {
        let is_child = |other: &&Category| {
            other
                .parent
                .as_ref()
                .is_some_and(|parent| parent.id == category.category.id)
        };
        let children = all
            .iter()
            .filter(is_child)
            .map(|child| Self::with_children(child, all, state));
        Self {
            children: Some(children.collect()),
            ..Self::new(category, state)
        }
    }
}

/// Categories
#[derive(Debug, Serialize, ToSchema)]
struct CategoryPage {
    /// The categories of this page.
    #[schema(max_items = 100)]
    data: Vec<CategoryDetail>,
    /// Where the page stands.
    page: PageInfo,
    /// Addresses of this page and those around it.
    links: PageLinks,
}

/// List categories
///
/// By name, with counts of published articles. `tree=true` lists the roots and nests the others
/// under them.
#[utoipa::path(
    operation_id = "list_categories",
    tag = "categories",
    params(ListCategoriesParams),
    responses((status = 200, description = "A page of categories.", body = CategoryPage))
)]
#[get("/v1/categories")]
pub(super) async fn list_categories(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Problem> {
    let mut query = Query::of::<ListCategoriesParams>(&request)?;
    let tree = query.flag("tree").unwrap_or(false);
    let listing = Listing::of(&mut query, request.path(), true);
    query.finish()?;
    let (all, hidden) = state
        .read(sight(&request), |reader| {
            let all = store::categories::all(reader)?;
            Ok((all, reader.take_hidden_keys()))
        })
        .await?;
    let listed: Vec<&Category> = all
        .iter()
        .filter(|category| !tree || category.parent.is_none())
        .collect();
    let page = page_in_memory(&listed, &listing.request);
    let (info, links) = listing.describe(&page, |category| position(category));
    let shown = page.items.iter().map(|category| match tree {
        true => CategoryDetail::with_children(category, &all, &state),
        false => CategoryDetail::new(category, &state),
    });
    let answer = CategoryPage {
        data: shown.collect(),
        links: links.clone(),
        page: info,
    };
    let keys = all
        .iter()
        .map(|category| format!("category-{}", category.category.id));
    let reply = Reply::json(&answer)?.told("articles").key("categories");
    Ok(keys
        .fold(reply, Reply::key)
        .watching(hidden)
        .link(link_header(&links)))
}

fn position(category: &Category) -> Position {
    Position {
        value: SortValue::Text(sort_key(&category.category.name)),
        id: category.category.id.clone(),
    }
}

/// All categories are read at once, so a page of them is a slice.
fn page_in_memory<'a>(sorted: &[&'a Category], request: &PageRequest) -> Page<&'a Category> {
    let place = |position: &Position| match &position.value {
        SortValue::Text(name) => (name.clone(), position.id.clone()),
        SortValue::Number(_) | SortValue::Rank(..) => (String::new(), position.id.clone()),
    };
    let limit = usize::try_from(request.limit + 1).unwrap_or(1);
    let skip = usize::try_from(request.offset()).unwrap_or(usize::MAX);
    let is = |category: &&'a Category, wanted: &Position, order| {
        place(&position(category)).cmp(&place(wanted)) == order
    };
    let taken: Vec<&Category> = match &request.window {
        Window::After(wanted) => sorted
            .iter()
            .copied()
            .filter(|category| is(category, wanted, std::cmp::Ordering::Greater))
            .take(limit)
            .collect(),
        Window::Before(wanted) => sorted
            .iter()
            .rev()
            .copied()
            .filter(|category| is(category, wanted, std::cmp::Ordering::Less))
            .take(limit)
            .collect(),
        _ => sorted.iter().copied().skip(skip).take(limit).collect(),
    };
    let total = request
        .wants_total()
        .then(|| i64::try_from(sorted.len()).unwrap_or(i64::MAX));
    request.page_of(taken, total)
}

/// Get a category
///
/// By id or slug. A former slug is answered with 308, a deleted one with 410.
#[utoipa::path(
    operation_id = "get_category",
    tag = "categories",
    params(("key" = String, Path, description = "Id or slug of the category.", max_length = 200)),
    responses((status = 200, description = "The category.", body = CategoryDetail))
)]
#[get("/v1/categories/{key}")]
pub(super) async fn get_category(request: HttpRequest, state: Data<State>) -> Result<Reply, Stop> {
    Query::none(&request)?;
    let key = path_key(&request)?;
    let (found, hidden) = {
        let key = key.clone();
        state
            .read(sight(&request), move |reader| {
                let found = store::categories::by_key(reader, &key)?;
                Ok((found, reader.take_hidden_keys()))
            })
            .await?
    };
    let category = present(&request, found, &key, Kind::Category)?;
    let reply = Reply::json(&CategoryDetail::new(&category, &state))?
        .version(&category.category.id, category.version)
        .told("articles")
        .key("categories")
        .key(format!("category-{}", category.category.id))
        .watching(hidden);
    Ok(reply)
}

/// A category as an editor sends it. Only `name` is required.
#[derive(ToSchema)]
#[schema(as = CategoryInput)]
#[expect(dead_code, reason = "describes what is sent; it is read by the domain")]
struct CategoryInputDoc {
    /// Lower-case ASCII words joined by hyphens; made from the name where it is left out.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: Option<String>,
    /// As readers see it.
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\u0000]*$")]
    name: String,
    /// A line about it.
    #[schema(min_length = 1, max_length = 5000, pattern = r"^[^\u0000]*$")]
    description: Option<String>,
    /// Id or slug of the category above; at the root where it is left out.
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\u0000]*$")]
    parent: Option<String>,
}

/// What takes the place of what is deleted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct DeleteCategoryParams {
    /// Id or slug of the category that its articles and the categories right below go to; needed
    /// while there are any.
    #[param(inline)]
    move_to: Option<OneKey>,
}

impl Managed for Category {
    type Input = CategoryInput;
    const KIND: Kind = Kind::Category;
    const PATH: &'static str = "/v1/categories";

    fn find(reader: &mut Reader<'_>, key: &Key) -> Result<Found<Self>, StoreError> {
        store::categories::by_key(reader, key)
    }

    fn state(&self) -> (&str, i64) {
        (&self.category.id, self.version)
    }

    fn sent(&self) -> Value {
        json!({
            "slug": self.category.slug,
            "name": self.category.name,
            "description": self.description,
            "parent": self.parent.as_ref().map(|parent| &parent.id),
        })
    }

    fn read(value: &Value) -> Result<CategoryInput, Vec<FieldProblem>> {
        category_input(value)
    }

    fn create(
        connection: &mut Connection,
        input: &CategoryInput,
        stamp: &Stamp,
    ) -> Result<String, StoreError> {
        store::categories::create(connection, input, stamp)
    }

    fn replace(
        &self,
        connection: &mut Connection,
        input: &CategoryInput,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        store::categories::replace(connection, self, input, stamp)
    }

    fn delete(
        &self,
        connection: &mut Connection,
        move_to: Option<&Key>,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        store::categories::delete(connection, self, move_to, stamp)
    }

    fn json(&self, state: &State) -> Result<String, Problem> {
        json_text(&CategoryDetail::new(self, state))
    }
}

managed_handlers!(
    Category, CategoryDetail, CategoryInputDoc, DeleteCategoryParams, "categories", "a category",
    "/v1/categories", "/v1/categories/{key}",
    create_category "create_category", replace_category "replace_category",
    update_category "update_category", delete_category "delete_category"
);
