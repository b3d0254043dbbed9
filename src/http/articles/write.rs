//! Articles made, replaced, changed and removed over HTTP.

use actix_web::{
    HttpRequest, HttpResponse, delete, patch, post, put,
    web::{Data, Payload},
};
use serde_json::{Map, Value, json};

use crate::{
    domain::{
        import::{Defaults, article_input},
        patch::merge,
    },
    http::{
        articles::{ArticleOut, ArticleView, Shaper, input::ArticleInputDoc, present},
        auth::{Allowed, Write, require},
        long::aside_for_writer,
        path::path_key,
        payload::{MAX_ARTICLE, Sent},
        problem::Problem,
        query::Query,
        state::State,
        stop::Stop,
        write::{Answer, Call, Seen, Shown, json as text},
    },
    model::{
        article::{Article, ArticleInput},
        caller::{Caller, Scope},
        kind::Kind,
        sight::Sight,
        slug::Key,
    },
    store::{
        self, Connection, Reader, StoreError,
        articles::{Ready, Saved},
    },
};

/// How often a change that may meet any state is tried while others change the article: more often
/// than writes are in hand at a time, unless told otherwise, since one of them succeeds each time.
const TRIES: usize = 20;

/// Create an article
///
/// A draft, unless `status` says otherwise; publishing it at once, or having it published by
/// itself, needs the scope `content:publish` too. A slug is made from the title where none is
/// given. Category, tags and authors are named, and made where they are new.
#[utoipa::path(
    operation_id = "create_article",
    tag = "articles",
    security(("token" = ["content:write"])),
    request_body(content = ArticleInputDoc, content_type = "application/json"),
    responses((status = 201, description = "It was made.", body = ArticleOut))
)]
#[post("/v1/articles")]
pub(in crate::http) async fn create_article(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Write>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    Query::none(&request)?;
    let call = Call::new(request, state, allowed.caller);
    let sent = call.sent(payload, MAX_ARTICLE).await?;
    let digest = sent.digest.clone();
    let language = call.state.default_language.clone();
    let ready = aside_for_writer(move || ready(&sent.value, Defaults::default(), &language));
    let ready = ready.await?;
    let caller = call.caller.clone();
    call.write(&digest, move |connection, stamp, state| {
        let saved = store::articles::create(connection, &ready, stamp)?;
        may_publish(&caller, &saved)?;
        Ok(Answer::created(
            "/v1/articles",
            shown(state, connection, &saved.id)?,
        ))
    })
    .await
}

/// Replace an article
///
/// By all that is given; what is left out is empty afterwards, but for its slug, status, dates,
/// language and external id, which stay. `If-Match` must hold the `ETag` of what was read.
#[utoipa::path(
    operation_id = "replace_article",
    tag = "articles",
    security(("token" = ["content:write"])),
    params(("key" = String, Path, description = "Id or slug of the article.", max_length = 200)),
    request_body(content = ArticleInputDoc, content_type = "application/json"),
    responses((status = 200, description = "It is thus now.", body = ArticleOut))
)]
#[put("/v1/articles/{key}")]
pub(in crate::http) async fn replace_article(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Write>,
    payload: Payload,
) -> Result<HttpResponse, Stop> {
    Query::none(&request)?;
    let call = Call::new(request, state, allowed.caller);
    let sent = call.sent(payload, MAX_ARTICLE).await?;
    save(&call, sent, |_, value| {
        Ok((value.clone(), Defaults::default(), false))
    })
    .await
}

/// Change an article
///
/// By a JSON merge patch (RFC 7396): members that are given replace those there are, null empties
/// them, all else stays. `If-Match` must hold the `ETag` of what was read.
#[utoipa::path(
    operation_id = "update_article",
    tag = "articles",
    security(("token" = ["content:write"])),
    params(("key" = String, Path, description = "Id or slug of the article.", max_length = 200)),
    request_body(
        content(
            (ArticleInputDoc = "application/merge-patch+json"),
            (ArticleInputDoc = "application/json")
        )
    ),
    responses((status = 200, description = "It is thus now.", body = ArticleOut))
)]
#[patch("/v1/articles/{key}")]
pub(in crate::http) async fn update_article(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Write>,
    payload: Payload,
) -> Result<HttpResponse, Stop> {
    Query::none(&request)?;
    let call = Call::new(request, state, allowed.caller);
    let sent = call.sent(payload, MAX_ARTICLE).await?;
    save(&call, sent, patched).await
}

/// Delete an article
///
/// For good, with its revisions and preview links. Its address answers 410 from then on, and
/// `changes` tells of it. Removing what readers see needs the scope `content:publish` too.
#[utoipa::path(
    operation_id = "delete_article",
    tag = "articles",
    security(("token" = ["content:write"])),
    params(("key" = String, Path, description = "Id or slug of the article.", max_length = 200)),
    responses((status = 204, description = "It is gone."))
)]
#[delete("/v1/articles/{key}")]
pub(in crate::http) async fn delete_article(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Write>,
) -> Result<HttpResponse, Stop> {
    Query::none(&request)?;
    let call = Call::new(request, state, allowed.caller);
    let article = current(&call, false).await?;
    let seen = call.must_have_seen()?;
    let caller = call.caller.clone();
    let done = call.write("", move |connection, stamp, _| {
        let id = &article.id;
        let (row, version) = same(connection, id, &seen)?;
        let saved = store::articles::delete(connection, row, version, stamp)?;
        may_publish(&caller, &saved)?;
        Ok(Answer::no_content())
    });
    Ok(done.await?)
}

/// Row and version of the article of this id, which must be in a state that the writer has seen.
pub(in crate::http) fn same(
    connection: &mut Connection,
    id: &str,
    seen: &Seen,
) -> Result<(i64, i64), Problem> {
    let article = by_id(connection, id, false)?.ok_or_else(Problem::moved_on)?;
    seen.check(id, article.version)?;
    Ok((article.row, article.version))
}

fn by_id(
    connection: &mut Connection,
    id: &str,
    with_body: bool,
) -> Result<Option<Article>, StoreError> {
    let key = Key::Id(id.to_owned());
    Ok(store::articles::by_key(&mut Reader::desk(connection), &key, with_body)?.here())
}

/// Fails when what was done decides what readers see, and the caller may not decide that.
pub(in crate::http) fn may_publish(caller: &Caller, saved: &Saved) -> Result<(), Problem> {
    match saved.is_publication() {
        true => require(caller, Scope::Publish),
        false => Ok(()),
    }
}

/// The article that the request is about as it is now.
pub(in crate::http) async fn current(call: &Call, with_body: bool) -> Result<Article, Stop> {
    let key = path_key(&call.request)?;
    let found = {
        let key = key.clone();
        call.state
            .read(Sight::Desk, move |reader| {
                store::articles::by_key(reader, &key, with_body)
            })
            .await?
    };
    present(&call.request, found, &key, Kind::Article)
}

/// The article as JSON, as `GET` answers with it, and its state.
pub(in crate::http) fn shown(
    state: &State,
    connection: &mut Connection,
    id: &str,
) -> Result<Shown, Problem> {
    let article = by_id(connection, id, true)?.ok_or_else(Problem::moved_on)?;
    let (id, version) = (article.id.clone(), article.version);
    let view = ArticleView::one();
    let value = Shaper::new(state, &view).article(article, None)?;
    Ok(Shown {
        json: text(&value)?,
        version,
        id,
    })
}

/// Reads and converts an article that was sent.
pub(in crate::http) fn ready(
    value: &Value,
    defaults: Defaults,
    language: &str,
) -> Result<Ready, Problem> {
    let input = article_input(value, defaults)?;
    Ok(Ready::new(input, language)?)
}

/// What is to be read as the whole new article, what goes without saying of it, and whether its
/// date is taken away.
type Whole = (Value, Defaults, bool);

/// Makes the whole article of what was sent, away from the threads that answer, and puts it in
/// place of the one that the writer has seen.
async fn save(
    call: &Call,
    sent: Sent,
    whole: fn(&Article, &Value) -> Result<Whole, Problem>,
) -> Result<HttpResponse, Stop> {
    let sent = std::sync::Arc::new(sent);
    for _ in 0..TRIES {
        let article = current(call, true).await?;
        let seen = call.must_have_seen()?;
        seen.check(&article.id, article.version)?;
        let (id, row, version) = (article.id.clone(), article.row, article.version);
        let language = call.state.default_language.clone();
        let ready = {
            let sent = std::sync::Arc::clone(&sent);
            aside_for_writer(move || {
                let (value, defaults, clears_date) = whole(&article, &sent.value)?;
                let input = article_input(&value, defaults)?;
                let input = ArticleInput {
                    clears_date,
                    // A title that an importer made up is so until an editor gives another.
                    title_provisional: article.title_provisional && article.title == input.title,
                    ..input
                };
                Ok(Ready::new(input, &language)?)
            })
            .await?
        };
        let caller = call.caller.clone();
        let done = call.write("", move |connection, stamp, state| {
            let saved = store::articles::replace(connection, row, version, &ready, stamp)?;
            may_publish(&caller, &saved)?;
            Ok(Answer::ok(shown(state, connection, &id)?))
        });
        match done.await {
            // Whoever has seen any state wants the change on top of whatever there is.
            Err(problem) if seen == Seen::Any && problem.is_moved_on() => {}
            done => return Ok(done?),
        }
    }
    Err(Stop::Problem(Problem::moved_on()))
}

/// A patch on top of what there is. The body, which may come in another form than it is kept in,
/// is replaced whole or not touched.
fn patched(article: &Article, patch: &Value) -> Result<Whole, Problem> {
    let Value::Object(members) = patch else {
        return Ok((patch.clone(), Defaults::default(), false));
    };
    let mut members: Map<String, Value> = members.clone();
    let body = members.shift_remove("body");
    let clears_date = members.get("published_at").is_some_and(Value::is_null);
    let mut value = base(article);
    merge(&mut value, Value::Object(members));
    let stored = match body {
        None => article.body.clone(),
        Some(body) => {
            if let Some(whole) = value.as_object_mut() {
                whole.insert("body".to_owned(), body);
            }
            None
        }
    };
    let defaults = Defaults {
        status: None,
        body: stored,
    };
    Ok((value, defaults, clears_date))
}

/// An article as a writer would send it, without its body.
fn base(article: &Article) -> Value {
    let slugs = |slugs: Vec<&String>| json!(slugs);
    json!({
        "title": article.title,
        "summary": article.summary,
        "category": article.category.as_ref().map(|category| &category.slug),
        "tags": slugs(article.tags.iter().map(|tag| &tag.slug).collect()),
        "authors": slugs(article.authors.iter().map(|author| &author.slug).collect()),
        "language": article.language,
        "featured": article.featured,
        "reading_minutes": article.reading_minutes,
        "image": article.image,
        "canonical_url": article.canonical_url,
    })
}
