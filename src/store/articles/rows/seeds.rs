//! Names with all that may be said of them, for content that comes with the binary.

use diesel::prelude::*;

use crate::{
    model::stamp::Stamp,
    store::{
        authors, categories,
        connection::DbConnection,
        error::StoreError,
        schema::{authors as author_rows, categories as category_rows, tags as tag_rows},
        tags,
    },
};

/// A category.
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

/// An author.
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

/// A tag.
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

/// Makes a category, if it is new; the one above it must be there.
pub fn seed_category(
    connection: &mut DbConnection,
    seed: &CategorySeed,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let mut path: Vec<String> = seed.parent.iter().cloned().collect();
    path.push(seed.name.clone());
    let row = categories::find_or_make(connection, &path, stamp)?;
    if let Some(row) = row {
        categories::make_public(connection, row, stamp)?;
        diesel::update(category_rows::table.find(row.pk))
            .set(category_rows::description.eq(seed.description.as_deref()))
            .execute(connection)?;
    }
    Ok(())
}

/// Makes an author, if they are new.
pub fn seed_author(
    connection: &mut DbConnection,
    seed: &AuthorSeed,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let (row, _) = authors::find_or_make(connection, &seed.name, stamp)?;
    authors::make_public(connection, &[row], stamp)?;
    diesel::update(author_rows::table.find(row.pk))
        .set((
            author_rows::description.eq(seed.description.as_deref()),
            author_rows::avatar.eq(seed.avatar.as_deref()),
        ))
        .execute(connection)?;
    Ok(())
}

/// Makes a tag, if it is new.
pub fn seed_tag(
    connection: &mut DbConnection,
    seed: &TagSeed,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let (row, _) = tags::find_or_make(connection, &seed.name, stamp)?;
    tags::make_public(connection, &[row], stamp)?;
    diesel::update(tag_rows::table.find(row.pk))
        .set(tag_rows::description.eq(seed.description.as_deref()))
        .execute(connection)?;
    Ok(())
}
