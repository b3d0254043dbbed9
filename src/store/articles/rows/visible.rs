//! Where every read of articles begins: what the one who looks may see.

use diesel::prelude::*;

pub(in crate::store) use crate::store::articles::rows::table::articles::columns;
use crate::{
    model::{article::Status, sight::Sight},
    store::{
        among::{Numbers, among},
        articles::{ArticleRow, rows::table::articles},
        connection::{Db, DbConnection, on_backend},
        error::StoreError,
    },
};

/// A boxed query over articles that may be seen.
pub(in crate::store) type Articles<'a> = articles::BoxedQuery<'a, Db>;

/// What everyone may see.
pub(in crate::store) fn published<'a>() -> Articles<'a> {
    articles::table.filter(is_published()).into_boxed()
}

/// What this one may see.
pub(in crate::store) fn visible<'a>(sight: &Sight) -> Articles<'a> {
    match sight {
        Sight::Public => published(),
        Sight::Preview(id) => articles::table
            .filter(is_published().or(articles::id.eq(id.clone())))
            .into_boxed(),
        Sight::Desk => articles::table.into_boxed(),
    }
}

/// Those of some rows that everyone may see, in no order.
pub(in crate::store::articles) fn published_rows(
    connection: &mut DbConnection,
    pks: &[i64],
) -> Result<Vec<ArticleRow>, StoreError> {
    let pks = Numbers::new(pks.to_vec());
    Ok(on_backend!(connection, inner => articles::table
        .filter(is_published())
        .filter(among(articles::pk, &pks))
        .select(ArticleRow::as_select())
        .load(inner)?))
}

/// The rule itself, for queries of this room that join articles to something else.
pub(super) fn is_published() -> diesel::dsl::Eq<articles::status, &'static str> {
    articles::status.eq(Status::Published.as_str())
}
