//! Lines that are a record each: of a category, author or tag, of pins, of a former slug, of
//! something that was deleted.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    domain::import::{
        FieldProblem,
        record::Reader,
        restore::{
            Restored,
            members::{count, finished, id, inner, kind_of, optional_slug, slug, time},
        },
    },
    model::{
        kind::Kind,
        name::{MAX_DESCRIPTION, MAX_NAME},
        record::{FormerSlugRecord, NameRecord, PinsRecord, TombstoneRecord},
        slug::is_slug,
        time::UtcTime,
    },
};

/// Pins, and exclusions, of one article at most.
const MAX_PINS: usize = 50;

/// Reads the line of a category, author or tag.
pub(super) fn name(value: &Value, kind: Kind) -> Result<Restored, Vec<FieldProblem>> {
    let valid: &[&str] = match kind {
        Kind::Category => &["kind", "slug", "name", "description", "parent", "record"],
        Kind::Author => &["kind", "slug", "name", "description", "avatar", "record"],
        _ => &["kind", "slug", "name", "description", "record"],
    };
    let mut reader = Reader::new(value, valid)?;
    let without_record = NameRecord {
        row: 0,
        kind,
        id: String::new(),
        slug: slug(&mut reader, "slug"),
        name: reader.required_text("name", MAX_NAME),
        description: reader.text("description", 0, MAX_DESCRIPTION),
        avatar: match kind {
            Kind::Author => reader.web_address("avatar"),
            _ => None,
        },
        parent: match kind {
            Kind::Category => optional_slug(&mut reader, "parent"),
            _ => None,
        },
        created_at: UtcTime::from_column(0),
        updated_at: UtcTime::from_column(0),
        version: 1,
        public: false,
    };
    let record = inner(&mut reader, value, "record", |record| {
        let valid = ["id", "created_at", "updated_at", "version", "public"];
        let mut reader = Reader::new(record, &valid)?;
        let record = NameRecord {
            id: id(&mut reader, "id"),
            created_at: time(&mut reader, "created_at"),
            updated_at: time(&mut reader, "updated_at"),
            version: count(&mut reader, "version"),
            public: reader.flag("public"),
            ..without_record
        };
        reader.finish(record)
    });
    finished(reader, record).map(Restored::Name)
}

/// Reads the line of an article's pins and exclusions.
pub(super) fn pins(value: &Value) -> Result<Restored, Vec<FieldProblem>> {
    let mut reader = Reader::new(value, &["kind", "article", "pinned", "excluded"])?;
    let record = PinsRecord {
        article: slug(&mut reader, "article"),
        pinned: slugs(&mut reader, "pinned"),
        excluded: slugs(&mut reader, "excluded"),
    };
    let is_twice = {
        let mut seen = HashSet::from([&record.article]);
        let mut both = record.pinned.iter().chain(&record.excluded);
        both.any(|slug| !seen.insert(slug))
    };
    if is_twice {
        reader.problem("", "names an article twice, or the article itself");
    }
    reader.finish(Restored::Pins(record))
}

fn slugs(reader: &mut Reader<'_>, member: &str) -> Vec<String> {
    let list = match reader.get(member).cloned() {
        None => return Vec::new(),
        Some(Value::Array(list)) if list.len() <= MAX_PINS => list,
        Some(_) => {
            let message = format!("must be a list of at most {MAX_PINS} slugs");
            reader.problem(format!("/{member}"), message);
            return Vec::new();
        }
    };
    let mut slugs = Vec::with_capacity(list.len());
    for (index, value) in list.iter().enumerate() {
        match value.as_str().filter(|text| is_slug(text)) {
            Some(slug) => slugs.push(slug.to_owned()),
            None => reader.problem(format!("/{member}/{index}"), "must be a slug"),
        }
    }
    slugs
}

/// Reads the line of a former slug.
pub(super) fn former_slug(value: &Value) -> Result<Restored, Vec<FieldProblem>> {
    let valid = ["kind", "of", "slug", "id", "public", "retired_at"];
    let mut reader = Reader::new(value, &valid)?;
    let record = FormerSlugRecord {
        kind: kind_of(&mut reader),
        slug: slug(&mut reader, "slug"),
        id: id(&mut reader, "id"),
        public: reader.flag("public"),
        retired_at: time(&mut reader, "retired_at"),
    };
    reader.finish(Restored::FormerSlug(record))
}

/// Reads the line of something that was deleted.
pub(super) fn tombstone(value: &Value) -> Result<Restored, Vec<FieldProblem>> {
    let valid = ["kind", "of", "id", "slug", "public", "deleted_at"];
    let mut reader = Reader::new(value, &valid)?;
    let record = TombstoneRecord {
        kind: kind_of(&mut reader),
        id: id(&mut reader, "id"),
        slug: slug(&mut reader, "slug"),
        public: reader.flag("public"),
        deleted_at: time(&mut reader, "deleted_at"),
    };
    reader.finish(Restored::Tombstone(record))
}
