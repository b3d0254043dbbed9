//! Share blocks over HTTP.

use actix_web::{HttpRequest, get, web::Data};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::{
    domain::share::{self, Network, OpenGraph, Share, ShareLink, TwitterCard},
    http::{
        articles::{ImageOut, last_modified, present},
        auth::sight_with,
        param_types::{Networks, PreviewToken},
        path::path_key,
        query::Query,
        reply::Reply,
        state::State,
        stop::Stop,
    },
    model::kind::Kind,
    store,
};

/// Parameters of share blocks.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the parameters; they are read through Query"
)]
struct ShareParams {
    /// Networks in the order wanted; those of the settings unless given.
    #[param(inline, example = "x,mastodon")]
    networks: Option<Networks>,
    /// `utm_source` of shared addresses; the network's name unless given.
    #[param(max_length = 100, pattern = r"^[^\u0000]*$")]
    utm_source: Option<String>,
    /// `utm_medium` of shared addresses.
    #[param(max_length = 100, pattern = r"^[^\u0000]*$")]
    utm_medium: Option<String>,
    /// `utm_campaign` of shared addresses.
    #[param(max_length = 100, pattern = r"^[^\u0000]*$")]
    utm_campaign: Option<String>,
    /// Token of a preview link.
    #[param(inline)]
    preview: Option<PreviewToken>,
}

/// A link that opens a network's composer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ShareLink)]
struct ShareLinkOut {
    /// Which network.
    #[schema(schema_with = network_schema)]
    network: &'static str,
    /// Its name for readers.
    #[schema(max_length = 20, pattern = "^[A-Za-z]+$")]
    label: &'static str,
    /// The address to open; Mastodon's holds `{instance}` unless the server is set.
    #[schema(max_length = 20000, pattern = "^(https://|mailto:)")]
    url: String,
}

fn network_schema() -> utoipa::openapi::schema::Object {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(Network::ALL.map(|(_, name, _)| name)))
        .description(Some("Which network."))
        .build()
}

impl From<ShareLink> for ShareLinkOut {
    fn from(link: ShareLink) -> Self {
        let ShareLink { network, url } = link;
        Self {
            network: network.as_str(),
            label: network.label(),
            url,
        }
    }
}

/// Open Graph properties, by their names.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OpenGraph)]
pub(crate) struct OpenGraphOut {
    /// Always `article`.
    #[serde(rename = "og:type")]
    #[schema(max_length = 20, pattern = "^article$")]
    kind: &'static str,
    /// Headline.
    #[serde(rename = "og:title")]
    #[schema(max_length = 300, pattern = r"^[^\u0000]*$")]
    title: String,
    /// Summary.
    #[serde(rename = "og:description")]
    #[schema(required, max_length = 5000, pattern = r"^[^\u0000]*$")]
    description: Option<String>,
    /// Canonical address.
    #[serde(rename = "og:url")]
    #[schema(max_length = 3000, pattern = r"^https?://")]
    url: String,
    /// Name of the publication.
    #[serde(rename = "og:site_name")]
    #[schema(max_length = 300, pattern = r"^[^\u0000]*$")]
    site_name: String,
    /// Language, with an underscore before the region.
    #[serde(rename = "og:locale")]
    #[schema(max_length = 35, pattern = "^[A-Za-z0-9_]+$")]
    locale: String,
    /// Picture.
    #[serde(rename = "og:image")]
    #[schema(required, max_length = 2000, pattern = r"^https?://")]
    image: Option<String>,
    /// What the picture shows.
    #[serde(rename = "og:image:alt")]
    #[schema(required, max_length = 2000, pattern = r"^[^\u0000]*$")]
    image_alt: Option<String>,
    /// Pixels.
    #[serde(rename = "og:image:width")]
    #[schema(required, minimum = 1, maximum = 100000)]
    image_width: Option<i64>,
    /// Pixels.
    #[serde(rename = "og:image:height")]
    #[schema(required, minimum = 1, maximum = 100000)]
    image_height: Option<i64>,
    /// Editorial date.
    #[serde(rename = "article:published_time")]
    #[schema(required, format = DateTime, max_length = 24)]
    published_time: Option<String>,
    /// When the text last changed.
    #[serde(rename = "article:modified_time")]
    #[schema(format = DateTime, max_length = 24)]
    modified_time: String,
    /// Name of the category.
    #[serde(rename = "article:section")]
    #[schema(required, max_length = 200, pattern = r"^[^\u0000]*$")]
    section: Option<String>,
    /// Names of the tags.
    #[serde(rename = "article:tag")]
    #[schema(max_items = 50)]
    tags: Vec<String>,
    /// Pages of the authors.
    #[serde(rename = "article:author")]
    #[schema(max_items = 50)]
    authors: Vec<String>,
}

impl From<OpenGraph> for OpenGraphOut {
    fn from(graph: OpenGraph) -> Self {
        let OpenGraph {
            title,
            description,
            url,
            site_name,
            locale,
            image,
            published_time,
            modified_time,
            section,
            tags,
            authors,
        } = graph;
        Self {
            kind: "article",
            title,
            description,
            url,
            site_name,
            locale,
            image_alt: image.as_ref().and_then(|image| image.alt.clone()),
            image_width: image.as_ref().and_then(|image| image.width),
            image_height: image.as_ref().and_then(|image| image.height),
            image: image.map(|image| image.url),
            published_time,
            modified_time,
            section,
            tags,
            authors,
        }
    }
}

/// Properties of X's card, by their names.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TwitterCard)]
pub(crate) struct TwitterCardOut {
    /// With a picture, or without.
    #[serde(rename = "twitter:card")]
    #[schema(schema_with = card_schema)]
    card: &'static str,
    /// Headline, within 70 characters.
    #[serde(rename = "twitter:title")]
    #[schema(max_length = 70, pattern = r"^[^\u0000]*$")]
    title: String,
    /// Summary, within 200 characters.
    #[serde(rename = "twitter:description")]
    #[schema(required, max_length = 200, pattern = r"^[^\u0000]*$")]
    description: Option<String>,
    /// Picture; never SVG.
    #[serde(rename = "twitter:image")]
    #[schema(required, max_length = 2000, pattern = r"^https?://")]
    image: Option<String>,
    /// What the picture shows, within 420 characters.
    #[serde(rename = "twitter:image:alt")]
    #[schema(required, max_length = 420, pattern = r"^[^\u0000]*$")]
    image_alt: Option<String>,
}

fn card_schema() -> utoipa::openapi::schema::Object {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(["summary", "summary_large_image"]))
        .description(Some("With a picture, or without."))
        .build()
}

impl From<TwitterCard> for TwitterCardOut {
    fn from(made: TwitterCard) -> Self {
        let TwitterCard {
            card,
            title,
            description,
            image,
            image_alt,
        } = made;
        Self {
            card,
            title,
            description,
            image,
            image_alt,
        }
    }
}

/// Everything that a frontend needs to have an article shared.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Share)]
pub(crate) struct ShareOut {
    /// The page, without additions.
    #[schema(max_length = 3000, pattern = r"^https?://")]
    canonical_url: String,
    /// For native share sheets.
    #[schema(max_length = 300, pattern = r"^[^\u0000]*$")]
    title: String,
    /// For native share sheets.
    #[schema(max_length = 5000, pattern = r"^[^\u0000]*$")]
    text: String,
    /// Picture.
    #[schema(required)]
    image: Option<ImageOut>,
    /// One for each network, in order.
    #[schema(max_items = 10)]
    links: Vec<ShareLinkOut>,
    /// Open Graph properties.
    open_graph: OpenGraphOut,
    /// Properties of X's card.
    twitter_card: TwitterCardOut,
    /// schema.org `NewsArticle`.
    #[schema(value_type = Object, additional_properties)]
    json_ld: Value,
}

impl From<Share> for ShareOut {
    fn from(share: Share) -> Self {
        let Share {
            canonical_url,
            title,
            text,
            image,
            links,
            open_graph,
            twitter_card,
            json_ld,
        } = share;
        Self {
            canonical_url,
            title,
            text,
            image: image.map(ImageOut::from),
            links: links.into_iter().map(ShareLinkOut::from).collect(),
            open_graph: open_graph.into(),
            twitter_card: twitter_card.into(),
            json_ld,
        }
    }
}

/// Get an article's share block
///
/// Links that open each network's composer, with texts cut by that network's own counting rule,
/// and the metadata of the page.
#[utoipa::path(
    operation_id = "get_article_share",
    tag = "articles",
    params(
        ("key" = String, Path, description = "Id or slug of the article.", max_length = 200),
        ShareParams
    ),
    responses((status = 200, description = "The share block.", body = ShareOut))
)]
#[get("/v1/articles/{key}/share")]
pub(super) async fn get_article_share(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Stop> {
    let mut query = Query::of::<ShareParams>(&request)?;
    let valid = Network::ALL.map(|(network, name, _)| (network, name));
    let mut options = state.share.clone();
    if let Some(networks) = query.choices("networks", &valid) {
        options.networks = networks;
    }
    options.utm.source = query.text("utm_source", 100).or(options.utm.source);
    options.utm.medium = query.text("utm_medium", 100).or(options.utm.medium);
    options.utm.campaign = query.text("utm_campaign", 100).or(options.utm.campaign);
    let preview = query.preview();
    query.finish()?;
    let key = path_key(&request)?;
    let sight = sight_with(&request, &state, preview).await?;
    let found = {
        let key = key.clone();
        state
            .read_single(
                sight,
                move |reader| store::articles::by_key(reader, &key, false),
                |found| found,
            )
            .await?
    };
    let article = present(&request, found, &key, Kind::Article)?;
    let answer = ShareOut::from(share::share(&article, &state.site, &options));
    let reply = Reply::json(&answer)?
        .article_keys([&article])
        .last_modified(last_modified(&article));
    Ok(reply)
}
