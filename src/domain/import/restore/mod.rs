//! Lines of our own export: content with all that an exact copy of it needs. A file can come from
//! anyone, so every member is checked as if a stranger had sent it.

mod content;
mod exact;

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::{
    domain::import::{
        FieldProblem,
        record::{Defaults, Reader, article_input},
    },
    model::{
        article::{ArticleInput, Outcome, Status},
        kind::Kind,
        name::{MAX_DESCRIPTION, MAX_NAME},
        record::{
            Exact, FormerSlugRecord, NameRecord, PinsRecord, RevisionRecord, TombstoneRecord,
        },
        slug::{Key, is_slug},
        stamp::Stamp,
        time::UtcTime,
        words::nearest,
    },
    store::{self, Connection, StoreError, articles::Ready},
};

/// What a line says.
#[derive(Debug, Clone)]
pub enum Restored {
    /// A category, author or tag.
    Name(NameRecord),
    /// An article.
    Article {
        /// The article, ready for the store.
        ready: Box<Ready>,
        /// What only an exact copy of it needs.
        exact: Box<Exact>,
    },
    /// A revision of an article whose revisions are too long for its own line.
    Revision {
        /// The article's id.
        article: String,
        /// The revision.
        revision: RevisionRecord,
    },
    /// What editors say of an article's related ones.
    Pins(PinsRecord),
    /// A former slug of a category, author or tag, or of what was deleted.
    FormerSlug(FormerSlugRecord),
    /// Something that was deleted.
    Tombstone(TombstoneRecord),
}

impl Restored {
    /// Bytes of the content that it holds.
    pub fn size(&self) -> usize {
        let of = |revision: &RevisionRecord| revision.content.as_ref().map_or(0, String::len);
        match self {
            Self::Article { ready, exact } => {
                ready.size() + exact.revisions.iter().map(of).sum::<usize>()
            }
            Self::Revision { revision, .. } => of(revision),
            _ => 0,
        }
    }
}

/// The kinds of lines.
const KINDS: [&str; 8] = [
    "category",
    "author",
    "tag",
    "article",
    "revision",
    "pins",
    "former_slug",
    "tombstone",
];
/// Pins, and exclusions, of one article at most.
const MAX_PINS: usize = 50;
/// The highest version, and the highest number of a revision.
const MAX_COUNT: i64 = 9_007_199_254_740_991;

/// Whether a line is one of an export, and not an article as writers send it.
pub fn is_restored(value: &Value) -> bool {
    value.get("kind").is_some()
}

/// Reads a line of an export; names everything that is wrong with it.
pub fn line(value: &Value) -> Result<Restored, Vec<FieldProblem>> {
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or("");
    match kind {
        "category" => name(value, Kind::Category),
        "author" => name(value, Kind::Author),
        "tag" => name(value, Kind::Tag),
        "article" => article(value),
        "revision" => exact::own_line(value),
        "pins" => pins(value),
        "former_slug" => former_slug(value),
        "tombstone" => tombstone(value),
        _ => Err(vec![FieldProblem {
            pointer: "/kind".to_owned(),
            message: format!(
                "must be one of {}; an article as writers send it has none",
                KINDS.join(", ")
            ),
            suggestion: nearest(kind, KINDS),
        }]),
    }
}

/// Puts back what a line says, where nothing is known of it. Gives what became of an article.
pub fn put(
    connection: &mut Connection,
    restored: &Restored,
    stamp: &Stamp,
) -> Result<Option<Outcome>, StoreError> {
    match restored {
        Restored::Name(name) => store::records::restore_name(connection, name, stamp)?,
        Restored::Article { ready, exact } => {
            return store::articles::restore(connection, ready, exact, stamp).map(Some);
        }
        Restored::Revision { article, revision } => {
            store::articles::restore_revision(connection, article, revision)?;
        }
        Restored::Pins(pins) => store::records::restore_pins(connection, pins)?,
        Restored::FormerSlug(former) => store::records::restore_former_slug(connection, former)?,
        Restored::Tombstone(tombstone) => {
            store::records::restore_tombstone(connection, tombstone, stamp)?;
        }
    }
    Ok(None)
}

fn name(value: &Value, kind: Kind) -> Result<Restored, Vec<FieldProblem>> {
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

fn article(value: &Value) -> Result<Restored, Vec<FieldProblem>> {
    let exact = match value.get("record") {
        Some(record) => exact::exact(record).map_err(|inner| below("/record", inner)),
        None => Err(vec![problem(
            "/record",
            "is required; an article without one has no kind",
        )]),
    };
    let input = plain_article(value);
    let (exact, input) = match (exact, input) {
        (Ok(exact), Ok(input)) => (exact, input),
        (exact, input) => {
            let mut problems = exact.err().unwrap_or_default();
            problems.extend(input.err().unwrap_or_default());
            return Err(problems);
        }
    };
    check(&input, &exact)?;
    let language = input.language.clone().unwrap_or_default();
    let ready = Ready::new(input, &language);
    let ready = ready.map_err(|cause| vec![problem("", &cause.to_string())])?;
    Ok(Restored::Article {
        ready: Box::new(ready),
        exact: Box::new(exact),
    })
}

/// The members that any import knows. Two things are as they are and no fault: an article without
/// text, and one whose time came after it was exported.
fn plain_article(value: &Value) -> Result<ArticleInput, Vec<FieldProblem>> {
    let members = value.as_object().into_iter().flatten();
    let is_scheduled = value.get("status").and_then(Value::as_str) == Some("scheduled");
    let blocks = value.pointer("/body/blocks").and_then(Value::as_array);
    let is_empty = blocks.is_some_and(Vec::is_empty);
    let is_plain = |name: &str| match name {
        "kind" | "record" => false,
        "status" => !is_scheduled,
        "body" => !is_empty,
        _ => true,
    };
    let members = members.filter(|(name, _)| is_plain(name));
    let plain: Map<String, Value> = members
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let defaults = Defaults {
        status: None,
        body: is_empty.then(Vec::new),
    };
    let mut input = article_input(&Value::Object(plain), defaults)?;
    if is_scheduled {
        input.status = Some(Status::Scheduled);
    }
    let provisional = value.pointer("/record/title_provisional");
    input.title_provisional = provisional.and_then(Value::as_bool).unwrap_or(false);
    Ok(input)
}

/// What must be there, and what must agree.
fn check(input: &ArticleInput, exact: &Exact) -> Result<(), Vec<FieldProblem>> {
    let was_seen = exact.first_published_at.is_some();
    let is_out = matches!(input.status, Some(Status::Published | Status::Scheduled));
    let rules = [
        ("/slug", "is required", input.slug.is_some()),
        ("/status", "is required", input.status.is_some()),
        ("/language", "is required", input.language.is_some()),
        (
            "/published_at",
            "is required of what is published or scheduled",
            !is_out || input.published_at.is_some(),
        ),
        (
            "/record/first_published_at",
            "is required of what is published",
            input.status != Some(Status::Published) || was_seen,
        ),
        (
            "/record/public_slug",
            "must be there if, and only if, first_published_at is",
            exact.public_slug.is_some() == was_seen,
        ),
    ];
    let broken = rules.iter().filter(|(_, _, holds)| !holds);
    let problems: Vec<FieldProblem> = broken
        .map(|(pointer, message, _)| problem(pointer, message))
        .collect();
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems),
    }
}

fn pins(value: &Value) -> Result<Restored, Vec<FieldProblem>> {
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

fn former_slug(value: &Value) -> Result<Restored, Vec<FieldProblem>> {
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

fn tombstone(value: &Value) -> Result<Restored, Vec<FieldProblem>> {
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

fn kind_of(reader: &mut Reader<'_>) -> Kind {
    let word = reader.text("of", 0, 20).unwrap_or_default();
    Kind::parse(&word).unwrap_or_else(|| {
        let valid = Kind::ALL.map(Kind::as_str).join(", ");
        reader.problem("/of", format!("must be one of {valid}"));
        Kind::Article
    })
}

fn problem(pointer: &str, message: &str) -> FieldProblem {
    FieldProblem {
        pointer: pointer.to_owned(),
        message: message.to_owned(),
        suggestion: None,
    }
}

/// Problems of a part, as those of the whole.
fn below(pointer: &str, problems: Vec<FieldProblem>) -> Vec<FieldProblem> {
    let moved = |inner: FieldProblem| FieldProblem {
        pointer: format!("{pointer}{}", inner.pointer),
        ..inner
    };
    problems.into_iter().map(moved).collect()
}

/// A part that must be there.
fn inner<T>(
    reader: &mut Reader<'_>,
    whole: &Value,
    member: &str,
    read: impl FnOnce(&Value) -> Result<T, Vec<FieldProblem>>,
) -> Option<T> {
    let pointer = format!("/{member}");
    let Some(part) = whole.get(member) else {
        reader.problem(pointer, "is required");
        return None;
    };
    match read(part) {
        Ok(part) => Some(part),
        Err(problems) => {
            for inner in below(&pointer, problems) {
                reader.problem(inner.pointer, inner.message);
            }
            None
        }
    }
}

/// A whole of which one part may have been wrong, which the reader knows then.
fn finished<T>(reader: Reader<'_>, whole: Option<T>) -> Result<T, Vec<FieldProblem>> {
    reader.finish(())?;
    whole.ok_or_else(Vec::new)
}

fn id(reader: &mut Reader<'_>, member: &str) -> String {
    let text = reader.text(member, 0, 36).unwrap_or_default();
    if Key::new(&text) != Key::Id(text.clone()) {
        reader.problem(format!("/{member}"), "must be a UUID in lower case");
    }
    text
}

fn slug(reader: &mut Reader<'_>, member: &str) -> String {
    let slug = optional_slug(reader, member);
    if slug.is_none() && reader.get(member).is_none() {
        reader.problem(format!("/{member}"), "is required");
    }
    slug.unwrap_or_default()
}

fn optional_slug(reader: &mut Reader<'_>, member: &str) -> Option<String> {
    let text = reader.text(member, 0, 120)?;
    if !is_slug(&text) {
        let message = "must be lower-case ASCII words joined by single hyphens, and no UUID";
        reader.problem(format!("/{member}"), message);
        return None;
    }
    Some(text)
}

fn time(reader: &mut Reader<'_>, member: &str) -> UtcTime {
    let time = reader.time(member);
    if time.is_none() && reader.get(member).is_none() {
        reader.problem(format!("/{member}"), "is required");
    }
    time.unwrap_or(UtcTime::from_column(0))
}

fn count(reader: &mut Reader<'_>, member: &str) -> i64 {
    let number = reader.number(member, MAX_COUNT);
    if number.is_none() && reader.get(member).is_none() {
        reader.problem(format!("/{member}"), "is required");
    }
    number.unwrap_or(1)
}
