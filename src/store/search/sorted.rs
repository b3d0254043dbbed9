//! Hits in another order than by rank.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

use crate::{
    model::{
        article::{Article, ArticleFilter, ArticleSort},
        page::{Page, PageRequest, Position, SortValue, Window},
    },
    store::{
        Reader,
        articles::{by_rows, filtered, rows::columns as articles},
        error::StoreError,
        search::{NAMED_AT_MOST, page::by_row},
    },
};

/// An article as a list has it before it is read whole. Ordered as lists are: ties are broken by
/// id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    value: SortValue,
    id: String,
    pk: i64,
}

/// A page of those of the hits (rows, ascending) that pass the filter, sorted by a column.
pub(in crate::store) fn sorted(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    hits: &[i64],
    sort: ArticleSort,
    request: &PageRequest,
    with_body: bool,
) -> Result<Page<(Article, SortValue)>, StoreError> {
    let items = items(reader, filter, hits, sort)?;
    let total = request
        .wants_total()
        .then(|| i64::try_from(items.len()).unwrap_or(i64::MAX));
    let is_descending = !matches!(sort, ArticleSort::Title | ArticleSort::Published);
    let page = request.page_of(window(items, is_descending, request), total);
    let pks: Vec<i64> = page.items.iter().map(|item| item.pk).collect();
    let mut articles = by_row(by_rows(reader, &pks, with_body)?);
    let Page {
        items,
        has_next,
        has_previous,
        total,
    } = page;
    let items = items
        .into_iter()
        .filter_map(|item| Some((articles.remove(&item.pk)?, item.value)));
    Ok(Page {
        items: items.collect(),
        has_next,
        has_previous,
        total,
    })
}

/// The hits that pass the filter, each with what it is sorted by; one statement, or one more.
fn items(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    hits: &[i64],
    sort: ArticleSort,
) -> Result<Vec<Item>, StoreError> {
    type Row<T> = (i64, String, T);
    fn all<T>(rows: Vec<Row<T>>, value: fn(T) -> SortValue) -> Vec<Item> {
        let item = |(pk, id, of_row): Row<T>| Item {
            value: value(of_row),
            id,
            pk,
        };
        rows.into_iter().map(item).collect()
    }
    let query = filtered(reader, filter)?;
    let query = match hits.len() <= NAMED_AT_MOST {
        true => query.filter(articles::pk.eq_any(hits.to_vec())),
        false => query,
    };
    let connection = &mut *reader.connection;
    let mut items = match sort {
        ArticleSort::Title | ArticleSort::TitleDescending => {
            let query = query.select((articles::pk, articles::id, articles::title_key));
            all(query.load::<Row<String>>(connection)?, SortValue::Text)
        }
        ArticleSort::ModifiedDescending => {
            let query = query.select((articles::pk, articles::id, articles::modified_at));
            all(query.load::<Row<i64>>(connection)?, SortValue::Number)
        }
        ArticleSort::PublishedDescending | ArticleSort::Published | ArticleSort::Relevance => {
            let query = query.select((articles::pk, articles::id, articles::sort_at));
            all(query.load::<Row<i64>>(connection)?, SortValue::Number)
        }
    };
    items.retain(|item| hits.binary_search(&item.pk).is_ok());
    Ok(items)
}

/// The items of the window and one more, in reading order.
fn window(mut items: Vec<Item>, is_descending: bool, request: &PageRequest) -> Vec<Item> {
    items.sort_unstable();
    let reads_down = is_descending != request.is_backward();
    if reads_down {
        items.reverse();
    }
    if let Window::After(Position { value, id }) | Window::Before(Position { value, id }) =
        &request.window
    {
        items.retain(|item| {
            let order = (&item.value, &item.id).cmp(&(value, id));
            if reads_down {
                order.is_lt()
            } else {
                order.is_gt()
            }
        });
    }
    let skipped = usize::try_from(request.offset()).unwrap_or(usize::MAX);
    let limit = usize::try_from(request.limit).unwrap_or(0);
    items.into_iter().skip(skipped).take(limit + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(values: &[i64]) -> Vec<Item> {
        let item = |(pk, value): (i64, &i64)| Item {
            value: SortValue::Number(*value),
            id: pk.to_string(),
            pk,
        };
        (1..).zip(values).map(item).collect()
    }

    fn read(window_of: Window, is_descending: bool) -> Vec<i64> {
        let request = PageRequest {
            limit: 2,
            window: window_of,
            count: false,
        };
        let items = window(items(&[5, 7, 7, 6]), is_descending, &request);
        items.iter().map(|item| item.pk).collect()
    }

    #[test]
    fn items_are_read_from_a_position_either_way() {
        let at = |value, id: &str| Position {
            value: SortValue::Number(value),
            id: id.to_owned(),
        };
        assert_eq!(read(Window::First, true), [3, 2, 4]);
        assert_eq!(read(Window::First, false), [1, 4, 2]);
        assert_eq!(read(Window::After(at(7, "3")), true), [2, 4, 1]);
        assert_eq!(read(Window::After(at(7, "2")), false), [3]);
        assert_eq!(read(Window::Before(at(6, "4")), true), [2, 3]);
        assert_eq!(read(Window::Number(2), true), [4, 1]);
    }
}
