//! Categories, authors, tags, pins and what is past, as an export writes them: a page at a time,
//! in an order that is the same on every database.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use crate::{
    model::{
        kind::Kind,
        record::{FormerSlugRecord, NameRecord, PinsRecord, TombstoneRecord},
        time::UtcTime,
    },
    store::{
        Reader,
        articles::rows::columns as articles,
        error::StoreError,
        schema::{
            authors, categories, former_slugs, related_exclusions, related_pins, tags, tombstones,
        },
    },
};

/// Row, id, slug, name, description, times of making and change, version, and whether it is
/// public.
type Columns = (
    i64,
    String,
    String,
    String,
    Option<String>,
    i64,
    i64,
    i64,
    bool,
);

fn name_record(kind: Kind, columns: Columns) -> NameRecord {
    let (row, id, slug, name, description, created_at, updated_at, version, public) = columns;
    NameRecord {
        row,
        kind,
        id,
        slug,
        name,
        description,
        avatar: None,
        parent: None,
        created_at: UtcTime::from_column(created_at),
        updated_at: UtcTime::from_column(updated_at),
        version,
        public,
    }
}

/// Every category, each after the one above it.
pub fn all_categories(reader: &mut Reader<'_>) -> Result<Vec<NameRecord>, StoreError> {
    let found: Vec<(Columns, Option<i64>)> = categories::table
        .order(categories::path)
        .select((
            (
                categories::pk,
                categories::id,
                categories::slug,
                categories::name,
                categories::description,
                categories::created_at,
                categories::updated_at,
                categories::version,
                categories::public,
            ),
            categories::parent_pk,
        ))
        .load(reader.connection)?;
    let slugs = found.iter().map(|(columns, _)| (columns.0, &columns.2));
    let slugs: HashMap<i64, String> = slugs.map(|(pk, slug)| (pk, slug.clone())).collect();
    let record = |(columns, parent_pk): (Columns, Option<i64>)| NameRecord {
        parent: parent_pk.and_then(|pk| slugs.get(&pk).cloned()),
        ..name_record(Kind::Category, columns)
    };
    Ok(found.into_iter().map(record).collect())
}

/// The next authors after a row.
pub fn next_authors(
    reader: &mut Reader<'_>,
    after: i64,
    limit: i64,
) -> Result<Vec<NameRecord>, StoreError> {
    let found: Vec<(Columns, Option<String>)> = authors::table
        .filter(authors::pk.gt(after))
        .order(authors::pk)
        .limit(limit)
        .select((
            (
                authors::pk,
                authors::id,
                authors::slug,
                authors::name,
                authors::description,
                authors::created_at,
                authors::updated_at,
                authors::version,
                authors::public,
            ),
            authors::avatar,
        ))
        .load(reader.connection)?;
    let record = |(columns, avatar)| NameRecord {
        avatar,
        ..name_record(Kind::Author, columns)
    };
    Ok(found.into_iter().map(record).collect())
}

/// The next tags after a row.
pub fn next_tags(
    reader: &mut Reader<'_>,
    after: i64,
    limit: i64,
) -> Result<Vec<NameRecord>, StoreError> {
    let found: Vec<Columns> = tags::table
        .filter(tags::pk.gt(after))
        .order(tags::pk)
        .limit(limit)
        .select((
            tags::pk,
            tags::id,
            tags::slug,
            tags::name,
            tags::description,
            tags::created_at,
            tags::updated_at,
            tags::version,
            tags::public,
        ))
        .load(reader.connection)?;
    let record = |columns| name_record(Kind::Tag, columns);
    Ok(found.into_iter().map(record).collect())
}

/// Pins and exclusions of the next articles after a row, of those that have any; and the last row
/// that was looked at, or `None` when there are no more.
pub fn next_pins(
    reader: &mut Reader<'_>,
    after: i64,
    limit: i64,
) -> Result<(Vec<PinsRecord>, Option<i64>), StoreError> {
    let sources: Vec<(i64, String)> = reader
        .articles()
        .filter(articles::pk.gt(after))
        .order(articles::pk)
        .limit(limit)
        .select((articles::pk, articles::slug))
        .load(reader.connection)?;
    let last = sources.last().map(|(pk, _)| *pk);
    let pks: Vec<i64> = sources.iter().map(|(pk, _)| *pk).collect();
    let pinned: Vec<(i64, i64)> = related_pins::table
        .filter(related_pins::article_pk.eq_any(pks.clone()))
        .order((related_pins::article_pk, related_pins::position))
        .select((related_pins::article_pk, related_pins::related_pk))
        .load(reader.connection)?;
    let excluded: Vec<(i64, i64)> = related_exclusions::table
        .filter(related_exclusions::article_pk.eq_any(pks))
        .order((related_exclusions::article_pk, related_exclusions::position))
        .select((
            related_exclusions::article_pk,
            related_exclusions::related_pk,
        ))
        .load(reader.connection)?;
    let named: HashSet<i64> = pinned.iter().chain(&excluded).map(|(_, pk)| *pk).collect();
    let slugs: HashMap<i64, String> = slugs_of(reader, named)?;
    let (mut pinned, mut excluded) = (by_article(&pinned, &slugs), by_article(&excluded, &slugs));
    let record = |(pk, article): (i64, String)| {
        let record = PinsRecord {
            article,
            pinned: pinned.remove(&pk).unwrap_or_default(),
            excluded: excluded.remove(&pk).unwrap_or_default(),
        };
        let has_any = !(record.pinned.is_empty() && record.excluded.is_empty());
        has_any.then_some(record)
    };
    Ok((sources.into_iter().filter_map(record).collect(), last))
}

/// Rows looked up in one statement.
const LOOKED_UP: usize = 5_000;

fn slugs_of(
    reader: &mut Reader<'_>,
    pks: HashSet<i64>,
) -> Result<HashMap<i64, String>, StoreError> {
    let pks: Vec<i64> = pks.into_iter().collect();
    let mut slugs = HashMap::new();
    for some in pks.chunks(LOOKED_UP) {
        let found: Vec<(i64, String)> = reader
            .articles()
            .filter(articles::pk.eq_any(some.to_vec()))
            .select((articles::pk, articles::slug))
            .load(reader.connection)?;
        slugs.extend(found);
    }
    Ok(slugs)
}

fn by_article(named: &[(i64, i64)], slugs: &HashMap<i64, String>) -> HashMap<i64, Vec<String>> {
    let mut by_article: HashMap<i64, Vec<String>> = HashMap::new();
    for (article, related) in named {
        if let Some(slug) = slugs.get(related) {
            by_article.entry(*article).or_default().push(slug.clone());
        }
    }
    by_article
}

/// The next former slugs of a kind after a slug.
pub fn next_former_slugs(
    reader: &mut Reader<'_>,
    kind: Kind,
    after: &str,
    limit: i64,
) -> Result<Vec<FormerSlugRecord>, StoreError> {
    let found: Vec<(String, String, bool, i64)> = former_slugs::table
        .filter(former_slugs::kind.eq(kind.as_str()))
        .filter(former_slugs::slug.gt(after))
        .order(former_slugs::slug)
        .limit(limit)
        .select((
            former_slugs::slug,
            former_slugs::id,
            former_slugs::public,
            former_slugs::retired_at,
        ))
        .load(reader.connection)?;
    let record = |(slug, id, public, retired_at)| FormerSlugRecord {
        kind,
        slug,
        id,
        public,
        retired_at: UtcTime::from_column(retired_at),
    };
    Ok(found.into_iter().map(record).collect())
}

/// Those of some ids whose things were deleted.
pub fn deleted(reader: &mut Reader<'_>, ids: Vec<String>) -> Result<HashSet<String>, StoreError> {
    let found: Vec<String> = tombstones::table
        .filter(tombstones::id.eq_any(ids))
        .select(tombstones::id)
        .load(reader.connection)?;
    Ok(found.into_iter().collect())
}

/// The next tombstones after an id.
pub fn next_tombstones(
    reader: &mut Reader<'_>,
    after: &str,
    limit: i64,
) -> Result<Vec<TombstoneRecord>, StoreError> {
    let found: Vec<(String, String, String, bool, i64)> = tombstones::table
        .filter(tombstones::id.gt(after))
        .order(tombstones::id)
        .limit(limit)
        .select((
            tombstones::id,
            tombstones::kind,
            tombstones::slug,
            tombstones::public,
            tombstones::deleted_at,
        ))
        .load(reader.connection)?;
    let record = |(id, kind, slug, public, deleted_at): (String, String, String, bool, i64)| {
        let kind = Kind::parse(&kind)
            .ok_or_else(|| StoreError::Corrupt(format!("the tombstone {id} is of a {kind}")))?;
        Ok(TombstoneRecord {
            kind,
            id,
            slug,
            public,
            deleted_at: UtcTime::from_column(deleted_at),
        })
    };
    found.into_iter().map(record).collect()
}
