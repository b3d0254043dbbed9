//! Preview links over HTTP: a draft shown to whoever has the link, for a while.

use actix_web::{
    HttpRequest, HttpResponse, delete, get,
    http::StatusCode,
    post,
    web::{Data, Payload},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    domain::token::preview::{PreviewClaims, sign_preview},
    http::{
        articles::{
            publication::refuse_unknown,
            write::{current, same},
        },
        auth::{Allowed, Write},
        code::Code,
        pagination::{PageInfo, PageLinks, describe_one},
        path::path_id,
        payload::MAX_SMALL,
        problem::Problem,
        query::Query,
        reply::Reply,
        state::State,
        stop::Stop,
        write::{Answer, Call, Seen, json},
    },
    model::{preview::PreviewLink, secret::SecretText, sight::Sight, time::UtcTime, whole::whole},
    store::{self, previews::LISTED_AT_MOST},
};

/// Seconds that a link lasts unless asked otherwise: a week.
const LASTS: i64 = 7 * 24 * 60 * 60;
/// The fewest and the most seconds that a link may last: a minute, and ninety days.
const MAY_LAST: std::ops::RangeInclusive<i64> = 60..=90 * 24 * 60 * 60;

/// How long a link lasts.
#[derive(ToSchema)]
#[schema(as = PreviewLinkInput)]
#[expect(dead_code, reason = "describes what is sent")]
struct PreviewLinkInputDoc {
    /// Seconds from now; a week unless given.
    #[schema(minimum = 60, maximum = 7776000)]
    expires_in: Option<i64>,
}

/// A preview link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewLink)]
struct PreviewLinkOut {
    /// Names the link, to take it back.
    #[schema(format = "uuid", max_length = 36)]
    id: String,
    /// When it was made.
    #[schema(format = DateTime, max_length = 24)]
    created_at: String,
    /// Who made it.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    created_by: String,
    /// When it ends.
    #[schema(format = DateTime, max_length = 24)]
    expires_at: String,
    /// When it was taken back; null while it was not.
    #[schema(required, format = DateTime, max_length = 24)]
    revoked_at: Option<String>,
}

impl From<&PreviewLink> for PreviewLinkOut {
    fn from(link: &PreviewLink) -> Self {
        Self {
            id: link.id.clone(),
            created_at: link.created_at.to_string(),
            created_by: link.created_by.clone(),
            expires_at: link.expires_at.to_string(),
            revoked_at: link.revoked_at.map(|time| time.to_string()),
        }
    }
}

/// A preview link that was just made, with its token, which is told this once.
#[derive(Serialize, ToSchema)]
struct NewPreviewLink {
    /// Names the link, to take it back.
    #[schema(format = "uuid", max_length = 36)]
    id: String,
    /// What `preview=` takes.
    #[schema(max_length = 2048, pattern = "^[A-Za-z0-9._-]+$")]
    token: String,
    /// The article's page on the public site with the token; the site passes it on.
    #[schema(max_length = 6000, pattern = r"^https?://")]
    url: String,
    /// The article's path in this API with the token.
    #[schema(max_length = 3000, pattern = "^/v1/")]
    api_path: String,
    /// When it ends.
    #[schema(format = DateTime, max_length = 24)]
    expires_at: String,
}

/// What is kept of a new link for whoever sends the same request again. Not its token, which would
/// then lie in the database, and in every copy of that: it is made anew, to the same bytes.
#[derive(Serialize, Deserialize)]
struct KeptLink {
    id: String,
    article_id: String,
    address: String,
    expires_at: i64,
}

impl KeptLink {
    /// The answer, with the token.
    fn signed(self, secret: &SecretText) -> Result<NewPreviewLink, Problem> {
        let expires_at = UtcTime::from_column(self.expires_at);
        let claims = PreviewClaims {
            link_id: self.id,
            article_id: self.article_id,
            expires_at,
        };
        let token = sign_preview(secret.reveal().as_bytes(), &claims)
            .map_err(|cause| Problem::internal(&cause))?;
        let sign = if self.address.contains('?') { '&' } else { '?' };
        Ok(NewPreviewLink {
            url: format!("{}{sign}preview={token}", self.address),
            api_path: format!("/v1/articles/{}?preview={token}", claims.article_id),
            id: claims.link_id,
            token,
            expires_at: expires_at.to_string(),
        })
    }
}

/// Preview links, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewLinkList {
    /// The links of the article; the hundred newest.
    #[schema(max_items = 100)]
    data: Vec<PreviewLinkOut>,
    /// The list has one page.
    page: PageInfo,
    /// The address of this list.
    links: PageLinks,
}

/// Create a preview link
///
/// A signed token that shows this article, whatever its status, on the endpoints that read it,
/// until it ends or is taken back. Whoever has it needs nothing else.
#[utoipa::path(
    operation_id = "create_preview_link",
    tag = "articles",
    security(("token" = ["content:write"])),
    params(("key" = String, Path, description = "Id or slug of the article.", max_length = 200)),
    request_body(content = PreviewLinkInputDoc, content_type = "application/json"),
    responses((status = 201, description = "The link.", body = NewPreviewLink))
)]
#[post("/v1/articles/{key}/preview-links")]
pub(super) async fn create_preview_link(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Write>,
    payload: Payload,
) -> Result<HttpResponse, Stop> {
    Query::none(&request)?;
    let call = Call::new(request, state, allowed.caller);
    let sent = call.sent(payload, MAX_SMALL).await?;
    let digest = sent.digest.clone();
    let sent = sent.object_or_nothing();
    refuse_unknown(&sent, &["expires_in"])?;
    let lasts = match sent.get("expires_in") {
        None | Some(Value::Null) => Some(LASTS),
        Some(value) => whole(value).filter(|seconds| MAY_LAST.contains(seconds)),
    };
    let lasts = lasts.ok_or_else(|| {
        let message = "must be a whole number of seconds from 60 to 7776000 (90 days)";
        Problem::member(Code::InvalidBody, "/expires_in", message)
    })?;
    let article = current(&call, false).await?;
    let secret = call.state.preview_secret().await?;
    let sign = |kept: &str| match serde_json::from_str::<KeptLink>(kept) {
        Ok(link) => json(&link.signed(&secret)?),
        // Kept by a former version, which kept the whole answer.
        Err(_) => Ok(kept.to_owned()),
    };
    let done = call.write_and(
        &digest,
        move |connection, stamp, state| {
            let millis = (stamp.at.millis() / 1_000 + lasts) * 1_000;
            let expires_at = UtcTime::from_column(millis);
            same(connection, &article.id, &Seen::Any)?;
            let link = store::previews::create(connection, &article, expires_at, stamp)?;
            let path = format!("/v1/articles/{}/preview-links/{}", article.id, link.id);
            let kept = KeptLink {
                id: link.id,
                address: state.site.article(&article),
                article_id: article.id,
                expires_at: expires_at.millis(),
            };
            Ok(Answer::plain(StatusCode::CREATED, json(&kept)?).at(path))
        },
        |answer| answer.completed(sign),
    );
    Ok(done.await?)
}

/// List preview links
///
/// Of an article, newest first, without their tokens.
#[utoipa::path(
    operation_id = "list_preview_links",
    tag = "articles",
    security(("token" = ["content:write"])),
    params(("key" = String, Path, description = "Id or slug of the article.", max_length = 200)),
    responses((status = 200, description = "The links.", body = PreviewLinkList))
)]
#[get("/v1/articles/{key}/preview-links")]
pub(super) async fn list_preview_links(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Write>,
) -> Result<Reply, Stop> {
    let query = Query::of::<NoParams>(&request)?.finish()?;
    let call = Call::new(request, state, allowed.caller);
    let article = current(&call, false).await?;
    let found = call
        .state
        .read(Sight::Desk, move |reader| {
            store::previews::list(reader, &article)
        })
        .await?;
    let (page, links) = describe_one(&query, call.request.path(), LISTED_AT_MOST, None);
    let answer = PreviewLinkList {
        data: found.iter().map(PreviewLinkOut::from).collect(),
        page,
        links,
    };
    Ok(Reply::json(&answer)?)
}

/// No parameters.
#[derive(utoipa::IntoParams)]
struct NoParams {}

/// Get a preview link
///
/// Without its token.
#[utoipa::path(
    operation_id = "get_preview_link",
    tag = "articles",
    security(("token" = ["content:write"])),
    params(
        ("key" = String, Path, description = "Id or slug of the article.", max_length = 200),
        ("id" = String, Path, description = "Id of the link.", format = "uuid", max_length = 36)
    ),
    responses((status = 200, description = "The link.", body = PreviewLinkOut))
)]
#[get("/v1/articles/{key}/preview-links/{id}")]
pub(super) async fn get_preview_link(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Write>,
) -> Result<Reply, Stop> {
    Query::none(&request)?;
    let id = path_id(&request, "id")?;
    let call = Call::new(request, state, allowed.caller);
    let article = current(&call, false).await?;
    let found = call
        .state
        .read(Sight::Desk, move |reader| {
            store::previews::get(reader, &article, &id)
        })
        .await?;
    let link = found.ok_or_else(unknown_link)?;
    Ok(Reply::json(&PreviewLinkOut::from(&link))?)
}

fn unknown_link() -> Problem {
    Problem::new(Code::NotFound, "the article has no preview link of this id")
}

/// Take a preview link back
///
/// Whoever has its token sees nothing with it from then on.
#[utoipa::path(
    operation_id = "delete_preview_link",
    tag = "articles",
    security(("token" = ["content:write"])),
    params(
        ("key" = String, Path, description = "Id or slug of the article.", max_length = 200),
        ("id" = String, Path, description = "Id of the link.", format = "uuid", max_length = 36)
    ),
    responses((status = 204, description = "It was taken back."))
)]
#[delete("/v1/articles/{key}/preview-links/{id}")]
pub(super) async fn delete_preview_link(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Write>,
) -> Result<HttpResponse, Stop> {
    Query::none(&request)?;
    let id = path_id(&request, "id")?;
    let call = Call::new(request, state, allowed.caller);
    let article = current(&call, false).await?;
    let done = call.write(
        "",
        move |connection, stamp, _| match store::previews::revoke(connection, &article, &id, stamp)?
        {
            true => Ok(Answer::no_content()),
            false => Err(unknown_link()),
        },
    );
    Ok(done.await?)
}
