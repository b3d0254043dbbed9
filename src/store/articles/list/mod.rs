//! Lists of articles: filtered, sorted, a page at a time; and searches, which are lists with
//! scores, snippets and facets.

mod depends;
mod order;
mod walk;

use diesel::prelude::*;

use crate::{
    model::{
        article::{Article, ArticleFilter, ArticleSort, Status},
        page::{Page, PageRequest, SortValue, Window},
        search::{Basis, SearchQuery},
    },
    store::{
        Reader,
        articles::{
            ArticleRow, complete,
            filter::Wanted,
            list::{
                order::{By, Order},
                walk::{Start, position},
            },
            rows::{ByDate, Filed, Picked, Stretches, Take, columns as articles},
        },
        error::StoreError,
        search::{self, Answer, Asked, FacetChoice, Hit, Matches},
    },
};

/// An article in a list, with the value that the list is sorted by.
pub type Listed = (Article, SortValue);

/// A page of the articles that may be seen and pass a filter. What it depends on beside those that
/// it shows is noted as hidden keys of the reader.
pub fn list(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    sort: ArticleSort,
    request: &PageRequest,
    with_body: bool,
) -> Result<Page<Listed>, StoreError> {
    if let Some(query) = &filter.search {
        depends::on_all(reader);
        return searched(reader, filter, query, (sort, request), with_body);
    }
    let wanted = Wanted::of(reader, filter)?;
    depends::on(reader, filter, &wanted.filed);
    if wanted.is_empty() {
        let total = request.wants_total().then_some(0);
        return Ok(request.page_of(Vec::new(), total));
    }
    let order = Order::of(sort, request);
    let (total, start) = beginning(reader, &wanted, order, request)?;
    let rows = match start {
        Some(start) => read(reader, &wanted, order, request, &start)?,
        None => Vec::new(),
    };
    let with_value = |(row, title_key): (ArticleRow, String)| {
        let value = match order.by {
            By::Title => SortValue::Text(title_key),
            By::Change => SortValue::Number(row.modified_at),
            By::Date => SortValue::Number(row.sort_at),
        };
        (row, value)
    };
    let (rows, values): (Vec<_>, Vec<_>) = rows.into_iter().map(with_value).unzip();
    let listed = complete(reader.connection, rows, with_body)?
        .into_iter()
        .zip(values)
        .collect();
    Ok(request.page_of(listed, total))
}

/// How many articles the list has, where that is wanted, and where the page begins; `None` for one
/// behind the end. At most one statement.
fn beginning(
    reader: &mut Reader<'_>,
    wanted: &Wanted<'_>,
    order: Order,
    request: &PageRequest,
) -> Result<(Option<i64>, Option<Start>), StoreError> {
    let skip = request.offset();
    let is_numbered = matches!(request.window, Window::Number(_));
    if is_numbered
        && order.by == By::Date
        && let Some(spans) = wanted.spans(reader)?
    {
        let total: i64 = spans.iter().map(|(_, count)| *count).sum();
        let start = Start::among(&spans, order.descending, skip, request.limit + 1);
        return Ok((Some(total), start));
    }
    let total = match request.wants_total() {
        true => Some(wanted.total(reader)?),
        false => None,
    };
    let is_behind_all = is_numbered && total.is_some_and(|total| total <= skip);
    Ok((total, (!is_behind_all).then(|| Start::behind(skip))))
}

/// The rows of a page and one more, if there is one, in reading order; with their folded titles,
/// where that is the order of titles.
fn read(
    reader: &mut Reader<'_>,
    wanted: &Wanted<'_>,
    order: Order,
    request: &PageRequest,
    start: &Start,
) -> Result<Vec<(ArticleRow, String)>, StoreError> {
    let at_most = request.limit + 1;
    if let Some(plain) = by_date(wanted, order, request, start) {
        let rows = plain.read(reader.connection)?;
        return Ok(rows.into_iter().map(|row| (row, String::new())).collect());
    }
    let visible = reader.articles();
    let query = match stretches(wanted, order, request, start) {
        Some(stretches) => stretches.narrow(reader.connection, visible)?,
        None => {
            let mut query = order.behind(wanted.narrow(visible), &request.window);
            if let Some((from, until)) = start.within {
                query = query
                    .filter(articles::sort_at.ge(from))
                    .filter(articles::sort_at.lt(until));
            }
            match start.skip {
                0 => query.limit(at_most),
                skip => {
                    let ids = order.sorted(query).limit(at_most).offset(skip);
                    let ids = Picked::new(ids.select(articles::id), at_most);
                    reader.articles().filter(ids)
                }
            }
        }
    };
    let mut rows: Vec<(ArticleRow, String)> = order
        .sorted(query)
        .select((ArticleRow::as_select(), articles::title_key))
        .load(reader.connection)?;
    rows.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
    Ok(rows)
}

/// The one stretch of an index that a list by date is made of, where readers ask for no more than
/// that it lies in one category.
fn by_date(
    wanted: &Wanted<'_>,
    order: Order,
    request: &PageRequest,
    start: &Start,
) -> Option<ByDate> {
    let category = match &wanted.filed {
        Filed::Anywhere => None,
        Filed::Within(pks) => match pks.as_slice() {
            [pk] => Some(*pk),
            _ => return None,
        },
        Filed::Outside(_) => return None,
    };
    let is_published = |statuses: &[Status]| statuses == [Status::Published];
    let is_plain = order.by == By::Date
        && *start == Start::default()
        && wanted.dates() == (None, None)
        && wanted.plain().is_some_and(is_published);
    is_plain.then(|| ByDate {
        category,
        behind: position(request),
        descending: order.descending,
        at_most: request.limit + 1,
    })
}

/// The stretches of an index that a list by date is made of, where there are several.
fn stretches(
    wanted: &Wanted<'_>,
    order: Order,
    request: &PageRequest,
    start: &Start,
) -> Option<Stretches> {
    let statuses = wanted.plain()?;
    let (places, count) = match &wanted.filed {
        Filed::Within(pks) => (Some(pks.clone()), pks.len()),
        // All statuses lie in order in an index of their own.
        Filed::Anywhere if statuses.len() == Status::ALL.len() => return None,
        Filed::Anywhere => (None, 1),
        // Most are elsewhere, as a rule, so that few are passed over.
        Filed::Outside(_) => return None,
    };
    let at_most = request.limit + 1;
    let take = match (start.skip, start.within) {
        (0, _) => Take::First(at_most),
        (skip, Some(_)) if Stretches::are_few(statuses.len(), count) => {
            Take::Later { skip, at_most }
        }
        // Each would have to be walked as far as all of them together.
        _ => return None,
    };
    if order.by != By::Date || statuses.len() * count < 2 {
        return None;
    }
    Some(Stretches {
        statuses: statuses.to_vec(),
        places,
        reach: start.reach(order.descending, wanted.dates(), request),
        take,
    })
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
