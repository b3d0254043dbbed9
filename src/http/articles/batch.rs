//! Many articles at once over HTTP.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    post,
    web::{Data, Payload},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::{
    domain::import::Defaults,
    http::{
        articles::{
            input::ArticleInputDoc,
            publication::refuse_unknown,
            write::{may_publish, ready},
        },
        auth::{Allowed, Write},
        code::Code,
        long::aside_for_writer,
        payload::MAX_ARTICLE,
        problem::{FieldError, Problem},
        query::Query,
        state::State,
        write::{Answer, Call, json},
    },
    model::{article::Outcome, caller::Caller, stamp::Stamp},
    store::{
        self, Connection,
        articles::{Ready, Saved},
    },
};

/// Articles of a batch, at most.
const MAX_ARTICLES: usize = 1_000;
/// Bytes of a batch, at most.
const MAX_BATCH: usize = 4 * MAX_ARTICLE;

/// Parameters of a batch.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct BatchParams {
    /// All or nothing; with `false`, each article for itself.
    #[param(default = true)]
    atomic: Option<bool>,
}

/// Articles to put in.
#[derive(ToSchema)]
#[schema(as = BatchInput)]
#[expect(dead_code, reason = "describes what is sent")]
struct BatchInputDoc {
    /// All or nothing, as the parameter of the same name.
    atomic: Option<bool>,
    /// The articles; one that is known by its external id, or else by its slug, is replaced.
    #[schema(min_items = 1, max_items = 1000)]
    articles: Vec<ArticleInputDoc>,
}

/// What became of one article of a batch.
#[derive(Debug, Serialize, ToSchema)]
struct BatchItem {
    /// Its place in the batch, from 0.
    #[schema(minimum = 0, maximum = 999)]
    index: i64,
    /// The status that it would have got by itself.
    #[schema(minimum = 200, maximum = 599)]
    status: i32,
    /// What became of it.
    #[schema(schema_with = outcome_schema)]
    outcome: &'static str,
    /// Its id; null when it was refused.
    #[schema(required, format = "uuid", max_length = 36)]
    id: Option<String>,
    /// Its slug; null when it was refused.
    #[schema(required, max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: Option<String>,
    /// Why it was refused; null when it was not.
    #[schema(required)]
    problem: Option<BatchProblem>,
}

/// Why an article of a batch was refused.
#[derive(Debug, Serialize, ToSchema)]
struct BatchProblem {
    /// A stable word for programs.
    #[schema(max_length = 40, pattern = "^[a-z_]+$")]
    code: String,
    /// What happened.
    #[schema(max_length = 20000, pattern = r"^[^\u0000]*$")]
    detail: String,
    /// The members at fault, with pointers into the article.
    #[schema(max_items = 1000)]
    errors: Vec<FieldError>,
}

fn outcome_schema() -> utoipa::openapi::schema::Object {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(["created", "updated", "unchanged", "refused"]))
        .description(Some("What became of it."))
        .build()
}

/// What became of a batch.
#[derive(Debug, Default, Serialize, ToSchema)]
struct BatchAnswer {
    /// One item for each article, in their order.
    #[schema(max_items = 1000)]
    data: Vec<BatchItem>,
    /// Articles that were new.
    #[schema(minimum = 0, maximum = 1000)]
    created: i64,
    /// Articles that were known and changed.
    #[schema(minimum = 0, maximum = 1000)]
    updated: i64,
    /// Articles that were known and stayed as they were.
    #[schema(minimum = 0, maximum = 1000)]
    unchanged: i64,
    /// Articles that were not taken.
    #[schema(minimum = 0, maximum = 1000)]
    refused: i64,
}

impl BatchAnswer {
    fn add(&mut self, index: usize, outcome: Result<Saved, Problem>) {
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        let item = match outcome {
            Ok(saved) => {
                let (word, status, count) = match saved.outcome {
                    Outcome::Created => ("created", 201, &mut self.created),
                    Outcome::Updated => ("updated", 200, &mut self.updated),
                    Outcome::Unchanged => ("unchanged", 200, &mut self.unchanged),
                };
                *count += 1;
                BatchItem {
                    index,
                    status,
                    outcome: word,
                    id: Some(saved.id),
                    slug: Some(saved.slug),
                    problem: None,
                }
            }
            Err(problem) => {
                self.refused += 1;
                BatchItem {
                    index,
                    status: i32::from(problem.code.status().as_u16()),
                    outcome: "refused",
                    id: None,
                    slug: None,
                    problem: Some(BatchProblem {
                        code: problem.code.as_str().to_owned(),
                        detail: problem.detail,
                        errors: problem.errors,
                    }),
                }
            }
        };
        self.data.push(item);
    }
}

/// Create or replace many articles
///
/// Up to 1,000. One that is known by its external id, or else by its slug, is replaced, the others
/// are made; two different ones under one such key are refused. All are taken or none; with
/// `atomic=false` each is taken or refused for itself, and the answer says which.
#[utoipa::path(
    operation_id = "batch_articles",
    tag = "articles",
    security(("token" = ["content:write"])),
    params(BatchParams),
    request_body(content = BatchInputDoc, content_type = "application/json"),
    responses((status = 200, description = "What became of each.", body = BatchAnswer))
)]
#[post("/v1/articles/batch")]
pub(in crate::http) async fn batch_articles(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Write>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::of::<BatchParams>(&request)?;
    let by_parameter = query.flag("atomic");
    query.finish()?;
    let call = Call::new(request, state, allowed.caller);
    let sent = call.sent(payload, MAX_BATCH).await?;
    let digest = sent.digest.clone();
    let (articles, at, by_member) = articles(sent.value)?;
    if let (Some(one), Some(other)) = (by_parameter, by_member)
        && one != other
    {
        let message = "says something else than the parameter of the same name";
        return Err(Problem::member(Code::InvalidBody, "/atomic", message));
    }
    let atomic = by_parameter.or(by_member).unwrap_or(true);
    let language = call.state.default_language.clone();
    let read = aside_for_writer(move || {
        let ready = |value: &Value| ready(value, Defaults::default(), &language);
        Ok(articles.iter().map(ready).collect::<Vec<_>>())
    });
    let mut read: Vec<Result<Ready, Problem>> = read.await?;
    refuse_others_of_one_key(&mut read);
    if atomic {
        refuse_all(&read, at)?;
    }
    let caller = call.caller.clone();
    call.write(&digest, move |connection, stamp, _| {
        let mut answer = BatchAnswer::default();
        for (index, ready) in read.into_iter().enumerate() {
            let taken = ready.and_then(|ready| {
                store::attempt(connection, |inner| take(inner, &ready, &caller, stamp))
            });
            match taken {
                Err(problem) if atomic || problem.code.status().is_server_error() => {
                    return Err(placed(problem, &format!("{at}/{index}")));
                }
                taken => answer.add(index, taken),
            }
        }
        Ok(Answer::plain(StatusCode::OK, json(&answer)?))
    })
    .await
}

/// The articles that were sent, as a list or in an object; the pointer to the list; and what the
/// object says of all or nothing.
fn articles(sent: Value) -> Result<(Vec<Value>, &'static str, Option<bool>), Problem> {
    let refused = |pointer, message: &str| Problem::member(Code::InvalidBody, pointer, message);
    if sent.is_object() {
        refuse_unknown(&sent, &["articles", "atomic"])?;
    }
    let (list, at, atomic) = match sent {
        Value::Array(list) => (list, "", None),
        Value::Object(mut members) => {
            let atomic = match members.get("atomic") {
                None | Some(Value::Null) => None,
                Some(Value::Bool(atomic)) => Some(*atomic),
                Some(_) => return Err(refused("/atomic", "must be true or false")),
            };
            match members.remove("articles") {
                Some(Value::Array(list)) => (list, "/articles", atomic),
                _ => return Err(refused("/articles", "is required: a list of articles")),
            }
        }
        _ => {
            return Err(refused(
                "",
                "must be a list of articles, or an object that holds it",
            ));
        }
    };
    match (1..=MAX_ARTICLES).contains(&list.len()) {
        true => Ok((list, at, atomic)),
        false => Err(refused(at, "must have 1 to 1000 articles")),
    }
}

/// What goes under one external id, or else under one slug, must be one article: the last one would
/// else take the place of those before it, which were answered as if they were there.
fn refuse_others_of_one_key(read: &mut [Result<Ready, Problem>]) {
    let mut firsts = HashMap::new();
    for (index, item) in read.iter_mut().enumerate() {
        let Ok(ready) = &*item else {
            continue;
        };
        let input = ready.input();
        let (member, key) = match (&input.external_id, &input.slug) {
            (Some(id), _) => ("/external_id", id.clone()),
            (None, Some(slug)) => ("/slug", slug.clone()),
            (None, None) => continue,
        };
        let what = (input.title.clone(), ready.body_hash().to_owned());
        let (first, known) = firsts
            .entry((member, key))
            .or_insert_with(|| (index, what.clone()));
        if *known != what {
            let message = format!("is that of another article of this batch, number {first}");
            *item = Err(Problem::member(Code::InvalidBody, member, message));
        }
    }
}

/// Fails when one can't be read, and tells of all of them.
fn refuse_all(read: &[Result<Ready, Problem>], at: &str) -> Result<(), Problem> {
    let wrong = read.iter().enumerate().filter_map(|(index, ready)| {
        let problem = ready.as_ref().err()?.clone();
        Some(placed(problem, &format!("{at}/{index}")))
    });
    let errors: Vec<FieldError> = wrong.flat_map(|problem| problem.errors).collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Problem::errors(errors)),
    }
}

/// The same problem, with pointers into the batch.
fn placed(mut problem: Problem, at: &str) -> Problem {
    for error in &mut problem.errors {
        let inner = error.pointer.take().unwrap_or_default();
        error.pointer = Some(format!("{at}{inner}"));
    }
    if problem.errors.is_empty() && problem.code.status().is_client_error() {
        problem
            .errors
            .push(FieldError::member(at, problem.detail.clone()));
    }
    problem
}

fn take(
    connection: &mut Connection,
    ready: &Ready,
    caller: &Caller,
    stamp: &Stamp,
) -> Result<Saved, Problem> {
    let saved = store::articles::put(connection, ready, stamp)?;
    may_publish(caller, &saved)?;
    Ok(saved)
}
