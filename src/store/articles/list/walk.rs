//! How far a list is walked: where a page begins, told by counts that are kept, and between which
//! dates it lies.

use crate::{
    model::page::{PageRequest, SortValue, Window},
    store::articles::rows::{Counted, Reach, begin_of},
};

/// Where a page begins in its list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Start {
    /// Articles that go before it, of those that are walked.
    pub(super) skip: i64,
    /// Between which dates it lies, where that is known: from the first one to before the second.
    pub(super) within: Option<(i64, i64)>,
}

impl Start {
    /// Behind so many articles.
    pub(super) fn behind(skip: i64) -> Self {
        Self { skip, within: None }
    }

    /// Behind so many articles of those that were counted by spans, the earliest first, and where
    /// so many more are to be read. `None` where the list has ended by then.
    pub(super) fn among(
        spans: &[Counted],
        descending: bool,
        skip: i64,
        at_most: i64,
    ) -> Option<Self> {
        let mut spans = spans.to_vec();
        if descending {
            spans.reverse();
        }
        let mut before = 0_i64;
        let mut spans = spans.into_iter().map(|(span, count)| {
            before = before.saturating_add(count);
            (span, count, before)
        });
        let (first, count, through) = spans.find(|(_, _, through)| *through > skip)?;
        let is_enough = |through: i64| through >= skip.saturating_add(at_most);
        let mut last = first;
        if !is_enough(through) {
            for (span, _, through) in spans {
                last = span;
                if is_enough(through) {
                    break;
                }
            }
        }
        let end = first.max(last).saturating_add(1);
        Some(Self {
            skip: skip.saturating_sub(through.saturating_sub(count)),
            within: Some((begin_of(first.min(last)), begin_of(end))),
        })
    }

    /// The dates that a page meets that begins here, in a list of articles of some dates: from the
    /// first one to before the second.
    pub(super) fn reach(
        &self,
        descending: bool,
        (from, until): (Option<i64>, Option<i64>),
        request: &PageRequest,
    ) -> Reach {
        let (first, end) = self.within.unwrap_or((i64::MIN, i64::MAX));
        let from = from.unwrap_or(i64::MIN).max(first);
        let until = until.unwrap_or(i64::MAX).min(end);
        // No id comes before the empty one.
        let before = |date: i64| (date, String::new());
        let position = position(request);
        match descending {
            true => Reach {
                descending,
                behind: match position {
                    Some(position) => position.min(before(until)),
                    None => before(until),
                },
                end: from,
            },
            false => Reach {
                descending,
                behind: match position {
                    Some(position) => position.max(before(from)),
                    None => before(from),
                },
                end: until,
            },
        }
    }
}

/// The date and the id that a request reads on from, if it does.
pub(super) fn position(request: &PageRequest) -> Option<(i64, String)> {
    match &request.window {
        Window::After(position) | Window::Before(position) => match &position.value {
            SortValue::Number(at) => Some((*at, position.id.clone())),
            SortValue::Text(_) | SortValue::Rank(..) => None,
        },
        Window::First | Window::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::page::Position;

    /// Three in span 2, none in span 3, one in span 4, five in span 7.
    const SPANS: [Counted; 4] = [(2, 3), (3, 0), (4, 1), (7, 5)];

    fn found(descending: bool, skip: i64, at_most: i64) -> Option<(i64, (i64, i64))> {
        let start = Start::among(&SPANS, descending, skip, at_most)?;
        Some((start.skip, start.within.unwrap()))
    }

    fn between(first: i64, last: i64) -> (i64, i64) {
        (begin_of(first), begin_of(last + 1))
    }

    #[test]
    fn a_page_begins_in_the_span_that_its_number_falls_into() {
        assert_eq!(found(false, 0, 3), Some((0, between(2, 2))));
        assert_eq!(found(false, 0, 4), Some((0, between(2, 4))));
        assert_eq!(found(false, 2, 3), Some((2, between(2, 7))));
        assert_eq!(found(false, 3, 1), Some((0, between(4, 4))));
        assert_eq!(found(false, 8, 100), Some((4, between(7, 7))));
        assert_eq!(found(false, 9, 1), None);
        assert_eq!(found(true, 0, 5), Some((0, between(7, 7))));
        assert_eq!(found(true, 4, 2), Some((4, between(4, 7))));
        assert_eq!(found(true, 5, 1), Some((0, between(4, 4))));
        assert_eq!(found(true, 7, 9), Some((1, between(2, 2))));
        assert_eq!(found(true, 9, 1), None);
        assert_eq!(Start::among(&[], true, 0, 1), None);
    }

    #[test]
    fn every_page_of_a_list_is_found_where_it_is() {
        // One every nine days, and every third time two at once.
        let dates: Vec<i64> = (-40_i64..40)
            .flat_map(|day| {
                let at = day * 86_400_000 * 9;
                match day % 3 {
                    0 => vec![at, at],
                    _ => vec![at],
                }
            })
            .collect();
        let mut spans: Vec<Counted> = Vec::new();
        for at in &dates {
            let span = at >> 31;
            match spans.last_mut() {
                Some((last, count)) if *last == span => *count += 1,
                _ => spans.push((span, 1)),
            }
        }
        for descending in [false, true] {
            let mut listed = dates.clone();
            if descending {
                listed.reverse();
            }
            for skip in 0..listed.len() {
                let at_most = 7;
                let start = Start::among(&spans, descending, skip as i64, at_most).unwrap();
                let (from, until) = start.within.unwrap();
                let walked = listed.iter().filter(|at| (from..until).contains(*at));
                let page: Vec<&i64> = walked.skip(start.skip as usize).take(7).collect();
                let expected: Vec<&i64> = listed.iter().skip(skip).take(7).collect();
                assert_eq!(page, expected, "{descending}, {skip}");
            }
        }
    }

    #[test]
    fn a_walk_keeps_to_its_dates_and_its_position() {
        let request = |window: Window| PageRequest {
            limit: 20,
            window,
            count: false,
        };
        let at = |value: i64| Position {
            value: SortValue::Number(value),
            id: "m".to_owned(),
        };
        let reach = |window: Window, descending, dates| {
            let reach = Start::default().reach(descending, dates, &request(window));
            (reach.behind, reach.end)
        };
        let none = String::new();
        let whole = reach(Window::First, true, (None, None));
        assert_eq!(whole, ((i64::MAX, none.clone()), i64::MIN));
        let whole = reach(Window::First, false, (None, None));
        assert_eq!(whole, ((i64::MIN, none.clone()), i64::MAX));
        let after = reach(Window::After(at(50)), true, (Some(10), Some(90)));
        assert_eq!(after, ((50, "m".to_owned()), 10));
        let beyond = reach(Window::After(at(95)), true, (Some(10), Some(90)));
        assert_eq!(beyond, ((90, none.clone()), 10));
        let before = reach(Window::Before(at(50)), false, (Some(10), Some(90)));
        assert_eq!(before, ((50, "m".to_owned()), 90));
        let below = reach(Window::Before(at(5)), false, (Some(10), None));
        assert_eq!(below, ((10, none), i64::MAX));
    }
}
