//! JSON Feed, of which more is forgiven than its specification allows.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    domain::import::{
        bounds,
        feed::{Feed, Item, Medium, Words},
    },
    model::time::UtcTime,
};

/// What is read of a feed; any other member is passed over.
#[derive(Deserialize)]
struct Document {
    version: Option<Value>,
    home_page_url: Option<Value>,
    feed_url: Option<Value>,
    language: Option<Value>,
    author: Option<Value>,
    authors: Option<Value>,
    items: Option<Vec<JsonItem>>,
}

#[derive(Deserialize)]
struct JsonItem {
    id: Option<Value>,
    url: Option<Value>,
    title: Option<Value>,
    content_html: Option<Value>,
    content_text: Option<Value>,
    summary: Option<Value>,
    image: Option<Value>,
    banner_image: Option<Value>,
    date_published: Option<Value>,
    date_modified: Option<Value>,
    author: Option<Value>,
    authors: Option<Value>,
    tags: Option<Value>,
    language: Option<Value>,
    attachments: Option<Value>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Feed, String> {
    let document: Document = serde_json::from_slice(bytes).map_err(|cause| cause.to_string())?;
    let version = text(document.version.as_ref()).unwrap_or_default();
    if !version.contains("jsonfeed.org/version/") {
        return Err("it is JSON without the version of JSON Feed".to_owned());
    }
    let shared = people(document.authors.as_ref(), document.author.as_ref());
    let site = [&document.home_page_url, &document.feed_url];
    Ok(Feed {
        site: site
            .into_iter()
            .find_map(|address| Url::parse(&text(address.as_ref())?).ok()),
        language: text(document.language.as_ref()),
        items: document
            .items
            .unwrap_or_default()
            .into_iter()
            .map(|item| read_item(&item, &shared))
            .collect(),
        note: None,
        has_drafts: false,
    })
}

fn read_item(item: &JsonItem, shared: &[String]) -> Item {
    let html = text(item.content_html.as_ref()).map(Words::Html);
    let plain = text(item.content_text.as_ref()).map(Words::Text);
    let said = text(item.summary.as_ref()).map(Words::Text);
    let (content, spare) = match html {
        Some(html) => (Some(html), plain),
        None => (plain, None),
    };
    let authors = people(item.authors.as_ref(), item.author.as_ref());
    let date = |value: &Option<Value>| UtcTime::parse(text(value.as_ref())?.trim())?.editorial();
    let picture = |value: &Option<Value>| bounds::picture(&text(value.as_ref())?);
    Item {
        id: text(item.id.as_ref()),
        title: text(item.title.as_ref()).map(Words::Text),
        content,
        summary: said.or(spare),
        link: text(item.url.as_ref()),
        base: None,
        authors: match authors.is_empty() {
            true => shared.to_vec(),
            false => authors,
        },
        categories: list(item.tags.as_ref())
            .iter()
            .filter_map(|tag| text(Some(tag)))
            .collect(),
        date: date(&item.date_published).or_else(|| date(&item.date_modified)),
        language: text(item.language.as_ref()),
        image: picture(&item.image).or_else(|| picture(&item.banner_image)),
        media: list(item.attachments.as_ref())
            .iter()
            .filter_map(medium)
            .collect(),
    }
}

/// A string or number that says something.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(values)) => values,
        _ => &[],
    }
}

fn people(many: Option<&Value>, one: Option<&Value>) -> Vec<String> {
    let many = list(many).iter().chain(one);
    many.filter_map(|person| text(person.get("name"))).collect()
}

fn medium(attachment: &Value) -> Option<Medium> {
    Some(Medium {
        url: text(attachment.get("url"))?,
        kind: text(attachment.get("mime_type")),
        title: text(attachment.get("title")),
    })
}
