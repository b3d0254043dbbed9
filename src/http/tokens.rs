//! Tokens that are revoked before their time, over HTTP.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    post,
    web::{Data, Payload},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    http::{
        articles::publication::refuse_unknown,
        auth::{Admin, Allowed},
        code::Code,
        payload::MAX_SMALL,
        problem::Problem,
        query::Query,
        state::State,
        write::{Answer, Call, json},
    },
    model::caller::is_token_id,
    store,
};

/// A token to revoke.
#[derive(ToSchema)]
#[schema(as = RevokedTokenInput)]
#[expect(dead_code, reason = "describes what is sent")]
struct RevokedTokenInputDoc {
    /// The token's id (`jti`).
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\u0000]*$")]
    jti: String,
}

/// A token that was revoked.
#[derive(Debug, Serialize, ToSchema)]
struct RevokedToken {
    /// The token's id (`jti`).
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    jti: String,
    /// When it was revoked.
    #[schema(format = DateTime, max_length = 24)]
    revoked_at: String,
}

/// Revoke a token
///
/// By its id; it is refused from then on by every server on this database. A token without an id
/// can't be revoked, and ends when it expires.
#[utoipa::path(
    operation_id = "revoke_token",
    tag = "administration",
    security(("token" = ["content:admin"])),
    request_body(content = RevokedTokenInputDoc, content_type = "application/json"),
    responses((status = 200, description = "It is revoked.", body = RevokedToken))
)]
#[post("/v1/revoked-tokens")]
pub(super) async fn revoke_token(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Admin>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    Query::none(&request)?;
    let call = Call::new(request, state, allowed.caller);
    let sent = call.sent(payload, MAX_SMALL).await?;
    refuse_unknown(&sent.value, &["jti"])?;
    let jti = sent.value.get("jti").and_then(Value::as_str);
    let jti = jti
        .filter(|jti| is_token_id(jti))
        .map(str::to_owned)
        .ok_or_else(|| {
            let message = "is required: the id of a token, of 1 to 200 characters";
            Problem::member(Code::InvalidBody, "/jti", message)
        })?;
    call.write(&sent.digest, move |connection, stamp, _| {
        let at = store::tokens::revoke(connection, &jti, stamp)?;
        let answer = RevokedToken {
            jti,
            revoked_at: at.to_string(),
        };
        Ok(Answer::plain(StatusCode::OK, json(&answer)?))
    })
    .await
}
