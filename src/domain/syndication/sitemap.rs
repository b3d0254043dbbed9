//! Sitemaps (sitemaps.org, version 0.9) and the sitemap of news that search engines read.

use std::io;

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use crate::{
    domain::{
        address::{PageOf, Site},
        syndication::{WriteError, xml_text},
    },
    model::{article::Article, time::UtcTime},
    store::articles::ArticleAddress,
};

/// Addresses of one part, at most; the format has the same bound.
pub const PART: i64 = 50_000;
/// Articles of the sitemap of news, at most; the format has the same bound.
pub const NEWS_AT_MOST: i64 = 1_000;
/// How long an article is news, in milliseconds.
pub const NEWS_FOR: i64 = 2 * 24 * 60 * 60 * 1_000;

/// Bytes of a part, at most: what the format allows, less the end of the document.
const BYTES_AT_MOST: usize = 50 * 1024 * 1024 - 1_024;
/// Characters of an address, at most.
const ADDRESS_AT_MOST: usize = 2_047;

const SITEMAP: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
const NEWS: &str = "http://www.google.com/schemas/sitemap-news/0.9";

/// The number of parts that so many articles make; there always is a first one.
pub fn parts(articles: i64, size: i64) -> i64 {
    let size = size.max(1);
    (articles.saturating_add(size - 1) / size).max(1)
}

/// The sitemap that names all others.
pub fn index(site: &Site, parts: i64, has_news: bool) -> Result<Vec<u8>, WriteError> {
    document("sitemapindex", &[("xmlns", SITEMAP)], |xml| {
        let numbered = (1..=parts).map(|number| format!("articles-{number}"));
        for name in numbered.chain(has_news.then(|| "news".to_owned())) {
            open(xml, "sitemap")?;
            element(xml, "loc", &format!("{}/sitemaps/{name}.xml", site.base()))?;
            close(xml, "sitemap")?;
        }
        Ok(())
    })
}

/// One part. Articles whose page is on another site are left out, as the format demands.
pub fn articles(site: &Site, addresses: &[ArticleAddress]) -> Result<Vec<u8>, WriteError> {
    document("urlset", &[("xmlns", SITEMAP)], |xml| {
        for address in addresses {
            let page = PageOf {
                id: &address.id,
                slug: &address.slug,
                category: address.category.as_deref(),
                canonical_url: address.canonical_url.as_deref(),
                published_at: address.published_at,
            };
            let Some(location) = location(site, &page) else {
                continue;
            };
            if xml.get_ref().len() + 6 * location.len() > BYTES_AT_MOST {
                log::warn!("a part of the sitemap is full before {location}");
                break;
            }
            open(xml, "url")?;
            element(xml, "loc", &location)?;
            element(xml, "lastmod", &address.modified_at.to_string())?;
            close(xml, "url")?;
        }
        Ok(())
    })
}

/// The sitemap of news, of articles that are new.
pub fn news(site: &Site, articles: &[Article]) -> Result<Vec<u8>, WriteError> {
    let names = [("xmlns", SITEMAP), ("xmlns:news", NEWS)];
    document("urlset", &names, |xml| {
        for article in articles {
            let location = location(site, &PageOf::from(article));
            let (Some(location), Some(published_at)) = (location, article.published_at) else {
                continue;
            };
            open(xml, "url")?;
            element(xml, "loc", &location)?;
            element(xml, "lastmod", &article.modified_at.to_string())?;
            news_element(xml, site, article, published_at)?;
            close(xml, "url")?;
        }
        Ok(())
    })
}

fn news_element(
    xml: &mut Writer<Vec<u8>>,
    site: &Site,
    article: &Article,
    published_at: UtcTime,
) -> io::Result<()> {
    open(xml, "news:news")?;
    open(xml, "news:publication")?;
    element(xml, "news:name", &site.name)?;
    element(xml, "news:language", &news_language(&article.language))?;
    close(xml, "news:publication")?;
    element(xml, "news:publication_date", &published_at.to_string())?;
    element(xml, "news:title", &article.title)?;
    close(xml, "news:news")
}

/// The language as the news format has it: two or three letters, but for the two of Chinese.
fn news_language(tag: &str) -> String {
    let tag = tag.to_ascii_lowercase();
    let (language, rest) = tag.split_once('-').unwrap_or((&tag, ""));
    if language != "zh" {
        return language.to_owned();
    }
    let is_traditional = rest
        .split('-')
        .any(|part| matches!(part, "hant" | "tw" | "hk" | "mo"));
    let name = if is_traditional { "zh-tw" } else { "zh-cn" };
    name.to_owned()
}

/// The address of a page, if it is on the public site and short enough.
fn location(site: &Site, page: &PageOf<'_>) -> Option<String> {
    let is_here = page.canonical_url.is_none_or(|url| site.is_own(url));
    let location = is_here.then(|| site.address_of(page))?;
    (location.len() <= ADDRESS_AT_MOST).then_some(location)
}

/// A whole document with one root.
pub(super) fn document(
    root: &str,
    attributes: &[(&str, &str)],
    inner: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>,
) -> Result<Vec<u8>, WriteError> {
    let mut xml = Writer::new(Vec::new());
    write_document(&mut xml, root, attributes, inner).map_err(WriteError::new)?;
    Ok(xml.into_inner())
}

fn write_document(
    xml: &mut Writer<Vec<u8>>,
    root: &str,
    attributes: &[(&str, &str)],
    inner: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>,
) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.write_event(Event::Text(BytesText::new("\n")))?;
    let mut start = BytesStart::new(root);
    for attribute in attributes {
        start.push_attribute(*attribute);
    }
    xml.write_event(Event::Start(start))?;
    inner(xml)?;
    close(xml, root)
}

/// An element with a text.
pub(super) fn element(xml: &mut Writer<Vec<u8>>, name: &str, text: &str) -> io::Result<()> {
    open(xml, name)?;
    xml.write_event(Event::Text(BytesText::new(&xml_text(text))))?;
    close(xml, name)
}

fn open(xml: &mut Writer<Vec<u8>>, name: &str) -> io::Result<()> {
    xml.write_event(Event::Start(BytesStart::new(name)))
}

fn close(xml: &mut Writer<Vec<u8>>, name: &str) -> io::Result<()> {
    xml.write_event(Event::End(BytesEnd::new(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::address::Pattern, model::kind::Kind};

    fn site() -> Site {
        let pattern = |kind, text: &str| Pattern::parse(kind, text).unwrap();
        let patterns = [
            pattern(Kind::Article, "/articles/{slug}"),
            pattern(Kind::Category, "/categories/{path}"),
            pattern(Kind::Author, "/authors/{slug}"),
            pattern(Kind::Tag, "/tags/{slug}"),
        ];
        Site::new("Harbour Times", "https://www.example.com/", patterns).unwrap()
    }

    #[test]
    fn articles_are_split_into_parts() {
        for (articles, size, wanted) in [
            (0, 3, 1),
            (1, 3, 1),
            (3, 3, 1),
            (4, 3, 2),
            (6, 3, 2),
            (7, 3, 3),
            (50_000, PART, 1),
            (50_001, PART, 2),
            (1_000_000, PART, 20),
        ] {
            assert_eq!(parts(articles, size), wanted, "{articles} by {size}");
        }
    }

    #[test]
    fn the_index_names_every_part() {
        let text = String::from_utf8(index(&site(), 2, true).unwrap()).unwrap();
        for name in ["articles-1", "articles-2", "news"] {
            let location = format!("<loc>https://www.example.com/sitemaps/{name}.xml</loc>");
            assert!(text.contains(&location), "{text}");
        }
        let quiet = String::from_utf8(index(&site(), 1, false).unwrap()).unwrap();
        assert!(!quiet.contains("news"), "{quiet}");
    }

    #[test]
    fn pages_elsewhere_are_left_out_of_a_part() {
        let address = |slug: &str, canonical_url: Option<&str>| ArticleAddress {
            id: "0198a5d2-7c4e-7bbb-8000-000000000000".to_owned(),
            slug: slug.to_owned(),
            canonical_url: canonical_url.map(str::to_owned),
            published_at: None,
            modified_at: UtcTime::from_column(0),
            category: None,
        };
        let addresses = [
            address("here", None),
            address("own", Some("https://www.example.com/special?a=1&b=2")),
            address("else", Some("https://other.example/else")),
            address("like", Some("https://www.example.community/like")),
        ];
        let text = String::from_utf8(articles(&site(), &addresses).unwrap()).unwrap();
        assert_eq!(text.matches("<url>").count(), 2, "{text}");
        assert!(text.contains("<loc>https://www.example.com/articles/here</loc>"));
        assert!(text.contains("special?a=1&amp;b=2</loc>"));
        assert!(text.contains("<lastmod>1970-01-01T00:00:00.000Z</lastmod>"));
    }

    #[test]
    fn a_language_is_as_the_news_format_has_it() {
        for (tag, wanted) in [
            ("en-GB", "en"),
            ("nb", "nb"),
            ("zh-Hans", "zh-cn"),
            ("zh", "zh-cn"),
            ("zh-Hant-HK", "zh-tw"),
            ("yue", "yue"),
        ] {
            assert_eq!(news_language(tag), wanted);
        }
    }
}
