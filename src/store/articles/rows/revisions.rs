//! Every save of an article: who, when, with which note, and what it was.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    model::{
        article::{Article, Image},
        author::AuthorRef,
        block::Block,
        category::CategoryRef,
        page::{Page, PageRequest, Position, SortValue, Window},
        stamp::Stamp,
        tag::TagRef,
        time::UtcTime,
    },
    store::{
        Reader,
        articles::{ArticleRow, complete, rows::table::articles},
        connection::{DbConnection, on_backend},
        error::StoreError,
        schema::revisions,
    },
};

/// A save of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// From 1, without gaps.
    pub number: i64,
    /// When it was saved.
    pub saved_at: UtcTime,
    /// Who saved it.
    pub saved_by: String,
    /// What they said of it.
    pub note: Option<String>,
    /// The title that it had.
    pub title: String,
    /// Whether it is what the article is now.
    pub current: bool,
}

/// What an article was at a save. Names are kept as they were, so that a revision shows what its
/// editor saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RevisionContent {
    /// Its slug.
    pub slug: String,
    /// Headline.
    pub title: String,
    /// Whether an importer made the title up.
    pub title_provisional: bool,
    /// The dek.
    pub summary: Option<String>,
    /// Primary category.
    pub category: Option<CategoryRef>,
    /// In the editor's order.
    pub tags: Vec<TagRef>,
    /// In byline order.
    pub authors: Vec<AuthorRef>,
    /// Lead picture.
    pub image: Option<Image>,
    /// BCP 47 tag.
    pub language: String,
    /// Whether editors put it forward.
    pub featured: bool,
    /// Overrides the address.
    pub canonical_url: Option<String>,
    /// Editorial date in milliseconds.
    pub published_at: Option<i64>,
    /// Minutes, if they were set.
    pub reading_minutes: Option<i64>,
    /// Words of the body.
    pub word_count: i64,
    /// The stored body.
    pub body: Vec<Block>,
}

impl From<Article> for RevisionContent {
    fn from(article: Article) -> Self {
        Self {
            slug: article.slug,
            title: article.title,
            title_provisional: article.title_provisional,
            summary: article.summary,
            category: article.category,
            tags: article.tags,
            authors: article.authors,
            image: article.image,
            language: article.language,
            featured: article.featured,
            canonical_url: article.canonical_url,
            published_at: article.published_at.map(UtcTime::millis),
            reading_minutes: article.reading_minutes,
            word_count: article.word_count,
            body: article.body.unwrap_or_default(),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = revisions)]
struct RevisionRow {
    number: i64,
    saved_at: i64,
    saved_by: String,
    note: Option<String>,
    title: String,
}

impl RevisionRow {
    fn revision(self, last: i64) -> Revision {
        Revision {
            number: self.number,
            saved_at: UtcTime::from_column(self.saved_at),
            saved_by: self.saved_by,
            note: self.note,
            title: self.title,
            current: self.number == last,
        }
    }
}

/// Notes a save; what was saved is the article itself.
pub(super) fn record(
    connection: &mut DbConnection,
    pk: i64,
    number: i64,
    title: &str,
    note: Option<&str>,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let revision = diesel::insert_into(revisions::table).values((
        revisions::article_pk.eq(pk),
        revisions::number.eq(number),
        revisions::saved_at.eq(stamp.at.millis()),
        revisions::saved_by.eq(&stamp.actor),
        revisions::note.eq(note),
        revisions::title.eq(title),
    ));
    on_backend!(connection, inner => revision.execute(inner)?);
    Ok(())
}

/// Keeps what the article is just now as its last revision, and notes the next one. To be called
/// before the article is overwritten.
pub(super) fn supersede(
    connection: &mut DbConnection,
    pk: i64,
    title: &str,
    note: Option<&str>,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let content = present(connection, pk)?;
    let content = serde_json::to_string(&content)
        .map_err(|cause| StoreError::Invalid(format!("a revision can't be kept: {cause}")))?;
    let last = last(connection, pk)?;
    diesel::update(revisions::table.find((pk, last)))
        .set(revisions::content.eq(content))
        .execute(connection)?;
    record(connection, pk, last + 1, title, note, stamp)
}

fn last(connection: &mut DbConnection, pk: i64) -> Result<i64, StoreError> {
    let last: Option<i64> = revisions::table
        .filter(revisions::article_pk.eq(pk))
        .select(diesel::dsl::max(revisions::number))
        .first(connection)?;
    Ok(last.unwrap_or(0))
}

fn present(connection: &mut DbConnection, pk: i64) -> Result<RevisionContent, StoreError> {
    let row: ArticleRow = articles::table
        .find(pk)
        .select(ArticleRow::as_select())
        .first(connection)?;
    let article = complete(connection, vec![row], true)?.pop();
    article
        .map(RevisionContent::from)
        .ok_or_else(|| StoreError::Corrupt(format!("row {pk} is no article")))
}

/// A page of the revisions of an article that the reader may see, newest first.
pub fn revisions(
    reader: &mut Reader<'_>,
    article: &Article,
    request: &PageRequest,
) -> Result<Page<Revision>, StoreError> {
    let connection = &mut *reader.connection;
    let last = last(connection, article.row)?;
    let mut query = revisions::table
        .filter(revisions::article_pk.eq(article.row))
        .into_boxed();
    if let Window::After(Position {
        value: SortValue::Number(number),
        ..
    }) = &request.window
    {
        query = query.filter(revisions::number.lt(*number));
    }
    if let Window::Before(Position {
        value: SortValue::Number(number),
        ..
    }) = &request.window
    {
        query = query.filter(revisions::number.gt(*number));
    }
    query = match request.is_backward() {
        true => query.order(revisions::number.asc()),
        false => query.order(revisions::number.desc()),
    };
    let found: Vec<RevisionRow> = query
        .limit(request.limit + 1)
        .offset(request.offset())
        .select(RevisionRow::as_select())
        .load(connection)?;
    let items = found.into_iter().map(|row| row.revision(last)).collect();
    // Without gaps, the last number is the count.
    Ok(request.page_of(items, request.wants_total().then_some(last)))
}

/// A revision of an article that the reader may see, and what the article was then.
pub fn revision(
    reader: &mut Reader<'_>,
    article: &Article,
    number: i64,
) -> Result<Option<(Revision, RevisionContent)>, StoreError> {
    let connection = &mut *reader.connection;
    let found: Option<(RevisionRow, Option<String>)> = revisions::table
        .find((article.row, number))
        .select((RevisionRow::as_select(), revisions::content))
        .first(connection)
        .optional()?;
    let Some((row, content)) = found else {
        return Ok(None);
    };
    let content = match content {
        Some(json) => serde_json::from_str(&json).map_err(|cause| {
            StoreError::Corrupt(format!("revision {number} of {}: {cause}", article.id))
        })?,
        None => present(connection, article.row)?,
    };
    let last = last(connection, article.row)?;
    Ok(Some((row.revision(last), content)))
}
