//! oEmbed 1.0: what another site shows where an article's address stands.

use crate::{
    domain::{
        address::Site,
        body::escaped,
        syndication::{
            WriteError,
            sitemap::{document, element},
        },
    },
    model::article::{Article, Image},
};

/// Pixels across, unless less was asked for.
pub const WIDTH: i64 = 600;
/// Pixels down, unless less was asked for.
pub const HEIGHT: i64 = 200;
/// Seconds that a card may be kept.
pub const CACHE_AGE: i64 = 3_600;

/// A picture of known size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// Where it is.
    pub url: String,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
}

/// A card of type `rich`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Headline.
    pub title: String,
    /// The byline, if there is one.
    pub author_name: Option<String>,
    /// The page of the first author.
    pub author_url: Option<String>,
    /// Name of the publication.
    pub provider_name: String,
    /// The public site.
    pub provider_url: String,
    /// The lead picture, where its size is known and it fits.
    pub thumbnail: Option<Thumbnail>,
    /// What to show; it has no script.
    pub html: String,
    /// Pixels that it needs across.
    pub width: i64,
    /// Pixels that it needs down.
    pub height: i64,
}

/// Makes the card of an article, within these pixels.
pub fn card(
    article: &Article,
    site: &Site,
    max_width: Option<i64>,
    max_height: Option<i64>,
) -> Card {
    let names: Vec<&str> = article
        .authors
        .iter()
        .map(|author| author.name.as_str())
        .collect();
    let fits = |image: &Image| {
        let (width, height) = (image.width?, image.height?);
        let is_within = max_width.is_none_or(|most| width <= most)
            && max_height.is_none_or(|most| height <= most);
        is_within.then(|| Thumbnail {
            url: image.url.clone(),
            width,
            height,
        })
    };
    Card {
        title: article.title.clone(),
        author_name: (!names.is_empty()).then(|| names.join(", ")),
        author_url: article.authors.first().map(|author| site.author(author)),
        provider_name: site.name.clone(),
        provider_url: site.base().to_owned(),
        thumbnail: article.image.as_ref().and_then(fits),
        html: html(article, site),
        width: max_width.map_or(WIDTH, |most| most.min(WIDTH)),
        height: max_height.map_or(HEIGHT, |most| most.min(HEIGHT)),
    }
}

fn html(article: &Article, site: &Site) -> String {
    let summary = article
        .summary
        .as_deref()
        .map(|summary| format!("<p>{}</p>", escaped(summary)));
    format!(
        "<blockquote class=\"newsstand-embed\"><a href=\"{}\">{}</a>{}</blockquote>",
        escaped(&site.article(article)),
        escaped(&article.title),
        summary.unwrap_or_default()
    )
}

impl Card {
    /// The card as XML.
    pub fn xml(&self) -> Result<Vec<u8>, WriteError> {
        let thumbnail = self.thumbnail.as_ref();
        let pixels = |value: Option<i64>| value.map(|pixels| pixels.to_string());
        let members = [
            ("version", Some("1.0".to_owned())),
            ("type", Some("rich".to_owned())),
            ("title", Some(self.title.clone())),
            ("author_name", self.author_name.clone()),
            ("author_url", self.author_url.clone()),
            ("provider_name", Some(self.provider_name.clone())),
            ("provider_url", Some(self.provider_url.clone())),
            ("cache_age", Some(CACHE_AGE.to_string())),
            ("thumbnail_url", thumbnail.map(|image| image.url.clone())),
            (
                "thumbnail_width",
                pixels(thumbnail.map(|image| image.width)),
            ),
            (
                "thumbnail_height",
                pixels(thumbnail.map(|image| image.height)),
            ),
            ("html", Some(self.html.clone())),
            ("width", Some(self.width.to_string())),
            ("height", Some(self.height.to_string())),
        ];
        document("oembed", &[], |xml| {
            for (name, value) in &members {
                if let Some(value) = value {
                    element(xml, name, value)?;
                }
            }
            Ok(())
        })
    }
}
