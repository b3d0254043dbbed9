//! Where articles are filed, as a list asks for it.

use diesel::prelude::*;

use crate::store::articles::rows::{table::articles, visible::Articles};

/// In which categories articles are to lie, by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Filed {
    /// Wherever they are, also in none.
    Anywhere,
    /// Right in one of these.
    Within(Vec<i64>),
    /// In none of these.
    Outside(Vec<i64>),
}

impl Filed {
    /// Narrows a query to what is filed there.
    pub(in crate::store) fn narrow<'a>(&self, query: Articles<'a>) -> Articles<'a> {
        match self {
            Self::Anywhere => query,
            Self::Within(pks) => match pks.as_slice() {
                // Not a list of one: what names a list is not kept prepared on SQLite.
                [pk] => query.filter(articles::category_pk.eq(*pk)),
                pks => query.filter(articles::category_pk.eq_any(nullable(pks))),
            },
            Self::Outside(pks) => query.filter(
                articles::category_pk
                    .is_null()
                    .or(articles::category_pk.ne_all(nullable(pks))),
            ),
        }
    }
}

fn nullable(pks: &[i64]) -> Vec<Option<i64>> {
    pks.iter().copied().map(Some).collect()
}
