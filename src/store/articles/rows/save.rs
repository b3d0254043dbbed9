//! The columns of an article as they are written, and the names that it carries.

use diesel::prelude::*;

use crate::{
    model::{article::Status, kind::Kind, stamp::Stamp, time::UtcTime},
    store::{
        articles::rows::table::articles,
        authors, categories,
        connection::{DbConnection, on_backend},
        error::StoreError,
        names::NameRow,
        past,
        schema::{article_authors, article_tags},
        tags,
    },
};

/// The columns that an import or an editor decides.
#[derive(Queryable, Selectable, AsChangeset, PartialEq, Debug)]
#[diesel(table_name = articles, treat_none_as_null = true)]
pub(super) struct Written {
    pub(super) external_id: Option<String>,
    pub(super) title: String,
    pub(super) title_key: String,
    pub(super) title_provisional: bool,
    pub(super) summary: Option<String>,
    pub(super) category_pk: Option<i64>,
    pub(super) image: Option<String>,
    pub(super) status: String,
    pub(super) language: String,
    pub(super) featured: bool,
    pub(super) canonical_url: Option<String>,
    pub(super) published_at: Option<i64>,
    pub(super) reading_minutes: Option<i64>,
    pub(super) word_count: i64,
    pub(super) body_hash: String,
}

impl Written {
    pub(super) fn is_published(&self) -> bool {
        self.status == Status::Published.as_str()
    }

    pub(super) fn status(&self) -> Result<Status, StoreError> {
        Status::parse(&self.status)
            .ok_or_else(|| StoreError::Corrupt(format!("an article has status {}", self.status)))
    }

    /// Names of the members in which another differs.
    pub(super) fn differences(&self, other: &Self) -> Vec<&'static str> {
        let compared = [
            ("external_id", self.external_id != other.external_id),
            ("title", self.title != other.title),
            (
                "title_provisional",
                self.title_provisional != other.title_provisional,
            ),
            ("summary", self.summary != other.summary),
            ("category", self.category_pk != other.category_pk),
            ("image", self.image != other.image),
            ("status", self.status != other.status),
            ("language", self.language != other.language),
            ("featured", self.featured != other.featured),
            ("canonical_url", self.canonical_url != other.canonical_url),
            ("published_at", self.published_at != other.published_at),
            (
                "reading_minutes",
                self.reading_minutes != other.reading_minutes,
            ),
            ("body", self.body_hash != other.body_hash),
        ];
        compared
            .iter()
            .filter(|(_, differs)| *differs)
            .map(|(name, _)| *name)
            .collect()
    }
}

/// What is stored of an article that is changed.
#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
pub(super) struct Known {
    pub(super) pk: i64,
    pub(super) id: String,
    pub(super) slug: String,
    pub(super) external_id: Option<String>,
    pub(super) status: String,
    pub(super) language: String,
    pub(super) published_at: Option<i64>,
    pub(super) first_published_at: Option<i64>,
    pub(super) public_slug: Option<String>,
    pub(super) modified_at: i64,
    pub(super) created_at: i64,
    pub(super) version: i64,
}

/// Writes the columns, the times and the next version.
pub(super) fn overwrite(
    connection: &mut DbConnection,
    known: &Known,
    written: &Written,
    before: &Written,
    slug: &str,
    now: UtcTime,
) -> Result<(), StoreError> {
    let text_changed = before.title != written.title
        || before.summary != written.summary
        || before.body_hash != written.body_hash;
    let modified_at = match text_changed {
        true => now.millis(),
        false => known.modified_at,
    };
    let first = known
        .first_published_at
        .or(written.is_published().then_some(now.millis()));
    let public_slug = match written.is_published() {
        true => Some(slug),
        false => known.public_slug.as_deref(),
    };
    diesel::update(articles::table.find(known.pk))
        .set((
            written,
            articles::slug.eq(slug),
            articles::public_slug.eq(public_slug),
            articles::first_published_at.eq(first),
            articles::sort_at.eq(written.published_at.unwrap_or(known.created_at)),
            articles::modified_at.eq(modified_at),
            articles::updated_at.eq(now.millis()),
            articles::version.eq(known.version + 1),
        ))
        .execute(connection)?;
    Ok(())
}

/// Whether a slug is, or was, that of another article than the one of this id.
pub(super) fn slug_is_taken(
    connection: &mut DbConnection,
    slug: &str,
    except: Option<&str>,
) -> Result<bool, StoreError> {
    let present = articles::table
        .filter(articles::slug.eq(slug))
        .select(articles::id);
    let present: Option<String> =
        on_backend!(connection, inner => present.first(inner).optional()?);
    let holder = match present {
        Some(holder) => Some(holder),
        None => past::former_holder(connection, Kind::Article, slug)?,
    };
    Ok(holder.is_some_and(|id| Some(id.as_str()) != except))
}

/// Rows of what an article names.
pub(super) struct Names {
    pub(super) category: Option<NameRow>,
    pub(super) authors: Vec<NameRow>,
    pub(super) tags: Vec<NameRow>,
}

impl Names {
    pub(super) fn author_pks(&self) -> Vec<i64> {
        self.authors.iter().map(|row| row.pk).collect()
    }

    pub(super) fn tag_pks(&self) -> Vec<i64> {
        self.tags.iter().map(|row| row.pk).collect()
    }
}

/// Readers of a published article know the names that it carries.
pub(super) fn publish_names(
    connection: &mut DbConnection,
    names: &Names,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    if let Some(category) = names.category {
        categories::make_public(connection, category, stamp)?;
    }
    authors::make_public(connection, &names.authors, stamp)?;
    tags::make_public(connection, &names.tags, stamp)
}

/// Puts names in place of those that an article carried.
pub(super) fn replace_names(
    connection: &mut DbConnection,
    pk: i64,
    names: &Names,
) -> Result<(), StoreError> {
    diesel::delete(article_authors::table.filter(article_authors::article_pk.eq(pk)))
        .execute(connection)?;
    diesel::delete(article_tags::table.filter(article_tags::article_pk.eq(pk)))
        .execute(connection)?;
    insert_names(connection, pk, names)
}

pub(super) fn insert_names(
    connection: &mut DbConnection,
    pk: i64,
    names: &Names,
) -> Result<(), StoreError> {
    let authors: Vec<_> = (0_i64..)
        .zip(&names.authors)
        .map(|(position, author)| {
            (
                article_authors::article_pk.eq(pk),
                article_authors::position.eq(position),
                article_authors::author_pk.eq(author.pk),
            )
        })
        .collect();
    let tags: Vec<_> = (0_i64..)
        .zip(&names.tags)
        .map(|(position, tag)| {
            (
                article_tags::article_pk.eq(pk),
                article_tags::position.eq(position),
                article_tags::tag_pk.eq(tag.pk),
            )
        })
        .collect();
    match connection {
        DbConnection::Postgres(inner) => {
            if !authors.is_empty() {
                diesel::insert_into(article_authors::table)
                    .values(&authors)
                    .execute(inner)?;
            }
            if !tags.is_empty() {
                diesel::insert_into(article_tags::table)
                    .values(&tags)
                    .execute(inner)?;
            }
        }
        // A row at a time: that is prepared once, however many there are.
        DbConnection::Sqlite(inner) => {
            for author in authors {
                diesel::insert_into(article_authors::table)
                    .values(author)
                    .execute(inner)?;
            }
            for tag in tags {
                diesel::insert_into(article_tags::table)
                    .values(tag)
                    .execute(inner)?;
            }
        }
    }
    Ok(())
}
