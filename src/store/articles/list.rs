//! Lists of articles: filtered, sorted, a page at a time; and searches, which are lists with
//! scores, snippets and facets.

use diesel::prelude::*;

use crate::{
    model::{
        article::{Article, ArticleFilter, ArticleSort},
        page::{Page, PageRequest, Position, SortValue, Window},
        search::SearchQuery,
    },
    store::{
        Reader,
        articles::{
            ArticleRow, IN_AT_MOST, complete, filtered,
            rows::{Articles, columns as articles},
        },
        error::StoreError,
        search::{self, Hit},
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
    if let (ArticleSort::Relevance, Some(asked)) = (sort, &filter.search) {
        let hits = hits(reader, filter, asked)?;
        return page_of_hits(reader, hits, request, with_body);
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

/// A page of hits by relevance, and which articles are hits at all, for facets.
pub fn search(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    asked: &SearchQuery,
    request: &PageRequest,
    with_body: bool,
) -> Result<(Page<Listed>, Vec<Hit>), StoreError> {
    let hits = hits(reader, filter, asked)?;
    let page = page_of_hits(reader, hits.clone(), request, with_body)?;
    Ok((page, hits))
}

/// All hits that pass the filter, best first, ties broken by id.
fn hits(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    asked: &SearchQuery,
) -> Result<Vec<Hit>, StoreError> {
    let frequencies = search::frequencies(reader.connection, asked)?;
    let mut hits: Vec<Hit> = filtered(reader, filter)?
        .select((
            articles::pk,
            articles::id,
            articles::category_pk,
            articles::sort_at,
            articles::word_count,
        ))
        .load::<(i64, String, Option<i64>, i64, i64)>(reader.connection)?
        .into_iter()
        .map(|(row, id, category_row, sort_at, word_count)| Hit {
            score: frequencies.score(row, word_count),
            row,
            id,
            category_row,
            sort_at,
        })
        .collect();
    hits.sort_by(|one, other| (other.score, &other.id).cmp(&(one.score, &one.id)));
    Ok(hits)
}

fn page_of_hits(
    reader: &mut Reader<'_>,
    mut hits: Vec<Hit>,
    request: &PageRequest,
    with_body: bool,
) -> Result<Page<Listed>, StoreError> {
    let total = i64::try_from(hits.len()).ok();
    let place = |hit: &Hit| (hit.score, hit.id.clone());
    if let Window::After(Position {
        value: SortValue::Number(score),
        id,
    }) = &request.window
    {
        hits.retain(|hit| place(hit) < (*score, id.clone()));
    }
    if let Window::Before(Position {
        value: SortValue::Number(score),
        id,
    }) = &request.window
    {
        hits.retain(|hit| place(hit) > (*score, id.clone()));
        hits.reverse();
    }
    let skipped = usize::try_from(request.offset()).unwrap_or(usize::MAX);
    let taken = usize::try_from(request.limit + 1)
        .unwrap_or(0)
        .min(IN_AT_MOST);
    let wanted: Vec<Hit> = hits.into_iter().skip(skipped).take(taken).collect();
    let pks: Vec<i64> = wanted.iter().map(|hit| hit.row).collect();
    let mut rows: Vec<ArticleRow> = reader
        .articles()
        .filter(articles::pk.eq_any(pks.clone()))
        .select(ArticleRow::as_select())
        .load(reader.connection)?;
    rows.sort_by_key(|row| pks.iter().position(|pk| *pk == row.pk));
    let listed = complete(reader.connection, rows, with_body)?
        .into_iter()
        .zip(wanted.iter().map(|hit| SortValue::Number(hit.score)))
        .collect();
    Ok(request.page_of(listed, request.wants_total().then_some(total).flatten()))
}
