//! Changes an article that is there: writes what differs from what it has, and nothing where all is
//! the same.

use diesel::prelude::*;

use crate::{
    model::{article::Outcome, change::ChangeKind, kind::Kind, stamp::Stamp},
    store::{
        articles::{
            ready::Ready,
            rows::{
                former,
                input::{find_names, written},
                put::Saved,
                revisions,
                save::{self, Known, Written},
                table::articles,
                words,
            },
        },
        audit::{self, Deed},
        changes,
        connection::DbConnection,
        error::StoreError,
        past,
        schema::article_bodies,
    },
};

/// Members that decide what the index has of an article.
const INDEXED: [&str; 9] = [
    "title",
    "summary",
    "body",
    "authors",
    "tags",
    "category",
    "language",
    "status",
    "published_at",
];

/// Puts what came in in place of what a known article has.
pub(super) fn update(
    connection: &mut DbConnection,
    ready: &Ready,
    known: &Known,
    stamp: &Stamp,
) -> Result<Saved, StoreError> {
    let (names, _) = find_names(connection, ready, stamp)?;
    let written = written(ready, Some(known), &names, stamp.at)?;
    let before: Written = articles::table
        .find(known.pk)
        .select(Written::as_select())
        .first(connection)?;
    let (author_pks, tag_pks) = words::names_of(connection, known.pk)?;
    let mut members = before.differences(&written);
    let wanted = ready.input.slug.as_deref();
    let slug = match wanted {
        Some(slug) if ready.input.yields_slug && slug != known.slug => {
            match save::slug_is_taken(connection, slug, Some(&known.id))? {
                true => &known.slug,
                false => slug,
            }
        }
        wanted => wanted.unwrap_or(&known.slug),
    };
    let renamed = slug != known.slug;
    let compared = [
        ("slug", renamed),
        ("authors", names.author_pks() != author_pks),
        ("tags", names.tag_pks() != tag_pks),
    ];
    members.extend(
        compared
            .iter()
            .filter(|(_, differs)| *differs)
            .map(|(name, _)| *name),
    );
    let mut saved = Saved {
        row: known.pk,
        id: known.id.clone(),
        slug: slug.to_owned(),
        outcome: Outcome::Unchanged,
        before: Some(before.status()?),
        status: written.status()?,
        dated: before.published_at != written.published_at,
    };
    let slugs = former::slugs(&ready.input, stamp);
    let paths = &ready.input.former_paths;
    let is_elsewhere_too = former::keep(connection, known.pk, &known.id, &slugs, paths)?;
    if members.is_empty() {
        if is_elsewhere_too {
            former::tell(connection)?;
        }
        return Ok(saved);
    }
    saved.outcome = Outcome::Updated;
    revisions::supersede(
        connection,
        known.pk,
        &written.title,
        ready.input.note.as_deref(),
        stamp,
    )?;
    if renamed {
        rename(connection, known, slug, stamp)?;
    }
    save::overwrite(connection, known, &written, &before, slug, stamp.at)?;
    if before.body_hash != written.body_hash {
        diesel::update(article_bodies::table.find(known.pk))
            .set(article_bodies::blocks.eq(&ready.blocks))
            .execute(connection)?;
    }
    if members.contains(&"authors") || members.contains(&"tags") {
        save::replace_names(connection, known.pk, &names)?;
    }
    if members.iter().any(|member| INDEXED.contains(member)) {
        words::reindex(connection, known.pk)?;
    }
    if written.is_published() {
        save::publish_names(connection, &names, stamp)?;
    }
    let change = match (before.is_published(), written.is_published()) {
        (false, true) => Some(ChangeKind::Published),
        (true, false) => Some(ChangeKind::Unpublished),
        (true, true) if renamed => Some(ChangeKind::Moved),
        (true, true) => Some(ChangeKind::Updated),
        (false, false) => None,
    };
    match change {
        Some(change) => changes::record(connection, Kind::Article, &known.id, change, stamp.at)?,
        None if is_elsewhere_too => former::tell(connection)?,
        None => {}
    }
    let deed = Deed::new("update", Kind::Article, &known.id, slug);
    audit::record(connection, stamp, deed, &members)?;
    Ok(saved)
}

/// Gives an article a new slug; the old one goes on leading to it. A slug that is another's, or
/// once was, is refused.
fn rename(
    connection: &mut DbConnection,
    known: &Known,
    slug: &str,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    if save::slug_is_taken(connection, slug, Some(&known.id))? {
        return Err(crate::store::names::slug_of_another(slug, "article"));
    }
    let slugs = (known.slug.as_str(), slug);
    let public = known.public_slug.as_ref() == Some(&known.slug);
    past::renamed(connection, Kind::Article, &known.id, slugs, public, stamp)
}
