//! The JSON of an export, read without minding the types that databases gave its values.

use std::io::{BufReader, Read};

use chrono::NaiveDateTime;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, error::Category};

use crate::model::time::UtcTime;

/// Bytes of an export.
const MAX_EXPORT: u64 = 1024 * 1024 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A value as text; objects and lists are their JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text(Option<String>);

impl Text {
    /// What it says, if anything.
    pub(super) fn get(&self) -> Option<&str> {
        self.0
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    pub(super) fn is_truthy(&self) -> bool {
        self.get()
            .is_some_and(|text| !matches!(text, "0" | "false" | "0.0"))
    }

    /// An instant: RFC 3339, `YYYY-MM-DD HH:MM:SS` in UTC, or milliseconds.
    pub(super) fn time(&self) -> Option<UtcTime> {
        self.instant().and_then(UtcTime::editorial)
    }

    fn instant(&self) -> Option<UtcTime> {
        let text = self.get()?;
        if let Ok(millis) = text.parse() {
            return UtcTime::from_millis(millis);
        }
        let plain = |form| NaiveDateTime::parse_from_str(text, form).ok();
        UtcTime::parse(text).or_else(|| {
            let time = plain("%Y-%m-%d %H:%M:%S%.f").or_else(|| plain("%Y-%m-%dT%H:%M:%S%.f"))?;
            UtcTime::from_millis(time.and_utc().timestamp_millis())
        })
    }

    /// A place in an order; what has none comes last.
    pub(super) fn order(&self) -> i64 {
        self.get()
            .and_then(|text| text.parse().ok())
            .unwrap_or(i64::MAX)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::Null => return Ok(Self(None)),
            Value::String(text) => text,
            other => other.to_string(),
        };
        Ok(Self(Some(match text.contains('\0') {
            true => text.replace('\0', ""),
            false => text,
        })))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Export {
    db: Option<Vec<Dump>>,
    meta: Option<About>,
    data: Option<Data>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Dump {
    meta: Option<About>,
    data: Option<Data>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct About {
    version: Text,
}

/// The tables that are looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Data {
    pub(super) posts: Option<Vec<Post>>,
    pub(super) posts_meta: Option<Vec<PostMeta>>,
    pub(super) posts_tags: Option<Vec<PostTag>>,
    pub(super) posts_authors: Option<Vec<PostAuthor>>,
    pub(super) tags: Option<Vec<Tag>>,
    pub(super) users: Option<Vec<User>>,
    pub(super) settings: Option<Vec<Setting>>,
}

/// A post or page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Post {
    pub(super) id: Text,
    pub(super) uuid: Text,
    pub(super) title: Text,
    pub(super) slug: Text,
    pub(super) lexical: Text,
    pub(super) mobiledoc: Text,
    pub(super) html: Text,
    pub(super) feature_image: Text,
    pub(super) featured: Text,
    /// Until version 2.
    pub(super) page: Text,
    #[serde(rename = "type")]
    pub(super) kind: Text,
    pub(super) status: Text,
    pub(super) locale: Text,
    pub(super) visibility: Text,
    pub(super) email_only: Text,
    pub(super) author_id: Text,
    pub(super) created_at: Text,
    pub(super) published_at: Text,
    pub(super) custom_excerpt: Text,
    pub(super) canonical_url: Text,
    pub(super) codeinjection_head: Text,
    pub(super) codeinjection_foot: Text,
    #[serde(flatten)]
    pub(super) networks: Networks,
}

/// What search engines and networks are told; with the post until version 2, apart since.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Networks {
    meta_title: Text,
    meta_description: Text,
    og_title: Text,
    og_description: Text,
    og_image: Text,
    twitter_title: Text,
    twitter_description: Text,
    twitter_image: Text,
}

impl Networks {
    /// The names of those that say something.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        let all = [
            (&self.meta_title, "meta_title"),
            (&self.meta_description, "meta_description"),
            (&self.og_title, "og_title"),
            (&self.og_description, "og_description"),
            (&self.og_image, "og_image"),
            (&self.twitter_title, "twitter_title"),
            (&self.twitter_description, "twitter_description"),
            (&self.twitter_image, "twitter_image"),
        ];
        all.into_iter()
            .filter(|(text, _)| text.get().is_some())
            .map(|(_, name)| name)
    }
}

/// More about a post.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PostMeta {
    pub(super) post_id: Text,
    pub(super) feature_image_alt: Text,
    pub(super) feature_image_caption: Text,
    pub(super) email_only: Text,
    #[serde(flatten)]
    pub(super) networks: Networks,
}

/// A tag of a post.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PostTag {
    pub(super) post_id: Text,
    pub(super) tag_id: Text,
    pub(super) sort_order: Text,
}

/// An author of a post.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PostAuthor {
    pub(super) post_id: Text,
    pub(super) author_id: Text,
    pub(super) sort_order: Text,
}

/// A tag.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tag {
    pub(super) id: Text,
    pub(super) name: Text,
    pub(super) slug: Text,
    pub(super) description: Text,
    pub(super) visibility: Text,
}

/// Someone who may write; nothing that is not public is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub(super) id: Text,
    pub(super) name: Text,
    pub(super) slug: Text,
    pub(super) bio: Text,
    pub(super) profile_image: Text,
}

/// A setting of the site.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Setting {
    pub(super) key: Text,
    pub(super) value: Text,
}

/// Reads an export.
pub(super) fn read(input: impl Read) -> Result<Data, String> {
    let mut input = input.take(MAX_EXPORT + 1);
    let mut head = Vec::new();
    input
        .by_ref()
        .take(BYTE_ORDER_MARK.len() as u64)
        .read_to_end(&mut head)
        .map_err(|cause| format!("can't be read: {cause}"))?;
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&head);
    let mut reader = BufReader::with_capacity(1024 * 1024, head.chain(input));
    let read: Result<Export, serde_json::Error> = serde_json::from_reader(&mut reader);
    let (_, input) = reader.get_ref().get_ref();
    if input.limit() == 0 {
        return Err(format!("an export may have at most {MAX_EXPORT} bytes"));
    }
    let export = read.map_err(|cause| match cause.classify() {
        Category::Io => format!("can't be read: {cause}"),
        Category::Syntax | Category::Eof => format!("is not JSON: {cause}"),
        Category::Data => format!("is no Ghost export: {cause}"),
    })?;
    let alone = Dump {
        meta: export.meta,
        data: export.data,
    };
    let mut dumps = export.db.unwrap_or_default().into_iter().chain([alone]);
    let has_posts = |dump: &Dump| dump.data.as_ref().is_some_and(|data| data.posts.is_some());
    let dump = dumps
        .find(has_posts)
        .ok_or("is no Ghost export: it has no posts")?;
    let version = dump.meta.unwrap_or_default().version;
    if let Some(version) = version.get().filter(|version| version.starts_with('0')) {
        return Err(format!(
            "was made by Ghost {version}; exports of version 2 to 6 can be read"
        ));
    }
    Ok(dump.data.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Data, String> {
        read(text.as_bytes())
    }

    #[test]
    fn values_come_in_any_type() {
        let text = |json: &str| serde_json::from_str::<Text>(json).unwrap();
        assert_eq!(text("7").get(), Some("7"));
        assert_eq!(text("\" \"").get(), None);
        assert!(text("1").is_truthy() && text("true").is_truthy());
        assert!(!text("0").is_truthy() && !text("false").is_truthy() && !text("null").is_truthy());
        for json in [
            "\"2021-03-24T04:34:10.000Z\"",
            "\"2021-03-24 04:34:10\"",
            "\"2021-03-24T06:34:10+02:00\"",
            "1616560450000",
            "\"1616560450000\"",
        ] {
            let time = text(json).time().map(UtcTime::millis);
            assert_eq!(time, Some(1_616_560_450_000), "{json}");
        }
        assert_eq!(text("\"0000-00-00 00:00:00\"").time(), None);
    }

    #[test]
    fn both_shapes_are_read_and_others_refused() {
        let posts = r#"{"data": {"posts": [{"id": 1, "title": "A"}], "users": null}, "meta": {"version": "5.1"}}"#;
        assert_eq!(read_text(posts).unwrap().posts.unwrap().len(), 1);
        let nested = format!("\u{FEFF}{{\"db\": [{posts}]}}");
        assert_eq!(read_text(&nested).unwrap().posts.unwrap().len(), 1);
        let reason = |text: &str| read_text(text).err().unwrap_or_default();
        assert!(reason("<rss>").starts_with("is not JSON"));
        assert!(reason("{\"db\": [").starts_with("is not JSON"));
        assert!(reason("").starts_with("is not JSON"));
        assert!(reason("[]").starts_with("is no Ghost export"));
        assert!(reason("{\"db\": 1}").starts_with("is no Ghost export"));
        assert!(reason("{\"title\": \"x\"}").starts_with("is no Ghost export"));
        let old = r#"{"meta": {"version": "003"}, "data": {"posts": []}}"#;
        assert!(reason(old).contains("Ghost 003"), "{}", reason(old));
    }
}
