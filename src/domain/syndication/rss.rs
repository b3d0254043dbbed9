//! Feeds as RSS 2.0.

use std::collections::BTreeMap;

use rss::{
    Category, Channel, Guid, Image, Item,
    extension::{Extension, ExtensionMap, dublincore::DublinCoreExtension},
};

use crate::{
    domain::{
        body::escaped,
        syndication::{Feed, FeedFormat, WriteError, content, entry_id, image_type, xml_text},
    },
    model::article::{self, Article},
};

/// Media RSS, which says more of a picture than an enclosure, and needs no length.
const MEDIA: (&str, &str) = ("media", "http://search.yahoo.com/mrss/");
/// Atom, for the feed's own address.
const ATOM: (&str, &str) = ("atom", "http://www.w3.org/2005/Atom");

pub(super) fn write(feed: &Feed<'_>) -> Result<Vec<u8>, WriteError> {
    let title = xml_text(&feed.title());
    let page = xml_text(feed.page());
    let namespaces = [MEDIA, ATOM].map(|(name, uri)| (name.to_owned(), uri.to_owned()));
    let image = feed.site.logo.as_ref().map(|logo| Image {
        url: xml_text(logo),
        title: title.clone(),
        link: page.clone(),
        ..Image::default()
    });
    let mut link = element("atom:link");
    attribute(&mut link, "href", &feed.address(FeedFormat::Rss));
    attribute(&mut link, "rel", "self");
    attribute(&mut link, "type", FeedFormat::Rss.media_type());
    let channel = Channel {
        description: xml_text(&feed.description()),
        language: Some(feed.language.to_owned()),
        last_build_date: Some(feed.updated().to_http_date()),
        generator: Some("Newsstand".to_owned()),
        items: feed.articles.iter().map(|one| item(feed, one)).collect(),
        extensions: extensions("atom", "link", link),
        namespaces: namespaces.into(),
        title,
        link: page,
        image,
        ..Channel::default()
    };
    channel.write_to(Vec::new()).map_err(WriteError::new)
}

fn item(feed: &Feed<'_>, article: &Article) -> Item {
    let site = feed.site;
    let names = article.category.iter().map(|category| &category.name);
    let names = names.chain(article.tags.iter().map(|tag| &tag.name));
    let category = |name: &String| Category {
        name: xml_text(name),
        domain: None,
    };
    let creators = article.authors.iter().map(|author| xml_text(&author.name));
    let dublin_core = DublinCoreExtension {
        creators: creators.collect(),
        languages: vec![article.language.clone()],
        ..DublinCoreExtension::default()
    };
    let media = article.image.as_ref().map(media);
    Item {
        title: Some(xml_text(&article.title)),
        link: Some(xml_text(&site.article(article))),
        // Readers take it for HTML.
        description: article
            .summary
            .as_deref()
            .map(|summary| xml_text(&escaped(summary))),
        categories: names.map(category).collect(),
        guid: Some(Guid {
            value: entry_id(article),
            permalink: false,
        }),
        // The form of HTTP's dates is one of RFC 822's.
        pub_date: article.published_at.map(|time| time.to_http_date()),
        content: Some(xml_text(&content(article, site))),
        extensions: media.map_or_else(ExtensionMap::new, |media| {
            extensions("media", "content", media)
        }),
        dublin_core_ext: Some(dublin_core),
        ..Item::default()
    }
}

fn media(image: &article::Image) -> Extension {
    let mut media = element("media:content");
    attribute(&mut media, "url", &image.url);
    attribute(&mut media, "medium", "image");
    if let Some(kind) = image_type(&image.url) {
        attribute(&mut media, "type", kind);
    }
    for (name, pixels) in [("width", image.width), ("height", image.height)] {
        if let Some(pixels) = pixels {
            attribute(&mut media, name, &pixels.to_string());
        }
    }
    let about = image.caption.as_deref().or(image.alt.as_deref());
    for (name, text) in [("description", about), ("credit", image.credit.as_deref())] {
        if let Some(text) = text {
            let mut child = element(&format!("media:{name}"));
            child.value = Some(xml_text(text));
            media.children.insert(name.to_owned(), vec![child]);
        }
    }
    media
}

fn element(name: &str) -> Extension {
    Extension {
        name: name.to_owned(),
        ..Extension::default()
    }
}

fn attribute(element: &mut Extension, name: &str, value: &str) {
    element.attrs.insert(name.to_owned(), xml_text(value));
}

fn extensions(prefix: &str, name: &str, element: Extension) -> ExtensionMap {
    let of_prefix = BTreeMap::from([(name.to_owned(), vec![element])]);
    BTreeMap::from([(prefix.to_owned(), of_prefix)])
}
