//! Articles over HTTP.

pub(super) mod batch;
mod input;
mod params;
pub(super) mod publication;
mod shape;
pub(super) mod write;

use std::collections::HashMap;

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
        pagination::{PageInfo, PageLinks, link_header},
        problem::Problem,
        query::{path_key, path_with_key},
        reply::Reply,
        state::State,
        stop::{Moved, Stop},
    },
    model::{
        article::Article, kind::Kind, page::Position, related::Related, slug::Key, time::UtcTime,
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

/// Words of a body that is written aside: shorter ones take less than handing them over is worth.
pub(super) const LONG: i64 = 2_000;

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
    let asked = ListRequest::parse(&request)?;
    let ListRequest {
        filter,
        sort,
        view,
        listing,
    } = asked;
    let lists = filter_lists(&filter);
    let (page, related, hidden) = {
        let view = view.clone();
        let page_request = listing.request.clone();
        let site = state.site.clone();
        let half_life_days = state.related_half_life_days;
        state
            .read(sight(&request), move |reader| {
                let mut page =
                    store::articles::list(reader, &filter, sort, &page_request, view.needs_body())?;
                let articles = page.items.iter_mut().map(|(article, _)| article);
                relink(reader, &site, articles)?;
                let mut related = HashMap::new();
                if view.includes(Include::Related) {
                    let articles = page.items.iter().map(|(article, _)| article.clone());
                    let articles: Vec<Article> = articles.collect();
                    related = embedded_related(reader, &articles, half_life_days)?;
                }
                Ok((page, related, reader.take_hidden_keys()))
            })
            .await?
    };
    let (info, links) = listing.describe(&page, |(article, value)| Position {
        value: value.clone(),
        id: article.id.clone(),
    });
    let is_long = view.needs_body() || !related.is_empty();
    let make = move || {
        let shaper = Shaper::new(&state, &view);
        let shown = page.items.iter().map(|(article, _)| {
            shaper.article(article, related.get(&article.row).map(Vec::as_slice))
        });
        let link = link_header(&links);
        let answer = ArticlePage {
            data: shown.collect::<Result<_, _>>()?,
            links,
            page: info,
        };
        Ok(Reply::json(&answer)?
            .told("articles")
            .lists(lists)
            .article_keys(page.items.iter().map(|(article, _)| article))
            .article_keys(related.values().flatten().map(|related| &related.article))
            .watching(hidden)
            .link(link))
    };
    match is_long {
        true => Reply::aside(&request, make).await,
        false => make(),
    }
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
    let found = {
        let (key, view) = (key.clone(), view.clone());
        let site = state.site.clone();
        let half_life_days = state.related_half_life_days;
        state
            .read(sight, move |reader| {
                let mut found = store::articles::by_key(reader, &key, view.needs_body())?;
                let mut related = HashMap::new();
                if let Found::Here(article) = &mut found {
                    relink(reader, &site, std::iter::once(&mut **article))?;
                    if view.includes(Include::Related) {
                        let article = std::slice::from_ref(&**article);
                        related = embedded_related(reader, article, half_life_days)?;
                    }
                }
                Ok((found, related, reader.take_hidden_keys()))
            })
            .await?
    };
    let (found, related, hidden) = found;
    let article = present(&request, found, &key, Kind::Article)?;
    let is_long = article.word_count > LONG;
    // A link that leads nowhere may have led somewhere, and then the date goes back.
    let has_date = !hidden.contains("articles");
    let make = move || {
        let related = related.get(&article.row).map(Vec::as_slice);
        let shown = Shaper::new(&state, &view).article(&article, related)?;
        let reply = Reply::json(&shown)?
            .article_keys([&article])
            .watching(hidden)
            .version(&article.id, article.version);
        Ok(match related {
            Some(related) => reply.article_keys(related.iter().map(|related| &related.article)),
            None if has_date => reply.last_modified(last_modified(&article)),
            None => reply,
        })
    };
    match is_long {
        true => Ok(Reply::aside(&request, make).await?),
        false => Ok(make()?),
    }
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
