//! Changes of the tree of categories.

use diesel::prelude::*;

use crate::{
    model::{
        category::{Category, CategoryInput, MAX_DEPTH},
        change::ChangeKind,
        kind::Kind,
        slug::{Key, new_id},
        stamp::Stamp,
    },
    store::{
        articles::rows,
        audit::{self, Deed},
        categories::{CategoryRow, Tree},
        changes,
        connection::DbConnection,
        error::StoreError,
        names::{Name, NameRow, chosen_slug, slug_of_another},
        past,
        schema::categories,
    },
};

pub(super) const KIND: Kind = Kind::Category;

pub(super) fn too_deep(member: &'static str) -> StoreError {
    StoreError::Refused {
        member,
        message: format!("may lead at most {MAX_DEPTH} levels deep"),
    }
}

pub(super) fn is_taken(
    connection: &mut DbConnection,
    slug: &str,
    except: Option<&str>,
) -> Result<bool, StoreError> {
    let holder: Option<String> = categories::table
        .filter(categories::slug.eq(slug))
        .select(categories::id)
        .first(connection)
        .optional()?;
    let holder = match holder {
        Some(holder) => Some(holder),
        None => past::former_holder(connection, KIND, slug)?,
    };
    Ok(holder.is_some_and(|id| Some(id.as_str()) != except))
}

fn path_below(above: Option<&str>, slug: &str) -> Result<String, StoreError> {
    let path = match above {
        Some(above) => format!("{above}/{slug}"),
        None => slug.to_owned(),
    };
    match path.split('/').count() > MAX_DEPTH {
        true => Err(too_deep("parent")),
        false => Ok(path),
    }
}

/// Row, path and id of what was made.
pub(super) fn insert(
    connection: &mut DbConnection,
    slug: &str,
    name: &Name,
    input: &CategoryInput,
    above: Option<(i64, &str)>,
    public: bool,
    stamp: &Stamp,
) -> Result<(i64, String, String), StoreError> {
    let path = path_below(above.map(|(_, path)| path), slug)?;
    let id = new_id();
    let pk = diesel::insert_into(categories::table)
        .values((
            categories::id.eq(&id),
            categories::slug.eq(slug),
            categories::name.eq(&name.name),
            categories::name_key.eq(&name.key),
            categories::description.eq(input.description.as_deref()),
            categories::parent_pk.eq(above.map(|(pk, _)| pk)),
            categories::path.eq(&path),
            categories::public.eq(public),
            categories::created_at.eq(stamp.at.millis()),
            categories::updated_at.eq(stamp.at.millis()),
        ))
        .returning(categories::pk)
        .get_result(connection)?;
    audit::record(connection, stamp, Deed::new("create", KIND, &id, slug), &[])?;
    Ok((pk, path, id))
}

/// Makes a category; gives its id. Those above it become public with it.
pub fn create(
    connection: &mut DbConnection,
    input: &CategoryInput,
    stamp: &Stamp,
) -> Result<String, StoreError> {
    let name = Name::new(&input.name, KIND.as_str())?;
    let tree = Tree::load(connection)?;
    let above = parent_row(&tree, input.parent.as_deref())?;
    let slug = chosen_slug(input.slug.as_deref(), &name.slug, KIND.as_str(), |slug| {
        is_taken(connection, slug, None)
    })?;
    let place = above.map(|row| (row.pk, row.path.as_str()));
    let (pk, _, id) = insert(connection, &slug, &name, input, place, false, stamp)?;
    make_public(connection, NameRow { pk, public: false }, stamp)?;
    Ok(id)
}

fn parent_row<'a>(
    tree: &'a Tree,
    key: Option<&str>,
) -> Result<Option<&'a CategoryRow>, StoreError> {
    let Some(key) = key else {
        return Ok(None);
    };
    let found = tree.rows.iter().find(|row| row.is_named(&Key::new(key)));
    found.map(Some).ok_or_else(|| StoreError::Refused {
        member: "parent",
        message: "names no category; it takes an id or a slug".to_owned(),
    })
}

/// Puts an input in place of what there is; a slug that it does not give stays. All that lies
/// below moves along.
pub fn replace(
    connection: &mut DbConnection,
    before: &Category,
    input: &CategoryInput,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let name = Name::new(&input.name, KIND.as_str())?;
    let tree = Tree::load(connection)?;
    let is_it = |row: &&CategoryRow| row.id == before.category.id;
    let own = tree.rows.iter().find(is_it).ok_or(StoreError::MovedOn)?;
    let above = parent_row(&tree, input.parent.as_deref())?;
    if above.is_some_and(|above| above.is_within(&own.path)) {
        return Err(StoreError::Refused {
            member: "parent",
            message: "can't be the category itself, nor one below it".to_owned(),
        });
    }
    let slug = input.slug.as_deref().unwrap_or(&own.slug);
    if slug != own.slug && is_taken(connection, slug, Some(&own.id))? {
        return Err(slug_of_another(slug, KIND.as_str()));
    }
    let path = path_below(above.map(|above| above.path.as_str()), slug)?;
    let members = [
        ("slug", slug != own.slug),
        ("name", name.name != own.name),
        ("description", input.description != own.description),
        ("parent", above.map(|above| above.pk) != own.parent_pk),
    ];
    let members: Vec<&str> = members
        .iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| *name)
        .collect();
    if members.is_empty() {
        return Ok(());
    }
    diesel::update(categories::table.find(own.pk))
        .set((
            categories::slug.eq(slug),
            categories::name.eq(&name.name),
            categories::name_key.eq(&name.key),
            categories::description.eq(input.description.as_deref()),
            categories::parent_pk.eq(above.map(|above| above.pk)),
        ))
        .execute(connection)?;
    if slug != own.slug {
        past::renamed(
            connection,
            KIND,
            &own.id,
            (&own.slug, slug),
            own.public,
            stamp,
        )?;
    }
    let change = match path == own.path {
        true => ChangeKind::Updated,
        false => ChangeKind::Moved,
    };
    move_subtree(connection, &tree, own, &path, change, stamp)?;
    if let (true, Some(above)) = (own.public, above) {
        let above = NameRow {
            pk: above.pk,
            public: above.public,
        };
        make_public(connection, above, stamp)?;
    }
    audit::record(
        connection,
        stamp,
        Deed::new("update", KIND, &own.id, slug),
        &members,
    )
}

/// Writes new paths for a category and all below it, and notes what happened to each: the one
/// that was changed, and those whose address is another now.
fn move_subtree(
    connection: &mut DbConnection,
    tree: &Tree,
    root: &CategoryRow,
    to: &str,
    change: ChangeKind,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let moved = tree
        .rows
        .iter()
        .filter_map(|row| Some((row, row.path.strip_prefix(&root.path)?)));
    let mut moved: Vec<_> = moved
        .filter(|(row, _)| row.is_within(&root.path) && (row.pk == root.pk || to != root.path))
        .map(|(row, rest)| (row, format!("{to}{rest}")))
        .collect();
    for (_, path) in &moved {
        if path.split('/').count() > MAX_DEPTH {
            return Err(too_deep("parent"));
        }
    }
    // Paths are unique, also between two statements: first out of the way, then into place.
    moved.sort_by_key(|(row, _)| row.pk);
    for (row, _) in &moved {
        diesel::update(categories::table.find(row.pk))
            .set(categories::path.eq(format!("/{}", row.id)))
            .execute(connection)?;
    }
    for (row, path) in &moved {
        diesel::update(categories::table.find(row.pk))
            .set((
                categories::path.eq(path),
                categories::updated_at.eq(stamp.at.millis()),
                categories::version.eq(row.version + 1),
            ))
            .execute(connection)?;
        if row.public {
            changes::record(connection, KIND, &row.id, change, stamp.at)?;
        }
    }
    Ok(())
}

/// Removes a category; its articles and the categories right below it go to another.
pub fn delete(
    connection: &mut DbConnection,
    category: &Category,
    move_to: Option<&Key>,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let tree = Tree::load(connection)?;
    let is_it = |row: &&CategoryRow| row.id == category.category.id;
    let own = tree.rows.iter().find(is_it).ok_or(StoreError::MovedOn)?;
    let children: Vec<&CategoryRow> = tree
        .rows
        .iter()
        .filter(|row| row.parent_pk == Some(own.pk))
        .collect();
    let target = match move_to {
        None => None,
        Some(key) => {
            let found = tree.rows.iter().find(|row| row.is_named(key));
            let refused = |message: &str| StoreError::Refused {
                member: "move_to",
                message: message.to_owned(),
            };
            let found = found.ok_or_else(|| refused("names no category"))?;
            if found.is_within(&own.path) {
                return Err(refused("can't be the category itself, nor one below it"));
            }
            Some(found)
        }
    };
    let filed = rows::count_in_category(connection, own.pk)?;
    let Some(target) = target else {
        if filed > 0 || !children.is_empty() {
            return Err(StoreError::InUse(format!(
                "{filed} articles are filed here and {} categories lie right below; move_to must \
                 say which category they go to",
                children.len()
            )));
        }
        return bury(connection, own, stamp);
    };
    rows::touch(connection, rows::Carriers::Category(own.pk), stamp)?;
    rows::move_category(connection, own.pk, target.pk)?;
    for child in children {
        diesel::update(categories::table.find(child.pk))
            .set(categories::parent_pk.eq(target.pk))
            .execute(connection)?;
        let path = path_below(Some(&target.path), &child.slug)?;
        move_subtree(connection, &tree, child, &path, ChangeKind::Moved, stamp)?;
    }
    if own.public {
        let target = NameRow {
            pk: target.pk,
            public: target.public,
        };
        make_public(connection, target, stamp)?;
    }
    bury(connection, own, stamp)
}

fn bury(connection: &mut DbConnection, own: &CategoryRow, stamp: &Stamp) -> Result<(), StoreError> {
    diesel::delete(categories::table.find(own.pk)).execute(connection)?;
    past::bury(connection, KIND, &own.id, &own.slug, own.public, stamp)?;
    if own.public {
        changes::record(connection, KIND, &own.id, ChangeKind::Deleted, stamp.at)?;
    }
    audit::record(
        connection,
        stamp,
        Deed::new("delete", KIND, &own.id, &own.slug),
        &[],
    )
}

/// Lets readers know a category that they did not, and all above it.
pub(in crate::store) fn make_public(
    connection: &mut DbConnection,
    row: NameRow,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    if row.public {
        return Ok(());
    }
    let path: String = categories::table
        .find(row.pk)
        .select(categories::path)
        .first(connection)?;
    let slugs: Vec<&str> = path.split('/').collect();
    let shown: Vec<String> = categories::table
        .filter(categories::slug.eq_any(slugs.clone()))
        .filter(categories::public.eq(false))
        .order(categories::path)
        .select(categories::id)
        .load(connection)?;
    diesel::update(categories::table.filter(categories::slug.eq_any(slugs)))
        .set(categories::public.eq(true))
        .execute(connection)?;
    for id in shown {
        changes::record(connection, KIND, &id, ChangeKind::Published, stamp.at)?;
    }
    Ok(())
}
