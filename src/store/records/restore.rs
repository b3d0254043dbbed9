//! Categories, authors, tags, pins and what is past, put back as they were where nothing is known
//! of them.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::{
    model::{
        category::MAX_DEPTH,
        change::ChangeKind,
        kind::Kind,
        record::{FormerSlugRecord, NameRecord, PinsRecord, TombstoneRecord},
        stamp::Stamp,
    },
    store::{
        Reader,
        articles::rows::columns as articles,
        audit::{self, Deed},
        authors as author_names, categories as category_names, changes,
        connection::DbConnection,
        error::StoreError,
        invalidation,
        names::{Name, NameRow},
        past, related,
        schema::{authors, categories, former_slugs, tags, tombstones},
        tags as tag_names,
    },
};

/// Whether there is a thing of a kind with this id, or, without one, with this slug.
fn is_there(
    connection: &mut DbConnection,
    kind: Kind,
    id: Option<&str>,
    slug: &str,
) -> Result<bool, StoreError> {
    macro_rules! count_of {
        ($table:ident) => {
            match id {
                Some(id) => $table::table
                    .filter($table::id.eq(id))
                    .count()
                    .get_result(connection)?,
                None => $table::table
                    .filter($table::slug.eq(slug))
                    .count()
                    .get_result(connection)?,
            }
        };
    }
    let count: i64 = match kind {
        Kind::Category => count_of!(categories),
        Kind::Author => count_of!(authors),
        Kind::Tag => count_of!(tags),
        Kind::Article => {
            let all = Reader::desk(connection).articles();
            let found = match id {
                Some(id) => all.filter(articles::id.eq(id.to_owned())),
                None => all.filter(articles::slug.eq(slug.to_owned())),
            };
            found.count().get_result(connection)?
        }
    };
    Ok(count > 0)
}

/// What comes back is no longer deleted.
pub(in crate::store) fn unbury(connection: &mut DbConnection, id: &str) -> Result<(), StoreError> {
    let lifted = diesel::delete(tombstones::table.find(id)).execute(connection)?;
    if lifted > 0 {
        // What comes back hidden has no entry in the log of changes, but is no longer gone. What
        // tells so watches all kinds.
        let lists = invalidation::all_of(Kind::Article);
        invalidation::note(connection, &[lists.to_owned()])?;
    }
    Ok(())
}

/// Puts a category, author or tag back as it was; leaves one that is known by its id or slug.
pub fn restore_name(
    connection: &mut DbConnection,
    record: &NameRecord,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let kind = record.kind;
    let is_known = is_there(connection, kind, Some(&record.id), "")?
        || is_there(connection, kind, None, &record.slug)?
        || past::former_holder(connection, kind, &record.slug)?
            .is_some_and(|holder| holder != record.id);
    if is_known {
        return Ok(());
    }
    let name = Name::new(&record.name, kind.as_str())?;
    unbury(connection, &record.id)?;
    diesel::delete(former_slugs::table.find((kind.as_str(), &record.slug))).execute(connection)?;
    let hidden = |pk| NameRow { pk, public: false };
    // Readers come to know them the usual way, which the log of changes tells.
    match kind {
        Kind::Category => {
            let pk = insert_category(connection, record, &name)?;
            if record.public {
                category_names::make_public(connection, hidden(pk), stamp)?;
            }
        }
        Kind::Author => {
            let pk = insert_author(connection, record, &name)?;
            if record.public {
                author_names::make_public(connection, &[hidden(pk)], stamp)?;
            }
        }
        Kind::Tag => {
            let pk = insert_tag(connection, record, &name)?;
            if record.public {
                tag_names::make_public(connection, &[hidden(pk)], stamp)?;
            }
        }
        Kind::Article => return Ok(()),
    }
    let deed = Deed::new("create", kind, &record.id, &record.slug);
    audit::record(connection, stamp, deed, &[])
}

fn insert_category(
    connection: &mut DbConnection,
    record: &NameRecord,
    name: &Name,
) -> Result<i64, StoreError> {
    let refused = |message: String| StoreError::Refused {
        member: "parent",
        message,
    };
    let above: Option<(i64, String)> = match &record.parent {
        None => None,
        Some(slug) => {
            let found = categories::table
                .filter(categories::slug.eq(slug))
                .select((categories::pk, categories::path))
                .first(connection)
                .optional()?;
            let missing = || refused(format!("\"{slug}\" is the slug of no category"));
            Some(found.ok_or_else(missing)?)
        }
    };
    let path = match &above {
        Some((_, above)) => format!("{above}/{}", record.slug),
        None => record.slug.clone(),
    };
    if path.split('/').count() > MAX_DEPTH {
        return Err(refused(format!("may lead at most {MAX_DEPTH} levels deep")));
    }
    let pk = diesel::insert_into(categories::table)
        .values((
            categories::id.eq(&record.id),
            categories::slug.eq(&record.slug),
            categories::name.eq(&name.name),
            categories::name_key.eq(&name.key),
            categories::description.eq(record.description.as_deref()),
            categories::parent_pk.eq(above.map(|(pk, _)| pk)),
            categories::path.eq(&path),
            categories::public.eq(false),
            categories::created_at.eq(record.created_at.millis()),
            categories::updated_at.eq(record.updated_at.millis()),
            categories::version.eq(record.version),
        ))
        .returning(categories::pk)
        .get_result(connection)?;
    Ok(pk)
}

fn insert_author(
    connection: &mut DbConnection,
    record: &NameRecord,
    name: &Name,
) -> Result<i64, StoreError> {
    let pk = diesel::insert_into(authors::table)
        .values((
            authors::id.eq(&record.id),
            authors::slug.eq(&record.slug),
            authors::name.eq(&name.name),
            authors::name_key.eq(&name.key),
            authors::description.eq(record.description.as_deref()),
            authors::avatar.eq(record.avatar.as_deref()),
            authors::public.eq(false),
            authors::created_at.eq(record.created_at.millis()),
            authors::updated_at.eq(record.updated_at.millis()),
            authors::version.eq(record.version),
        ))
        .returning(authors::pk)
        .get_result(connection)?;
    Ok(pk)
}

fn insert_tag(
    connection: &mut DbConnection,
    record: &NameRecord,
    name: &Name,
) -> Result<i64, StoreError> {
    let pk = diesel::insert_into(tags::table)
        .values((
            tags::id.eq(&record.id),
            tags::slug.eq(&record.slug),
            tags::name.eq(&name.name),
            tags::name_key.eq(&name.key),
            tags::description.eq(record.description.as_deref()),
            tags::public.eq(false),
            tags::created_at.eq(record.created_at.millis()),
            tags::updated_at.eq(record.updated_at.millis()),
            tags::version.eq(record.version),
        ))
        .returning(tags::pk)
        .get_result(connection)?;
    Ok(pk)
}

/// Puts an article's pins and exclusions back; an article that has others already keeps them.
pub fn restore_pins(connection: &mut DbConnection, record: &PinsRecord) -> Result<(), StoreError> {
    let slug = std::slice::from_ref(&record.article);
    let article = rows_of(connection, "article", slug)?;
    let Some(&article) = article.first() else {
        return Ok(());
    };
    let has_any = !related::pins(connection, article)?.is_empty()
        || !related::exclusions(connection, article)?.is_empty();
    if has_any {
        return Ok(());
    }
    let pinned = rows_of(connection, "pinned", &record.pinned)?;
    let excluded = rows_of(connection, "excluded", &record.excluded)?;
    related::pin(connection, article, &pinned)?;
    related::exclude(connection, article, &excluded)
}

/// The rows of the articles that have these slugs, in their order.
fn rows_of(
    connection: &mut DbConnection,
    member: &'static str,
    slugs: &[String],
) -> Result<Vec<i64>, StoreError> {
    let all = Reader::desk(connection).articles();
    let found: Vec<(String, i64)> = all
        .filter(articles::slug.eq_any(slugs.to_vec()))
        .select((articles::slug, articles::pk))
        .load(connection)?;
    let rows: HashMap<String, i64> = found.into_iter().collect();
    let row = |slug: &String| {
        rows.get(slug).copied().ok_or_else(|| StoreError::Refused {
            member,
            message: format!("names no article: \"{slug}\""),
        })
    };
    slugs.iter().map(row).collect()
}

/// Puts a former slug back, unless it is something's by now.
pub fn restore_former_slug(
    connection: &mut DbConnection,
    record: &FormerSlugRecord,
) -> Result<(), StoreError> {
    let kind = record.kind;
    let is_known = past::former_holder(connection, kind, &record.slug)?.is_some()
        || is_there(connection, kind, None, &record.slug)?;
    if is_known {
        return Ok(());
    }
    diesel::insert_into(former_slugs::table)
        .values((
            former_slugs::kind.eq(kind.as_str()),
            former_slugs::slug.eq(&record.slug),
            former_slugs::id.eq(&record.id),
            former_slugs::public.eq(record.public),
            former_slugs::retired_at.eq(record.retired_at.millis()),
        ))
        .execute(connection)?;
    // No entry in the log of changes tells where it leads to.
    invalidation::note(connection, &[invalidation::all_of(kind).to_owned()])
}

/// Puts a tombstone back, unless the thing is there, or its tombstone is.
pub fn restore_tombstone(
    connection: &mut DbConnection,
    record: &TombstoneRecord,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let known: i64 = tombstones::table
        .find(&record.id)
        .count()
        .get_result(connection)?;
    if known > 0 || is_there(connection, record.kind, Some(&record.id), "")? {
        return Ok(());
    }
    diesel::insert_into(tombstones::table)
        .values((
            tombstones::id.eq(&record.id),
            tombstones::kind.eq(record.kind.as_str()),
            tombstones::slug.eq(&record.slug),
            tombstones::public.eq(record.public),
            tombstones::deleted_at.eq(record.deleted_at.millis()),
        ))
        .execute(connection)?;
    if record.public {
        let deleted = ChangeKind::Deleted;
        changes::record(connection, record.kind, &record.id, deleted, stamp.at)?;
    }
    Ok(())
}
