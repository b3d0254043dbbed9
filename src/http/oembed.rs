//! oEmbed over HTTP.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, get, web::Data};
use serde::Serialize;
use url::Url;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::{
    domain::{
        address::Site,
        syndication::oembed::{CACHE_AGE, Card, card},
    },
    http::{code::Code, problem::Problem, query::Query, reply::Reply, state::State},
    model::{article::Article, kind::Kind, sight::Sight, slug::Key},
    store::{self, Found, Reader, StoreError},
};

/// Characters of an address, at most.
const MAX_URL: usize = 2_000;
/// Pixels, at most.
const MAX_PIXELS: i64 = 10_000;

/// A form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Xml,
}

const FORMATS: [(Format, &str); 2] = [(Format::Json, "json"), (Format::Xml, "xml")];

/// The words of the forms.
struct FormatWord;

impl PartialSchema for FormatWord {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(FORMATS.map(|(_, word)| word)))
            .into()
    }
}

impl ToSchema for FormatWord {}

/// Parameters of oEmbed.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct OembedParams {
    /// Address of an article on the public site.
    #[param(max_length = 2000, pattern = "^https?://")]
    url: String,
    /// Form of the answer; `json` unless given. Where oEmbed has 501, another is answered with
    /// 400, as every bad parameter here.
    #[param(inline)]
    format: Option<FormatWord>,
    /// Pixels across, at most.
    #[param(minimum = 1, maximum = 10000)]
    maxwidth: Option<i64>,
    /// Pixels down, at most.
    #[param(minimum = 1, maximum = 10000)]
    maxheight: Option<i64>,
}

/// A card of oEmbed 1.0. What is not known is left out, as that format wants it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Oembed)]
struct OembedOut {
    /// Always `1.0`.
    #[schema(max_length = 3, pattern = "^1[.]0$")]
    version: &'static str,
    /// Always `rich`.
    #[serde(rename = "type")]
    #[schema(max_length = 4, pattern = "^rich$")]
    kind: &'static str,
    /// Headline.
    #[schema(max_length = 300, pattern = r"^[^\u0000]*$")]
    title: String,
    /// The byline.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 20000, pattern = r"^[^\u0000]*$")]
    author_name: Option<String>,
    /// The page of the first author.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 3000, pattern = r"^https?://")]
    author_url: Option<String>,
    /// Name of the publication.
    #[schema(max_length = 300, pattern = r"^[^\u0000]*$")]
    provider_name: String,
    /// The public site.
    #[schema(max_length = 3000, pattern = r"^https?://")]
    provider_url: String,
    /// Seconds that the card may be kept.
    #[schema(minimum = 0, maximum = 31536000)]
    cache_age: i64,
    /// The lead picture; only with both of its sizes, and within those that were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2000, pattern = r"^https?://")]
    thumbnail_url: Option<String>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 100000)]
    thumbnail_width: Option<i64>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 100000)]
    thumbnail_height: Option<i64>,
    /// What to show: a quotation with a link, without scripts.
    #[schema(max_length = 50000, pattern = "^<blockquote ")]
    html: String,
    /// Pixels that it needs across.
    #[schema(minimum = 1, maximum = 10000)]
    width: i64,
    /// Pixels that it needs down.
    #[schema(minimum = 1, maximum = 10000)]
    height: i64,
}

impl From<Card> for OembedOut {
    fn from(card: Card) -> Self {
        let Card {
            title,
            author_name,
            author_url,
            provider_name,
            provider_url,
            thumbnail,
            html,
            width,
            height,
        } = card;
        Self {
            version: "1.0",
            kind: "rich",
            title,
            author_name,
            author_url,
            provider_name,
            provider_url,
            cache_age: CACHE_AGE,
            thumbnail_width: thumbnail.as_ref().map(|image| image.width),
            thumbnail_height: thumbnail.as_ref().map(|image| image.height),
            thumbnail_url: thumbnail.map(|image| image.url),
            html,
            width,
            height,
        }
    }
}

/// Get the oEmbed card of an article
///
/// What another site shows where the address of an article stands (oEmbed 1.0, type `rich`). 404
/// unless the address is that of a published article on the public site, or was it once.
#[utoipa::path(
    operation_id = "get_oembed",
    tag = "syndication",
    params(OembedParams),
    responses((status = 200, description = "The card.", content(
        (inline(OembedOut) = "application/json"),
        (String = "text/xml")
    )))
)]
#[get("/v1/oembed")]
pub(super) async fn get_oembed(request: HttpRequest, state: Data<State>) -> Result<Reply, Problem> {
    let mut query = Query::of::<OembedParams>(&request)?;
    let format = query.choice("format", &FORMATS).unwrap_or(Format::Json);
    let max_width = query.number("maxwidth", 1, MAX_PIXELS);
    let max_height = query.number("maxheight", 1, MAX_PIXELS);
    let text = query.text("url", MAX_URL);
    query.require("url");
    let url = text.as_deref().and_then(web_address);
    if text.is_some() && url.is_none() {
        query.error("url", "must be an http or https address");
    }
    query.finish()?;
    let path = url.and_then(|url| state.site.own_path(&url));
    let article = match path {
        None => None,
        Some(path) => {
            // Whoever asks: a card is for everyone.
            let reading = Data::clone(&state);
            let found = state.read(Sight::Public, move |reader| {
                at(reader, &reading.site, &path)
            });
            found.await?
        }
    };
    let (article, is_present) = article.ok_or_else(|| {
        let detail = "there is no published article of this publication at this address";
        Problem::new(Code::NotFound, detail)
    })?;
    let card = card(&article, &state.site, max_width, max_height);
    let reply = match format {
        Format::Json => Reply::json(&OembedOut::from(card))?,
        Format::Xml => {
            let body = card.xml().map_err(|cause| Problem::internal(&cause))?;
            Reply::new(body, "text/xml; charset=utf-8")
        }
    };
    let reply = reply.article_keys([&article]);
    Ok(match is_present {
        true => reply,
        // A former address becomes that of an article which is published with it.
        false => reply.watching(BTreeSet::from(["articles".to_owned()])),
    })
}

/// The address in the form in which addresses are compared, if it is one of the web.
fn web_address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

/// The published article at a path of the public site, now or once; and whether it is there now.
fn at(
    reader: &mut Reader<'_>,
    site: &Site,
    path: &str,
) -> Result<Option<(Article, bool)>, StoreError> {
    for (kind, key) in site.candidates(path) {
        if kind != Kind::Article {
            continue;
        }
        let (found, is_present) = match store::articles::by_key(reader, &Key::new(&key), false)? {
            Found::Moved(slug) => (
                store::articles::by_key(reader, &Key::Slug(slug), false)?,
                false,
            ),
            found => (found, true),
        };
        if let Found::Here(article) = found {
            return Ok(Some((*article, is_present)));
        }
    }
    let former = store::articles::by_former_path(reader, path)?;
    Ok(former.map(|article| (article, false)))
}
