//! What other programs read of a publication: feeds, sitemaps, and cards for embedding.

mod atom;
mod json_feed;
mod links;
pub mod oembed;
mod rss;
pub mod sitemap;

use thiserror::Error;

use crate::{
    domain::{
        address::{PageOf, Site},
        body,
    },
    model::{article::Article, time::UtcTime},
};

/// A document could not be written.
#[derive(Debug, Error)]
#[error("a document could not be written: {0}")]
pub struct WriteError(String);

impl WriteError {
    fn new(cause: impl std::fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

/// A form of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedFormat {
    /// RSS 2.0.
    Rss,
    /// Atom (RFC 4287).
    Atom,
    /// JSON Feed 1.1.
    Json,
}

impl FeedFormat {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Rss, Self::Atom, Self::Json];

    /// The end of its address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Json => "json",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml",
            Self::Atom => "application/atom+xml",
            Self::Json => "application/feed+json",
        }
    }

    /// `Content-Type` of an answer of this form.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }
}

/// What a feed is about, where it is not the whole publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// UUIDv7 of the category, author or tag.
    pub id: String,
    /// As its address names it.
    pub slug: String,
    /// As readers see it.
    pub name: String,
    /// One or two sentences, or none.
    pub description: Option<String>,
    /// Its page on the public site.
    pub url: String,
}

/// A feed that is to be written.
#[derive(Debug)]
pub struct Feed<'a> {
    /// The public site.
    pub site: &'a Site,
    /// BCP 47 language of the publication.
    pub language: &'a str,
    /// What it is about; `None` for the whole publication.
    pub subject: Option<&'a Subject>,
    /// Its path, without the point and the word of its form.
    pub path: &'a str,
    /// Newest first, with their bodies.
    pub articles: &'a [Article],
}

impl Feed<'_> {
    /// The document.
    pub fn write(&self, format: FeedFormat) -> Result<Vec<u8>, WriteError> {
        match format {
            FeedFormat::Rss => self::rss::write(self),
            FeedFormat::Atom => self::atom::write(self),
            FeedFormat::Json => self::json_feed::write(self),
        }
    }

    fn title(&self) -> String {
        match self.subject {
            Some(subject) => format!("{} – {}", subject.name, self.site.name),
            None => self.site.name.clone(),
        }
    }

    fn description(&self) -> String {
        let own = self
            .subject
            .and_then(|subject| subject.description.as_deref())
            .filter(|text| !text.trim().is_empty());
        own.map_or_else(|| self.title(), str::to_owned)
    }

    /// The page that says the same for people.
    fn page(&self) -> &str {
        self.subject
            .map_or_else(|| self.site.base(), |subject| subject.url.as_str())
    }

    /// Where readers of the public site find this feed.
    fn address(&self, format: FeedFormat) -> String {
        format!("{}{}.{}", self.site.base(), self.path, format.as_str())
    }

    /// An id that no change of a name changes.
    fn id(&self) -> String {
        match self.subject {
            Some(subject) => format!("urn:uuid:{}", subject.id),
            None => format!("{}{}", self.site.base(), self.path),
        }
    }

    /// When the text of any of its articles last changed; the epoch where it has none, so that
    /// the answer is the same each time.
    fn updated(&self) -> UtcTime {
        let times = self.articles.iter().map(|article| article.modified_at);
        times.max().unwrap_or_else(|| UtcTime::from_column(0))
    }
}

/// The id of an article in every feed.
fn entry_id(article: &Article) -> String {
    format!("urn:uuid:{}", article.id)
}

/// The body as HTML that stands alone, wherever it is shown.
fn content(article: &Article, site: &Site) -> String {
    let blocks = article.body.as_deref().unwrap_or_default();
    let page = site.page(&PageOf::from(article));
    links::absolute(&body::html(blocks), &page)
}

/// The media type of a picture, as far as its address tells it.
fn image_type(address: &str) -> Option<&'static str> {
    let url = url::Url::parse(address).ok()?;
    let (_, end) = url.path().rsplit_once('.')?;
    Some(match end.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}

/// A text without the characters that XML 1.0 has no way to write (section 2.2).
fn xml_text(text: &str) -> String {
    let is_legal = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}');
    text.chars().filter(is_legal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_can_not_write_is_left_out() {
        let text = "a\u{0}b\u{8}c\u{B}d\u{1F}e\tf\ng\u{FFFE}h\u{FFFF}i\u{1F980}j\u{E000}";
        assert_eq!(xml_text(text), "abcde\tf\nghi\u{1F980}j\u{E000}");
    }

    #[test]
    fn a_picture_tells_its_type_by_its_path() {
        let of = |path: &str| image_type(&format!("https://images.example.com/{path}"));
        assert_eq!(of("a.JPG?size=1.png"), Some("image/jpeg"));
        assert_eq!(of("a.webp"), Some("image/webp"));
        assert_eq!(of("a"), None);
        assert_eq!(image_type("nonsense"), None);
    }
}
