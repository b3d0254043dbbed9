//! The orders of lists.

use diesel::prelude::*;

use crate::{
    model::{
        article::ArticleSort,
        page::{PageRequest, SortValue, Window},
    },
    store::articles::rows::{Articles, Beyond, columns as articles},
};

/// What a list is sorted by; then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The editorial date.
    Date,
    /// When the text last changed.
    Change,
    /// The folded title.
    Title,
}

/// The order in which a list is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    /// By what.
    pub(super) by: By,
    /// Whether from the highest value to the lowest.
    pub(super) descending: bool,
}

impl Order {
    /// Of a list in this order, as the request reads it.
    pub(super) fn of(sort: ArticleSort, request: &PageRequest) -> Self {
        let (by, descending) = match sort {
            ArticleSort::Title => (By::Title, false),
            ArticleSort::TitleDescending => (By::Title, true),
            ArticleSort::ModifiedDescending => (By::Change, true),
            ArticleSort::Published => (By::Date, false),
            // Relevance without a search has nothing to go by; handlers refuse it before.
            ArticleSort::PublishedDescending | ArticleSort::Relevance => (By::Date, true),
        };
        Self {
            by,
            descending: descending != request.is_backward(),
        }
    }

    /// Sorts a query.
    pub(super) fn sorted<'a>(self, query: Articles<'a>) -> Articles<'a> {
        let id = articles::id;
        match (self.by, self.descending) {
            (By::Date, true) => query.order((articles::sort_at.desc(), id.desc())),
            (By::Date, false) => query.order((articles::sort_at.asc(), id.asc())),
            (By::Change, true) => query.order((articles::modified_at.desc(), id.desc())),
            (By::Change, false) => query.order((articles::modified_at.asc(), id.asc())),
            (By::Title, true) => query.order((articles::title_key.desc(), id.desc())),
            (By::Title, false) => query.order((articles::title_key.asc(), id.asc())),
        }
    }

    /// Begins where the window does.
    pub(super) fn behind<'a>(self, query: Articles<'a>, window: &Window) -> Articles<'a> {
        let (Window::After(position) | Window::Before(position)) = window else {
            return query;
        };
        match (self.by, &position.value) {
            (By::Date, SortValue::Number(_)) => {
                query.filter(Beyond::new("sort_at", self.descending, position))
            }
            (By::Change, SortValue::Number(_)) => {
                query.filter(Beyond::new("modified_at", self.descending, position))
            }
            (By::Title, SortValue::Text(_)) => {
                query.filter(Beyond::new("title_key", self.descending, position))
            }
            // Of another order; cursors that hold it are refused before.
            _ => query,
        }
    }
}
