//! `jsonl`: one thing in each line, with all that an exact restore needs. What a line refers to
//! stands before it.

use std::io::Write;

use serde_json::{Value, json};

use crate::{
    domain::export::{ExportError, Figures, PAGE, each_article, each_name, read},
    model::{
        kind::Kind,
        record::{ArticleRecord, FormerSlug, NameRecord, RevisionRecord},
    },
    store::{self, Reader, Store, StoreError},
};

/// Bytes of revisions in the line of their article, at most: an import reads no line of more than
/// 32 MiB. Older ones have lines of their own.
const REVISIONS_INLINE: usize = 8 * 1024 * 1024;
/// Revisions that are read at a time.
const REVISIONS_AT_ONCE: i64 = 8;

/// Writes everything.
pub fn write(store: &Store, out: &mut dyn Write) -> Result<Figures, ExportError> {
    read(store, |reader| {
        let mut figures = Figures::default();
        for category in store::records::all_categories(reader)? {
            figures.categories += 1;
            line(out, &name(&category))?;
        }
        each_name(reader, store::records::next_authors, |author| {
            figures.authors += 1;
            line(out, &name(&author))
        })?;
        each_name(reader, store::records::next_tags, |tag| {
            figures.tags += 1;
            line(out, &name(&tag))
        })?;
        each_article(reader, |reader, record| {
            figures.articles += 1;
            with_revisions(reader, record, out)
        })?;
        pins(reader, out)?;
        former_slugs(reader, out)?;
        tombstones(reader, out)?;
        out.flush()?;
        Ok(figures)
    })
}

fn line(out: &mut dyn Write, value: &Value) -> Result<(), ExportError> {
    serde_json::to_writer(&mut *out, value).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn name(record: &NameRecord) -> Value {
    let mut value = json!({
        "kind": record.kind.as_str(),
        "slug": record.slug,
        "name": record.name,
        "description": record.description,
    });
    let exact = json!({
        "id": record.id,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "version": record.version,
        "public": record.public,
    });
    if let Value::Object(members) = &mut value {
        match record.kind {
            Kind::Category => members.insert("parent".to_owned(), json!(record.parent)),
            Kind::Author => members.insert("avatar".to_owned(), json!(record.avatar)),
            _ => None,
        };
        members.insert("record".to_owned(), exact);
    }
    value
}

/// An article, and lines for those of its revisions that have no room in its own.
fn with_revisions(
    reader: &mut Reader<'_>,
    mut record: ArticleRecord,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let row = record.article.row;
    let (revisions, mut below) = recent(reader, row)?;
    record.exact.revisions = revisions;
    line(out, &article(&record)?)?;
    while let Some(number) = below {
        let page = store::articles::revision_records(reader, row, number, REVISIONS_AT_ONCE)?;
        below = page.last().map(|oldest| oldest.number);
        for older in &page {
            let mut value = json!({ "kind": "revision", "article": record.article.id });
            if let (Value::Object(members), Value::Object(own)) = (&mut value, revision(older)?) {
                members.extend(own);
            }
            line(out, &value)?;
        }
    }
    Ok(())
}

/// The newest revisions, as many as a line may hold, oldest first; and the number below which
/// there are more.
fn recent(
    reader: &mut Reader<'_>,
    row: i64,
) -> Result<(Vec<RevisionRecord>, Option<i64>), StoreError> {
    let mut kept: Vec<RevisionRecord> = Vec::new();
    let (mut bytes, mut below) = (0, i64::MAX);
    loop {
        let page = store::articles::revision_records(reader, row, below, REVISIONS_AT_ONCE)?;
        if page.is_empty() {
            kept.reverse();
            return Ok((kept, None));
        }
        for older in page {
            bytes += older.content.as_ref().map_or(0, String::len);
            if bytes > REVISIONS_INLINE && !kept.is_empty() {
                kept.reverse();
                return Ok((kept, Some(below)));
            }
            below = older.number;
            kept.push(older);
        }
    }
}

fn article(record: &ArticleRecord) -> Result<Value, StoreError> {
    let article = &record.article;
    let tags: Vec<&str> = article.tags.iter().map(|tag| tag.slug.as_str()).collect();
    let authors = article.authors.iter().map(|author| author.slug.as_str());
    let authors: Vec<&str> = authors.collect();
    Ok(json!({
        "kind": "article",
        "external_id": record.external_id,
        "slug": article.slug,
        "title": article.title,
        "summary": article.summary,
        "category": article.category.as_ref().map(|category| &category.slug),
        "tags": tags,
        "authors": authors,
        "published_at": article.published_at,
        "status": article.status.as_str(),
        "language": article.language,
        "featured": article.featured,
        "reading_minutes": article.reading_minutes,
        "image": article.image,
        "canonical_url": article.canonical_url,
        "body": { "blocks": article.body.as_deref().unwrap_or_default() },
        "record": exact(record)?,
    }))
}

fn exact(record: &ArticleRecord) -> Result<Value, StoreError> {
    let exact = &record.exact;
    let former_slug = |former: &FormerSlug| {
        json!({
            "slug": former.slug,
            "public": former.public,
            "retired_at": former.retired_at,
        })
    };
    let former_slugs: Vec<Value> = exact.former_slugs.iter().map(former_slug).collect();
    let revisions: Result<Vec<Value>, StoreError> = exact.revisions.iter().map(revision).collect();
    Ok(json!({
        "id": exact.id,
        "title_provisional": exact.title_provisional,
        "first_published_at": exact.first_published_at,
        "created_at": exact.created_at,
        "modified_at": exact.modified_at,
        "updated_at": exact.updated_at,
        "version": exact.version,
        "public_slug": exact.public_slug,
        "former_slugs": former_slugs,
        "former_paths": exact.former_paths,
        "revisions": revisions?,
    }))
}

fn revision(record: &RevisionRecord) -> Result<Value, StoreError> {
    let content: Option<Value> = record
        .content
        .as_deref()
        .map(serde_json::from_str)
        .transpose()
        .map_err(|cause| StoreError::Corrupt(format!("revision {}: {cause}", record.number)))?;
    Ok(json!({
        "number": record.number,
        "saved_at": record.saved_at,
        "saved_by": record.saved_by,
        "note": record.note,
        "title": record.title,
        "content": content,
    }))
}

fn pins(reader: &mut Reader<'_>, out: &mut dyn Write) -> Result<(), ExportError> {
    let mut next = Some(0);
    while let Some(after) = next {
        let (page, last) = store::records::next_pins(reader, after, PAGE)?;
        for record in page {
            let value = json!({
                "kind": "pins",
                "article": record.article,
                "pinned": record.pinned,
                "excluded": record.excluded,
            });
            line(out, &value)?;
        }
        next = last;
    }
    Ok(())
}

/// Those of names, and those of articles that were deleted; others stand with their article.
fn former_slugs(reader: &mut Reader<'_>, out: &mut dyn Write) -> Result<(), ExportError> {
    for kind in Kind::ALL {
        let mut after = String::new();
        loop {
            let page = store::records::next_former_slugs(reader, kind, &after, PAGE)?;
            let Some(last) = page.last() else {
                break;
            };
            after.clone_from(&last.slug);
            let ids = page.iter().map(|record| record.id.clone()).collect();
            let deleted = store::records::deleted(reader, ids)?;
            for record in page {
                if kind == Kind::Article && !deleted.contains(&record.id) {
                    continue;
                }
                let value = json!({
                    "kind": "former_slug",
                    "of": kind.as_str(),
                    "slug": record.slug,
                    "id": record.id,
                    "public": record.public,
                    "retired_at": record.retired_at,
                });
                line(out, &value)?;
            }
        }
    }
    Ok(())
}

fn tombstones(reader: &mut Reader<'_>, out: &mut dyn Write) -> Result<(), ExportError> {
    let mut after = String::new();
    loop {
        let page = store::records::next_tombstones(reader, &after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.id);
        for record in page {
            let value = json!({
                "kind": "tombstone",
                "of": record.kind.as_str(),
                "id": record.id,
                "slug": record.slug,
                "public": record.public,
                "deleted_at": record.deleted_at,
            });
            line(out, &value)?;
        }
    }
}
