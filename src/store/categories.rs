//! Categories: few enough to be read whole, which makes descendants and totals plain.

use std::collections::HashMap;

use diesel::{dsl, prelude::*};

use crate::{
    model::{
        category::{Category, CategoryRef},
        slug::Key,
        time::UtcTime,
        words::sort_key,
    },
    store::{
        articles::is_published,
        connection::DbConnection,
        error::StoreError,
        schema::{articles, categories},
    },
};

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
        match key {
            Key::Id(id) => self.id == *id,
            Key::Slug(slug) => self.slug == *slug,
        }
    }

    /// Whether it lies at or below a path.
    fn is_within(&self, path: &str) -> bool {
        self.path
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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

    /// Rows of the categories that ids or slugs name, and of all below them.
    pub(super) fn with_descendants(&self, keys: &[String]) -> Vec<i64> {
        let keys: Vec<Key> = keys.iter().map(|key| Key::new(key)).collect();
        let named: Vec<&CategoryRow> = self
            .rows
            .iter()
            .filter(|row| keys.iter().any(|key| row.is_named(key)))
            .collect();
        self.rows
            .iter()
            .filter(|row| named.iter().any(|root| row.is_within(&root.path)))
            .map(|row| row.pk)
            .collect()
    }

    /// What counts say by row: the slug and the name.
    pub(super) fn names(&self) -> HashMap<i64, (String, String)> {
        self.rows
            .iter()
            .map(|row| (row.pk, (row.slug.clone(), row.name.clone())))
            .collect()
    }
}

/// Articles right in a category: how many, and the newest date.
type Held = HashMap<i64, (i64, Option<i64>)>;

/// Every category with its counts, sorted by name, in two statements.
pub fn all(connection: &mut DbConnection) -> Result<Vec<Category>, StoreError> {
    let tree = Tree::load(connection)?;
    let counts: Vec<(Option<i64>, i64, Option<i64>)> = articles::table
        .filter(is_published())
        .group_by(articles::category_pk)
        .select((
            articles::category_pk,
            dsl::count_star(),
            dsl::max(articles::sort_at),
        ))
        .load(connection)?;
    let held: Held = counts
        .into_iter()
        .filter_map(|(pk, count, latest)| Some((pk?, (count, latest))))
        .collect();
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

/// The category that a key names, with its counts.
pub fn by_key(connection: &mut DbConnection, key: &Key) -> Result<Option<Category>, StoreError> {
    Ok(all(connection)?.into_iter().find(|found| match key {
        Key::Id(id) => found.category.id == *id,
        Key::Slug(slug) => found.category.slug == *slug,
    }))
}

fn category(row: &CategoryRow, tree: &Tree, held: &Held) -> Category {
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
    }
}
