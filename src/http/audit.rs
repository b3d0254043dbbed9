//! The audit trail over HTTP.

use actix_web::{HttpRequest, get, web::Data};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    http::{
        auth::{Admin, Allowed},
        pagination::{Listing, PageInfo, PageLinks, link_header},
        param_types::{AuditAction, AuditKind, Count},
        problem::Problem,
        query::Query,
        reply::Reply,
        state::State,
    },
    model::{
        audit::{AuditEntry, AuditFilter},
        page::{Position, SortValue},
        sight::Sight,
    },
    store,
};

/// What is done to things.
pub(super) const ACTIONS: [&str; 8] = [
    "create",
    "update",
    "delete",
    "publish",
    "unpublish",
    "schedule",
    "curate",
    "revoke",
];
/// What it is done to.
pub(super) const KINDS: [&str; 6] = [
    "article",
    "category",
    "author",
    "tag",
    "preview_link",
    "token",
];

/// Parameters of the audit trail.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct ListAuditParams {
    /// What this one did: a token's subject, or a part of the program.
    #[param(max_length = 200, pattern = r"^[^\u0000]*$")]
    actor: Option<String>,
    /// Only this action.
    #[param(inline)]
    action: Option<AuditAction>,
    /// Only things of this kind.
    #[param(inline)]
    kind: Option<AuditKind>,
    /// Only the thing of this id.
    #[param(max_length = 200, pattern = r"^[^\u0000]*$")]
    id: Option<String>,
    /// At or after this time.
    #[param(format = DateTime, max_length = 40)]
    since: Option<String>,
    /// Entries of a page, at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Where the page begins, from `next_cursor` or `prev_cursor`; not with `page`.
    #[param(max_length = 2000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// Number of the page, from 1; not with `cursor`.
    #[param(minimum = 1, maximum = 1000000)]
    page: Option<i64>,
    /// `exact` to have the entries counted in cursor mode too.
    #[param(inline)]
    count: Option<Count>,
}

/// Who did what to what, and when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct AuditEntryOut {
    /// Its place in the trail.
    #[schema(minimum = 1, maximum = 9007199254740991i64)]
    sequence: i64,
    /// When it was done.
    #[schema(format = DateTime, max_length = 24)]
    at: String,
    /// Who did it: a token's subject, or a part of the program.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    actor: String,
    /// What was done.
    #[schema(max_length = 40, pattern = "^[a-z_]+$")]
    action: String,
    /// The kind of thing that it was done to.
    #[schema(max_length = 40, pattern = "^[a-z_]+$")]
    kind: String,
    /// The thing's id.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    id: String,
    /// The thing's slug at that time; null for what has none.
    #[schema(required, max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: Option<String>,
    /// Names of the members that changed.
    #[schema(max_items = 40)]
    members: Vec<String>,
    /// The request that asked for it; null for what the program did by itself.
    #[schema(required, max_length = 128, pattern = "^[A-Za-z0-9._-]+$")]
    request_id: Option<String>,
}

impl From<&AuditEntry> for AuditEntryOut {
    fn from(entry: &AuditEntry) -> Self {
        let AuditEntry {
            sequence,
            at,
            actor,
            action,
            kind,
            id,
            slug,
            members,
            request_id,
        } = entry.clone();
        Self {
            sequence,
            at: at.to_string(),
            actor,
            action,
            kind,
            id,
            slug,
            members,
            request_id,
        }
    }
}

/// Entries of the audit trail
#[derive(Debug, Serialize, ToSchema)]
struct AuditPage {
    /// The entries of this page, newest first.
    #[schema(max_items = 100)]
    data: Vec<AuditEntryOut>,
    /// Where the page stands.
    page: PageInfo,
    /// Addresses of this page and those around it.
    links: PageLinks,
}

/// List the audit trail
///
/// Who changed what, and when, newest first; which members, and never their text.
#[utoipa::path(
    operation_id = "list_audit",
    tag = "administration",
    security(("token" = ["content:admin"])),
    params(ListAuditParams),
    responses((status = 200, description = "A page of entries.", body = AuditPage))
)]
#[get("/v1/audit")]
pub(super) async fn list_audit(
    request: HttpRequest,
    state: Data<State>,
    _allowed: Allowed<Admin>,
) -> Result<Reply, Problem> {
    let mut query = Query::of::<ListAuditParams>(&request)?;
    let owned = |word: &str| word.to_owned();
    let filter = AuditFilter {
        actor: query.text("actor", 200),
        action: query
            .choice("action", &ACTIONS.map(|word| (word, word)))
            .map(owned),
        kind: query
            .choice("kind", &KINDS.map(|word| (word, word)))
            .map(owned),
        id: query.text("id", 200),
        since: query.time("since"),
    };
    let listing = Listing::of(&mut query, request.path(), false);
    query.finish()?;
    let asked = listing.request.clone();
    let page = state
        .read(Sight::Desk, move |reader| {
            store::audit::list(reader, &filter, &asked)
        })
        .await?;
    let (info, links) = listing.describe(&page, |entry| Position {
        value: SortValue::Number(entry.sequence),
        id: String::new(),
    });
    let link = link_header(&links);
    let answer = AuditPage {
        data: page.items.iter().map(AuditEntryOut::from).collect(),
        page: info,
        links,
    };
    Ok(Reply::json(&answer)?.link(link))
}
