//! Makes an article that is new: its row, its body, its names, and what the rest of the store has
//! of it.

use diesel::prelude::*;

use crate::{
    model::{
        article::Outcome,
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
                put::Saved,
                revisions, save,
                table::articles,
                words::{self, Standing},
            },
        },
        audit::{self, Deed},
        changes,
        connection::{DbConnection, on_backend},
        error::StoreError,
        names::{chosen_slug, free_slug},
        schema::article_bodies,
    },
};

/// Makes a new article, under a slug that is nobody else's.
pub(super) fn insert(
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
