//! Finds the categories, tags and authors that an article names, and makes those that are new.

use diesel::prelude::*;

use crate::{
    model::{
        category::MAX_DEPTH,
        slug::{MAX_SLUG, is_slug, new_id, slug_from},
        time::UtcTime,
        words::sort_key,
    },
    store::{
        connection::DbConnection,
        error::StoreError,
        schema::{authors, categories, tags},
    },
};

/// The most characters of a name.
const MAX_NAME: usize = 200;

/// A category with all that may be said of it, for content that comes with the binary.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategorySeed {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// A sentence about it.
    pub description: Option<String>,
    /// Slug of the category above.
    pub parent: Option<String>,
}

/// An author with all that may be said of them.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorSeed {
    /// Their slug.
    pub slug: String,
    /// Their name.
    pub name: String,
    /// A sentence about them.
    pub description: Option<String>,
    /// URL of a portrait.
    pub avatar: Option<String>,
}

/// A tag with all that may be said of it.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagSeed {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// A sentence about it.
    pub description: Option<String>,
}

/// A name made fit to be kept, and what it sorts and is found by.
struct Name {
    name: String,
    key: String,
    slug: String,
}

impl Name {
    fn new(text: &str, kind: &str) -> Result<Self, StoreError> {
        let name = text.trim().to_owned();
        if name.is_empty() || name.chars().count() > MAX_NAME {
            return Err(StoreError::Invalid(format!(
                "the name of a {kind} must have 1 to {MAX_NAME} characters"
            )));
        }
        let slug = slug_from(&name).unwrap_or_else(|| kind.to_owned());
        let key = sort_key(&name);
        Ok(Self { name, key, slug })
    }
}

/// How many numbers are tried before chance decides.
const NUMBERED_AT_MOST: u32 = 50;

/// The first of `slug`, `slug-2`, `slug-3`, … that is not taken; when many are, one with letters
/// and digits by chance behind it, so that thousands may share a title.
pub(super) fn free_slug(
    slug: &str,
    mut is_taken: impl FnMut(&str) -> Result<bool, StoreError>,
) -> Result<String, StoreError> {
    if !is_taken(slug)? {
        return Ok(slug.to_owned());
    }
    // Room for what comes behind it.
    let short: String = slug.chars().take(MAX_SLUG - 14).collect();
    let short = short.trim_end_matches('-');
    for number in 2..=NUMBERED_AT_MOST {
        let candidate = format!("{short}-{number}");
        if !is_taken(&candidate)? {
            return Ok(candidate);
        }
    }
    // The last twelve digits of a UUIDv7 are random: 48 bits.
    let id = new_id();
    let (_, random) = id.rsplit_once('-').unwrap_or(("", &id));
    Ok(format!("{short}-{random}"))
}

/// Authors and tags differ in nothing here but their table.
macro_rules! find_or_make {
    ($function:ident, $table:ident, $kind:literal) => {
        /// The row that a name or slug means; made when there is none.
        pub(super) fn $function(
            connection: &mut DbConnection,
            text: &str,
            now: UtcTime,
        ) -> Result<i64, StoreError> {
            let text = text.trim();
            if is_slug(text) {
                let known = $table::table
                    .filter($table::slug.eq(text))
                    .select($table::pk)
                    .first(connection)
                    .optional()?;
                if let Some(pk) = known {
                    return Ok(pk);
                }
            }
            let name = Name::new(text, $kind)?;
            let known = $table::table
                .filter($table::name_key.eq(&name.key))
                .order($table::id)
                .select($table::pk)
                .first(connection)
                .optional()?;
            if let Some(pk) = known {
                return Ok(pk);
            }
            let slug = free_slug(&name.slug, |slug| {
                let same = $table::table.filter($table::slug.eq(slug));
                Ok(diesel::select(diesel::dsl::exists(same)).get_result(connection)?)
            })?;
            let made = diesel::insert_into($table::table)
                .values((
                    $table::id.eq(new_id()),
                    $table::slug.eq(slug),
                    $table::name.eq(name.name),
                    $table::name_key.eq(name.key),
                    $table::created_at.eq(now.millis()),
                    $table::updated_at.eq(now.millis()),
                ))
                .returning($table::pk)
                .get_result(connection)?;
            Ok(made)
        }
    };
}

find_or_make!(author, authors, "author");
find_or_make!(tag, tags, "tag");

/// The row of the category that a path of names (or one slug) means; missing ones are made, each
/// under the one before. `None` for an empty path.
pub(super) fn category(
    connection: &mut DbConnection,
    path: &[String],
    now: UtcTime,
) -> Result<Option<i64>, StoreError> {
    if path.len() > MAX_DEPTH {
        return Err(StoreError::Invalid(format!(
            "a category may lie at most {MAX_DEPTH} levels deep"
        )));
    }
    let mut parent: Option<(i64, String)> = None;
    for (index, text) in path.iter().enumerate() {
        let known = known_category(connection, text, parent.as_ref(), index == 0)?;
        parent = Some(match known {
            Some(found) => found,
            None => make_category(connection, text, parent.as_ref(), now)?,
        });
    }
    Ok(parent.map(|(pk, _)| pk))
}

/// The first step of a path may lie anywhere in the tree; each further one lies right below.
fn known_category(
    connection: &mut DbConnection,
    text: &str,
    parent: Option<&(i64, String)>,
    anywhere: bool,
) -> Result<Option<(i64, String)>, StoreError> {
    let text = text.trim();
    let mut by_slug = categories::table
        .filter(categories::slug.eq(text))
        .select((categories::pk, categories::path))
        .into_boxed();
    let mut by_name = categories::table
        .filter(categories::name_key.eq(sort_key(text)))
        .select((categories::pk, categories::path))
        .order((categories::path, categories::id))
        .into_boxed();
    if !anywhere {
        let above = parent.map(|(pk, _)| *pk);
        by_slug = by_slug.filter(categories::parent_pk.eq(above));
        by_name = by_name.filter(categories::parent_pk.eq(above));
    }
    if is_slug(text)
        && let Some(found) = by_slug.first(connection).optional()?
    {
        return Ok(Some(found));
    }
    Ok(by_name.first(connection).optional()?)
}

fn make_category(
    connection: &mut DbConnection,
    text: &str,
    parent: Option<&(i64, String)>,
    now: UtcTime,
) -> Result<(i64, String), StoreError> {
    let name = Name::new(text, "category")?;
    let slug = free_slug(&name.slug, |slug| {
        let same = categories::table.filter(categories::slug.eq(slug));
        Ok(diesel::select(diesel::dsl::exists(same)).get_result(connection)?)
    })?;
    let path = match parent {
        Some((_, above)) => format!("{above}/{slug}"),
        None => slug.clone(),
    };
    if path.split('/').count() > MAX_DEPTH {
        return Err(StoreError::Invalid(format!(
            "a category may lie at most {MAX_DEPTH} levels deep"
        )));
    }
    let pk = diesel::insert_into(categories::table)
        .values((
            categories::id.eq(new_id()),
            categories::slug.eq(slug),
            categories::name.eq(name.name),
            categories::name_key.eq(name.key),
            categories::parent_pk.eq(parent.map(|(pk, _)| *pk)),
            categories::path.eq(&path),
            categories::created_at.eq(now.millis()),
            categories::updated_at.eq(now.millis()),
        ))
        .returning(categories::pk)
        .get_result(connection)?;
    Ok((pk, path))
}

/// Makes a category, if its slug is new; the one above it must be there.
pub fn seed_category(
    connection: &mut DbConnection,
    seed: &CategorySeed,
    now: UtcTime,
) -> Result<(), StoreError> {
    let mut path: Vec<String> = seed.parent.iter().cloned().collect();
    path.push(seed.name.clone());
    category(connection, &path, now)?;
    diesel::update(categories::table.filter(categories::slug.eq(&seed.slug)))
        .set(categories::description.eq(seed.description.as_deref()))
        .execute(connection)?;
    Ok(())
}

/// Makes an author, if they are new.
pub fn seed_author(
    connection: &mut DbConnection,
    seed: &AuthorSeed,
    now: UtcTime,
) -> Result<(), StoreError> {
    let pk = author(connection, &seed.name, now)?;
    diesel::update(authors::table.filter(authors::pk.eq(pk)))
        .set((
            authors::description.eq(seed.description.as_deref()),
            authors::avatar.eq(seed.avatar.as_deref()),
        ))
        .execute(connection)?;
    Ok(())
}

/// Makes a tag, if it is new.
pub fn seed_tag(
    connection: &mut DbConnection,
    seed: &TagSeed,
    now: UtcTime,
) -> Result<(), StoreError> {
    let pk = tag(connection, &seed.name, now)?;
    diesel::update(tags::table.filter(tags::pk.eq(pk)))
        .set(tags::description.eq(seed.description.as_deref()))
        .execute(connection)?;
    Ok(())
}
