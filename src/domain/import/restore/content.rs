//! What an article was at a save, as a file tells it: held to the rules of articles.

use serde_json::{Map, Value, json};

use crate::{
    domain::import::{
        FieldProblem,
        record::{Defaults, article_input, is_address},
        restore::members::problem,
    },
    model::{
        block::plain_text,
        name::MAX_NAME,
        slug::{Key, is_slug},
        time::UtcTime,
        words::count,
    },
    store::articles::RevisionContent,
};

/// Members that an article and a revision of it have alike.
const ALIKE: [&str; 8] = [
    "slug",
    "title",
    "summary",
    "image",
    "language",
    "featured",
    "canonical_url",
    "reading_minutes",
];
/// Names of one kind that an article carries, at most.
const MAX_CARRIED: usize = 50;

/// The content as it is stored: checked, its body sanitised.
pub(super) fn stored(value: &Value) -> Result<String, Vec<FieldProblem>> {
    if has_nul(value) {
        return Err(vec![problem("", "can't contain the character U+0000")]);
    }
    let content: RevisionContent = serde_json::from_value(value.clone())
        .map_err(|cause| vec![problem("", &format!("is not what an article was: {cause}"))])?;
    let mut members = Map::new();
    for name in ALIKE {
        let member = value.get(name).cloned().unwrap_or_default();
        members.insert(name.to_owned(), member);
    }
    if !content.body.is_empty() {
        let blocks = value.get("body").cloned().unwrap_or_default();
        members.insert("body".to_owned(), json!({ "blocks": blocks }));
    }
    let defaults = Defaults {
        status: None,
        body: Some(Vec::new()),
    };
    let input = article_input(&Value::Object(members), defaults)?;
    check_names(&content)?;
    let dates = content.published_at.map(UtcTime::from_millis);
    if dates.is_some_and(|date| date.is_none()) {
        return Err(vec![problem("/published_at", "is out of range")]);
    }
    let content = RevisionContent {
        word_count: count(&plain_text(&input.body)),
        body: input.body,
        ..content
    };
    serde_json::to_string(&content)
        .map_err(|cause| vec![problem("", &format!("can't be stored: {cause}"))])
}

/// Names are shown as they were, so they are held to what names may be.
fn check_names(content: &RevisionContent) -> Result<(), Vec<FieldProblem>> {
    let is_name = |id: &str, slug: &str, name: &str| {
        let is_id = Key::new(id) == Key::Id(id.to_owned());
        is_id && is_slug(slug) && (1..=MAX_NAME).contains(&name.chars().count())
    };
    let wrong = |member: &str| vec![problem(member, "must have an id, a slug and a name each")];
    let category = content.category.as_ref();
    if category.is_some_and(|one| {
        !(is_name(&one.id, &one.slug, &one.name) && one.path.split('/').all(is_slug))
    }) {
        return Err(wrong("/category"));
    }
    let tags = &content.tags;
    let is_wrong = tags
        .iter()
        .any(|one| !is_name(&one.id, &one.slug, &one.name));
    if is_wrong || tags.len() > MAX_CARRIED {
        return Err(wrong("/tags"));
    }
    let authors = &content.authors;
    let is_wrong = authors.iter().any(|one| {
        let has_portrait = one.avatar.as_ref().is_none_or(|avatar| is_address(avatar));
        !(is_name(&one.id, &one.slug, &one.name) && has_portrait)
    });
    if is_wrong || authors.len() > MAX_CARRIED {
        return Err(wrong("/authors"));
    }
    Ok(())
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.values().any(has_nul),
        _ => false,
    }
}
