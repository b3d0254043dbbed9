//! Pages of hits by rank, read as far as they reach and no further.

use std::{cmp::Reverse, collections::HashMap};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

use crate::{
    model::{
        article::{Article, ArticleFilter},
        page::{Page, PageRequest, Position, SortValue, Window},
    },
    ranking::forward::day,
    store::{
        Reader,
        articles::{by_rows, filtered, rows::columns as articles},
        error::StoreError,
        search::{Found, Hit, Matches, NAMED_AT_MOST, rank::step_of},
    },
};

/// Hits that a filter is tried on at first, when it may let few of them pass.
const TRIED_AT_FIRST: usize = 1_000;

/// Hits that tie, read one by one to part them; of more, the index tells the days at once: its list
/// for all articles is read faster than so many rows from all over a table.
const TIED_AT_MOST: usize = 250;

/// The hits that pass the filter, in their order; all of them without a statement when it lets
/// everything pass.
pub(in crate::store) fn narrow(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    mut hits: Vec<Hit>,
) -> Result<Vec<Hit>, StoreError> {
    if narrows(filter) && !hits.is_empty() {
        let passed = passed(reader, filter, &hits)?;
        hits.retain(|hit| passed.contains_key(&hit.pk));
    }
    Ok(hits)
}

/// Whether the filter asks for more than a search.
fn narrows(filter: &ArticleFilter) -> bool {
    let rest = ArticleFilter {
        search: None,
        ..filter.clone()
    };
    rest != ArticleFilter::default()
}

/// The page that is asked for of hits that stand best first and may yet have to pass a filter.
pub(in crate::store) fn page(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    (matches, hits): (&Matches, Vec<Hit>),
    request: &PageRequest,
    with_body: bool,
) -> Result<Page<Found>, StoreError> {
    let total = request
        .wants_total()
        .then(|| i64::try_from(hits.len()).unwrap_or(i64::MAX));
    let window = window(reader, filter, (matches, hits), request)?;
    let page = request.page_of(window, total);
    let pks: Vec<i64> = page.items.iter().map(|hit| hit.pk).collect();
    let mut articles = by_row(by_rows(reader, &pks, with_body)?);
    let found = page.items.iter().filter_map(|hit| {
        Some(Found {
            article: articles.remove(&hit.pk)?,
            place: SortValue::Rank(hit.rank, matches.basis.clone()),
            score: hit.unit_score(),
        })
    });
    Ok(Page {
        items: found.collect(),
        has_next: page.has_next,
        has_previous: page.has_previous,
        total: page.total,
    })
}

/// Articles by their rows.
pub(super) fn by_row(articles: Vec<Article>) -> HashMap<i64, Article> {
    let with_row = |article: Article| (article.row, article);
    articles.into_iter().map(with_row).collect()
}

/// The hits of the window and one more, in reading order.
fn window(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    (matches, mut hits): (&Matches, Vec<Hit>),
    request: &PageRequest,
) -> Result<Vec<Hit>, StoreError> {
    if request.is_backward() {
        hits.reverse();
    }
    let tried = match narrows(filter) {
        true => TRIED_AT_FIRST,
        false => usize::try_from(request.limit).unwrap_or(0) + 1,
    };
    let (start, skipped) = start(reader, matches, &mut hits, request, tried)?;
    let wanted = usize::try_from(request.limit).unwrap_or(0) + 1;
    let mut size = skipped + tried;
    let mut rest = hits.get(start..).unwrap_or_default();
    let mut taken: Vec<Hit> = Vec::new();
    while !rest.is_empty() && taken.len() < skipped + wanted {
        reader.go_on()?;
        let (batch, after) = rest.split_at(group_end(rest, size));
        taken.extend(ordered(reader, filter, batch, request)?);
        // What passes so seldom is best asked of all that is left, at once.
        (rest, size) = (after, usize::MAX);
    }
    Ok(taken.into_iter().skip(skipped).take(wanted).collect())
}

/// Where the window begins, with a whole group of equal rank, and how many hits of that group it
/// skips. Where many tie, they aren't read one by one: their days part them further.
fn start(
    reader: &mut Reader<'_>,
    matches: &Matches,
    hits: &mut [Hit],
    request: &PageRequest,
    tried: usize,
) -> Result<(usize, usize), StoreError> {
    let offset = usize::try_from(request.offset()).unwrap_or(usize::MAX);
    let (start, skipped) = beginning(hits, &request.window, offset, step_of);
    let rest = hits.get_mut(start..).unwrap_or_default();
    let end = group_end(rest, skipped + tried);
    let groups = rest.get_mut(..end).unwrap_or_default();
    if groups.len() <= TIED_AT_MOST {
        return Ok((start, skipped));
    }
    matches.date(reader, groups)?;
    groups.sort_unstable_by_key(|hit| (Reverse(hit.rank), hit.pk));
    if request.is_backward() {
        groups.reverse();
    }
    let (further, skipped) = beginning(groups, &request.window, skipped, |rank| rank);
    Ok((start + further, skipped))
}

/// Where the reading begins, with whole groups of equal rank, and how many hits of the first of
/// them are skipped. `known` is as much of a position's rank as is known of the hits'.
fn beginning(
    hits: &[Hit],
    window: &Window,
    offset: usize,
    known: impl Fn(i64) -> i64,
) -> (usize, usize) {
    match window {
        Window::First => (0, 0),
        Window::After(position) => {
            let rank = known(rank_of(position));
            (hits.partition_point(|hit| hit.rank > rank), 0)
        }
        Window::Before(position) => {
            let rank = known(rank_of(position));
            (hits.partition_point(|hit| hit.rank < rank), 0)
        }
        Window::Number(_) => match hits.get(offset) {
            Some(first) => {
                let start = hits.partition_point(|hit| hit.rank > first.rank);
                (start, offset - start)
            }
            None => (hits.len(), 0),
        },
    }
}

fn rank_of(position: &Position) -> i64 {
    match &position.value {
        SortValue::Rank(rank, _) | SortValue::Number(rank) => *rank,
        SortValue::Text(_) => 0,
    }
}

/// The end of the group of equal rank that the hit number `size` belongs to.
fn group_end(hits: &[Hit], size: usize) -> usize {
    let last = size.checked_sub(1).and_then(|last| hits.get(last));
    let Some(last) = last else {
        return hits.len();
    };
    let more = hits.iter().skip(size);
    size + more.take_while(|hit| hit.rank == last.rank).count()
}

/// Those of the hits that pass the filter and lie beyond the position, in reading order: within a
/// step the newer first, then by id, in the direction of the rank.
fn ordered(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    batch: &[Hit],
    request: &PageRequest,
) -> Result<Vec<Hit>, StoreError> {
    let mut found = passed(reader, filter, batch)?;
    let mut passing: Vec<(i64, String, Hit)> = batch
        .iter()
        .filter_map(|hit| {
            let (id, at) = found.remove(&hit.pk)?;
            let hit = hit.on(day(at));
            Some((hit.rank, id, hit))
        })
        .collect();
    passing.sort_unstable_by(|(rank, id, _), (other, than, _)| (other, than).cmp(&(rank, id)));
    if request.is_backward() {
        passing.reverse();
    }
    let is_beyond = |rank: i64, id: &str| match &request.window {
        Window::After(position) => (rank, id) < (rank_of(position), position.id.as_str()),
        Window::Before(position) => (rank, id) > (rank_of(position), position.id.as_str()),
        _ => true,
    };
    passing.retain(|(rank, id, _)| is_beyond(*rank, id));
    Ok(passing.into_iter().map(|(.., hit)| hit).collect())
}

/// Id and editorial date of those of the hits that may be seen and pass the filter, by row.
fn passed(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
    hits: &[Hit],
) -> Result<HashMap<i64, (String, i64)>, StoreError> {
    let query = filtered(reader, filter)?;
    let query = match hits.len() <= NAMED_AT_MOST {
        true => {
            let pks: Vec<i64> = hits.iter().map(|hit| hit.pk).collect();
            query.filter(articles::pk.eq_any(pks))
        }
        false => query,
    };
    let found: Vec<(i64, String, i64)> = query
        .select((articles::pk, articles::id, articles::sort_at))
        .load(reader.connection)?;
    let by_row = |(pk, id, at)| (pk, (id, at));
    Ok(found.into_iter().map(by_row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::search::Basis;

    fn hits(ranks: &[i64]) -> Vec<Hit> {
        let hit = |(pk, rank): (i64, &i64)| Hit { pk, rank: *rank };
        (1..).zip(ranks).map(hit).collect()
    }

    fn at(rank: i64) -> Position {
        Position {
            value: SortValue::Rank(rank, Basis::default()),
            id: String::new(),
        }
    }

    #[test]
    fn groups_of_one_rank_are_read_whole() {
        let hits = hits(&[9, 9, 7, 7, 7, 3]);
        for (size, end) in [
            (1, 2),
            (2, 2),
            (3, 5),
            (5, 5),
            (6, 6),
            (7, 6),
            (usize::MAX, 6),
        ] {
            assert_eq!(group_end(&hits, size), end, "{size}");
        }
    }

    #[test]
    fn reading_begins_with_the_group_of_the_position() {
        let mut hits = hits(&[9, 9, 7, 7, 7, 3]);
        let begun =
            |hits: &[Hit], window: Window, offset| beginning(hits, &window, offset, |rank| rank);
        assert_eq!(begun(&hits, Window::First, 0), (0, 0));
        assert_eq!(begun(&hits, Window::After(at(7)), 0), (2, 0));
        assert_eq!(begun(&hits, Window::After(at(8)), 0), (2, 0));
        assert_eq!(begun(&hits, Window::After(at(1)), 0), (6, 0));
        assert_eq!(begun(&hits, Window::Number(2), 2), (2, 0));
        assert_eq!(begun(&hits, Window::Number(3), 4), (2, 2));
        assert_eq!(begun(&hits, Window::Number(4), 6), (6, 0));
        hits.reverse();
        assert_eq!(begun(&hits, Window::Before(at(7)), 0), (1, 0));
        // Of the hits the steps alone are known, of the position the day too.
        let steps = |_| 7;
        assert_eq!(beginning(&hits, &Window::Before(at(8)), 0, steps), (1, 0));
    }
}
