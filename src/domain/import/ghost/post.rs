//! A post as an article.

use crate::{
    domain::import::{
        Entry, Place, Refusal, bounds,
        ghost::{
            body,
            export::{Post, PostMeta, Tag, Text},
            index::Index,
        },
    },
    model::{
        article::{ArticleInput, Image, Status},
        language::is_language,
        time::UtcTime,
    },
};

/// Characters of what is said of a picture.
const WORDS_AT_MOST: usize = 2_000;
/// Characters of a title that is told.
const TOLD_AT_MOST: usize = 80;

/// Reads a post.
pub(super) fn entry(post: &Post, index: &Index, place: Place) -> Entry {
    let meta = index.meta(post);
    let name = || {
        post.title
            .get()
            .or(post.slug.get())
            .unwrap_or("without title")
    };
    let named = |reason: &str| {
        let name: String = name().chars().take(TOLD_AT_MOST).collect();
        format!("\"{name}\": {reason}")
    };
    if let Some(reason) = left_out(post, meta) {
        let reason = named(reason);
        return Entry::LeftOut(Refusal { place, reason });
    }
    let mut notes = Vec::new();
    match article(post, meta, index, &mut notes) {
        Ok(article) => Entry::Article {
            article: Box::new(article),
            related: Vec::new(),
            place,
            notes,
        },
        Err(reason) => Entry::refused(place, named(&reason)),
    }
}

/// Why a post is no article, if it is none.
pub(super) fn left_out(post: &Post, meta: Option<&PostMeta>) -> Option<&'static str> {
    let is_page = match post.kind.get() {
        Some(kind) => kind == "page",
        None => post.page.is_truthy(),
    };
    let is_mail = post.status.get() == Some("sent")
        || post.email_only.is_truthy()
        || meta.is_some_and(|meta| meta.email_only.is_truthy());
    match (is_page, is_mail) {
        (true, _) => Some("is a page, not an article"),
        (false, true) => Some("was only sent as a newsletter"),
        (false, false) => None,
    }
}

fn article(
    post: &Post,
    meta: Option<&PostMeta>,
    index: &Index,
    notes: &mut Vec<String>,
) -> Result<ArticleInput, String> {
    let title = bounds::collapsed(post.title.get().ok_or("has no title")?);
    let title = bounds::title(title)?;
    let body = body::blocks(post, &index.site, notes)?;
    let published_at = date(post);
    let (category, tags) = names(post, index, notes);
    let id = post.uuid.get().or(post.id.get()).or(post.slug.get());
    let input = ArticleInput {
        yields_slug: true,
        external_id: id.map(|id| bounds::external_id("ghost", id)),
        slug: post.slug.get().and_then(bounds::slug),
        title,
        summary: post
            .custom_excerpt
            .get()
            .and_then(|text| bounds::summary(text, notes)),
        category,
        tags,
        authors: authors(post, index, notes),
        published_at,
        status: Some(status(post, published_at, notes)),
        language: language(post, notes),
        featured: post.featured.is_truthy(),
        image: image(post, meta, index, notes),
        canonical_url: canonical(post, index, notes),
        former_paths: post
            .slug
            .get()
            .and_then(|slug| index.site.path(slug))
            .into_iter()
            .collect(),
        body,
        ..ArticleInput::default()
    };
    tell_of_rest(post, meta, notes);
    Ok(input)
}

/// A draft that never was public has none.
fn date(post: &Post) -> Option<UtcTime> {
    let published = post.published_at.time();
    match post.status.get() {
        Some("published") => published.or_else(|| post.created_at.time()),
        _ => published,
    }
}

/// What not everyone could read is never published here.
fn status(post: &Post, date: Option<UtcTime>, notes: &mut Vec<String>) -> Status {
    let visibility = post.visibility.get().unwrap_or("public");
    if visibility != "public" {
        notes.push(format!(
            "not everyone could read it (visibility \"{visibility}\"): it is a draft"
        ));
        return Status::Draft;
    }
    let is_ahead = date.is_some_and(|date| date > UtcTime::now());
    match (post.status.get(), date) {
        (Some("published"), _) => bounds::public(date),
        (Some("scheduled"), Some(_)) if is_ahead => Status::Scheduled,
        (Some("scheduled"), Some(date)) => {
            notes.push(format!(
                "it was scheduled for {date}, which is past: it is published"
            ));
            Status::Published
        }
        (Some("draft"), _) => Status::Draft,
        (other, _) => {
            notes.push(format!(
                "its status \"{}\" does not say when it is published: it is a draft",
                other.unwrap_or_default()
            ));
            Status::Draft
        }
    }
}

/// The category, which is the primary tag, and the other tags.
fn names(post: &Post, index: &Index, notes: &mut Vec<String>) -> (Vec<String>, Vec<String>) {
    let name = |tag: &Tag| tag.name.get().map(str::to_owned);
    let mut tags = index.tags(post);
    let first = tags.next().and_then(name);
    let category = bounds::names(first, "primary tags", notes);
    let others = bounds::names(tags.filter_map(name), "tags", notes);
    let is_other = |tag: &String| {
        let is_same = |category: &String| category.to_lowercase() == tag.to_lowercase();
        !category.iter().any(is_same)
    };
    let tags = others.into_iter().filter(is_other).collect();
    (category, tags)
}

fn authors(post: &Post, index: &Index, notes: &mut Vec<String>) -> Vec<String> {
    let said = index
        .authors(post)
        .filter_map(|user| user.name.get().or(user.slug.get()))
        .map(str::to_owned);
    let authors = bounds::names(said, "authors", notes);
    if authors.is_empty() {
        notes.push("the export does not tell who wrote it".to_owned());
    }
    authors
}

fn language(post: &Post, notes: &mut Vec<String>) -> Option<String> {
    let tag = post.locale.get()?.replace('_', "-");
    if !is_language(&tag) {
        notes.push("its locale is no language tag".to_owned());
        return None;
    }
    Some(tag)
}

fn image(
    post: &Post,
    meta: Option<&PostMeta>,
    index: &Index,
    notes: &mut Vec<String>,
) -> Option<Image> {
    let address = post.feature_image.get()?;
    let Some(image) = index
        .site
        .absolute(address)
        .and_then(|url| bounds::picture(&url))
    else {
        notes.push(
            "its feature image was left out: its address is not absolute (http or https)"
                .to_owned(),
        );
        return None;
    };
    let alt = meta.and_then(|meta| meta.feature_image_alt.get());
    let caption = meta.and_then(|meta| meta.feature_image_caption.get());
    Some(Image {
        alt: alt.and_then(|alt| words(bounds::collapsed(alt), "alt text", notes)),
        caption: caption.and_then(|html| words(bounds::plain(html), "caption", notes)),
        ..image
    })
}

fn words(text: String, what: &str, notes: &mut Vec<String>) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    if text.chars().count() <= WORDS_AT_MOST {
        return Some(text);
    }
    notes.push(format!(
        "the {what} of its feature image was cut to {WORDS_AT_MOST} characters"
    ));
    Some(text.chars().take(WORDS_AT_MOST).collect())
}

fn canonical(post: &Post, index: &Index, notes: &mut Vec<String>) -> Option<String> {
    let address = index.site.absolute(post.canonical_url.get()?);
    if address.is_none() {
        notes.push("its canonical URL is not absolute (http or https)".to_owned());
    }
    address
}

/// Tells of what has no place here.
fn tell_of_rest(post: &Post, meta: Option<&PostMeta>, notes: &mut Vec<String>) {
    let injected: [(&Text, &str); 2] = [
        (&post.codeinjection_head, "codeinjection_head"),
        (&post.codeinjection_foot, "codeinjection_foot"),
    ];
    let mut names: Vec<&str> = injected
        .into_iter()
        .filter(|(text, _)| text.get().is_some())
        .map(|(_, name)| name)
        .collect();
    names.extend(post.networks.names());
    names.extend(meta.into_iter().flat_map(|meta| meta.networks.names()));
    if !names.is_empty() {
        notes.push(format!("there is no place for its {}", names.join(", ")));
    }
}
