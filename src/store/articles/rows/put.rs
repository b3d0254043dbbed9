//! Takes articles in: creates one, replaces one, or does whichever fits.

use diesel::prelude::*;

use crate::{
    model::{
        article::{Outcome, Status},
        change::ChangeKind,
        kind::Kind,
        slug::{new_id, slug_from},
        stamp::Stamp,
    },
    store::{
        articles::{
            ready::Ready,
            rows::{
                former,
                input::{find_names, written},
                revisions,
                save::{self, Known, Written},
                table::articles,
                words::{self, Standing},
            },
        },
        audit::{self, Deed},
        changes,
        connection::{DbConnection, on_backend},
        error::StoreError,
        names::{chosen_slug, free_slug},
        past,
        schema::article_bodies,
    },
};

/// What became of an article that was put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Its row.
    pub row: i64,
    /// Its id.
    pub id: String,
    /// Its slug.
    pub slug: String,
    /// Whether it is new, changed or the same.
    pub outcome: Outcome,
    /// Its status before, if it was there.
    pub before: Option<Status>,
    /// Its status now.
    pub status: Status,
    /// Whether it has a date that it had not before.
    pub dated: bool,
}

impl Saved {
    /// Whether this decided what readers see, or when they will: an article appeared, is to
    /// appear, or disappeared.
    pub fn is_publication(&self) -> bool {
        let is_out = |status: Status| matches!(status, Status::Published | Status::Scheduled);
        let stepped = self.before != Some(self.status);
        (stepped && (is_out(self.status) || self.before.is_some_and(is_out)))
            || (self.status == Status::Scheduled && self.dated)
    }
}

/// Creates or updates an article, known again by its external id, else by its slug.
pub fn put(
    connection: &mut DbConnection,
    ready: &Ready,
    stamp: &Stamp,
) -> Result<Saved, StoreError> {
    match known(connection, ready)? {
        Some(known) => update(connection, ready, &known, stamp),
        None => insert(connection, ready, stamp),
    }
}

/// Creates an article; refuses one whose external id or slug is another's.
pub fn create(
    connection: &mut DbConnection,
    ready: &Ready,
    stamp: &Stamp,
) -> Result<Saved, StoreError> {
    if let Some(external_id) = &ready.input.external_id
        && row_by_external_id(connection, external_id)?.is_some()
    {
        return Err(external_id_of_another());
    }
    insert(connection, ready, stamp)
}

/// Puts an article in place of the one of this row, if that still has this version.
pub fn replace(
    connection: &mut DbConnection,
    row: i64,
    version: i64,
    ready: &Ready,
    stamp: &Stamp,
) -> Result<Saved, StoreError> {
    let known: Option<Known> = articles::table
        .find(row)
        .filter(articles::version.eq(version))
        .select(Known::as_select())
        .first(connection)
        .optional()?;
    let known = known.ok_or(StoreError::MovedOn)?;
    if let Some(external_id) = &ready.input.external_id {
        let holder = row_by_external_id(connection, external_id)?;
        if holder.is_some_and(|holder| holder != row) {
            return Err(external_id_of_another());
        }
    }
    update(connection, ready, &known, stamp)
}

fn external_id_of_another() -> StoreError {
    StoreError::Taken {
        member: "external_id",
        message: "is another article's".to_owned(),
    }
}

/// The row of the article that came in under an external id.
pub fn row_by_external_id(
    connection: &mut DbConnection,
    external_id: &str,
) -> Result<Option<i64>, StoreError> {
    Ok(articles::table
        .filter(articles::external_id.eq(external_id))
        .select(articles::pk)
        .first(connection)
        .optional()?)
}

/// The first article that passes a filter, with what is to be known of one that is changed.
macro_rules! first_known {
    ($connection:expr, $filter:expr) => {{
        let known = articles::table.filter($filter).order(articles::id);
        on_backend!($connection, inner => {
            let found = known.select(Known::as_select()).first(inner);
            found.optional().map_err(StoreError::from)
        })
    }};
}

/// The article that this one is already known as: by its external id; else by its slug; else, for
/// one that has neither, by title and body: two stories under one title stay two.
fn known(connection: &mut DbConnection, ready: &Ready) -> Result<Option<Known>, StoreError> {
    let input = &ready.input;
    let Some(external_id) = &input.external_id else {
        return match &input.slug {
            Some(slug) => first_known!(connection, articles::slug.eq(slug)),
            None => {
                let of_no_system = articles::external_id.is_null();
                let alike = articles::title
                    .eq(&input.title)
                    .and(articles::body_hash.eq(&ready.body_hash));
                first_known!(connection, of_no_system.and(alike))
            }
        };
    };
    let found: Option<Known> = first_known!(connection, articles::external_id.eq(external_id))?;
    match (found, &input.slug) {
        // A slug finds again only what has no other external id.
        (None, Some(slug)) if !input.yields_slug => {
            let of_no_system = articles::external_id.is_null();
            first_known!(connection, articles::slug.eq(slug).and(of_no_system))
        }
        (found, _) => Ok(found),
    }
}

fn insert(
    connection: &mut DbConnection,
    ready: &Ready,
    stamp: &Stamp,
) -> Result<Saved, StoreError> {
    let input = &ready.input;
    let (names, texts) = find_names(connection, ready, stamp)?;
    let written = written(ready, None, &names, stamp.at)?;
    let made = slug_from(&input.title).unwrap_or_else(|| "article".to_owned());
    let is_taken = |slug: &str| save::slug_is_taken(connection, slug, None);
    let slug = match (input.slug.as_deref(), input.yields_slug) {
        (Some(slug), true) => free_slug(slug, is_taken)?,
        (slug, _) => chosen_slug(slug, &made, "article", is_taken)?,
    };
    let id = new_id();
    let visible = written.is_published();
    let millis = stamp.at.millis();
    let row = diesel::insert_into(articles::table).values((
        articles::id.eq(&id),
        articles::slug.eq(&slug),
        articles::public_slug.eq(visible.then_some(&slug)),
        articles::external_id.eq(&written.external_id),
        articles::title.eq(&written.title),
        articles::title_key.eq(&written.title_key),
        articles::title_provisional.eq(written.title_provisional),
        articles::summary.eq(&written.summary),
        articles::category_pk.eq(written.category_pk),
        articles::image.eq(&written.image),
        articles::status.eq(&written.status),
        articles::language.eq(&written.language),
        articles::featured.eq(written.featured),
        articles::canonical_url.eq(&written.canonical_url),
        articles::published_at.eq(written.published_at),
        articles::first_published_at.eq(visible.then_some(millis)),
        articles::sort_at.eq(written.published_at.unwrap_or(millis)),
        articles::modified_at.eq(millis),
        articles::updated_at.eq(millis),
        articles::created_at.eq(millis),
        articles::reading_minutes.eq(written.reading_minutes),
        articles::word_count.eq(written.word_count),
        articles::body_hash.eq(&written.body_hash),
    ));
    let of_id = articles::table
        .filter(articles::id.eq(&id))
        .select(articles::pk);
    let pk: i64 = match connection {
        DbConnection::Postgres(inner) => row.returning(articles::pk).get_result(inner)?,
        // With a RETURNING, SQLite would keep a journal of the statement.
        DbConnection::Sqlite(inner) => {
            row.execute(inner)?;
            of_id.first(inner)?
        }
    };
    let body = diesel::insert_into(article_bodies::table).values((
        article_bodies::article_pk.eq(pk),
        article_bodies::blocks.eq(&ready.blocks),
    ));
    on_backend!(connection, inner => body.execute(inner)?);
    save::insert_names(connection, pk, &names)?;
    let slugs = former::slugs(input, stamp);
    let is_elsewhere_too = former::keep(connection, pk, &id, &slugs, &input.former_paths)?;
    revisions::record(
        connection,
        pk,
        1,
        &written.title,
        input.note.as_deref(),
        stamp,
    )?;
    let standing = Standing {
        pk,
        published: visible,
        sort_at: written.published_at.unwrap_or(millis),
    };
    words::index(connection, standing, &ready.analysis, texts)?;
    if visible {
        save::publish_names(connection, &names, stamp)?;
        changes::record(
            connection,
            Kind::Article,
            &id,
            ChangeKind::Published,
            stamp.at,
        )?;
    } else if is_elsewhere_too {
        former::tell(connection)?;
    }
    audit::record(
        connection,
        stamp,
        Deed::new("create", Kind::Article, &id, &slug),
        &[],
    )?;
    Ok(Saved {
        row: pk,
        id,
        slug,
        outcome: Outcome::Created,
        before: None,
        status: written.status()?,
        dated: true,
    })
}

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

fn update(
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
