//! RSS and Atom.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use feed_rs::{
    model::{self, FeedType},
    parser,
};
use url::Url;

use crate::{
    domain::import::{
        bounds,
        feed::{Feed, Item, Medium, Sort, Words},
    },
    model::{article::Image, time::UtcTime},
};

/// Bytes in which the root element is looked for.
const HEAD: usize = 16 * 1024;
/// How an entry says whether it is a draft.
const DRAFT: &[u8] = b":draft>";
/// The namespace of RSS 1.0, which stands for that of any RSS here.
const RSS: &str = "http://purl.org/rss/1.0/";
/// Namespaces that other versions of RSS had at times.
const OTHER_RSS: [&str; 5] = [
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://channel.netscape.com/rdf/simple/0.9/",
    "http://backend.userland.com/rss2",
    "http://backend.userland.com/RSS2",
    "http://blogs.law.harvard.edu/tech/rss",
];
/// Elements that name people.
const PEOPLE: [&str; 4] = ["author", "dc:creator", "managingEditor", "webMaster"];

pub(super) fn read(bytes: Vec<u8>) -> Result<Feed, String> {
    let bytes = pictured(alike(bytes));
    let has_drafts = has_drafts(&bytes);
    let feed = read_whole(bytes)?;
    Ok(Feed { has_drafts, ..feed })
}

fn read_whole(bytes: Vec<u8>) -> Result<Feed, String> {
    if let Some(outcome) = parsed(&bytes) {
        return outcome.map(|feed| converted(feed, None));
    }
    // The parser stumbles over some letters around mail addresses.
    let text = std::str::from_utf8(&bytes).map_err(|_| "it can't be read".to_owned())?;
    let mut text = text.to_owned();
    for name in PEOPLE {
        let other = name.replace(':', "-");
        text = text
            .replace(&format!("<{name}"), &format!("<x-{other}"))
            .replace(&format!("</{name}"), &format!("</x-{other}"));
    }
    let note = "the authors could not be read";
    match parsed(text.as_bytes()) {
        Some(outcome) => outcome.map(|feed| converted(feed, Some(note))),
        None => Err("it can't be read".to_owned()),
    }
}

/// Nothing where the parser panicked. Entities that a document defines are not expanded.
fn parsed(bytes: &[u8]) -> Option<Result<model::Feed, String>> {
    let parse = || {
        parser::Builder::new()
            // A missing id is told as such.
            .id_generator(|_, _, _| String::new())
            .build()
            .parse(bytes)
            .map_err(|cause| cause.to_string())
    };
    catch_unwind(AssertUnwindSafe(parse)).ok()
}

/// All versions of RSS as the parser knows them: they differ in nothing else that is read here.
fn alike(mut bytes: Vec<u8>) -> Vec<u8> {
    for other in OTHER_RSS {
        if let Some(at) = find(&bytes, other.as_bytes()) {
            drop(bytes.splice(at..at + other.len(), RSS.bytes()));
        }
    }
    // The first of two attributes with one name holds.
    if let Some(at) = find(&bytes, b"<rss") {
        let at = at + b"<rss".len();
        if bytes
            .get(at)
            .is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'>')
        {
            drop(bytes.splice(at..at, b" version=\"2.0\"".iter().copied()));
        }
    }
    bytes
}

/// feed-rs passes over pictures that stand for an item without any other medium, as news sites
/// have them; as files that belong to it they are seen.
fn pictured(bytes: Vec<u8>) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return bytes;
    };
    if !text.contains("<media:thumbnail ") || text.contains("<media:content") {
        return bytes;
    }
    text.replace(
        "<media:thumbnail ",
        "<enclosure type=\"image/jpeg\" length=\"0\" ",
    )
    .replace("</media:thumbnail>", "</enclosure>")
    .into_bytes()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let head = bytes.get(..HEAD.min(bytes.len()))?;
    head.windows(wanted.len()).position(|part| part == wanted)
}

fn converted(feed: model::Feed, note: Option<&'static str>) -> Feed {
    let is_rss = feed.feed_type != FeedType::Atom;
    let shared: Vec<String> = feed.authors.iter().filter_map(person).collect();
    let site = feed.links.iter().filter(|link| is_page(link));
    Feed {
        site: site
            .filter_map(|link| Url::parse(&link.href).ok())
            .find(|url| matches!(url.scheme(), "http" | "https")),
        language: feed.language,
        items: feed
            .entries
            .into_iter()
            .map(|entry| item(entry, is_rss, &shared))
            .collect(),
        note,
        has_drafts: false,
    }
}

/// Whether an entry says that it is a draft (RFC 5023, section 13.1.1), which the parser passes
/// over.
fn has_drafts(bytes: &[u8]) -> bool {
    let mut ends = bytes.windows(DRAFT.len()).enumerate();
    ends.any(|(at, part)| {
        part.eq_ignore_ascii_case(DRAFT)
            && bytes
                .get(at + DRAFT.len()..)
                .is_some_and(|rest| rest.trim_ascii_start().starts_with(b"yes"))
    })
}

fn item(entry: model::Entry, is_rss: bool, shared: &[String]) -> Item {
    let authors: Vec<String> = entry.authors.iter().filter_map(person).collect();
    let content = entry.content.as_ref().and_then(|content| {
        let body = content.body.clone()?;
        words(body, content.content_type.as_str(), is_rss)
    });
    let of = |text: model::Text| words(text.content, text.content_type.as_str(), is_rss);
    let described = entry.media.iter().find_map(|media| {
        let description = media.description.as_ref()?.content.clone();
        Some(Words::Text(description))
    });
    let image = entry.media.iter().find_map(image);
    let mut media: Vec<Medium> = entry.media.iter().flat_map(files).collect();
    media.extend(entry.links.iter().filter_map(enclosed));
    let of_media = || {
        let found = media.iter().find(|medium| medium.sort() == Sort::Image);
        found.and_then(|medium| bounds::picture(&medium.url))
    };
    Item {
        id: Some(entry.id),
        title: entry.title.and_then(of),
        content,
        summary: entry.summary.and_then(of).or(described),
        link: entry
            .links
            .iter()
            .find(|link| is_page(link))
            .map(|link| link.href.clone()),
        base: entry.base,
        authors: match authors.is_empty() {
            true => shared.to_vec(),
            false => authors,
        },
        categories: entry
            .categories
            .into_iter()
            .map(|category| category.label.unwrap_or(category.term))
            .map(|name| bounds::plain(&name))
            .collect(),
        date: entry
            .published
            .and_then(time)
            .or_else(|| entry.updated.and_then(time)),
        language: entry.language,
        image: image.or_else(of_media),
        media,
    }
}

fn words(text: String, kind: &str, is_rss: bool) -> Option<Words> {
    if is_rss || kind.contains("html") || kind.contains("xml") {
        return Some(Words::Html(text));
    }
    // Anything else is a file in base64.
    kind.starts_with("text/").then_some(Words::Text(text))
}

fn is_page(link: &model::Link) -> bool {
    link.target.is_none() && matches!(link.rel.as_deref(), None | Some("alternate"))
}

/// The name of a person; a mail address is none.
fn person(person: &model::Person) -> Option<String> {
    let name = bounds::plain(person.name.as_deref()?);
    let bare = name
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(&name)
        .trim();
    (!bare.is_empty()).then(|| bare.to_owned())
}

fn time(time: DateTime<Utc>) -> Option<UtcTime> {
    UtcTime::from_millis(time.timestamp_millis())?.editorial()
}

/// The widest picture of a group, else the one that stands for it.
fn image(media: &model::MediaObject) -> Option<Image> {
    let pixels = |value: Option<u32>| {
        value
            .map(i64::from)
            .filter(|value| (1..=100_000).contains(value))
    };
    let contents = media.content.iter().rev().filter(|content| {
        let medium = file(content);
        medium.is_some_and(|medium| medium.sort() == Sort::Image)
    });
    let widest = contents
        .max_by_key(|content| content.width)
        .and_then(|content| {
            Some(Image {
                width: pixels(content.width),
                height: pixels(content.height),
                ..bounds::picture(content.url.as_ref()?.as_str())?
            })
        });
    widest.or_else(|| {
        let thumbnails = media.thumbnails.iter().rev();
        let widest = thumbnails.max_by_key(|thumbnail| thumbnail.image.width)?;
        Some(Image {
            width: pixels(widest.image.width),
            height: pixels(widest.image.height),
            ..bounds::picture(&widest.image.uri)?
        })
    })
}

fn files(media: &model::MediaObject) -> Vec<Medium> {
    let played = media.content.iter().filter_map(file);
    // Players of other sites are told of by their page.
    played
        .filter(|medium| medium.sort() != Sort::Other)
        .chain(media.content.iter().filter_map(file).filter(is_document))
        .collect()
}

fn is_document(medium: &Medium) -> bool {
    matches!(
        medium.kind.as_deref(),
        Some("application/pdf" | "application/epub+zip")
    )
}

fn file(content: &model::MediaContent) -> Option<Medium> {
    Some(Medium {
        url: content.url.as_ref()?.as_str().to_owned(),
        kind: content
            .content_type
            .as_ref()
            .map(|kind| kind.as_str().to_owned()),
        title: None,
    })
}

fn enclosed(link: &model::Link) -> Option<Medium> {
    (link.rel.as_deref() == Some("enclosure")).then(|| Medium {
        url: link.href.clone(),
        kind: link.media_type.clone(),
        title: link.title.clone(),
    })
}
