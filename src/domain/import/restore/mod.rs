//! Lines of our own export: content with all that an exact copy of it needs. A file can come from
//! anyone, so every member is checked as if a stranger had sent it.

mod article;
mod content;
mod exact;
mod members;
mod records;

use serde_json::Value;

use crate::{
    domain::import::FieldProblem,
    model::{
        article::Outcome,
        kind::Kind,
        record::{
            Exact, FormerSlugRecord, NameRecord, PinsRecord, RevisionRecord, TombstoneRecord,
        },
        stamp::Stamp,
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

/// Whether a line is one of an export, and not an article as writers send it.
pub fn is_restored(value: &Value) -> bool {
    value.get("kind").is_some()
}

/// Reads a line of an export; names everything that is wrong with it.
pub fn line(value: &Value) -> Result<Restored, Vec<FieldProblem>> {
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or("");
    match kind {
        "category" => records::name(value, Kind::Category),
        "author" => records::name(value, Kind::Author),
        "tag" => records::name(value, Kind::Tag),
        "article" => article::article(value),
        "revision" => exact::own_line(value),
        "pins" => records::pins(value),
        "former_slug" => records::former_slug(value),
        "tombstone" => records::tombstone(value),
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
