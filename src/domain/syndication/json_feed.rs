//! Feeds as JSON Feed 1.1. What is not known is left out, as that format wants it.

use serde_json::{Map, Value, json};

use crate::{
    domain::syndication::{Feed, FeedFormat, WriteError, content, entry_id},
    model::{article::Article, author::AuthorRef},
};

pub(super) fn write(feed: &Feed<'_>) -> Result<Vec<u8>, WriteError> {
    let site = feed.site;
    let items: Vec<Value> = feed.articles.iter().map(|one| item(feed, one)).collect();
    let document = known([
        ("version", Some("https://jsonfeed.org/version/1.1".into())),
        ("title", Some(feed.title().into())),
        ("home_page_url", Some(feed.page().into())),
        ("feed_url", Some(feed.address(FeedFormat::Json).into())),
        ("description", Some(feed.description().into())),
        ("icon", site.logo.clone().map(Value::from)),
        (
            "authors",
            Some(json!([{"name": site.name, "url": site.base()}])),
        ),
        ("language", Some(feed.language.into())),
        ("items", Some(items.into())),
    ]);
    serde_json::to_vec(&document).map_err(WriteError::new)
}

fn item(feed: &Feed<'_>, article: &Article) -> Value {
    let site = feed.site;
    let author = |author: &AuthorRef| {
        known([
            ("name", Some(author.name.clone().into())),
            ("url", Some(site.author(author).into())),
            ("avatar", author.avatar.clone().map(Value::from)),
        ])
    };
    let authors: Vec<Value> = article.authors.iter().map(author).collect();
    // The format has no categories; the first tag is the section.
    let names = article.category.iter().map(|category| &category.name);
    let names = names.chain(article.tags.iter().map(|tag| &tag.name));
    let tags: Vec<Value> = names.map(|name| name.clone().into()).collect();
    let some = |list: Vec<Value>| (!list.is_empty()).then(|| Value::from(list));
    known([
        ("id", Some(entry_id(article).into())),
        ("url", Some(site.article(article).into())),
        ("title", Some(article.title.clone().into())),
        ("content_html", Some(content(article, site).into())),
        ("summary", article.summary.clone().map(Value::from)),
        (
            "image",
            article.image.as_ref().map(|image| image.url.clone().into()),
        ),
        (
            "date_published",
            article.published_at.map(|time| time.to_string().into()),
        ),
        (
            "date_modified",
            Some(article.modified_at.to_string().into()),
        ),
        ("authors", some(authors)),
        ("tags", some(tags)),
        ("language", Some(article.language.clone().into())),
    ])
}

/// An object of those members that have a value.
fn known<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(members.collect::<Map<_, _>>())
}
