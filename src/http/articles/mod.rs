//! Articles over HTTP.

pub(super) mod batch;
mod input;
mod params;
pub(super) mod publication;
mod shape;
pub(super) mod write;

use std::collections::{BTreeSet, HashMap};

use actix_web::{HttpRequest, get, web::Data};
use utoipa::ToSchema;

pub(super) use params::{ArticleView, filter_lists, read_filter};
use params::{Include, ListArticlesParams};
pub use shape::ArticleOut;
use shape::ArticleShown;
pub(super) use shape::MEMBERS;
pub(super) use shape::{AuthorOut, CategoryOut, ImageOut, Shaper, TagOut};

use crate::{
    domain::relink::relink,
    http::{
        articles::params::{GetArticleParams, ListRequest},
        auth::{is_private, sight, sight_with},
        code::Code,
        keys::article_keys,
        pagination::{Listing, PageInfo, PageLinks, link_header},
        path::{path_key, path_with_key},
        problem::Problem,
        reply::Reply,
        state::State,
        stop::{Moved, Stop},
    },
    model::{
        article::Article,
        kind::Kind,
        page::{Page, Position, SortValue},
        related::Related,
        slug::Key,
        time::UtcTime,
    },
    store::{self, Found, Reader, StoreError, related::RelatedRequest},
};

/// Reads a request for a list, as [`list_articles`] does.
#[cfg(feature = "fuzzing")]
pub(super) fn listing_of(
    request: &HttpRequest,
) -> Result<crate::http::pagination::Listing, Problem> {
    ListRequest::parse(request).map(|asked| asked.listing)
}

/// Articles
#[derive(serde::Serialize, ToSchema)]
pub(super) struct ArticlePage {
    /// The articles of this page.
    #[schema(schema_with = shape::articles_or_parts)]
    data: Vec<ArticleShown>,
    /// Where the page stands.
    page: PageInfo,
    /// Addresses of this page and those around it.
    links: PageLinks,
}

/// Related articles that are embedded, unless asked otherwise.
const RELATED_EMBEDDED: usize = 12;

/// List articles
///
/// Published articles, newest first unless `sort` says otherwise; for a token with the scope
/// `content:read_drafts`, articles of every status. Filters narrow together;
/// commas within one mean any of its values. Cursors hold for every order, filter and search and
/// stay right while articles are added.
#[utoipa::path(
    operation_id = "list_articles",
    tag = "articles",
    params(ListArticlesParams),
    responses((status = 200, description = "A page of articles.", body = ArticlePage))
)]
#[get("/v1/articles")]
pub(super) async fn list_articles(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Problem> {
    let ListRequest {
        filter,
        sort,
        view,
        listing,
    } = ListRequest::parse(&request)?;
    let lists = filter_lists(&filter);
    let (asked, wanted) = (listing.request.clone(), view.clone());
    let (reading, shaping) = (Data::clone(&state), Data::clone(&state));
    Reply::of(
        &request,
        &state,
        sight(&request),
        move |reader| {
            let page = store::articles::list(reader, &filter, sort, &asked, wanted.needs_body())?;
            read_page(reader, &reading, &wanted, page)
        },
        move |read| page(&shaping, &view, &listing, read).map(|reply| reply.lists(lists)),
    )
    .await
}

/// Get an article
///
/// By id or slug. A former slug is answered with 308 and the present address; an article that
/// was published and taken away, with 410. A draft is shown to a token with the scope
/// `content:read_drafts`, and to whoever has a preview link of it.
#[utoipa::path(
    operation_id = "get_article",
    tag = "articles",
    params(
        ("key" = String, Path, description = "Id or slug of the article.", max_length = 200),
        GetArticleParams
    ),
    responses((status = 200, description = "The article.", body = shape::ArticleOrParts))
)]
#[get("/v1/articles/{key}")]
pub(super) async fn get_article(request: HttpRequest, state: Data<State>) -> Result<Reply, Stop> {
    let (view, preview) = ArticleView::parse_one(&request)?;
    let key = path_key(&request)?;
    let sight = sight_with(&request, &state, preview).await?;
    let (asked, wanted) = (key.clone(), view.clone());
    let (reading, shaping) = (Data::clone(&state), Data::clone(&state));
    let found = Reply::found_at_once(
        &request,
        &state,
        sight,
        move |reader| read_one(reader, &reading, &wanted, &asked),
        move |read| one(&shaping, &view, read),
    );
    present(&request, found.await?, &key, Kind::Article)
}

/// What was read to show articles.
struct Read<T> {
    shown: T,
    /// Those that are embedded, by the row of the one that they stand in.
    related: HashMap<i64, Vec<Related>>,
    /// Names of what the answer depends on beside.
    hidden: BTreeSet<String>,
}

/// Articles, each with what the list is sorted by.
type ListedPage = Page<(Article, SortValue)>;

fn read_page(
    reader: &mut Reader<'_>,
    state: &State,
    view: &ArticleView,
    mut page: ListedPage,
) -> Result<Read<ListedPage>, StoreError> {
    let articles = page.items.iter_mut().map(|(article, _)| article);
    relink(reader, &state.site, articles)?;
    let related = match view.includes(Include::Related) {
        true => {
            let articles = page.items.iter().map(|(article, _)| article.clone());
            let articles: Vec<Article> = articles.collect();
            embedded_related(reader, &articles, state.related_half_life_days)?
        }
        false => HashMap::new(),
    };
    Ok(Read {
        shown: page,
        related,
        hidden: reader.take_hidden_keys(),
    })
}

fn page(
    state: &State,
    view: &ArticleView,
    listing: &Listing,
    read: Read<ListedPage>,
) -> Result<Reply, Problem> {
    let Read {
        shown: page,
        mut related,
        hidden,
    } = read;
    let (info, links) = listing.describe(&page, |(article, value)| Position {
        value: value.clone(),
        id: article.id.clone(),
    });
    let link = link_header(&links);
    let articles = page.items.iter().map(|(article, _)| article);
    let embedded = related.values().flatten().map(|related| &related.article);
    let keys = article_keys(articles.chain(embedded));
    let shaper = Shaper::new(state, view);
    let shown = page.items.into_iter().map(|(article, _)| {
        let related = related.remove(&article.row);
        shaper.article(article, related)
    });
    let answer = ArticlePage {
        data: shown.collect::<Result<_, _>>()?,
        links,
        page: info,
    };
    Ok(Reply::json(&answer)?
        .told("articles")
        .keys(keys)
        .watching(hidden)
        .link(link))
}

fn read_one(
    reader: &mut Reader<'_>,
    state: &State,
    view: &ArticleView,
    key: &Key,
) -> Result<Found<Read<Article>>, StoreError> {
    if view.includes(Include::Related) {
        reader.more()?;
    }
    let mut found = store::articles::by_key(reader, key, view.needs_body())?;
    let mut related = HashMap::new();
    if let Found::Here(article) = &mut found {
        relink(reader, &state.site, std::iter::once(&mut **article))?;
        if view.includes(Include::Related) {
            let article = std::slice::from_ref(&**article);
            related = embedded_related(reader, article, state.related_half_life_days)?;
        }
    }
    let hidden = reader.take_hidden_keys();
    Ok(found.map(|shown| Read {
        shown,
        related,
        hidden,
    }))
}

fn one(state: &State, view: &ArticleView, read: Read<Article>) -> Result<Reply, Problem> {
    let Read {
        shown: article,
        mut related,
        hidden,
    } = read;
    let related = related.remove(&article.row);
    // A link that leads nowhere may have led somewhere, and then the date goes back.
    let has_date = related.is_none() && !hidden.contains("articles");
    let date = last_modified(&article);
    let embedded = related.iter().flatten().map(|related| &related.article);
    let keys = article_keys(std::iter::once(&article).chain(embedded));
    let (id, version) = (article.id.clone(), article.version);
    let shown = Shaper::new(state, view).article(article, related)?;
    let reply = Reply::json(&shown)?
        .keys(keys)
        .watching(hidden)
        .version(&id, version);
    Ok(match has_date {
        true => reply.last_modified(date),
        false => reply,
    })
}

/// When anything that an article shows last changed, the names that it carries among it.
pub(super) fn last_modified(article: &Article) -> UtcTime {
    article
        .names_updated_at
        .max(Some(article.updated_at))
        .unwrap_or(article.updated_at)
}

/// The thing that was found; stops when it is elsewhere, gone, or never was.
pub(super) fn present<T>(
    request: &HttpRequest,
    found: Found<T>,
    key: &Key,
    kind: Kind,
) -> Result<T, Stop> {
    let (Key::Id(text) | Key::Slug(text)) = key;
    match found {
        Found::Here(found) => Ok(*found),
        Found::Moved(slug) => {
            let path = path_with_key(request, &slug);
            let location = match request.query_string() {
                "" => path,
                query => format!("{path}?{query}"),
            };
            let private = is_private(request);
            Err(Stop::Moved(Moved { location, private }))
        }
        Found::Gone => Err(Stop::Problem(Problem::new(
            Code::Gone,
            format!("the {} was taken away", kind.as_str()),
        ))),
        Found::Never => Err(Stop::Problem(Problem::not_found(kind.as_str(), text))),
    }
}

/// What `include=related` embeds, by row.
fn embedded_related(
    reader: &mut Reader<'_>,
    articles: &[Article],
    half_life_days: Option<u32>,
) -> Result<HashMap<i64, Vec<Related>>, StoreError> {
    let request = RelatedRequest {
        limit: RELATED_EMBEDDED,
        half_life_days,
        ..RelatedRequest::default()
    };
    let mut found = store::related::of_articles(reader, articles, request)?;
    for article in articles {
        found.entry(article.row).or_default();
    }
    Ok(found)
}
