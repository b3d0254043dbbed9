//! Addresses on the public site: made from path patterns, and read back from paths.

use std::{borrow::Cow, fmt};

use chrono::{Datelike, NaiveDate};

use crate::model::{
    article::Article, author::AuthorRef, category::CategoryRef, kind::Kind, tag::TagRef,
    time::UtcTime,
};

/// What a pattern of a kind may hold.
fn placeholders(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Article => &[
            "slug",
            "id",
            "category",
            "category_path",
            "year",
            "month",
            "day",
        ],
        Kind::Category => &["slug", "id", "path"],
        Kind::Author | Kind::Tag => &["slug", "id"],
    }
}

/// A path with placeholders, such as `/articles/{slug}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    kind: Kind,
    segments: Vec<Segment>,
}

/// One segment of a path: fixed text, or a placeholder with fixed text around it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Fixed(String),
    Hole {
        before: String,
        name: String,
        after: String,
    },
}

/// Placeholders that stand for several segments.
const SPANNING: [&str; 2] = ["path", "category_path"];

impl Pattern {
    /// Reads a pattern; says what is wrong with one that can't be told apart or read back.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, String> {
        let rest = text
            .strip_prefix('/')
            .ok_or("a path pattern begins with /")?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~{}/".contains(c);
        if !text.chars().all(is_plain) {
            return Err(
                "a path pattern holds letters, digits, - . _ ~ / and {placeholders}".into(),
            );
        }
        let mut segments = Vec::new();
        for segment in rest.split('/') {
            // Browsers and servers would resolve them before anything is looked up.
            if matches!(segment, "." | "..") {
                return Err("a path pattern has no segments . and ..".into());
            }
            segments.push(Self::segment(kind, segment)?);
        }
        let pattern = Self { kind, segments };
        if !(pattern.has("slug") || pattern.has("id") || pattern.has("path")) {
            return Err(format!(
                "a path pattern of a {} needs {{slug}} or {{id}}",
                kind.as_str()
            ));
        }
        let spanning = SPANNING.iter().filter(|name| pattern.has(name)).count();
        if spanning > 1 {
            return Err("a path pattern may have one placeholder of several segments".into());
        }
        Ok(pattern)
    }

    fn segment(kind: Kind, segment: &str) -> Result<Segment, String> {
        let Some((before, tail)) = segment.split_once('{') else {
            return match segment.is_empty() || segment.contains('}') {
                true => Err("a path pattern has no empty segments and no lone braces".into()),
                false => Ok(Segment::Fixed(segment.to_owned())),
            };
        };
        let (name, after) = tail.split_once('}').ok_or("a placeholder is not closed")?;
        if after.contains(['{', '}']) {
            return Err("a segment of a path pattern has one placeholder at most".into());
        }
        if !placeholders(kind).contains(&name) {
            let valid = placeholders(kind).join("}, {");
            return Err(format!(
                "{{{name}}} is no placeholder here; valid are {{{valid}}}"
            ));
        }
        if SPANNING.contains(&name) && !(before.is_empty() && after.is_empty()) {
            return Err(format!("{{{name}}} must be a whole segment"));
        }
        Ok(Segment::Hole {
            before: before.to_owned(),
            name: name.to_owned(),
            after: after.to_owned(),
        })
    }

    fn has(&self, wanted: &str) -> bool {
        self.segments
            .iter()
            .any(|segment| matches!(segment, Segment::Hole { name, .. } if name == wanted))
    }

    /// Writes a path behind what there is of an address.
    fn fill<'a>(&self, address: &mut String, value: impl Fn(&str) -> Cow<'a, str>) {
        for segment in &self.segments {
            address.push('/');
            match segment {
                Segment::Fixed(text) => address.push_str(text),
                Segment::Hole {
                    before,
                    name,
                    after,
                } => {
                    address.push_str(before);
                    address.push_str(&value(name));
                    address.push_str(after);
                }
            }
        }
    }

    /// The slug or id in a path that has this form.
    fn key(&self, path: &str) -> Option<String> {
        let given: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let spanning = self.segments.iter().any(|segment| {
            matches!(segment, Segment::Hole { name, .. } if SPANNING.contains(&name.as_str()))
        });
        // A spanning placeholder takes what the other segments leave, at least one.
        let spare = given.len().checked_sub(self.segments.len())?;
        if spare > 0 && !spanning {
            return None;
        }
        let mut given = given.into_iter();
        let mut key = None;
        for segment in &self.segments {
            let text = given.next()?;
            match segment {
                Segment::Fixed(fixed) if fixed != text => return None,
                Segment::Fixed(_) => {}
                Segment::Hole { name, .. } if SPANNING.contains(&name.as_str()) => {
                    let last = (0..spare)
                        .filter_map(|_| given.next())
                        .last()
                        .unwrap_or(text);
                    // A category's path ends with its slug.
                    if name == "path" {
                        key = Some(last.to_owned());
                    }
                }
                Segment::Hole {
                    before,
                    name,
                    after,
                } => {
                    let inner = text
                        .strip_prefix(before.as_str())?
                        .strip_suffix(after.as_str())?;
                    if inner.is_empty() {
                        return None;
                    }
                    if matches!(name.as_str(), "slug" | "id") {
                        key = Some(inner.to_owned());
                    }
                }
            }
        }
        key
    }
}

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

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(Kind::Article, text).unwrap()
    }

    #[test]
    fn a_path_is_read_back() {
        for (text, path, key) in [
            ("/articles/{slug}", "/articles/one", Some("one")),
            ("/articles/{slug}", "/articles/one/two", None),
            ("/{year}/{slug}.html", "/2025/one.html", Some("one")),
            ("/{category_path}/{slug}", "/a/b/c/one", Some("one")),
            ("/{category_path}/{slug}", "/one", None),
        ] {
            assert_eq!(pattern(text).key(path).as_deref(), key, "{text} {path}");
        }
    }

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

    #[test]
    fn a_pattern_that_names_nothing_is_refused() {
        for wrong in [
            "articles/{slug}",
            "/articles",
            "/{slug",
            "/{nope}",
            "/{slug}{id}",
            "/a//{slug}",
            "/a/../{slug}",
        ] {
            assert!(Pattern::parse(Kind::Article, wrong).is_err(), "{wrong}");
        }
    }
}
