//! Search over HTTP.

use actix_web::{HttpRequest, get, web::Data};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    domain::{
        body,
        search::{self, MAX_QUERY},
    },
    http::{
        articles::{ArticleOut, Shaper, filter_lists, read_filter},
        auth::sight,
        keys::article_keys,
        pagination::{Listing, PageInfo, PageLinks, link_header},
        param_types::{Count, FacetNames, Keys, Languages},
        problem::Problem,
        query::Query,
        reply::Reply,
        state::State,
    },
    model::{
        article::ArticleFilter,
        marked::Marked,
        page::Position,
        search::{FacetValue, Facets},
    },
    store::{
        self,
        search::{Answer, FacetChoice, Found},
    },
};

/// Parameters of a search.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct SearchParams {
    /// What to look for: words that must all stand in an article, in whatever form
    /// (`run` finds `running`); `"a phrase"` or `"a word"` in quotation marks of any kind, just as
    /// it is written; `-unwanted`, which must not stand in it in any of its forms, and
    /// `-"unwanted"`, which must not stand in it as it is written; `begin*`. Up to eight different
    /// beginnings of two letters or more count as such; further ones, and single letters, are
    /// whole words. Any text is valid.
    #[param(
        max_length = 500,
        pattern = r"^[^\u0000]*$",
        example = "ferry timetable"
    )]
    q: String,
    /// Facets to count.
    #[param(inline, example = "category,year")]
    facets: Option<FacetNames>,
    /// Hits of a page, at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Where the page begins, from `next_cursor` or `prev_cursor`; not with `page`.
    #[param(max_length = 2000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// Number of the page, from 1; not with `cursor`.
    #[param(minimum = 1, maximum = 1000000)]
    page: Option<i64>,
    /// `exact` to have the hits counted in cursor mode too.
    #[param(inline)]
    count: Option<Count>,
    /// Categories, with their descendants.
    #[param(inline)]
    category: Option<Keys>,
    /// Tags.
    #[param(inline)]
    tag: Option<Keys>,
    /// Authors.
    #[param(inline)]
    author: Option<Keys>,
    /// Languages.
    #[param(inline)]
    language: Option<Languages>,
    /// Editorial date after this time.
    #[param(format = DateTime, max_length = 40)]
    published_after: Option<String>,
    /// Editorial date before this time.
    #[param(format = DateTime, max_length = 40)]
    published_before: Option<String>,
}

/// A hit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchHit)]
struct HitOut {
    /// The article, without its body.
    article: ArticleOut,
    /// How well it fits: the rarer a word, the more it counts. What is about equally good stands
    /// newest first.
    #[schema(minimum = 0, maximum = 1)]
    score: f64,
    /// The passage that fits best, as HTML with `<mark>` and no other markup.
    #[schema(max_length = 100000, pattern = r"^[^\u0000]*$")]
    snippet: String,
}

/// A value of a facet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FacetValue)]
struct FacetValueOut {
    /// What the filter takes: a slug, or a year.
    #[schema(max_length = 120, pattern = "^[a-z0-9-]+$")]
    value: String,
    /// What a reader sees.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    name: String,
    /// Hits that have it: as many as the filter by it lets pass.
    #[schema(minimum = 1, maximum = 9007199254740991i64)]
    count: i64,
}

impl FacetValueOut {
    fn all(values: Option<Vec<FacetValue>>) -> Option<Vec<Self>> {
        let shown = |FacetValue { value, name, count }| Self { value, name, count };
        values.map(|values| values.into_iter().map(shown).collect())
    }
}

/// Facets of all hits; null for those that were not asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Facets)]
struct FacetsOut {
    /// By category; a hit counts for its own and for all above it.
    #[schema(required, max_items = 100)]
    category: Option<Vec<FacetValueOut>>,
    /// By tag.
    #[schema(required, max_items = 100)]
    tag: Option<Vec<FacetValueOut>>,
    /// By author.
    #[schema(required, max_items = 100)]
    author: Option<Vec<FacetValueOut>>,
    /// By year of the editorial date.
    #[schema(required, max_items = 100)]
    year: Option<Vec<FacetValueOut>>,
    /// Whether the counts are reckoned from 10,000 of the hits; they are exact up to so many.
    estimated: bool,
}

/// Hits
#[derive(Debug, Serialize, ToSchema)]
struct SearchPage {
    /// The hits of this page.
    #[schema(max_items = 100)]
    data: Vec<HitOut>,
    /// Facets; null unless asked for.
    #[schema(required)]
    facets: Option<FacetsOut>,
    /// What was searched for instead, where a word stands in no article: the text with it put
    /// right; else null.
    #[schema(required, max_length = 2000, pattern = r"^[^\u0000]*$")]
    did_you_mean: Option<String>,
    /// Where the page stands.
    page: PageInfo,
    /// Addresses of this page and those around it.
    links: PageLinks,
}

/// Search articles
///
/// Ranked over title, summary, body, and the names of authors and tags; of hits that fit about
/// equally well, the newest first. Cursors stay right while articles are added.
#[utoipa::path(
    operation_id = "search_articles",
    tag = "search",
    params(SearchParams),
    responses((status = 200, description = "A page of hits.", body = SearchPage))
)]
#[get("/v1/search")]
pub(super) async fn search_articles(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Problem> {
    let mut query = Query::of::<SearchParams>(&request)?;
    let text = query.text("q", MAX_QUERY);
    query.require("q");
    let text = text.unwrap_or_default();
    let asked = search::parse(&text);
    let filter = read_filter(&mut query);
    let facets = read_facets(&mut query);
    let listing = Listing::ranked(&mut query, request.path(), asked.wanted.len());
    query.finish()?;
    let lists = lists(&filter, facets);
    let wanted = listing.request.clone();
    let shaping = Data::clone(&state);
    Reply::of(
        &request,
        &state,
        sight(&request),
        move |reader| store::articles::search(reader, &filter, &asked, &wanted, facets),
        move |answer| page(&shaping, &text, &listing, answer).map(|reply| reply.lists(lists)),
    )
    .await
}

fn page(state: &State, text: &str, listing: &Listing, answer: Answer) -> Result<Reply, Problem> {
    let (info, links) = listing.describe(&answer.page, |found| Position {
        value: found.place.clone(),
        id: found.article.id.clone(),
    });
    let link = link_header(&links);
    let found = answer.page.items;
    let keys = article_keys(found.iter().map(|found| &found.article));
    let shown = SearchPage {
        data: found
            .into_iter()
            .map(|found| hit(state, found, &answer.marked))
            .collect(),
        did_you_mean: search::corrected(text, &answer.basis.corrections),
        facets: answer.facets.map(shown_facets),
        links,
        page: info,
    };
    Ok(Reply::json(&shown)?
        .keys(keys)
        .key("articles")
        .watching_all()
        .link(link))
}

fn read_facets(query: &mut Query) -> Option<FacetChoice> {
    let names = ["category", "tag", "author", "year"].map(|name| (name, name));
    let facets = query.choices("facets", &names)?;
    Some(FacetChoice {
        category: facets.contains(&"category"),
        tag: facets.contains(&"tag"),
        author: facets.contains(&"author"),
        year: facets.contains(&"year"),
    })
}

/// The lists of names that are filtered or counted by.
fn lists(filter: &ArticleFilter, facets: Option<FacetChoice>) -> Vec<&'static str> {
    let facets = facets.unwrap_or_default();
    let counted = [
        ("categories", facets.category),
        ("tags", facets.tag),
        ("authors", facets.author),
    ];
    let counted = counted.into_iter().filter(|(_, is_counted)| *is_counted);
    let mut lists = filter_lists(filter);
    lists.extend(counted.map(|(list, _)| list));
    lists
}

fn hit(state: &State, found: Found, marked: &Marked) -> HitOut {
    let article = found.article;
    let text = article.body.as_deref().map(body::text).unwrap_or_default();
    let mut snippet = search::snippet(&text, &article.language, marked);
    if !snippet.contains("<mark>") {
        // Found by title, summary or a name: the summary tells more than the first words.
        let summary = article.summary.as_deref().unwrap_or(&article.title);
        snippet = search::snippet(summary, &article.language, marked);
    }
    HitOut {
        article: Shaper::card(state, article),
        score: found.score,
        snippet,
    }
}

fn shown_facets(facets: Facets) -> FacetsOut {
    let Facets {
        category,
        tag,
        author,
        year,
        estimated,
    } = facets;
    FacetsOut {
        category: FacetValueOut::all(category),
        tag: FacetValueOut::all(tag),
        author: FacetValueOut::all(author),
        year: FacetValueOut::all(year),
        estimated,
    }
}
