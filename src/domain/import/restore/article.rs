//! The line of an article: what any import knows of it, and its record; both must be right and
//! agree.

use serde_json::{Map, Value};

use crate::{
    domain::import::{
        FieldProblem,
        record::{Defaults, article_input},
        restore::{
            Restored, exact,
            members::{below, problem},
        },
    },
    model::{
        article::{ArticleInput, Status},
        record::Exact,
    },
    store::articles::Ready,
};

/// Reads the line of an article.
pub(super) fn article(value: &Value) -> Result<Restored, Vec<FieldProblem>> {
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
