//! One page of a long list.

use crate::model::search::Basis;

/// The most items of a page.
pub const MAX_LIMIT: i64 = 100;
/// Items of a page unless asked otherwise.
pub const DEFAULT_LIMIT: i64 = 20;

/// The value that a list is sorted by, at one of its items.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortValue {
    /// A time in milliseconds, or a number in a row.
    Number(i64),
    /// A folded title or name.
    Text(String),
    /// The rank of a hit, and what it was reckoned by.
    Rank(i64, Basis),
}

/// A place in a list: just after, or just before, the item with this value and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// What the list is sorted by.
    pub value: SortValue,
    /// Breaks ties.
    pub id: String,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Window {
    /// The beginning.
    #[default]
    First,
    /// What follows a position.
    After(Position),
    /// What precedes a position, nearest first kept.
    Before(Position),
    /// The page of this number, from 1; asks for the total too.
    Number(i64),
}

/// A request for a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageRequest {
    /// From 1 to [`MAX_LIMIT`].
    pub limit: i64,
    /// Which part.
    pub window: Window,
    /// Whether to count the whole list.
    pub count: bool,
}

impl PageRequest {
    /// Whether the answer needs the number of all items.
    pub fn wants_total(&self) -> bool {
        self.count || matches!(self.window, Window::Number(_))
    }

    /// How many items to skip; only a numbered page skips.
    pub fn offset(&self) -> i64 {
        match self.window {
            Window::Number(number) => (number - 1).saturating_mul(self.limit),
            _ => 0,
        }
    }

    /// Whether the list is read backwards from a position.
    pub fn is_backward(&self) -> bool {
        matches!(self.window, Window::Before(_))
    }

    /// Makes a page of the items that were read with one more than `limit` asked for, in reading
    /// order (backwards for [`Window::Before`]).
    pub fn page_of<T>(&self, mut items: Vec<T>, total: Option<i64>) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let (has_next, has_previous) = match self.window {
            Window::First => (more, false),
            Window::After(_) => (more, true),
            Window::Before(_) => (true, more),
            Window::Number(number) => (more, number > 1),
        };
        if self.is_backward() {
            items.reverse();
        }
        Page {
            items,
            has_next,
            has_previous,
            total,
        }
    }
}

/// A page and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// In list order.
    pub items: Vec<T>,
    /// Whether something follows.
    pub has_next: bool,
    /// Whether something precedes.
    pub has_previous: bool,
    /// The number of all items, where it was asked for.
    pub total: Option<i64>,
}

impl<T> Page<T> {
    /// The same page of other items.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(change).collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
            total: self.total,
        }
    }
}
