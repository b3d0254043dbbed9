//! Puts an article in: creates it, or updates the one that it is already known as.

use diesel::prelude::*;

use crate::{
    model::{
        article::{Outcome, Status},
        change::ChangeKind,
        slug::{new_id, slug_from},
        time::UtcTime,
        words::{joined_tokens, sort_key},
    },
    store::{
        articles::{names, ready::Ready},
        changes,
        connection::{DbConnection, on_backend},
        error::StoreError,
        schema::{
            article_authors, article_bodies, article_tags, articles, authors, former_slugs, tags,
        },
        search,
    },
};

/// The columns that an import or an editor decides.
#[derive(Queryable, Selectable, AsChangeset, PartialEq, Debug)]
#[diesel(table_name = articles, treat_none_as_null = true)]
struct Written {
    external_id: Option<String>,
    title: String,
    title_key: String,
    title_provisional: bool,
    summary: Option<String>,
    category_pk: Option<i64>,
    image: Option<String>,
    status: String,
    language: String,
    featured: bool,
    canonical_url: Option<String>,
    published_at: Option<i64>,
    reading_minutes: Option<i64>,
    word_count: i64,
    body_hash: String,
}

/// What is stored of an article that is put in again.
#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct Known {
    pk: i64,
    id: String,
    slug: String,
    external_id: Option<String>,
    language: String,
    published_at: Option<i64>,
    first_published_at: Option<i64>,
    modified_at: i64,
    created_at: i64,
}

/// Creates or updates an article, known again by its external id, else by its slug. Gives what
/// became of it, and its row. `default_language` is for an article that has none and is new.
pub fn put(
    connection: &mut DbConnection,
    ready: &Ready,
    default_language: &str,
    now: UtcTime,
) -> Result<(Outcome, i64), StoreError> {
    let input = &ready.input;
    let names = Names {
        category: names::category(connection, &input.category, now)?,
        authors: each(connection, &input.authors, now, names::author)?,
        tags: each(connection, &input.tags, now, names::tag)?,
    };
    match known(connection, ready)? {
        Some(known) => {
            let mut written = written(ready, &known.language, known.published_at, &names, now)?;
            // What is found by its slug keeps the key of the system that it came from.
            written.external_id = written.external_id.or_else(|| known.external_id.clone());
            let outcome = update(connection, ready, &known, &written, &names, now)?;
            Ok((outcome, known.pk))
        }
        None => {
            let written = written(ready, default_language, None, &names, now)?;
            Ok((
                Outcome::Created,
                create(connection, ready, &written, &names, now)?,
            ))
        }
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

/// Rows of what an article names.
struct Names {
    category: Option<i64>,
    authors: Vec<i64>,
    tags: Vec<i64>,
}

fn each(
    connection: &mut DbConnection,
    texts: &[String],
    now: UtcTime,
    find: fn(&mut DbConnection, &str, UtcTime) -> Result<i64, StoreError>,
) -> Result<Vec<i64>, StoreError> {
    let mut found = Vec::with_capacity(texts.len());
    for text in texts {
        let pk = find(connection, text, now)?;
        // Two spellings of one name count once, at the first place.
        if !found.contains(&pk) {
            found.push(pk);
        }
    }
    Ok(found)
}

/// The article that this one is already known as: by its external id; else by its slug; else, for
/// one that has neither, by title and body: two stories under one title stay two.
fn known(connection: &mut DbConnection, ready: &Ready) -> Result<Option<Known>, StoreError> {
    let input = &ready.input;
    let all = || articles::table.select(Known::as_select()).into_boxed();
    let query = match (&input.external_id, &input.slug) {
        (Some(external_id), slug) => {
            let by_id = all().filter(articles::external_id.eq(external_id.clone()));
            let found = by_id.first(connection).optional()?;
            match slug {
                // A slug finds again only what has no other external id.
                Some(slug) if found.is_none() => all()
                    .filter(articles::slug.eq(slug.clone()))
                    .filter(articles::external_id.is_null()),
                _ => return Ok(found),
            }
        }
        (None, Some(slug)) => all().filter(articles::slug.eq(slug.clone())),
        (None, None) => all()
            .filter(articles::external_id.is_null())
            .filter(articles::title.eq(input.title.clone()))
            .filter(articles::body_hash.eq(ready.body_hash.clone())),
    };
    Ok(query.order(articles::id).first(connection).optional()?)
}

fn written(
    ready: &Ready,
    language: &str,
    known_date: Option<i64>,
    names: &Names,
    now: UtcTime,
) -> Result<Written, StoreError> {
    let input = &ready.input;
    let image = input
        .image
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(|cause| StoreError::Invalid(format!("the image can't be stored: {cause}")))?;
    // What becomes visible without a date is of now; a date once set is only changed by a date.
    let published_at = input
        .published_at
        .map(UtcTime::millis)
        .or(known_date)
        .or((input.status == Status::Published).then_some(now.millis()));
    Ok(Written {
        external_id: input.external_id.clone(),
        title: input.title.clone(),
        title_key: sort_key(&input.title),
        title_provisional: input.title_provisional,
        summary: input.summary.clone(),
        category_pk: names.category,
        image,
        status: input.status.as_str().to_owned(),
        language: input
            .language
            .clone()
            .unwrap_or_else(|| language.to_owned()),
        featured: input.featured,
        canonical_url: input.canonical_url.clone(),
        published_at,
        reading_minutes: input.reading_minutes,
        word_count: ready.word_count,
        body_hash: ready.body_hash.clone(),
    })
}

fn create(
    connection: &mut DbConnection,
    ready: &Ready,
    written: &Written,
    names: &Names,
    now: UtcTime,
) -> Result<i64, StoreError> {
    let input = &ready.input;
    let slug = match &input.slug {
        Some(slug) if slug_is_taken(connection, slug, None)? => return Err(slug_of_another(slug)),
        Some(slug) => slug.clone(),
        None => {
            let wanted = slug_from(&input.title).unwrap_or_else(|| "article".to_owned());
            names::free_slug(&wanted, |slug| slug_is_taken(connection, slug, None))?
        }
    };
    let id = new_id();
    let visible = written.status == Status::Published.as_str();
    let millis = now.millis();
    // Without RETURNING: on SQLite it opens a savepoint, at which FTS5 writes out what it has
    // gathered, and an import then spends half of its time merging tiny pieces.
    diesel::insert_into(articles::table)
        .values((
            articles::id.eq(&id),
            articles::slug.eq(slug),
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
        ))
        .execute(connection)?;
    let pk: i64 = articles::table
        .filter(articles::id.eq(&id))
        .select(articles::pk)
        .first(connection)?;
    diesel::insert_into(article_bodies::table)
        .values((
            article_bodies::article_pk.eq(pk),
            article_bodies::blocks.eq(&ready.blocks),
        ))
        .execute(connection)?;
    insert_names(connection, pk, names)?;
    if visible {
        index(connection, pk, ready, names, true)?;
        changes::record(connection, &id, ChangeKind::Published, now)?;
    }
    Ok(pk)
}

/// Whether a slug is an article's, or was one's; `except` may have it back.
fn slug_is_taken(
    connection: &mut DbConnection,
    slug: &str,
    except: Option<i64>,
) -> Result<bool, StoreError> {
    let except = except.unwrap_or(-1);
    let present = articles::table
        .filter(articles::slug.eq(slug))
        .filter(articles::pk.ne(except));
    let former = former_slugs::table
        .filter(former_slugs::slug.eq(slug))
        .filter(former_slugs::article_pk.ne(except));
    let present: bool = diesel::select(diesel::dsl::exists(present)).get_result(connection)?;
    Ok(present || diesel::select(diesel::dsl::exists(former)).get_result(connection)?)
}

fn update(
    connection: &mut DbConnection,
    ready: &Ready,
    known: &Known,
    written: &Written,
    names: &Names,
    now: UtcTime,
) -> Result<Outcome, StoreError> {
    let before: Written = articles::table
        .find(known.pk)
        .select(Written::as_select())
        .first(connection)?;
    let renamed = match &ready.input.slug {
        Some(slug) if *slug != known.slug => rename(connection, known, slug, now)?,
        _ => false,
    };
    let names_changed =
        names_of(connection, known.pk)? != (names.authors.clone(), names.tags.clone());
    if before == *written && !renamed && !names_changed {
        return Ok(Outcome::Unchanged);
    }
    let was_visible = before.status == Status::Published.as_str();
    let is_visible = written.status == Status::Published.as_str();
    let text_changed = before.title != written.title
        || before.summary != written.summary
        || before.body_hash != written.body_hash;
    let modified_at = if text_changed {
        now.millis()
    } else {
        known.modified_at
    };
    let first = known
        .first_published_at
        .or(is_visible.then_some(now.millis()));
    diesel::update(articles::table.find(known.pk))
        .set((
            written,
            articles::first_published_at.eq(first),
            articles::sort_at.eq(written.published_at.unwrap_or(known.created_at)),
            articles::modified_at.eq(modified_at),
            articles::updated_at.eq(now.millis()),
        ))
        .execute(connection)?;
    if before.body_hash != written.body_hash {
        diesel::update(article_bodies::table.find(known.pk))
            .set(article_bodies::blocks.eq(&ready.blocks))
            .execute(connection)?;
    }
    if names_changed {
        diesel::delete(article_authors::table.filter(article_authors::article_pk.eq(known.pk)))
            .execute(connection)?;
        diesel::delete(article_tags::table.filter(article_tags::article_pk.eq(known.pk)))
            .execute(connection)?;
        insert_names(connection, known.pk, names)?;
    }
    match (was_visible, is_visible) {
        (_, true) => index(connection, known.pk, ready, names, !was_visible)?,
        (true, false) => search::remove(connection, known.pk)?,
        (false, false) => {}
    }
    let change = match (was_visible, is_visible) {
        (false, true) => Some(ChangeKind::Published),
        (true, false) => Some(ChangeKind::Unpublished),
        (true, true) if renamed => Some(ChangeKind::Moved),
        (true, true) => Some(ChangeKind::Updated),
        (false, false) => None,
    };
    if let Some(change) = change {
        changes::record(connection, &known.id, change, now)?;
    }
    Ok(Outcome::Updated)
}

/// Gives an article a new slug; the old one goes on leading to it. A slug that is another's, or
/// once was, is refused.
fn rename(
    connection: &mut DbConnection,
    known: &Known,
    slug: &str,
    now: UtcTime,
) -> Result<bool, StoreError> {
    if slug_is_taken(connection, slug, Some(known.pk))? {
        return Err(slug_of_another(slug));
    }
    diesel::delete(former_slugs::table.filter(former_slugs::slug.eq(slug))).execute(connection)?;
    diesel::insert_into(former_slugs::table)
        .values((
            former_slugs::slug.eq(&known.slug),
            former_slugs::article_pk.eq(known.pk),
            former_slugs::retired_at.eq(now.millis()),
        ))
        .execute(connection)?;
    diesel::update(articles::table.find(known.pk))
        .set(articles::slug.eq(slug))
        .execute(connection)?;
    Ok(true)
}

/// Readers of that article would be led astray.
fn slug_of_another(slug: &str) -> StoreError {
    StoreError::Invalid(format!("the slug \"{slug}\" is, or was, another article's"))
}

/// Rows of an article's authors and of its tags, in order.
fn names_of(connection: &mut DbConnection, pk: i64) -> Result<(Vec<i64>, Vec<i64>), StoreError> {
    let authors = article_authors::table
        .filter(article_authors::article_pk.eq(pk))
        .order(article_authors::position)
        .select(article_authors::author_pk)
        .load(connection)?;
    let tags = article_tags::table
        .filter(article_tags::article_pk.eq(pk))
        .order(article_tags::position)
        .select(article_tags::tag_pk)
        .load(connection)?;
    Ok((authors, tags))
}

fn insert_names(connection: &mut DbConnection, pk: i64, names: &Names) -> Result<(), StoreError> {
    let authors: Vec<_> = (0_i64..)
        .zip(&names.authors)
        .map(|(position, author_pk)| {
            (
                article_authors::article_pk.eq(pk),
                article_authors::position.eq(position),
                article_authors::author_pk.eq(*author_pk),
            )
        })
        .collect();
    let tags: Vec<_> = (0_i64..)
        .zip(&names.tags)
        .map(|(position, tag_pk)| {
            (
                article_tags::article_pk.eq(pk),
                article_tags::position.eq(position),
                article_tags::tag_pk.eq(*tag_pk),
            )
        })
        .collect();
    on_backend!(connection, inner => {
        if !authors.is_empty() {
            diesel::insert_into(article_authors::table).values(&authors).execute(inner)?;
        }
        if !tags.is_empty() {
            diesel::insert_into(article_tags::table).values(&tags).execute(inner)?;
        }
    });
    Ok(())
}

/// Feeds the full-text index with what readers can find the article by.
fn index(
    connection: &mut DbConnection,
    pk: i64,
    ready: &Ready,
    rows: &Names,
    is_new: bool,
) -> Result<(), StoreError> {
    let mut names: Vec<String> = Vec::new();
    if !rows.authors.is_empty() {
        let found: Vec<String> = authors::table
            .filter(authors::pk.eq_any(rows.authors.clone()))
            .select(authors::name)
            .load(connection)?;
        names.extend(found);
    }
    if !rows.tags.is_empty() {
        let found: Vec<String> = tags::table
            .filter(tags::pk.eq_any(rows.tags.clone()))
            .select(tags::name)
            .load(connection)?;
        names.extend(found);
    }
    names.sort();
    let names: String = names.iter().map(|name| joined_tokens(name)).collect();
    search::put(connection, pk, &ready.document, &names, is_new)
}
