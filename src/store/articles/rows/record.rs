//! Articles with all that is kept of them: read for an export, and put back as they were.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::{
    model::{
        article::{Article, Outcome, Status},
        change::ChangeKind,
        kind::Kind,
        record::{ArticleRecord, Exact, FormerSlug, RevisionRecord},
        stamp::Stamp,
        time::UtcTime,
        words::sort_key,
    },
    store::{
        Reader,
        articles::{
            ArticleRow, complete,
            ready::Ready,
            rows::{
                former,
                input::find_names,
                put::{put, replace, row_by_external_id},
                save::{self, Names},
                table::articles,
                words,
            },
        },
        audit::{self, Deed},
        changes,
        connection::DbConnection,
        error::StoreError,
        names::slug_of_another,
        records,
        schema::{article_bodies, former_paths, former_slugs, revisions},
    },
};

/// The columns that readers do not get.
#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct Kept {
    external_id: Option<String>,
    created_at: i64,
    public_slug: Option<String>,
}

/// The next articles that the reader may see after a row, in the order in which they came in,
/// without their revisions. At most eight statements.
pub fn records(
    reader: &mut Reader<'_>,
    after: i64,
    limit: i64,
) -> Result<Vec<ArticleRecord>, StoreError> {
    let found: Vec<(ArticleRow, Kept)> = reader
        .articles()
        .filter(articles::pk.gt(after))
        .order(articles::pk)
        .limit(limit)
        .select((ArticleRow::as_select(), Kept::as_select()))
        .load(reader.connection)?;
    let (rows, kept): (Vec<ArticleRow>, Vec<Kept>) = found.into_iter().unzip();
    let completed = complete(reader.connection, rows, true)?;
    let ids = completed.iter().map(|article| article.id.clone()).collect();
    let pks = completed.iter().map(|article| article.row).collect();
    let mut slugs = slugs_by_id(reader.connection, ids)?;
    let mut paths = paths_by_row(reader.connection, pks)?;
    let record = |(article, kept): (Article, Kept)| ArticleRecord {
        external_id: kept.external_id,
        exact: Exact {
            id: article.id.clone(),
            title_provisional: article.title_provisional,
            first_published_at: article.first_published_at,
            created_at: UtcTime::from_column(kept.created_at),
            modified_at: article.modified_at,
            updated_at: article.updated_at,
            version: article.version,
            public_slug: kept.public_slug,
            former_slugs: slugs.remove(&article.id).unwrap_or_default(),
            former_paths: paths.remove(&article.row).unwrap_or_default(),
            revisions: Vec::new(),
        },
        article,
    };
    Ok(completed.into_iter().zip(kept).map(record).collect())
}

fn slugs_by_id(
    connection: &mut DbConnection,
    ids: Vec<String>,
) -> Result<HashMap<String, Vec<FormerSlug>>, StoreError> {
    let found: Vec<(String, String, bool, i64)> = former_slugs::table
        .filter(former_slugs::kind.eq(Kind::Article.as_str()))
        .filter(former_slugs::id.eq_any(ids))
        .order(former_slugs::slug)
        .select((
            former_slugs::id,
            former_slugs::slug,
            former_slugs::public,
            former_slugs::retired_at,
        ))
        .load(connection)?;
    let mut by_id: HashMap<String, Vec<FormerSlug>> = HashMap::new();
    for (id, slug, public, retired_at) in found {
        by_id.entry(id).or_default().push(FormerSlug {
            slug,
            public,
            retired_at: UtcTime::from_column(retired_at),
        });
    }
    Ok(by_id)
}

fn paths_by_row(
    connection: &mut DbConnection,
    pks: Vec<i64>,
) -> Result<HashMap<i64, Vec<String>>, StoreError> {
    let found: Vec<(i64, String)> = former_paths::table
        .filter(former_paths::article_pk.eq_any(pks))
        .order(former_paths::path)
        .select((former_paths::article_pk, former_paths::path))
        .load(connection)?;
    let mut by_row: HashMap<i64, Vec<String>> = HashMap::new();
    for (pk, path) in found {
        by_row.entry(pk).or_default().push(path);
    }
    Ok(by_row)
}

type RevisionRow = (i64, i64, String, Option<String>, String, Option<String>);

/// Revisions of the article of a row below a number, the newest first.
pub fn revision_records(
    reader: &mut Reader<'_>,
    row: i64,
    below: i64,
    limit: i64,
) -> Result<Vec<RevisionRecord>, StoreError> {
    let found: Vec<RevisionRow> = revisions::table
        .filter(revisions::article_pk.eq(row))
        .filter(revisions::number.lt(below))
        .order(revisions::number.desc())
        .limit(limit)
        .select((
            revisions::number,
            revisions::saved_at,
            revisions::saved_by,
            revisions::note,
            revisions::title,
            revisions::content,
        ))
        .load(reader.connection)?;
    let record = |(number, saved_at, saved_by, note, title, content): RevisionRow| RevisionRecord {
        number,
        saved_at: UtcTime::from_column(saved_at),
        saved_by,
        note,
        title,
        content,
    };
    Ok(found.into_iter().map(record).collect())
}

/// What is stored under the id of an article that is to be put back.
#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct Standing {
    pk: i64,
    slug: String,
    title: String,
    status: String,
    version: i64,
    updated_at: i64,
    body_hash: String,
}

impl Standing {
    /// Whether it is of the very save that the record is of.
    fn is_same(&self, ready: &Ready, exact: &Exact) -> bool {
        self.version == exact.version
            && self.updated_at == exact.updated_at.millis()
            && Some(&self.slug) == ready.input.slug.as_ref()
            && self.title == ready.input.title
            && Status::parse(&self.status) == ready.input.status
            && self.body_hash == ready.body_hash
    }
}

/// Puts an article back as it was, where nothing is known of it; what is known by its id, or by
/// its external id or slug, becomes what the record says, as by any import.
pub fn restore(
    connection: &mut DbConnection,
    ready: &Ready,
    exact: &Exact,
    stamp: &Stamp,
) -> Result<Outcome, StoreError> {
    let standing: Option<Standing> = articles::table
        .filter(articles::id.eq(&exact.id))
        .select(Standing::as_select())
        .first(connection)
        .optional()?;
    if let Some(standing) = standing {
        if standing.is_same(ready, exact) {
            return Ok(Outcome::Unchanged);
        }
        let saved = replace(connection, standing.pk, standing.version, ready, stamp)?;
        return Ok(saved.outcome);
    }
    let is_known = match &ready.input.external_id {
        Some(external_id) => row_by_external_id(connection, external_id)?.is_some(),
        None => false,
    };
    let slug = ready.input.slug.as_deref().unwrap_or_default();
    if is_known {
        return Ok(put(connection, ready, stamp)?.outcome);
    }
    if save::slug_is_taken(connection, slug, Some(&exact.id))? {
        return Err(slug_of_another(slug, "article"));
    }
    insert(connection, ready, exact, slug, stamp)?;
    Ok(Outcome::Created)
}

fn insert(
    connection: &mut DbConnection,
    ready: &Ready,
    exact: &Exact,
    slug: &str,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    records::unbury(connection, &exact.id)?;
    // Its own former slug, where it had been deleted here under another.
    diesel::delete(former_slugs::table.find((Kind::Article.as_str(), slug))).execute(connection)?;
    let (names, texts) = find_names(connection, ready, stamp)?;
    let status = ready.input.status.unwrap_or(Status::Draft);
    insert_row(connection, ready, exact, (slug, status), &names)?;
    let pk: i64 = articles::table
        .filter(articles::id.eq(&exact.id))
        .select(articles::pk)
        .first(connection)?;
    diesel::insert_into(article_bodies::table)
        .values((
            article_bodies::article_pk.eq(pk),
            article_bodies::blocks.eq(&ready.blocks),
        ))
        .execute(connection)?;
    save::insert_names(connection, pk, &names)?;
    let is_elsewhere_too = former::keep(
        connection,
        pk,
        &exact.id,
        &exact.former_slugs,
        &exact.former_paths,
    )?;
    for revision in &exact.revisions {
        insert_revision(connection, pk, revision)?;
    }
    let standing = words::Standing {
        pk,
        published: status == Status::Published,
        sort_at: (ready.input.published_at).map_or(exact.created_at.millis(), UtcTime::millis),
    };
    words::index(connection, standing, &ready.analysis, texts)?;
    if status == Status::Published {
        save::publish_names(connection, &names, stamp)?;
        let published = ChangeKind::Published;
        changes::record(connection, Kind::Article, &exact.id, published, stamp.at)?;
    } else if is_elsewhere_too {
        former::tell(connection)?;
    }
    let deed = Deed::new("create", Kind::Article, &exact.id, slug);
    audit::record(connection, stamp, deed, &[])
}

fn insert_row(
    connection: &mut DbConnection,
    ready: &Ready,
    exact: &Exact,
    (slug, status): (&str, Status),
    names: &Names,
) -> Result<(), StoreError> {
    let input = &ready.input;
    let image = input
        .image
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(|cause| StoreError::Invalid(format!("the image can't be stored: {cause}")))?;
    let language = input.language.as_ref().unwrap_or(&ready.default_language);
    let published_at = input.published_at.map(UtcTime::millis);
    let created_at = exact.created_at.millis();
    let public_slug = match status {
        Status::Published => Some(slug),
        _ => exact.public_slug.as_deref(),
    };
    diesel::insert_into(articles::table)
        .values((
            articles::id.eq(&exact.id),
            articles::slug.eq(slug),
            articles::public_slug.eq(public_slug),
            articles::external_id.eq(&input.external_id),
            articles::title.eq(&input.title),
            articles::title_key.eq(sort_key(&input.title)),
            articles::title_provisional.eq(exact.title_provisional),
            articles::summary.eq(&input.summary),
            articles::category_pk.eq(names.category.map(|row| row.pk)),
            articles::image.eq(image),
            articles::status.eq(status.as_str()),
            articles::language.eq(language),
            articles::featured.eq(input.featured),
            articles::canonical_url.eq(&input.canonical_url),
            articles::published_at.eq(published_at),
            articles::first_published_at.eq(exact.first_published_at.map(UtcTime::millis)),
            articles::sort_at.eq(published_at.unwrap_or(created_at)),
            articles::modified_at.eq(exact.modified_at.millis()),
            articles::updated_at.eq(exact.updated_at.millis()),
            articles::created_at.eq(created_at),
            articles::reading_minutes.eq(input.reading_minutes),
            articles::word_count.eq(ready.word_count),
            articles::body_hash.eq(&ready.body_hash),
            articles::version.eq(exact.version),
        ))
        .execute(connection)?;
    Ok(())
}

fn insert_revision(
    connection: &mut DbConnection,
    pk: i64,
    revision: &RevisionRecord,
) -> Result<(), StoreError> {
    diesel::insert_into(revisions::table)
        .values((
            revisions::article_pk.eq(pk),
            revisions::number.eq(revision.number),
            revisions::saved_at.eq(revision.saved_at.millis()),
            revisions::saved_by.eq(&revision.saved_by),
            revisions::note.eq(&revision.note),
            revisions::title.eq(&revision.title),
            revisions::content.eq(&revision.content),
        ))
        .execute(connection)?;
    Ok(())
}

/// Puts back an older revision of an article that is known by its id; leaves one that is there.
pub fn restore_revision(
    connection: &mut DbConnection,
    article_id: &str,
    revision: &RevisionRecord,
) -> Result<(), StoreError> {
    let pk: Option<i64> = articles::table
        .filter(articles::id.eq(article_id))
        .select(articles::pk)
        .first(connection)
        .optional()?;
    let pk = pk.ok_or_else(|| StoreError::Refused {
        member: "article",
        message: "is the id of no article".to_owned(),
    })?;
    let oldest: Option<i64> = revisions::table
        .filter(revisions::article_pk.eq(pk))
        .select(diesel::dsl::min(revisions::number))
        .first(connection)?;
    match oldest {
        // They come newest first, so that there never is a gap.
        Some(oldest) if oldest == revision.number + 1 => insert_revision(connection, pk, revision),
        Some(oldest) if oldest <= revision.number => Ok(()),
        _ => Err(StoreError::Refused {
            member: "number",
            message: "must be right below the oldest revision that is there".to_owned(),
        }),
    }
}
