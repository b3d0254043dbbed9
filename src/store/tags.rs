//! Tags with what carries them.

use std::collections::HashMap;

use diesel::{dsl, prelude::*};

use crate::{
    model::{
        page::{Page, PageRequest, Position, SortValue, Window},
        slug::Key,
        tag::{Tag, TagRef},
        time::UtcTime,
    },
    store::{
        articles::is_published,
        connection::DbConnection,
        error::StoreError,
        schema::{article_tags, articles, tags},
    },
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = tags)]
struct TagRow {
    pk: i64,
    id: String,
    slug: String,
    name: String,
    name_key: String,
    description: Option<String>,
    updated_at: i64,
}

/// A page of tags by name, each with the value that it is sorted by.
pub fn list(
    connection: &mut DbConnection,
    request: &PageRequest,
) -> Result<Page<(Tag, SortValue)>, StoreError> {
    let total = match request.wants_total() {
        true => Some(tags::table.count().get_result(connection)?),
        false => None,
    };
    let mut query = tags::table.select(TagRow::as_select()).into_boxed();
    query = match &request.window {
        Window::After(Position {
            value: SortValue::Text(name),
            id,
        }) => query.filter(
            tags::name_key
                .ge(name.clone())
                .and(tags::name_key.gt(name.clone()).or(tags::id.gt(id.clone()))),
        ),
        Window::Before(Position {
            value: SortValue::Text(name),
            id,
        }) => query.filter(
            tags::name_key
                .le(name.clone())
                .and(tags::name_key.lt(name.clone()).or(tags::id.lt(id.clone()))),
        ),
        _ => query,
    };
    query = if request.is_backward() {
        query.order((tags::name_key.desc(), tags::id.desc()))
    } else {
        query.order((tags::name_key.asc(), tags::id.asc()))
    };
    let rows = query
        .limit(request.limit + 1)
        .offset(request.offset())
        .load(connection)?;
    Ok(request.page_of(with_counts(connection, rows)?, total))
}

/// The tag that a key names.
pub fn by_key(connection: &mut DbConnection, key: &Key) -> Result<Option<Tag>, StoreError> {
    let query = tags::table.select(TagRow::as_select()).into_boxed();
    let query = match key {
        Key::Id(id) => query.filter(tags::id.eq(id)),
        Key::Slug(slug) => query.filter(tags::slug.eq(slug)),
    };
    let rows = query.load(connection)?;
    Ok(with_counts(connection, rows)?.pop().map(|(tag, _)| tag))
}

fn with_counts(
    connection: &mut DbConnection,
    rows: Vec<TagRow>,
) -> Result<Vec<(Tag, SortValue)>, StoreError> {
    let pks: Vec<i64> = rows.iter().map(|row| row.pk).collect();
    let counts: Vec<(i64, i64, Option<i64>)> = article_tags::table
        .inner_join(articles::table)
        .filter(is_published())
        .filter(article_tags::tag_pk.eq_any(pks))
        .group_by(article_tags::tag_pk)
        .select((
            article_tags::tag_pk,
            dsl::count_star(),
            dsl::max(articles::sort_at),
        ))
        .load(connection)?;
    let counts: HashMap<i64, (i64, Option<i64>)> = counts
        .into_iter()
        .map(|(pk, count, latest)| (pk, (count, latest)))
        .collect();
    let complete = |row: TagRow| {
        let TagRow {
            pk,
            id,
            slug,
            name,
            name_key,
            description,
            updated_at,
        } = row;
        let (article_count, latest) = counts.get(&pk).copied().unwrap_or_default();
        let tag = Tag {
            tag: TagRef { id, slug, name },
            description,
            article_count,
            latest_published_at: latest.map(UtcTime::from_column),
            updated_at: UtcTime::from_column(updated_at),
        };
        (tag, SortValue::Text(name_key))
    };
    Ok(rows.into_iter().map(complete).collect())
}
