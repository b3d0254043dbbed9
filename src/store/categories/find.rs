//! Categories by the names that articles and importers use; made where they are new.

use diesel::prelude::*;

use crate::{
    model::{
        category::{CategoryInput, MAX_DEPTH},
        slug::{Key, is_slug},
        stamp::Stamp,
        words::sort_key,
    },
    store::{
        categories::write::{KIND, insert, is_taken, too_deep},
        connection::{DbConnection, on_backend},
        error::StoreError,
        names::{Name, NameRow, free_slug},
        past,
        schema::categories,
    },
};

/// A category on the way down a path.
type Step = (i64, String, bool);

/// The row of the category that a path of names (or one slug) means; missing ones are made, each
/// under the one before. `None` for an empty path.
pub(in crate::store) fn find_or_make(
    connection: &mut DbConnection,
    path: &[String],
    stamp: &Stamp,
) -> Result<Option<NameRow>, StoreError> {
    let found = walk(connection, path, stamp)?;
    Ok(found.map(|(pk, _, public)| NameRow { pk, public }))
}

/// Makes a category below those that are named, known to editors alone until an article in it is
/// published; leaves one as it is that has its slug, or its name in that place.
pub fn ensure(
    connection: &mut DbConnection,
    above: &[String],
    input: &CategoryInput,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let parent = walk(connection, above, stamp)?;
    let by_slug: i64 = categories::table
        .filter(categories::slug.eq(input.slug.as_deref().unwrap_or_default()))
        .count()
        .get_result(connection)?;
    let name = Name::new(&input.name, KIND.as_str())?;
    let by_name: i64 = match &parent {
        Some((pk, ..)) => categories::table
            .filter(categories::name_key.eq(&name.key))
            .filter(categories::parent_pk.eq(*pk))
            .count()
            .get_result(connection)?,
        None => categories::table
            .filter(categories::name_key.eq(&name.key))
            .filter(categories::parent_pk.is_null())
            .count()
            .get_result(connection)?,
    };
    if by_slug + by_name > 0 {
        return Ok(());
    }
    let wanted = input.slug.as_deref().unwrap_or(&name.slug);
    let slug = free_slug(wanted, |slug| is_taken(connection, slug, None))?;
    let place = parent.as_ref().map(|(pk, path, _)| (*pk, path.as_str()));
    insert(connection, &slug, &name, input, place, false, stamp)?;
    Ok(())
}

fn walk(
    connection: &mut DbConnection,
    path: &[String],
    stamp: &Stamp,
) -> Result<Option<Step>, StoreError> {
    if path.len() > MAX_DEPTH {
        return Err(too_deep("category"));
    }
    let mut parent: Option<Step> = None;
    for (index, text) in path.iter().enumerate() {
        let known = known(connection, text, parent.as_ref(), index == 0)?;
        parent = Some(match known {
            Some(found) => found,
            None => make(connection, text, parent.as_ref(), stamp)?,
        });
    }
    Ok(parent)
}

/// The first category that a query finds: right below another, or anywhere if there is none.
macro_rules! first_below {
    ($connection:expr, $above:expr, $query:expr) => {{
        let query = $query.select((categories::pk, categories::path, categories::public));
        let found: Option<Step> = match $above {
            Some((pk, ..)) => {
                let below = query.filter(categories::parent_pk.eq(*pk));
                on_backend!($connection, inner => below.first(inner).optional()?)
            }
            None => on_backend!($connection, inner => query.first(inner).optional()?),
        };
        found
    }};
}

/// The first step of a path may lie anywhere in the tree; each further one lies right below.
fn known(
    connection: &mut DbConnection,
    text: &str,
    parent: Option<&Step>,
    anywhere: bool,
) -> Result<Option<Step>, StoreError> {
    let text = text.trim();
    let above = parent.filter(|_| !anywhere);
    if let Key::Id(id) = Key::new(text) {
        // An id names what there is, and is never a name.
        let by_id = categories::table.filter(categories::id.eq(id));
        let known = first_below!(connection, above, by_id);
        return known.map(Some).ok_or_else(|| StoreError::Refused {
            member: "category",
            message: "is the id of no category".to_owned(),
        });
    }
    if is_slug(text) {
        let by_slug = categories::table.filter(categories::slug.eq(text));
        let found = first_below!(connection, above, by_slug);
        if found.is_some() {
            return Ok(found);
        }
    }
    let by_name = categories::table
        .filter(categories::name_key.eq(sort_key(text)))
        .order((categories::path, categories::id));
    let found = first_below!(connection, above, by_name);
    if found.is_some() {
        return Ok(found);
    }
    match past::former_holder(connection, KIND, text)? {
        Some(id) if is_slug(text) => {
            let renamed = categories::table.filter(categories::id.eq(id));
            Ok(first_below!(connection, above, renamed))
        }
        _ => Ok(None),
    }
}

fn make(
    connection: &mut DbConnection,
    text: &str,
    parent: Option<&Step>,
    stamp: &Stamp,
) -> Result<Step, StoreError> {
    let name = Name::new(text, KIND.as_str())?;
    let slug = free_slug(&name.slug, |slug| is_taken(connection, slug, None))?;
    let input = CategoryInput::default();
    let above = parent.map(|(pk, path, _)| (*pk, path.as_str()));
    let made = insert(connection, &slug, &name, &input, above, false, stamp);
    let (pk, path, _) = made.map_err(|cause| match cause {
        StoreError::Refused { message, .. } => StoreError::Refused {
            member: "category",
            message,
        },
        cause => cause,
    })?;
    Ok((pk, path, false))
}
