//! What editors say of an article's related ones, over HTTP.

use actix_web::{
    HttpRequest, HttpResponse, get, put,
    web::{Data, Payload},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    http::{
        articles::{ArticleOut, Shaper, publication::refuse_unknown, write::current},
        auth::{Allowed, ReadDrafts, Write},
        code::Code,
        payload::MAX_SMALL,
        problem::{FieldError, Problem},
        query::Query,
        reply::Reply,
        state::State,
        stop::Stop,
        write::{Answer, Call, Shown, json},
    },
    model::{article::Article, sight::Sight, slug::Key},
    store::{self, Connection, Reader, related::Curated},
};

/// Pins, and exclusions, of one article at most.
const MAX_NAMED: usize = 50;

/// What an editor says of an article's related ones.
#[derive(ToSchema)]
#[schema(as = RelatedPinsInput)]
#[expect(dead_code, reason = "describes what is sent")]
struct RelatedPinsInputDoc {
    /// Ids or slugs of articles that always come first, in this order.
    #[schema(max_items = 50)]
    pins: Option<Vec<String>>,
    /// Ids or slugs of articles that never come.
    #[schema(max_items = 50)]
    exclusions: Option<Vec<String>>,
}

/// Pins and exclusions of an article.
#[derive(Debug, Serialize, ToSchema)]
struct RelatedPins {
    /// Always first, in this order; such as are not published are left out for readers.
    #[schema(max_items = 50)]
    pins: Vec<ArticleOut>,
    /// Never among the related ones.
    #[schema(max_items = 50)]
    exclusions: Vec<ArticleOut>,
}

impl RelatedPins {
    fn new(curated: Curated, state: &State) -> Self {
        let cards = |articles: Vec<Article>| {
            let card = |article| Shaper::card(state, article);
            articles.into_iter().map(card).collect()
        };
        Self {
            pins: cards(curated.pins),
            exclusions: cards(curated.exclusions),
        }
    }
}

/// Get pins and exclusions
///
/// What editors said of an article's related ones.
#[utoipa::path(
    operation_id = "get_related_pins",
    tag = "articles",
    security(("token" = ["content:read_drafts"])),
    params(("key" = String, Path, description = "Id or slug of the article.", max_length = 200)),
    responses((status = 200, description = "Pins and exclusions.", body = RelatedPins))
)]
#[get("/v1/articles/{key}/related-pins")]
pub(super) async fn get_related_pins(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<ReadDrafts>,
) -> Result<Reply, Stop> {
    Query::none(&request)?;
    let call = Call::new(request, state, allowed.caller);
    let article = current(&call, false).await?;
    let (id, version) = (article.id.clone(), article.version);
    let curated = call
        .state
        .read(Sight::Desk, move |reader| {
            store::related::curated(reader, &article)
        })
        .await?;
    let answer = RelatedPins::new(curated, &call.state);
    Ok(Reply::json(&answer)?.version(&id, version))
}

/// Set pins and exclusions
///
/// Pinned articles come first among the related ones, in this order, and excluded ones never.
/// What is left out is emptied. `If-Match` must hold the `ETag` of the article, or of its pins.
#[utoipa::path(
    operation_id = "set_related_pins",
    tag = "articles",
    security(("token" = ["content:write"])),
    params(("key" = String, Path, description = "Id or slug of the article.", max_length = 200)),
    request_body(content = RelatedPinsInputDoc, content_type = "application/json"),
    responses((status = 200, description = "They are thus now.", body = RelatedPins))
)]
#[put("/v1/articles/{key}/related-pins")]
pub(super) async fn set_related_pins(
    request: HttpRequest,
    state: Data<State>,
    allowed: Allowed<Write>,
    payload: Payload,
) -> Result<HttpResponse, Stop> {
    Query::none(&request)?;
    let call = Call::new(request, state, allowed.caller);
    let sent = call.sent(payload, MAX_SMALL).await?;
    refuse_unknown(&sent.value, &["pins", "exclusions"])?;
    let (pins, exclusions) = (keys(&sent.value, "pins")?, keys(&sent.value, "exclusions")?);
    let article = current(&call, false).await?;
    let seen = call.must_have_seen()?;
    let done = call.write("", move |connection, stamp, state| {
        let key = Key::Id(article.id);
        let article = store::articles::by_key(&mut Reader::desk(connection), &key, false)?.here();
        let article = article.ok_or_else(Problem::moved_on)?;
        seen.check(&article.id, article.version)?;
        let curated = Curated {
            pins: named(connection, &article, "pins", &pins)?,
            exclusions: named(connection, &article, "exclusions", &exclusions)?,
        };
        refuse_both(&curated)?;
        store::related::curate(connection, &article, &curated, stamp)?;
        Ok(Answer::ok(Shown {
            json: json(&RelatedPins::new(curated, state))?,
            version: article.version + 1,
            id: article.id,
        }))
    });
    Ok(done.await?)
}

fn keys(sent: &Value, member: &str) -> Result<Vec<Key>, Problem> {
    let refused =
        |pointer: String, message: &str| Problem::member(Code::InvalidBody, &pointer, message);
    let list = match sent.get(member) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() <= MAX_NAMED => list,
        Some(_) => {
            let message = "must be a list of at most 50 ids or slugs";
            return Err(refused(format!("/{member}"), message));
        }
    };
    let key = |(index, value): (usize, &Value)| {
        let text = value.as_str().filter(|text| text.len() <= 200);
        text.map(Key::new)
            .ok_or_else(|| refused(format!("/{member}/{index}"), "must be an id or a slug"))
    };
    list.iter().enumerate().map(key).collect()
}

/// The articles that keys name; each once, and none of them the article itself.
fn named(
    connection: &mut Connection,
    article: &Article,
    member: &str,
    keys: &[Key],
) -> Result<Vec<Article>, Problem> {
    let mut found: Vec<Article> = Vec::with_capacity(keys.len());
    for (index, key) in keys.iter().enumerate() {
        let refused = |message: &str| {
            Problem::member(Code::InvalidBody, &format!("/{member}/{index}"), message)
        };
        let one = store::articles::by_key(&mut Reader::desk(connection), key, false)?.here();
        let one = one.ok_or_else(|| refused("names no article"))?;
        if one.id == article.id {
            return Err(refused("is the article itself"));
        }
        if found.iter().any(|known| known.id == one.id) {
            return Err(refused("is there twice"));
        }
        found.push(one);
    }
    Ok(found)
}

fn refuse_both(curated: &Curated) -> Result<(), Problem> {
    let is_pinned = |article: &Article| curated.pins.iter().any(|pin| pin.id == article.id);
    match curated.exclusions.iter().position(is_pinned) {
        None => Ok(()),
        Some(index) => Err(Problem::errors(vec![FieldError::member(
            &format!("/exclusions/{index}"),
            "is pinned too",
        )])),
    }
}
