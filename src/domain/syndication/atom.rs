//! Feeds as Atom (RFC 4287).

use atom_syndication::{
    Category, Content, Entry, Feed as Document, FixedDateTime, Generator, Link, Person, Text,
};
use chrono::DateTime;

use crate::{
    domain::syndication::{Feed, FeedFormat, WriteError, content, entry_id, image_type, xml_text},
    model::{article::Article, time::UtcTime},
};

pub(super) fn write(feed: &Feed<'_>) -> Result<Vec<u8>, WriteError> {
    let site = feed.site;
    let logo = site.logo.as_deref().map(xml_text);
    let kind = FeedFormat::Atom.media_type();
    let document = Document {
        title: Text::plain(xml_text(&feed.title())),
        id: feed.id(),
        updated: time(feed.updated()),
        // Whose they are where an article names nobody.
        authors: vec![person(&site.name, site.base())],
        generator: Some(Generator {
            value: "Newsstand".to_owned(),
            ..Generator::default()
        }),
        icon: logo.clone(),
        links: vec![
            link("alternate", feed.page(), Some("text/html")),
            link("self", &feed.address(FeedFormat::Atom), Some(kind)),
        ],
        logo,
        subtitle: feed
            .subject
            .map(|_| Text::plain(xml_text(&feed.description()))),
        entries: feed.articles.iter().map(|one| entry(feed, one)).collect(),
        lang: Some(feed.language.to_owned()),
        ..Document::default()
    };
    document.write_to(Vec::new()).map_err(WriteError::new)
}

fn entry(feed: &Feed<'_>, article: &Article) -> Entry {
    let site = feed.site;
    let language = Some(article.language.clone());
    let text = |text: &str| Text {
        lang: language.clone(),
        ..Text::plain(xml_text(text))
    };
    let named = article
        .category
        .iter()
        .map(|category| (&category.slug, &category.name));
    let named = named.chain(article.tags.iter().map(|tag| (&tag.slug, &tag.name)));
    let category = |(slug, name): (&String, &String)| Category {
        term: slug.clone(),
        scheme: None,
        label: Some(xml_text(name)),
    };
    let mut links = vec![link("alternate", &site.article(article), Some("text/html"))];
    if let Some(image) = &article.image {
        links.push(link("enclosure", &image.url, image_type(&image.url)));
    }
    Entry {
        title: text(&article.title),
        id: entry_id(article),
        updated: time(article.modified_at),
        authors: article
            .authors
            .iter()
            .map(|author| person(&author.name, &site.author(author)))
            .collect(),
        categories: named.map(category).collect(),
        links,
        published: article.published_at.map(time),
        summary: article.summary.as_deref().map(text),
        content: Some(Content {
            lang: language.clone(),
            value: Some(xml_text(&content(article, site))),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        ..Entry::default()
    }
}

fn person(name: &str, address: &str) -> Person {
    Person {
        name: xml_text(name),
        uri: Some(xml_text(address)),
        ..Person::default()
    }
}

fn link(relation: &str, address: &str, kind: Option<&str>) -> Link {
    Link {
        href: xml_text(address),
        rel: relation.to_owned(),
        mime_type: kind.map(str::to_owned),
        ..Link::default()
    }
}

fn time(time: UtcTime) -> FixedDateTime {
    let instant = DateTime::from_timestamp_millis(time.millis()).unwrap_or_default();
    instant.fixed_offset()
}
