//! Categories: few enough to be read whole, which makes descendants and totals plain.

mod find;
mod write;

use std::collections::HashMap;

use diesel::prelude::*;

use crate::{
    model::{
        category::{Category, CategoryRef},
        kind::Kind,
        sight::Sight,
        slug::Key,
        time::UtcTime,
        words::sort_key,
    },
    store::{
        Found, Reader,
        articles::rows::{self, Counts},
        connection::DbConnection,
        error::StoreError,
        invalidation::filed_in,
        past::{self, Past},
        schema::categories,
    },
};
pub use find::ensure;
pub(super) use find::find_or_make;
pub(super) use write::make_public;
pub use write::{create, delete, replace};

#[derive(Queryable, Selectable, Clone)]
#[diesel(table_name = categories)]
struct CategoryRow {
    pk: i64,
    id: String,
    slug: String,
    name: String,
    description: Option<String>,
    parent_pk: Option<i64>,
    path: String,
    updated_at: i64,
    version: i64,
    public: bool,
}

impl CategoryRow {
    fn reference(&self) -> CategoryRef {
        CategoryRef {
            id: self.id.clone(),
            slug: self.slug.clone(),
            name: self.name.clone(),
            path: self.path.clone(),
        }
    }

    fn is_named(&self, key: &Key) -> bool {
        is_key_of(key, &self.id, &self.slug)
    }

    /// Whether it lies at or below a path.
    fn is_within(&self, path: &str) -> bool {
        lies_within(&self.path, path)
    }
}

fn is_key_of(key: &Key, id: &str, slug: &str) -> bool {
    match key {
        Key::Id(known) => known == id,
        Key::Slug(known) => known == slug,
    }
}

/// Whether a path is another, or leads on from it.
fn lies_within(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Where a category lies.
#[derive(Queryable, Selectable)]
#[diesel(table_name = categories)]
struct Place {
    pk: i64,
    id: String,
    slug: String,
    path: String,
}

/// Where all categories lie, and nothing else of them.
pub(super) struct Places(Vec<Place>);

impl Places {
    pub(super) fn load(connection: &mut DbConnection) -> Result<Self, StoreError> {
        let places = categories::table
            .select(Place::as_select())
            .load(connection)?;
        Ok(Self(places))
    }

    /// Rows of the categories that ids or slugs name, and of all below them.
    pub(super) fn with_descendants(&self, keys: &[String]) -> Vec<i64> {
        let keys: Vec<Key> = keys.iter().map(|key| Key::new(key)).collect();
        let is_named = |place: &&Place| {
            let is_it = |key: &Key| is_key_of(key, &place.id, &place.slug);
            keys.iter().any(is_it)
        };
        let named: Vec<&Place> = self.0.iter().filter(is_named).collect();
        let is_within = |place: &&Place| {
            let mut roots = named.iter();
            roots.any(|root| lies_within(&place.path, &root.path))
        };
        let within = self.0.iter().filter(is_within);
        within.map(|place| place.pk).collect()
    }
}

/// All categories.
pub(super) struct Tree {
    rows: Vec<CategoryRow>,
}

impl Tree {
    pub(super) fn load(connection: &mut DbConnection) -> Result<Self, StoreError> {
        let rows = categories::table
            .order(categories::path)
            .select(CategoryRow::as_select())
            .load(connection)?;
        Ok(Self { rows })
    }

    /// Slug and name of each category, with how much of what is `held` by row lies in it or below
    /// it, where anything does. Of those above, only such as this one may know.
    pub(super) fn totals(
        &self,
        held: &HashMap<i64, i64>,
        sight: &Sight,
    ) -> Vec<(String, String, i64)> {
        let by_path: HashMap<&str, &CategoryRow> = self
            .rows
            .iter()
            .map(|row| (row.path.as_str(), row))
            .collect();
        let mut totals: HashMap<i64, i64> = HashMap::new();
        for row in &self.rows {
            let Some(count) = held.get(&row.pk) else {
                continue;
            };
            let own_and_above = with_those_above(&row.path).filter_map(|path| by_path.get(path));
            let is_known =
                |other: &&&CategoryRow| other.pk == row.pk || other.public || *sight == Sight::Desk;
            for other in own_and_above.filter(is_known) {
                *totals.entry(other.pk).or_default() += *count;
            }
        }
        let named = self.rows.iter().filter_map(|row| {
            let total = totals.get(&row.pk)?;
            Some((row.slug.clone(), row.name.clone(), *total))
        });
        named.collect()
    }
}

/// A path, and all that it leads on from.
fn with_those_above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        path.rsplit_once('/').map(|(above, _)| above)
    })
}

/// The categories that this one may know, and the counts of all, in two statements.
fn known(reader: &mut Reader<'_>) -> Result<(Tree, Counts), StoreError> {
    let mut tree = Tree::load(reader.connection)?;
    if reader.sight != Sight::Desk {
        tree.rows.retain(|row| row.public);
    }
    let held = rows::by_category(reader.connection)?;
    Ok((tree, held))
}

/// Every category that this one may know with its counts, sorted by name. What is counted is noted
/// as hidden keys of the reader.
pub fn all(reader: &mut Reader<'_>) -> Result<Vec<Category>, StoreError> {
    let (tree, held) = known(reader)?;
    for row in &tree.rows {
        reader.depends_on(filed_in(row.pk));
    }
    let mut found: Vec<Category> = tree
        .rows
        .iter()
        .map(|row| category(row, &tree, &held))
        .collect();
    found.sort_by_cached_key(|category| {
        (
            sort_key(&category.category.name),
            category.category.id.clone(),
        )
    });
    Ok(found)
}

/// Those of some ids that readers may know, as articles name them.
pub(super) fn public_by_ids(
    connection: &mut DbConnection,
    ids: Vec<String>,
) -> Result<Vec<CategoryRef>, StoreError> {
    let found: Vec<CategoryRow> = categories::table
        .filter(categories::public.eq(true))
        .filter(categories::id.eq_any(ids))
        .select(CategoryRow::as_select())
        .load(connection)?;
    Ok(found.iter().map(CategoryRow::reference).collect())
}

/// What a key names, with its counts; what is counted is noted as hidden keys of the reader.
pub fn by_key(reader: &mut Reader<'_>, key: &Key) -> Result<Found<Category>, StoreError> {
    let (tree, held) = known(reader)?;
    if let Some(row) = tree.rows.iter().find(|row| row.is_named(key)) {
        let counted = tree.rows.iter().filter(|other| other.is_within(&row.path));
        for other in counted {
            reader.depends_on(filed_in(other.pk));
        }
        let found = category(row, &tree, &held);
        return Ok(Found::Here(Box::new(found)));
    }
    let everyone = reader.sight != Sight::Desk;
    match past::of(reader.connection, Kind::Category, key)? {
        Some(Past::Renamed { id, public }) if public || !everyone => {
            let present = tree.rows.iter().find(|row| row.id == id);
            Ok(present.map_or(Found::Never, |row| Found::Moved(row.slug.clone())))
        }
        Some(Past::Deleted { public }) if public || !everyone => Ok(Found::Gone),
        _ => Ok(Found::Never),
    }
}

fn category(row: &CategoryRow, tree: &Tree, held: &Counts) -> Category {
    let here = held.get(&row.pk).copied().unwrap_or_default();
    let below = tree
        .rows
        .iter()
        .filter(|other| other.is_within(&row.path))
        .filter_map(|other| held.get(&other.pk));
    let (total, latest) = below.fold((0, None), |(total, latest), (count, newest)| {
        (total + count, latest.max(*newest))
    });
    Category {
        category: row.reference(),
        description: row.description.clone(),
        parent: row.parent_pk.and_then(|pk| {
            let above = tree.rows.iter().find(|other| other.pk == pk);
            above.map(CategoryRow::reference)
        }),
        article_count: here.0,
        total_article_count: total,
        latest_published_at: latest.map(UtcTime::from_column),
        updated_at: UtcTime::from_column(row.updated_at),
        version: row.version,
    }
}

/// Categories whose path is not that of the one above with their slug behind it.
pub(super) fn paths_at_fault(connection: &mut DbConnection) -> Result<i64, StoreError> {
    let tree = Tree::load(connection)?;
    let is_right = |row: &&CategoryRow| match row.parent_pk {
        None => row.path == row.slug,
        Some(parent) => tree
            .rows
            .iter()
            .any(|above| above.pk == parent && row.path == format!("{}/{}", above.path, row.slug)),
    };
    let faults = tree.rows.iter().filter(|row| !is_right(row)).count();
    Ok(i64::try_from(faults).unwrap_or(i64::MAX))
}
