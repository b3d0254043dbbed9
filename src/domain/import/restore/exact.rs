//! What only an exact copy of an article needs: times, addresses, revisions.

use serde_json::Value;

use crate::{
    domain::import::{
        FieldProblem,
        record::Reader,
        restore::{
            Restored, content,
            members::{below, count, id, inner, optional_slug, problem, slug, time},
        },
    },
    model::{
        article::{MAX_NOTE, MAX_TITLE},
        record::{Exact, FormerSlug, RevisionRecord},
    },
};

/// Members of a record of an article.
const MEMBERS: [&str; 11] = [
    "id",
    "title_provisional",
    "first_published_at",
    "created_at",
    "modified_at",
    "updated_at",
    "version",
    "public_slug",
    "former_slugs",
    "former_paths",
    "revisions",
];
/// Members of a revision.
const OF_REVISION: [&str; 6] = ["number", "saved_at", "saved_by", "note", "title", "content"];
/// Former slugs, and former paths, of one article at most.
const MAX_FORMER: usize = 10_000;
/// Characters of a former path, at most.
const MAX_PATH: usize = 4_000;
/// Characters of the name of who saved something, at most.
const MAX_ACTOR: usize = 1_000;

/// Reads the record of an article.
pub(super) fn exact(value: &Value) -> Result<Exact, Vec<FieldProblem>> {
    let mut reader = Reader::new(value, &MEMBERS)?;
    let revisions = inner(&mut reader, value, "revisions", revisions);
    let exact = Exact {
        id: id(&mut reader, "id"),
        title_provisional: reader.flag("title_provisional"),
        first_published_at: reader.time("first_published_at"),
        created_at: time(&mut reader, "created_at"),
        modified_at: time(&mut reader, "modified_at"),
        updated_at: time(&mut reader, "updated_at"),
        version: count(&mut reader, "version"),
        public_slug: optional_slug(&mut reader, "public_slug"),
        former_slugs: list(&mut reader, value, "former_slugs", former_slug),
        former_paths: list(&mut reader, value, "former_paths", former_path),
        revisions: revisions.unwrap_or_default(),
    };
    reader.finish(exact)
}

/// A list that may be missing, each of its items read alike.
fn list<T>(
    reader: &mut Reader<'_>,
    whole: &Value,
    member: &str,
    read: impl Fn(&Value) -> Result<T, Vec<FieldProblem>>,
) -> Vec<T> {
    let items = match whole.get(member) {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Array(items)) if items.len() <= MAX_FORMER => items,
        Some(_) => {
            let message = format!("must be a list of at most {MAX_FORMER}");
            reader.problem(format!("/{member}"), message);
            return Vec::new();
        }
    };
    let mut found = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match read(item) {
            Ok(item) => found.push(item),
            Err(problems) => {
                for inner in below(&format!("/{member}/{index}"), problems) {
                    reader.problem(inner.pointer, inner.message);
                }
            }
        }
    }
    found
}

fn former_slug(value: &Value) -> Result<FormerSlug, Vec<FieldProblem>> {
    let mut reader = Reader::new(value, &["slug", "public", "retired_at"])?;
    let former = FormerSlug {
        slug: slug(&mut reader, "slug"),
        public: reader.flag("public"),
        retired_at: time(&mut reader, "retired_at"),
    };
    reader.finish(former)
}

fn former_path(value: &Value) -> Result<String, Vec<FieldProblem>> {
    let is_path = |path: &&str| {
        path.starts_with('/')
            && (2..=MAX_PATH).contains(&path.chars().count())
            && !path.contains(['\0', '?', '#'])
    };
    let path = value.as_str().filter(is_path).map(str::to_owned);
    path.ok_or_else(|| vec![problem("", "must be a path that begins with /")])
}

/// Every revision from some number on; the last is what the article is now.
fn revisions(value: &Value) -> Result<Vec<RevisionRecord>, Vec<FieldProblem>> {
    let Value::Array(items) = value else {
        return Err(vec![problem("", "must be a list")]);
    };
    let mut found: Vec<RevisionRecord> = Vec::with_capacity(items.len().min(1_000));
    for (index, item) in items.iter().enumerate() {
        let at = |problems| below(&format!("/{index}"), problems);
        let revision = revision(item, &OF_REVISION).map_err(at)?;
        if found
            .last()
            .is_some_and(|last| last.number + 1 != revision.number)
        {
            return Err(at(vec![problem("/number", "must follow the one before")]));
        }
        if (index + 1 == items.len()) != revision.content.is_none() {
            let message = "must be there for all but the last, which is what the article is";
            return Err(at(vec![problem("/content", message)]));
        }
        found.push(revision);
    }
    match found.is_empty() {
        true => Err(vec![problem("", "must have at least one")]),
        false => Ok(found),
    }
}

fn revision(value: &Value, valid: &[&str]) -> Result<RevisionRecord, Vec<FieldProblem>> {
    let mut reader = Reader::new(value, valid)?;
    let content = match reader.get("content").is_some() {
        true => inner(&mut reader, value, "content", content::stored),
        false => None,
    };
    let revision = RevisionRecord {
        number: count(&mut reader, "number"),
        saved_at: time(&mut reader, "saved_at"),
        saved_by: reader.required_text("saved_by", MAX_ACTOR),
        note: reader.text("note", 0, MAX_NOTE),
        title: reader.required_text("title", MAX_TITLE),
        content,
    };
    reader.finish(revision)
}

/// Reads a revision that has a line of its own.
pub(super) fn own_line(value: &Value) -> Result<Restored, Vec<FieldProblem>> {
    let valid: Vec<&str> = ["kind", "article"].into_iter().chain(OF_REVISION).collect();
    let revision = revision(value, &valid)?;
    let mut reader = Reader::new(value, &valid)?;
    let article = id(&mut reader, "article");
    if revision.content.is_none() {
        reader.problem("/content", "is required");
    }
    reader.finish(Restored::Revision { article, revision })
}
