//! `feed`: RSS of every version, Atom and JSON Feed.

mod json;
mod links;
mod xml;

use std::{fmt::Write, io::Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use url::Url;

use crate::{
    domain::{
        body::{self, BodySource, escaped},
        import::{Entry, Place, bounds},
    },
    model::{
        article::{ArticleInput, Image, Status},
        language::is_language,
        time::UtcTime,
    },
};

/// Bytes of a feed.
const MAX_FEED: u64 = 256 * 1024 * 1024;
/// Bytes in which a document says how it is encoded.
const HEAD: usize = 1024;
/// Media of one item.
const MEDIA_AT_MOST: usize = 20;

/// A feed of any form.
#[derive(Debug, Default)]
struct Feed {
    /// The front page of the site that it is of.
    site: Option<Url>,
    language: Option<String>,
    items: Vec<Item>,
    /// What of every item could not be read.
    note: Option<&'static str>,
    /// Whether some of the items are drafts (RFC 5023, section 13.1.1); which, is not known.
    has_drafts: bool,
}

/// An item of a feed of any form.
#[derive(Debug, Default)]
struct Item {
    id: Option<String>,
    title: Option<Words>,
    content: Option<Words>,
    summary: Option<Words>,
    link: Option<String>,
    /// What relative addresses in it are seen from, where that is not its link.
    base: Option<String>,
    authors: Vec<String>,
    categories: Vec<String>,
    date: Option<UtcTime>,
    language: Option<String>,
    image: Option<Image>,
    media: Vec<Medium>,
}

/// Text of a feed.
#[derive(Debug)]
enum Words {
    Html(String),
    Text(String),
}

/// A file that belongs to an item.
#[derive(Debug)]
struct Medium {
    url: String,
    kind: Option<String>,
    title: Option<String>,
}

impl Words {
    /// As one line.
    fn line(&self) -> String {
        match self {
            Self::Html(html) => bounds::plain(html),
            Self::Text(text) => bounds::collapsed(text),
        }
    }

    fn is_blank(&self) -> bool {
        let (Self::Html(text) | Self::Text(text)) = self;
        text.trim().is_empty()
    }
}

/// Reads the items of a feed, as they stand in it.
pub fn entries<'a>(
    input: impl Read,
    file: &'a str,
) -> Result<impl Iterator<Item = Entry> + Send + 'a, String> {
    let mut bytes = Vec::new();
    input
        .take(MAX_FEED + 1)
        .read_to_end(&mut bytes)
        .map_err(|cause| format!("{file} can't be read: {cause}"))?;
    if bytes.len() as u64 > MAX_FEED {
        return Err(format!(
            "{file} is no feed: it has more than {MAX_FEED} bytes"
        ));
    }
    let mut feed = read(bytes).map_err(|cause| format!("{file} is no feed: {cause}"))?;
    let items = std::mem::take(&mut feed.items);
    Ok((1_u64..).zip(items).map(move |(number, item)| {
        let place = Place::item(file, number);
        let mut notes: Vec<String> = feed.note.map(str::to_owned).into_iter().collect();
        if feed.has_drafts {
            notes.push("is a draft here: there are drafts in the feed".to_owned());
        }
        match article(item, &feed, &mut notes) {
            Ok(article) => Entry::Article {
                article: Box::new(article),
                related: Vec::new(),
                place,
                notes,
            },
            Err(reason) => Entry::refused(place, reason),
        }
    }))
}

/// XML in the encoding that it says (XML 1.0, appendix F) as UTF-8 without saying so.
fn utf8(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let head = bytes.get(..HEAD.min(bytes.len())).unwrap_or_default();
    let said = String::from_utf8_lossy(head);
    let declaration = said
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split("?>").next());
    let label = declaration.and_then(|rest| {
        let (_, after) = rest.split_once("encoding")?;
        let value = after.trim_start().strip_prefix('=')?.trim_start();
        value.split(['"', '\'']).nth(1).map(str::to_owned)
    });
    let named = label
        .as_deref()
        .map(|label| Encoding::for_label(label.as_bytes()));
    let encoding = match (Encoding::for_bom(&bytes), bytes.as_slice(), named) {
        (Some((encoding, _)), ..) => encoding,
        (None, [0, b'<', ..], _) => UTF_16BE,
        (None, [b'<', 0, ..], _) => UTF_16LE,
        (None, _, Some(None)) => {
            return Err(format!(
                "its encoding is not known: {}",
                label.unwrap_or_default()
            ));
        }
        (None, _, Some(Some(encoding))) => encoding.output_encoding(),
        (None, _, None) => UTF_8,
    };
    let (text, _, is_broken) = encoding.decode(&bytes);
    if is_broken {
        return Err(format!("it is not text in {}", encoding.name()));
    }
    let text = match text.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map_or("", |(_, after)| after),
        None => text.as_ref(),
    };
    Ok(text.as_bytes().to_vec())
}

fn read(mut bytes: Vec<u8>) -> Result<Feed, String> {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => json::read(&bytes),
        _ => xml::read(utf8(bytes)?),
    }
}

fn article(item: Item, feed: &Feed, notes: &mut Vec<String>) -> Result<ArticleInput, String> {
    let address = |address: &Option<String>| Url::parse(address.as_deref()?.trim()).ok();
    let link = address(&item.link);
    let base = address(&item.base)
        .or_else(|| link.clone())
        .or_else(|| feed.site.clone());
    let (content, said) = match (&item.content, &item.summary) {
        (Some(content), said) if !content.is_blank() => (Some(content), said.as_ref()),
        (_, said) => (said.as_ref(), None),
    };
    let mut html = match content {
        Some(Words::Html(html)) => {
            links::resolved(&html.replace('\0', ""), base.as_ref(), feed.site.as_ref())?
        }
        Some(Words::Text(text)) => paragraphs(&text.replace('\0', "")),
        None => String::new(),
    };
    append(&mut html, &item.media);
    let body = body::blocks(&BodySource::Html(html)).map_err(|cause| cause.to_string())?;
    if body.is_empty() {
        return Err("the item has no text".to_owned());
    }
    let given = item.title.as_ref().map(Words::line).unwrap_or_default();
    let title_provisional = given.is_empty();
    let title = match title_provisional {
        true => bounds::title_of(&body::text(&body)).ok_or("the item has no title and no text")?,
        false => bounds::title(given)?,
    };
    let is_own = |link: &Url| {
        let site = feed.site.as_ref();
        site.is_none_or(|site| links::host(site) == links::host(link))
    };
    let language = item.language.as_ref().or(feed.language.as_ref());
    Ok(ArticleInput {
        external_id: Some(external_id(&item, &title)),
        summary: said.and_then(|said| bounds::summary(&said.line(), notes)),
        tags: bounds::names(item.categories, "tags", notes),
        authors: bounds::names(item.authors, "authors", notes),
        published_at: item.date,
        status: Some(match feed.has_drafts {
            true => Status::Draft,
            false => bounds::public(item.date),
        }),
        language: language
            .map(|tag| tag.trim().replace('_', "-"))
            .filter(|tag| is_language(tag)),
        image: item.image,
        former_paths: link
            .filter(is_own)
            .and_then(|link| bounds::path(link.as_str()))
            .into_iter()
            .collect(),
        title,
        title_provisional,
        body,
        ..ArticleInput::default()
    })
}

fn external_id(item: &Item, title: &str) -> String {
    let said = [item.id.as_deref(), item.link.as_deref()];
    let mut said = said.into_iter().flatten().map(str::trim);
    match said.find(|id| !id.is_empty()) {
        Some(id) => bounds::external_id("feed", id),
        // Nothing else stays the same from one reading to the next.
        None => bounds::external_id("feed", &bounds::digest(title)),
    }
}

fn paragraphs(text: &str) -> String {
    let mut html = String::new();
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().chain([""]) {
        if !line.trim().is_empty() {
            lines.push(escaped(line.trim()));
        } else if !lines.is_empty() {
            let _ = write!(html, "<p>{}</p>", lines.join("<br>"));
            lines.clear();
        }
    }
    html
}

/// Puts the files of an item after its text, unless they are in it.
fn append(html: &mut String, media: &[Medium]) {
    for medium in media.iter().take(MEDIA_AT_MOST) {
        let url = escaped(medium.url.trim());
        if !body::is_web_address(medium.url.trim()) || html.contains(&url) {
            continue;
        }
        let name = medium.url.rsplit('/').next().unwrap_or_default();
        let title = medium.title.as_deref().unwrap_or(name).trim();
        let _ = match medium.sort() {
            Sort::Audio => write!(html, "<audio controls src=\"{url}\"></audio>"),
            Sort::Video => write!(html, "<video controls src=\"{url}\"></video>"),
            Sort::Image => Ok(()),
            Sort::Other if title.is_empty() => write!(html, "<p><a href=\"{url}\">{url}</a></p>"),
            Sort::Other => write!(html, "<p><a href=\"{url}\">{}</a></p>", escaped(title)),
        };
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Audio,
    Image,
    Other,
    Video,
}

impl Medium {
    /// By what is said of it, else by the end of its name.
    fn sort(&self) -> Sort {
        let kind = self
            .kind
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase();
        match kind.split('/').next().unwrap_or_default().trim() {
            "audio" => return Sort::Audio,
            "image" => return Sort::Image,
            "video" => return Sort::Video,
            _ => {}
        }
        let path = self.url.split(['?', '#']).next().unwrap_or_default();
        let end = path.rsplit('.').next().unwrap_or_default();
        match end.to_ascii_lowercase().as_str() {
            "mp3" | "m4a" | "ogg" | "oga" | "opus" | "wav" | "flac" => Sort::Audio,
            "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif" | "svg" => Sort::Image,
            "mp4" | "m4v" | "webm" | "ogv" | "mov" => Sort::Video,
            _ => Sort::Other,
        }
    }
}

#[cfg(test)]
mod tests;
