//! What a page says of its article as linked data (JSON-LD with the words of schema.org).

use std::collections::HashMap;

use scraper::Html;
use serde_json::{Map, Value};

/// Things of a page that are looked at.
const THINGS_AT_MOST: usize = 1_000;
/// Names, keywords and the like that are taken from one list.
const LIST_AT_MOST: usize = 200;
/// Text longer than this is no line of a page, and stays as it is.
const LINE_AT_MOST: usize = 10_000;

/// An article in linked data.
#[derive(Debug, Default)]
pub(super) struct Linked {
    pub(super) headline: Option<String>,
    pub(super) description: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) published: Option<String>,
    pub(super) sections: Vec<String>,
    pub(super) keywords: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) image: Option<String>,
    pub(super) text: Option<String>,
    /// Whether it says that not everyone may read it.
    pub(super) is_paid: bool,
}

/// Reads the first article of the scripts, rather one with a headline.
pub(super) fn read(scripts: &[String]) -> Linked {
    let values: Vec<Value> = scripts.iter().filter_map(|script| parsed(script)).collect();
    let mut things = Things::default();
    values.iter().for_each(|value| things.add(value));
    let mut articles = things.all.iter().filter(|thing| is_article(thing));
    let with_headline = articles
        .clone()
        .find(|thing| thing.contains_key("headline"));
    let Some(article) = with_headline.or_else(|| articles.next()) else {
        return Linked::default();
    };
    let line = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| article.get(*name));
        values.find_map(first_line)
    };
    let list = |name: &str| article.get(name).map(lines).unwrap_or_default();
    Linked {
        is_paid: article
            .get("isAccessibleForFree")
            .is_some_and(|free| match free {
                Value::Bool(free) => !free,
                free => free
                    .as_str()
                    .is_some_and(|free| free.eq_ignore_ascii_case("false")),
            }),
        headline: line(&["headline", "name"]),
        description: line(&["description"]),
        authors: ["author", "creator"]
            .iter()
            .filter_map(|name| article.get(*name))
            .map(|value| things.names(value))
            .find(|names| !names.is_empty())
            .unwrap_or_default(),
        published: line(&["datePublished", "dateCreated"]),
        sections: list("articleSection"),
        keywords: match article.get("keywords") {
            Some(Value::String(words)) => parted(words),
            Some(other) => lines(other),
            None => Vec::new(),
        },
        language: article.get("inLanguage").and_then(language),
        image: ["image", "thumbnailUrl"]
            .iter()
            .filter_map(|name| article.get(*name))
            .find_map(|value| things.address(value)),
        text: article
            .get("articleBody")
            .and_then(Value::as_str)
            .map(str::to_owned),
    }
}

/// Words parted by commas.
pub(super) fn parted(words: &str) -> Vec<String> {
    words
        .split([',', ';'])
        .map(plain)
        .filter(|word| !word.is_empty())
        .take(LIST_AT_MOST)
        .collect()
}

fn parsed(script: &str) -> Option<Value> {
    let wrappers: &[char] = &['/', '*', ' ', '\n', '\r', '\t'];
    let bare = script
        .trim_matches(wrappers)
        .trim_start_matches("<![CDATA[")
        .trim_end_matches("]]>")
        .trim_matches(wrappers)
        .trim_end_matches(';');
    // A page's own line breaks within strings are no JSON, but common.
    let is_control = |c: char| matches!(c, '\n' | '\r' | '\t');
    serde_json::from_str(bare)
        .or_else(|_| serde_json::from_str(&bare.replace(is_control, " ")))
        .ok()
}

type Thing = Map<String, Value>;

/// The things of a page, and those that others refer to by their id.
#[derive(Default)]
struct Things<'a> {
    all: Vec<&'a Thing>,
    by_id: HashMap<&'a str, &'a Thing>,
}

impl<'a> Things<'a> {
    fn add(&mut self, value: &'a Value) {
        if self.all.len() >= THINGS_AT_MOST {
            return;
        }
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.add(value)),
            Value::Object(thing) => {
                self.all.push(thing);
                if let (Some(Value::String(id)), true) = (thing.get("@id"), thing.len() > 1) {
                    self.by_id.entry(id).or_insert(thing);
                }
                for name in ["@graph", "mainEntity", "mainEntityOfPage"] {
                    if let Some(inner) = thing.get(name) {
                        self.add(inner);
                    }
                }
            }
            _ => {}
        }
    }

    /// A thing itself, or the one that it refers to.
    fn resolved<'b>(&'b self, thing: &'b Thing) -> &'b Thing {
        match thing.get("@id").and_then(Value::as_str) {
            Some(id) if thing.len() <= 2 => self.by_id.get(id).copied().unwrap_or(thing),
            _ => thing,
        }
    }

    fn names(&self, value: &Value) -> Vec<String> {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        let name = |value: &Value| match value {
            Value::String(name) if !name.contains("://") => Some(plain(name)),
            Value::Object(thing) => {
                let own = thing.get("name").and_then(first_line);
                own.or_else(|| self.resolved(thing).get("name").and_then(first_line))
            }
            _ => None,
        };
        let names = values.iter().take(LIST_AT_MOST).filter_map(name);
        names.filter(|name| !name.is_empty()).collect()
    }

    fn address(&self, value: &Value) -> Option<String> {
        match value {
            Value::String(address) => Some(address.trim().to_owned()),
            Value::Array(values) => {
                values
                    .iter()
                    .take(LIST_AT_MOST)
                    .find_map(|value| match value {
                        Value::Array(_) => None,
                        other => self.address(other),
                    })
            }
            Value::Object(thing) => {
                let thing = self.resolved(thing);
                let found = ["url", "contentUrl"]
                    .iter()
                    .find_map(|name| thing.get(*name));
                match found? {
                    Value::String(address) => Some(address.trim().to_owned()),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn is_article(thing: &Thing) -> bool {
    let is_it = |kind: &Value| {
        let kind = kind.as_str().unwrap_or_default();
        let name = kind.rsplit(['/', ':', '#']).next().unwrap_or_default();
        name.ends_with("Article")
            || matches!(
                name,
                "BlogPosting"
                    | "LiveBlogPosting"
                    | "SocialMediaPosting"
                    | "DiscussionForumPosting"
                    | "Report"
                    | "APIReference"
            )
    };
    match thing.get("@type") {
        Some(Value::Array(kinds)) => kinds.iter().take(LIST_AT_MOST).any(is_it),
        Some(kind) => is_it(kind),
        None => false,
    }
}

fn first_line(value: &Value) -> Option<String> {
    lines(value).into_iter().next()
}

/// Texts, or the names of things.
fn lines(value: &Value) -> Vec<String> {
    let values = match value {
        Value::Array(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    let line = |value: &Value| match value {
        Value::String(text) => Some(plain(text)),
        Value::Object(thing) => ["name", "@value"]
            .iter()
            .filter_map(|name| thing.get(*name))
            .find_map(|name| name.as_str().map(plain)),
        _ => None,
    };
    let lines = values.iter().take(LIST_AT_MOST).filter_map(line);
    lines.filter(|line| !line.is_empty()).collect()
}

fn language(value: &Value) -> Option<String> {
    match value {
        Value::Object(thing) => ["alternateName", "name"]
            .iter()
            .filter_map(|name| thing.get(*name)?.as_str())
            .map(str::to_owned)
            .next(),
        other => first_line(other),
    }
}

/// A line as readers see it: some pages put markup or entities where plain text belongs.
pub(super) fn plain(text: &str) -> String {
    let is_marked = text.contains('<') || (text.contains('&') && text.contains(';'));
    if !is_marked || text.len() > LINE_AT_MOST {
        return collapsed(text);
    }
    let parsed = Html::parse_fragment(text);
    collapsed(&parsed.root_element().text().collect::<String>())
}

/// White space as browsers show it.
pub(super) fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
