//! Lists of articles: filtered, sorted, a page at a time; and searches, which are lists with
//! scores, snippets and facets.

use diesel::prelude::*;

use crate::{
    model::{
        article::{Article, ArticleFilter, ArticleSort},
        page::{Page, PageRequest, Position, SortValue, Window},
        search::{Basis, SearchQuery},
    },
    store::{
        Reader,
        articles::{
            ArticleRow, complete, filtered,
            rows::{Articles, columns as articles},
        },
        error::StoreError,
        search::{self, Answer, Asked, FacetChoice, Hit, Matches},
    },
};

/// An article in a list, with the value that the list is sorted by.
pub type Listed = (Article, SortValue);

/// A page of the articles that may be seen and pass a filter.
pub fn list(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    sort: ArticleSort,
    request: &PageRequest,
    with_body: bool,
) -> Result<Page<Listed>, StoreError> {
    if let Some(query) = &filter.search {
        return searched(reader, filter, query, (sort, request), with_body);
    }
    let total = match request.wants_total() {
        true => Some(
            filtered(reader, filter)?
                .count()
                .get_result(reader.connection)?,
        ),
        false => None,
    };
    let query = filtered(reader, filter)?;
    let rows: Vec<(ArticleRow, String)> = sorted(query, sort, request)
        .select((ArticleRow::as_select(), articles::title_key))
        .load(reader.connection)?;
    let (rows, title_keys): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let values: Vec<SortValue> = rows
        .iter()
        .zip(title_keys)
        .map(|(row, title_key)| match sort {
            ArticleSort::Title | ArticleSort::TitleDescending => SortValue::Text(title_key),
            ArticleSort::ModifiedDescending => SortValue::Number(row.modified_at),
            _ => SortValue::Number(row.sort_at),
        })
        .collect();
    let listed = complete(reader.connection, rows, with_body)?
        .into_iter()
        .zip(values)
        .collect();
    Ok(request.page_of(listed, total))
}

/// Orders by a column and then the id, and begins where the window does. A macro, since each
/// column is a type of its own.
macro_rules! ordered_by {
    ($query:expr, $column:expr, $variant:path, $descending:expr, $request:expr) => {{
        let mut query = $query;
        let descending = $descending != $request.is_backward();
        if let Window::After(Position {
            value: $variant(value),
            id,
        })
        | Window::Before(Position {
            value: $variant(value),
            id,
        }) = &$request.window
        {
            let (value, id) = (value.clone(), id.clone());
            query = if descending {
                query.filter(
                    $column
                        .le(value.clone())
                        .and($column.lt(value).or(articles::id.lt(id))),
                )
            } else {
                query.filter(
                    $column
                        .ge(value.clone())
                        .and($column.gt(value).or(articles::id.gt(id))),
                )
            };
        }
        if descending {
            query.order(($column.desc(), articles::id.desc()))
        } else {
            query.order(($column.asc(), articles::id.asc()))
        }
    }};
}

fn sorted<'a>(query: Articles<'a>, sort: ArticleSort, request: &PageRequest) -> Articles<'a> {
    use ArticleSort as Sort;
    use SortValue::{Number, Text};
    let query = match sort {
        Sort::Title => ordered_by!(query, articles::title_key, Text, false, request),
        Sort::TitleDescending => ordered_by!(query, articles::title_key, Text, true, request),
        Sort::ModifiedDescending => {
            ordered_by!(query, articles::modified_at, Number, true, request)
        }
        Sort::Published => ordered_by!(query, articles::sort_at, Number, false, request),
        // Relevance without a search has nothing to go by; handlers refuse it before.
        Sort::PublishedDescending | Sort::Relevance => {
            ordered_by!(query, articles::sort_at, Number, true, request)
        }
    };
    query.limit(request.limit + 1).offset(request.offset())
}

/// A page of hits by relevance, and of all hits the facets that are wanted. A word that stands
/// nowhere is put right.
pub fn search(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    asked: &SearchQuery,
    request: &PageRequest,
    facets: Option<FacetChoice>,
) -> Result<Answer, StoreError> {
    let asked = Asked {
        query: asked,
        languages: &filter.language,
        basis: basis(request),
        corrects: true,
    };
    let matches = Matches::find(reader, &asked)?;
    let wants_all = request.wants_total() || facets.is_some();
    let (hits, filter) = hits(reader, filter, &matches, wants_all)?;
    let facets = facets
        .map(|choice| search::facets(reader, &hits, choice))
        .transpose()?;
    let page = search::page(reader, &filter, (&matches, hits), request, true)?;
    Ok(Answer {
        page,
        basis: matches.basis,
        marked: matches.marked,
        facets,
    })
}

/// What an earlier page was ranked by.
fn basis(request: &PageRequest) -> Option<&Basis> {
    match &request.window {
        Window::After(position) | Window::Before(position) => match &position.value {
            SortValue::Rank(_, basis) => Some(basis),
            SortValue::Number(_) | SortValue::Text(_) => None,
        },
        Window::First | Window::Number(_) => None,
    }
}

/// The hits best first, and the filter that they have yet to pass: none where all of them are
/// wanted at once.
fn hits(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    matches: &Matches,
    wants_all: bool,
) -> Result<(Vec<Hit>, ArticleFilter), StoreError> {
    let hits = matches.hits();
    match wants_all {
        true => Ok((
            search::narrow(reader, filter, hits)?,
            ArticleFilter::default(),
        )),
        false => Ok((hits, filter.clone())),
    }
}

/// A page of the hits of a filter's search, in the order of the list.
fn searched(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    query: &SearchQuery,
    (sort, request): (ArticleSort, &PageRequest),
    with_body: bool,
) -> Result<Page<Listed>, StoreError> {
    let asked = Asked {
        query,
        languages: &filter.language,
        basis: basis(request),
        // A list has no place to say so.
        corrects: false,
    };
    let matches = Matches::find(reader, &asked)?;
    if sort != ArticleSort::Relevance {
        return search::sorted(reader, filter, &matches.rows(), sort, request, with_body);
    }
    let (hits, filter) = hits(reader, filter, &matches, request.wants_total())?;
    let page = search::page(reader, &filter, (&matches, hits), request, with_body)?;
    Ok(page.map(|found| (found.article, found.place)))
}
