//! Revisions of an article over HTTP: what it was at each save, and what changed between two.

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Data, Payload},
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    domain::revision::{self, Difference},
    http::{
        articles::{
            ArticleOut, ArticleView, Shaper,
            publication::refuse_unknown,
            write::{current, may_publish, same, shown},
        },
        auth::{Allowed, ReadDrafts, Write},
        code::Code,
        long::aside_for_writer,
        pagination::{Listing, PageInfo, PageLinks, link_header},
        param_types::Count,
        path::path_number,
        payload::MAX_SMALL,
        problem::Problem,
        query::Query,
        reply::Reply,
        state::State,
        stop::Stop,
        write::{Answer, Call, Seen},
    },
    model::{
        article::Article,
        page::{Position, SortValue},
        sight::Sight,
    },
    store::{
        self,
        articles::{Ready, Revision, RevisionContent},
    },
};

/// Parameters of the list of revisions.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct ListRevisionsParams {
    /// Revisions of a page, at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Where the page begins, from `next_cursor` or `prev_cursor`; not with `page`.
    #[param(max_length = 2000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// Number of the page, from 1; not with `cursor`.
    #[param(minimum = 1, maximum = 1000000)]
    page: Option<i64>,
    /// `exact` to have the revisions counted in cursor mode too.
    #[param(inline)]
    count: Option<Count>,
}

/// A save of an article.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Revision)]
struct RevisionOut {
    /// From 1, without gaps.
    #[schema(minimum = 1, maximum = 9007199254740991i64)]
    number: i64,
    /// When it was saved.
    #[schema(format = DateTime, max_length = 24)]
    saved_at: String,
    /// Who saved it.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    saved_by: String,
    /// What they said of it.
    #[schema(required, max_length = 500, pattern = r"^[^\u0000]*$")]
    note: Option<String>,
    /// The title that it had.
    #[schema(max_length = 300, pattern = r"^[^\u0000]*$")]
    title: String,
    /// Whether it is what the article is now.
    current: bool,
}

impl From<&Revision> for RevisionOut {
    fn from(revision: &Revision) -> Self {
        Self {
            number: revision.number,
            saved_at: revision.saved_at.to_string(),
            saved_by: revision.saved_by.clone(),
            note: revision.note.clone(),
            title: revision.title.clone(),
            current: revision.current,
        }
    }
}

/// Revisions
#[derive(Debug, Serialize, ToSchema)]
struct RevisionPage {
    /// The revisions of this page, newest first.
    #[schema(max_items = 100)]
    data: Vec<RevisionOut>,
    /// Where the page stands.
    page: PageInfo,
    /// Addresses of this page and those around it.
    links: PageLinks,
}

/// A save of an article, and what the article was then.
#[derive(Debug, Serialize, ToSchema)]
struct RevisionDetail {
    /// The save.
    revision: RevisionOut,
    /// The article as it was, with its status and times of now.
    article: ArticleOut,
}

/// A member that differs between two revisions.
#[derive(Debug, Serialize, ToSchema)]
struct MemberDifference {
    /// Which member.
    #[schema(max_length = 40, pattern = "^[a-z_]+$")]
    name: String,
    /// What it was, as text; null for nothing.
    #[schema(required, max_length = 20000, pattern = r"^[^\u0000]*$")]
    from: Option<String>,
    /// What it became, as text; null for nothing.
    #[schema(required, max_length = 20000, pattern = r"^[^\u0000]*$")]
    to: Option<String>,
}

/// What changed between two revisions.
#[derive(Debug, Serialize, ToSchema)]
struct RevisionDiff {
    /// The revision that is compared.
    from: RevisionOut,
    /// The revision that it is compared to.
    to: RevisionOut,
    /// Members that differ, without the body.
    #[schema(max_items = 20)]
    members: Vec<MemberDifference>,
    /// Lines of the body, as Markdown, that are only in `to`.
    #[schema(minimum = 0, maximum = 9007199254740991i64)]
    added_lines: i64,
    /// Lines of the body, as Markdown, that are only in `from`.
    #[schema(minimum = 0, maximum = 9007199254740991i64)]
    removed_lines: i64,
    /// The difference of the bodies, as Markdown, in the unified format; empty for none.
    #[schema(max_length = 33554432, pattern = r"^[^\u0000]*$")]
    unified: String,
}

/// List revisions
///
/// Every save of an article, newest first: who saved it, when, and with which note.
#[utoipa::path(
    operation_id = "list_revisions",
    tag = "articles",
    security(("token" = ["content:read_drafts"])),
    params(
        ("key" = String, Path, description = "Id or slug of the article.", max_length = 200),
        ListRevisionsParams
    ),
    responses((status = 200, description = "A page of revisions.", body = RevisionPage))
)]
#[get("/v1/articles/{key}/revisions")]
pub(super) async fn list_revisions(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<ReadDrafts>,
) -> Result<Reply, Stop> {
    let mut query = Query::of::<ListRevisionsParams>(&request)?;
    let listing = Listing::of(&mut query, request.path(), false);
    query.finish()?;
    let call = Call::new(request, state, allowed.caller);
    let article = current(&call, false).await?;
    let asked = listing.request.clone();
    let page = call
        .state
        .read(Sight::Desk, move |reader| {
            store::articles::revisions(reader, &article, &asked)
        })
        .await?;
    let (info, links) = listing.describe(&page, |revision| Position {
        value: SortValue::Number(revision.number),
        id: String::new(),
    });
    let link = link_header(&links);
    let answer = RevisionPage {
        data: page.items.iter().map(RevisionOut::from).collect(),
        page: info,
        links,
    };
    Ok(Reply::json(&answer)?.link(link))
}

/// A revision of an article with its content; fails when there is none of this number.
async fn read(
    state: &State,
    article: Article,
    number: i64,
) -> Result<(Revision, RevisionContent), Problem> {
    let found = state
        .read(Sight::Desk, move |reader| {
            store::articles::revision(reader, &article, number)
        })
        .await?;
    found.ok_or_else(|| missing(number))
}

fn missing(number: i64) -> Problem {
    let detail = format!("the article has no revision {number}");
    Problem::new(Code::NotFound, detail)
}

/// Get a revision
///
/// What the article was at a save, in the shape of an article.
#[utoipa::path(
    operation_id = "get_revision",
    tag = "articles",
    security(("token" = ["content:read_drafts"])),
    params(
        ("key" = String, Path, description = "Id or slug of the article.", max_length = 200),
        ("number" = i64, Path, description = "Number of the revision, from 1.", minimum = 1, maximum = 1000000000)
    ),
    responses((status = 200, description = "The revision.", body = RevisionDetail))
)]
#[get("/v1/articles/{key}/revisions/{number}")]
pub(super) async fn get_revision(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<ReadDrafts>,
) -> Result<Reply, Stop> {
    Query::none(&request)?;
    let number = path_number(&request, "number")?;
    let call = Call::new(request, state, allowed.caller);
    let article = current(&call, false).await?;
    let (state, now) = (Data::clone(&call.state), article.clone());
    let reply = Reply::of(
        &call.request,
        &call.state,
        Sight::Desk,
        move |reader| store::articles::revision(reader, &article, number),
        move |found: Option<_>| {
            let (revision, content) = found.ok_or_else(|| missing(number))?;
            let view = ArticleView::one();
            let article = revision::as_article(now, content);
            Reply::json(&RevisionDetail {
                article: Shaper::new(&state, &view).whole(article, None),
                revision: RevisionOut::from(&revision),
            })
        },
    );
    Ok(reply.await?)
}

/// Compare two revisions
///
/// Which members differ, and the difference of the bodies as Markdown in the unified format.
#[utoipa::path(
    operation_id = "diff_revisions",
    tag = "articles",
    security(("token" = ["content:read_drafts"])),
    params(
        ("key" = String, Path, description = "Id or slug of the article.", max_length = 200),
        ("from" = i64, Path, description = "Number of a revision.", minimum = 1, maximum = 1000000000),
        ("to" = i64, Path, description = "Number of the one that it is compared to.", minimum = 1, maximum = 1000000000)
    ),
    responses((status = 200, description = "What changed.", body = RevisionDiff))
)]
#[get("/v1/articles/{key}/revisions/{from}/diff/{to}")]
pub(super) async fn diff_revisions(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<ReadDrafts>,
) -> Result<Reply, Stop> {
    Query::none(&request)?;
    let (from, to) = (path_number(&request, "from")?, path_number(&request, "to")?);
    let call = Call::new(request, state, allowed.caller);
    let article = current(&call, false).await?;
    let (before, old) = read(&call.state, article.clone(), from).await?;
    let (after, new) = read(&call.state, article, to).await?;
    let difference = aside_for_writer(move || Ok(revision::difference(&old, &new))).await?;
    let Difference {
        members,
        added_lines,
        removed_lines,
        unified,
    } = difference;
    let count = |lines: usize| i64::try_from(lines).unwrap_or(i64::MAX);
    let answer = RevisionDiff {
        from: RevisionOut::from(&before),
        to: RevisionOut::from(&after),
        members: members
            .into_iter()
            .map(|(name, from, to)| MemberDifference { name, from, to })
            .collect(),
        added_lines: count(added_lines),
        removed_lines: count(removed_lines),
        unified,
    };
    Ok(Reply::json(&answer)?)
}

/// Restore a revision
///
/// Makes a new revision with the text and names of an earlier one, unless the article is so
/// already. The slug, the status and the dates stay as they are. With `If-Match`, only in the state that was read.
#[utoipa::path(
    operation_id = "restore_revision",
    tag = "articles",
    security(("token" = ["content:write"])),
    params(
        ("key" = String, Path, description = "Id or slug of the article.", max_length = 200),
        ("number" = i64, Path, description = "Number of the revision, from 1.", minimum = 1, maximum = 1000000000)
    ),
    responses((status = 200, description = "It is thus now.", body = ArticleOut))
)]
#[post("/v1/articles/{key}/revisions/{number}/restore")]
pub(super) async fn restore_revision(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Write>,
    payload: Payload,
) -> Result<HttpResponse, Stop> {
    Query::none(&request)?;
    let number = path_number(&request, "number")?;
    let call = Call::new(request, state, allowed.caller);
    let sent = call.sent(payload, MAX_SMALL).await?;
    let digest = sent.digest.clone();
    refuse_unknown(&sent.object_or_nothing(), &[])?;
    let article = current(&call, false).await?;
    let id = article.id.clone();
    let (_, content) = read(&call.state, article, number).await?;
    let input = call
        .state
        .read(Sight::Desk, move |reader| {
            revision::as_input(reader, content, number)
        })
        .await?;
    let language = call.state.default_language.clone();
    let ready = aside_for_writer(move || Ok(Ready::new(input, &language)?)).await?;
    // Nothing is lost by it, so only who names a state is held to it.
    let seen = call.seen().unwrap_or(Seen::Any);
    let caller = call.caller.clone();
    let done = call.write(&digest, move |connection, stamp, state| {
        let (row, version) = same(connection, &id, &seen)?;
        let saved = store::articles::replace(connection, row, version, &ready, stamp)?;
        may_publish(&caller, &saved)?;
        Ok(Answer::ok(shown(state, connection, &id)?))
    });
    Ok(done.await?)
}
