//! Addresses on the public site: made from path patterns, and read back from paths.

mod pattern;

use std::{borrow::Cow, fmt};

use chrono::{Datelike, NaiveDate};

pub use pattern::Pattern;

use crate::model::{
    article::Article, author::AuthorRef, category::CategoryRef, kind::Kind, tag::TagRef,
    time::UtcTime,
};

/// What the address of an article is made of.
#[derive(Debug, Clone, Copy)]
pub struct PageOf<'a> {
    /// UUIDv7.
    pub id: &'a str,
    /// Unique among articles.
    pub slug: &'a str,
    /// Its primary category.
    pub category: Option<&'a CategoryRef>,
    /// Goes before the pattern.
    pub canonical_url: Option<&'a str>,
    /// Editorial date.
    pub published_at: Option<UtcTime>,
}

impl<'a> From<&'a Article> for PageOf<'a> {
    fn from(article: &'a Article) -> Self {
        Self {
            id: &article.id,
            slug: &article.slug,
            category: article.category.as_ref(),
            canonical_url: article.canonical_url.as_deref(),
            published_at: article.published_at,
        }
    }
}

/// The public site: where readers are, which is not where the API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Name of the publication.
    pub name: String,
    /// Address of its logo, if it has one.
    pub logo: Option<String>,
    /// Origin, perhaps with a path, without a slash at the end.
    base: String,
    /// The same, taken apart.
    base_url: url::Url,
    patterns: [Pattern; 4],
}

/// Bytes of a path, about: an address is written in one piece of memory.
const USUAL_PATH: usize = 80;

impl Site {
    /// A site with this name and base, and patterns in the order of [`Kind::ALL`].
    pub fn new(name: &str, base: &str, patterns: [Pattern; 4]) -> Result<Self, String> {
        let url = url::Url::parse(base).map_err(|cause| cause.to_string())?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !is_plain {
            return Err("expected http or https, a host, and perhaps a path".to_owned());
        }
        let base = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            name: name.to_owned(),
            logo: None,
            base_url: url::Url::parse(&base).map_err(|cause| cause.to_string())?,
            base,
            patterns,
        })
    }

    /// The same site with a logo, or without.
    pub fn with_logo(mut self, logo: Option<String>) -> Self {
        self.logo = logo;
        self
    }

    /// The base, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    fn url<'a>(&self, kind: Kind, value: impl Fn(&str) -> Cow<'a, str>) -> String {
        let mut url = String::with_capacity(self.base.len() + USUAL_PATH);
        url.push_str(&self.base);
        let mut patterns = self.patterns.iter();
        if let Some(pattern) = patterns.find(|pattern| pattern.kind == kind) {
            pattern.fill(&mut url, value);
        }
        url
    }

    /// The address of an article's page; its own canonical URL goes before the pattern.
    pub fn article(&self, article: &Article) -> String {
        self.address_of(&PageOf::from(article))
    }

    /// The address of an article of which only that much is known.
    pub fn address_of(&self, article: &PageOf<'_>) -> String {
        match article.canonical_url {
            Some(url) => url.to_owned(),
            None => self.page(article),
        }
    }

    /// The address that the pattern gives an article.
    pub fn page(&self, article: &PageOf<'_>) -> String {
        let category = article.category;
        let date = article.published_at.map(UtcTime::date);
        let date = |part: fn(NaiveDate) -> String| {
            date.map_or(Cow::Borrowed("0"), |date| Cow::Owned(part(date)))
        };
        self.url(Kind::Article, |name| match name {
            "id" => article.id.into(),
            "category" => category
                .map_or("articles", |category| &category.slug)
                .into(),
            "category_path" => category
                .map_or("articles", |category| &category.path)
                .into(),
            "year" => date(|date| format!("{:04}", date.year())),
            "month" => date(|date| format!("{:02}", date.month())),
            "day" => date(|date| format!("{:02}", date.day())),
            _ => article.slug.into(),
        })
    }

    /// The address of a category's page.
    pub fn category(&self, category: &CategoryRef) -> String {
        self.url(Kind::Category, |name| match name {
            "id" => (&category.id).into(),
            "path" => (&category.path).into(),
            _ => (&category.slug).into(),
        })
    }

    /// The address of an author's page.
    pub fn author(&self, author: &AuthorRef) -> String {
        self.url(Kind::Author, |name| match name {
            "id" => (&author.id).into(),
            _ => (&author.slug).into(),
        })
    }

    /// The address of a tag's page.
    pub fn tag(&self, tag: &TagRef) -> String {
        self.url(Kind::Tag, |name| match name {
            "id" => (&tag.id).into(),
            _ => (&tag.slug).into(),
        })
    }

    /// What a path of the site may name: kinds with the slug or id, in the order to try.
    pub fn candidates(&self, path: &str) -> Vec<(Kind, String)> {
        let path = self.relative(path);
        self.patterns
            .iter()
            .filter_map(|pattern| Some((pattern.kind, pattern.key(&path)?)))
            .collect()
    }

    /// Whether a path is the very path of an address, but for a slash at its end.
    pub fn is_path_of(&self, path: &str, address: &str) -> bool {
        address.strip_prefix(self.base.as_str()) == Some(self.relative(path).as_str())
    }

    /// Whether a path is where the pattern puts this article.
    pub fn is_page_of(&self, path: &str, article: &Article) -> bool {
        self.is_path_of(path, &self.page(&PageOf::from(article)))
    }

    /// Whether an absolute address is one of the public site.
    pub fn is_own(&self, address: &str) -> bool {
        let url = url::Url::parse(address).ok();
        url.is_some_and(|url| {
            let rest = url.as_str().strip_prefix(self.base.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
        })
    }

    /// The path of a link that leads to the site itself: from `/` on, or with the site's origin.
    pub fn own_path(&self, href: &str) -> Option<String> {
        let is_relative = href.starts_with('/') && !href.starts_with("//");
        let path = match is_relative {
            true => self.relative(href),
            false => {
                let base = &self.base_url;
                let url = base.join(href).ok().filter(|_| !is_within_page(href))?;
                // Sites answer under both schemes.
                let is_web = matches!(url.scheme(), "http" | "https");
                let is_here = url.host() == base.host() && url.port() == base.port();
                self.relative(Some(url.path()).filter(|_| is_web && is_here)?)
            }
        };
        (!path.is_empty()).then_some(path)
    }

    /// A path without the base's own path, a query, a fragment and a slash at its end.
    fn relative(&self, path: &str) -> String {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let own = self.base_url.path().trim_end_matches('/');
        let inner = path.strip_prefix(own).unwrap_or(path);
        inner.trim_end_matches('/').to_owned()
    }
}

/// Whether a link has no address of its own: a part of the page, or a name beside it, which
/// depends on where the body is shown.
fn is_within_page(href: &str) -> bool {
    !(href.starts_with("//") || href.contains("://"))
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_base_and_what_its_pattern_asks_for() {
        let article = "/{category_path}/{year}/{month}/{day}/{slug}.html";
        let patterns = [
            (Kind::Article, article),
            (Kind::Category, "/{path}"),
            (Kind::Author, "/by/{slug}"),
            (Kind::Tag, "/on/{id}"),
        ];
        let patterns = patterns.map(|(kind, text)| Pattern::parse(kind, text).unwrap());
        let site = Site::new("x", "https://x.example/blog/", patterns).unwrap();
        let page = |published_at| {
            site.page(&PageOf {
                id: "1",
                slug: "one",
                category: None,
                canonical_url: None,
                published_at,
            })
        };
        let dated = page(UtcTime::parse("0987-06-05"));
        assert_eq!(dated, "https://x.example/blog/articles/0987/06/05/one.html");
        let undated = page(None);
        assert_eq!(undated, "https://x.example/blog/articles/0/0/0/one.html");
    }
}
