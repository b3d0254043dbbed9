//! The addresses of all articles, in parts of tens of thousands: only the columns that an address
//! is made of are read.

use std::{collections::HashMap, sync::Arc};

use diesel::prelude::*;

use crate::{
    model::{article::ArticleFilter, category::CategoryRef, time::UtcTime},
    store::{
        Reader,
        articles::{filter::Wanted, names, rows::columns as articles},
        error::StoreError,
    },
};

/// What the address of an article is made of, and when its text last changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleAddress {
    /// UUIDv7.
    pub id: String,
    /// Unique among articles.
    pub slug: String,
    /// Overrides the address made from the path pattern.
    pub canonical_url: Option<String>,
    /// Editorial date.
    pub published_at: Option<UtcTime>,
    /// When the text last changed.
    pub modified_at: UtcTime,
    /// Primary category; one for all that are filed there.
    pub category: Option<Arc<CategoryRef>>,
}

type Row = (
    String,
    String,
    Option<String>,
    Option<i64>,
    i64,
    Option<i64>,
);

/// Part `number`, from 1, of the articles that may be seen, `size` to a part, oldest id first: new
/// ones come at the end of the last part. Two statements, however many there are.
pub fn addresses(
    reader: &mut Reader<'_>,
    number: i64,
    size: i64,
) -> Result<Vec<ArticleAddress>, StoreError> {
    let skipped = number.saturating_sub(1).saturating_mul(size);
    let rows: Vec<Row> = reader
        .articles()
        .order(articles::id.asc())
        .offset(skipped)
        .limit(size)
        .select((
            articles::id,
            articles::slug,
            articles::canonical_url,
            articles::published_at,
            articles::modified_at,
            articles::category_pk,
        ))
        .load(reader.connection)?;
    let pks = rows.iter().filter_map(|row| row.5).collect();
    let names = names::read(reader.connection, Vec::new(), pks)?;
    let categories: HashMap<i64, Arc<CategoryRef>> = names
        .categories
        .into_iter()
        .map(|(pk, row)| (pk, Arc::new(row.category())))
        .collect();
    let address = |(id, slug, canonical_url, published_at, modified_at, category_pk): Row| {
        let category = category_pk.and_then(|pk| categories.get(&pk).cloned());
        ArticleAddress {
            id,
            slug,
            canonical_url,
            published_at: published_at.map(UtcTime::from_column),
            modified_at: UtcTime::from_column(modified_at),
            category,
        }
    };
    Ok(rows.into_iter().map(address).collect())
}

/// How many articles may be seen.
pub fn count(reader: &mut Reader<'_>) -> Result<i64, StoreError> {
    Wanted::of(reader, &ArticleFilter::default())?.total(reader)
}

/// Whether an article that may be seen has an editorial date after this time.
pub fn any_after(reader: &mut Reader<'_>, time: UtcTime) -> Result<bool, StoreError> {
    let found: Option<i64> = reader
        .articles()
        .filter(articles::sort_at.gt(time.millis()))
        .select(articles::pk)
        .first(reader.connection)
        .optional()?;
    Ok(found.is_some())
}
