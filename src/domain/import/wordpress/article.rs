//! An item of an export as an article.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use chrono::{DateTime, NaiveDateTime};
use percent_encoding::percent_decode_str;

use crate::{
    domain::{
        body::{self as stored, BodySource},
        import::{
            bounds,
            wordpress::{
                Wanted,
                body::{self, Post},
                filing,
                read::Element,
                survey::Survey,
            },
        },
    },
    model::{
        article::{ArticleInput, Image, MAX_BODY, Status},
        block::Block,
        slug::is_slug,
        time::UtcTime,
    },
};

/// The most former slugs of one article.
const MAX_FORMER: usize = 50;

/// What an item is.
pub(super) enum Told {
    /// An article, and what of it was lost.
    Article(Box<ArticleInput>, Vec<String>),
    /// No article, to be named.
    LeftOut(String),
    /// Of a type that is none, to be counted.
    OfType(String),
}

/// Reads an item.
pub(super) fn read(
    bytes: Vec<u8>,
    survey: &Survey,
    wanted: &Wanted,
    slugs: &mut HashSet<u64>,
) -> Result<Told, String> {
    let item = Element::read(bytes)?;
    let named = || {
        let title = bounds::plain(item.get("title").unwrap_or_default());
        let title: String = title.chars().take(60).collect();
        let id = item.get("wp:post_id").unwrap_or("?");
        format!("post {id} \"{title}\"")
    };
    let kind = item.get("wp:post_type").unwrap_or("post");
    match kind {
        "post" => {}
        "page" if wanted.pages => {}
        "page" => return Ok(Told::LeftOut(format!("{} is a page", named()))),
        _ => return Ok(Told::OfType(kind.chars().take(40).collect())),
    }
    match item.get("wp:status") {
        Some("trash") => return Ok(Told::LeftOut(format!("{} is in the trash", named()))),
        Some("inherit") => return Ok(Told::OfType("revision".to_owned())),
        _ => {}
    }
    let mut notes = Vec::new();
    let article = article(&item, survey, slugs, &mut notes)
        .map_err(|reason| format!("{}: {reason}", named()))?;
    Ok(Told::Article(Box::new(article), notes))
}

fn article(
    item: &Element,
    survey: &Survey,
    slugs: &mut HashSet<u64>,
    notes: &mut Vec<String>,
) -> Result<ArticleInput, String> {
    let id: u64 = item
        .get("wp:post_id")
        .and_then(|id| id.parse().ok())
        .ok_or("has no post_id")?;
    let body = blocks(item, id, survey, notes)?;
    let title = bounds::plain(item.get("title").unwrap_or_default());
    let title_provisional = title.is_empty();
    let title = match title_provisional {
        false => bounds::title(title)?,
        true => bounds::title_of(&stored::text(&body)).ok_or("has no title")?,
    };
    let (status, published_at) = status(item, notes);
    let (category, tags) = filing::filed(item, survey, notes);
    let slug = slug(item, slugs, notes);
    Ok(ArticleInput {
        yields_slug: true,
        external_id: Some(external_id(&survey.site.key(), id)),
        former_slugs: former_slugs(item, slug.as_deref()),
        slug,
        title,
        title_provisional,
        summary: summary(item, notes),
        category,
        tags,
        authors: filing::authors(item, survey, notes),
        published_at,
        status: Some(status),
        language: filing::language(item).or_else(|| survey.language.clone()),
        featured: item.get("wp:is_sticky") == Some("1"),
        image: image(item, survey, notes),
        canonical_url: canonical(item),
        body,
        former_paths: item
            .get("link")
            .and_then(|link| survey.site.path(link))
            .into_iter()
            .collect(),
        ..ArticleInput::default()
    })
}

fn external_id(site: &str, id: u64) -> String {
    match site.is_empty() {
        true => bounds::external_id("wordpress", &id.to_string()),
        false => bounds::external_id("wordpress", &format!("{site}:{id}")),
    }
}

fn blocks(
    item: &Element,
    id: u64,
    survey: &Survey,
    notes: &mut Vec<String>,
) -> Result<Vec<Block>, String> {
    let content = item.get("content:encoded").unwrap_or_default();
    if content.len() > MAX_BODY {
        return Err(format!("a body may have at most {MAX_BODY} bytes"));
    }
    let post = Post {
        id,
        footnotes: item.meta("footnotes"),
        survey,
    };
    let html = body::html(content, &post, notes)?;
    let blocks = stored::blocks(&BodySource::Html(html)).map_err(|why| why.to_string())?;
    match blocks.is_empty() {
        true => Err("has no text".to_owned()),
        false => Ok(blocks),
    }
}

/// The status, and the date that goes with it.
fn status(item: &Element, notes: &mut Vec<String>) -> (Status, Option<UtcTime>) {
    let is_locked = item.get("wp:post_password").is_some();
    let word = item.get("wp:status").unwrap_or("unknown");
    let mut noted = Vec::new();
    let date = date(item, &mut noted);
    let told = match word {
        "publish" | "future" if is_locked => {
            notes.push("is a draft here: it was protected by a password".to_owned());
            Status::Draft
        }
        "future" if date.is_none() => {
            notes.push("is a draft here: it was scheduled without a date".to_owned());
            Status::Draft
        }
        "publish" | "future" => bounds::public(date),
        "draft" | "pending" | "auto-draft" => {
            // Until it is published, WordPress gives a draft the time of its last change only.
            return (Status::Draft, gmt(item));
        }
        "private" => {
            notes.push("is a draft here: it was private".to_owned());
            Status::Draft
        }
        other => {
            let other: String = other.chars().take(40).collect();
            notes.push(format!("is a draft here: it was of status {other}"));
            Status::Draft
        }
    };
    notes.append(&mut noted);
    (told, date)
}

fn gmt(item: &Element) -> Option<UtcTime> {
    local(item.get("wp:post_date_gmt")?)
}

fn local(text: &str) -> Option<UtcTime> {
    if text.starts_with("0000") {
        return None;
    }
    let parsed = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    UtcTime::from_millis(parsed.and_utc().timestamp_millis())?.editorial()
}

fn date(item: &Element, notes: &mut Vec<String>) -> Option<UtcTime> {
    let published = || {
        let time = DateTime::parse_from_rfc2822(item.get("pubDate")?).ok()?;
        UtcTime::from_millis(time.timestamp_millis())?.editorial()
    };
    if let Some(time) = gmt(item).or_else(published) {
        return Some(time);
    }
    let time = local(item.get("wp:post_date")?)?;
    notes.push("its date has no time zone and is taken to be in UTC".to_owned());
    Some(time)
}

/// The slug that it had, unless another of the same export has it.
fn slug(item: &Element, slugs: &mut HashSet<u64>, notes: &mut Vec<String>) -> Option<String> {
    let name = item.get("wp:post_name")?;
    let slug = bounds::slug(&percent_decode_str(name).decode_utf8_lossy())?;
    let mut hasher = DefaultHasher::new();
    slug.hash(&mut hasher);
    if slugs.insert(hasher.finish()) {
        return Some(slug);
    }
    notes.push(format!(
        "the slug \"{slug}\" is that of an earlier post; it gets one from its title"
    ));
    None
}

fn former_slugs(item: &Element, slug: Option<&str>) -> Vec<String> {
    let mut former: Vec<String> = Vec::new();
    for (key, value) in item.metas() {
        if key != "_wp_old_slug" || former.len() >= MAX_FORMER {
            continue;
        }
        let value = percent_decode_str(value).decode_utf8_lossy();
        let is_new = is_slug(&value) && slug != Some(&*value);
        if is_new && former.iter().all(|known| *known != *value) {
            former.push(value.into_owned());
        }
    }
    former
}

fn summary(item: &Element, notes: &mut Vec<String>) -> Option<String> {
    let excerpt = bounds::plain(item.get("excerpt:encoded").unwrap_or_default());
    if !excerpt.is_empty() {
        return bounds::summary(&excerpt, notes);
    }
    let described = item
        .meta("_yoast_wpseo_metadesc")
        .or_else(|| item.meta("rank_math_description"))
        // Placeholders are for the plugin to fill in.
        .filter(|text| !text.contains('%'))?;
    bounds::summary(&bounds::plain(described), notes)
}

fn canonical(item: &Element) -> Option<String> {
    item.meta("_yoast_wpseo_canonical")
        .or_else(|| item.meta("rank_math_canonical_url"))
        .filter(|url| stored::is_web_address(url) && url.chars().count() <= 2_000)
        .map(str::to_owned)
}

fn image(item: &Element, survey: &Survey, notes: &mut Vec<String>) -> Option<Image> {
    let id: u64 = item
        .meta("_thumbnail_id")?
        .parse()
        .ok()
        .filter(|id| *id > 0)?;
    let image = survey.attachment(id).and_then(|found| found.image());
    if image.is_none() {
        notes.push(format!(
            "its picture, attachment {id}, is not in the export"
        ));
    }
    image
}
