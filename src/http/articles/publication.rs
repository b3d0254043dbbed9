//! The steps of an article's life over HTTP.

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Payload},
};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    http::{
        articles::{
            ArticleOut,
            write::{current, same, shown},
        },
        auth::{Allowed, Publish},
        code::Code,
        payload::MAX_SMALL,
        problem::{FieldError, Problem},
        query::Query,
        state::State,
        stop::Stop,
        write::{Answer, Call, Seen},
    },
    model::{time::UtcTime, words::nearest},
    store::{self, articles::StatusChange},
};

/// When a scheduled article goes live.
#[derive(ToSchema)]
#[schema(as = ScheduleInput)]
#[expect(dead_code, reason = "describes what is sent")]
struct ScheduleInputDoc {
    /// A time that lies ahead (RFC 3339).
    #[schema(format = DateTime, max_length = 64)]
    at: String,
}

/// Publish an article
///
/// It is visible from now on. Its editorial date is now, unless one was set before. Publishing
/// what is published changes nothing. With `If-Match`, only in the state that was read.
#[utoipa::path(
    operation_id = "publish_article",
    tag = "articles",
    security(("token" = ["content:publish"])),
    params(("key" = String, Path, description = "Id or slug of the article.", max_length = 200)),
    responses((status = 200, description = "It is published.", body = ArticleOut))
)]
#[post("/v1/articles/{key}/publish")]
pub(in crate::http) async fn publish_article(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Publish>,
    payload: Payload,
) -> Result<HttpResponse, Stop> {
    step(Call::new(request, state, allowed.caller), payload, |sent| {
        no_members(sent).map(|()| StatusChange::Publish)
    })
    .await
}

/// Unpublish an article
///
/// It is visible no longer, and its address answers 410. A scheduled one does not go live.
#[utoipa::path(
    operation_id = "unpublish_article",
    tag = "articles",
    security(("token" = ["content:publish"])),
    params(("key" = String, Path, description = "Id or slug of the article.", max_length = 200)),
    responses((status = 200, description = "It is not published.", body = ArticleOut))
)]
#[post("/v1/articles/{key}/unpublish")]
pub(in crate::http) async fn unpublish_article(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Publish>,
    payload: Payload,
) -> Result<HttpResponse, Stop> {
    step(Call::new(request, state, allowed.caller), payload, |sent| {
        no_members(sent).map(|()| StatusChange::Unpublish)
    })
    .await
}

/// Schedule an article
///
/// It goes live by itself at the time given, once, whatever happens to the server until then.
/// Scheduling it again moves the time.
#[utoipa::path(
    operation_id = "schedule_article",
    tag = "articles",
    security(("token" = ["content:publish"])),
    params(("key" = String, Path, description = "Id or slug of the article.", max_length = 200)),
    request_body(content = ScheduleInputDoc, content_type = "application/json"),
    responses((status = 200, description = "It is scheduled.", body = ArticleOut))
)]
#[post("/v1/articles/{key}/schedule")]
pub(in crate::http) async fn schedule_article(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Publish>,
    payload: Payload,
) -> Result<HttpResponse, Stop> {
    step(Call::new(request, state, allowed.caller), payload, |sent| {
        refuse_unknown(sent, &["at"])?;
        let at = sent
            .get("at")
            .and_then(Value::as_str)
            .and_then(UtcTime::parse);
        at.map(StatusChange::Schedule).ok_or_else(|| {
            let message = "must be an RFC 3339 time such as 2026-08-09T12:00:00Z";
            Problem::member(Code::InvalidBody, "/at", message)
        })
    })
    .await
}

fn no_members(sent: &Value) -> Result<(), Problem> {
    refuse_unknown(sent, &[])
}

/// Checks that what was sent is an object of these members and no others.
pub(in crate::http) fn refuse_unknown(sent: &Value, valid: &[&str]) -> Result<(), Problem> {
    let Value::Object(members) = sent else {
        return Err(Problem::member(Code::InvalidBody, "", "must be an object"));
    };
    let unknown = members
        .keys()
        .filter(|name| !valid.contains(&name.as_str()));
    let error = |name: &String| FieldError {
        suggestion: nearest(name, valid.iter().copied()),
        ..FieldError::member(
            &format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            match valid.is_empty() {
                true => "is not known; there are no members here".to_owned(),
                false => format!("is not known; valid are {}", valid.join(", ")),
            },
        )
    };
    let errors: Vec<FieldError> = unknown.map(error).collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Problem::errors(errors)),
    }
}

async fn step(
    call: Call,
    payload: Payload,
    change: fn(&Value) -> Result<StatusChange, Problem>,
) -> Result<HttpResponse, Stop> {
    Query::none(&call.request)?;
    let sent = call.sent(payload, MAX_SMALL).await?;
    let digest = sent.digest.clone();
    let change = change(&sent.object_or_nothing())?;
    let article = current(&call, false).await?;
    // A step overwrites nothing that another wrote, so only who names a state is held to it.
    let seen = call.seen().unwrap_or(Seen::Any);
    let done = call.write(&digest, move |connection, stamp, state| {
        let (row, version) = same(connection, &article.id, &seen)?;
        store::articles::set_status(connection, row, Some(version), change, stamp)?;
        Ok(Answer::ok(shown(state, connection, &article.id)?))
    });
    Ok(done.await?)
}
