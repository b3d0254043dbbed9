//! `html`: saved article pages, with what they say of themselves for search engines and networks.

mod content;
mod decode;
mod folder;
mod head;
mod linked;
mod links;
mod tidy;

use std::path::Path;

use scraper::Html;
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    domain::{
        body,
        import::{Entry, Place, bounds, dates},
    },
    model::{
        article::{ArticleInput, Image, MAX_SUMMARY, MAX_TITLE, Status},
        language::is_language,
        shown::shows,
        time::UtcTime,
    },
};
use folder::MAX_PAGE;
use head::Head;
use linked::Linked;

const ID_AT_MOST: usize = 200;

/// Reads one page; without an address of its own it is known again by the name of its file.
pub fn entry(bytes: &[u8], file: &str) -> Entry {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    named_entry(bytes, file, name)
}

/// Reads the pages of a folder (`*.html` and `*.htm`, also in folders within, links not
/// followed), or one page.
pub fn entries(path: &Path) -> Result<impl Iterator<Item = Entry> + Send + use<>, String> {
    let pages = folder::pages(path)?;
    Ok(pages.into_iter().map(|found| {
        let file = found.path.display().to_string();
        match folder::bytes(&found.path) {
            Ok(bytes) => named_entry(&bytes, &file, &found.name),
            Err(reason) => Entry::refused(Place::whole(&file), reason),
        }
    }))
}

fn named_entry(bytes: &[u8], file: &str, name: &str) -> Entry {
    let place = Place::whole(file);
    match read(bytes, name) {
        Ok((article, notes)) => Entry::Article {
            article: Box::new(article),
            related: Vec::new(),
            place,
            notes,
        },
        Err(reason) => Entry::refused(place, reason),
    }
}

fn read(bytes: &[u8], name: &str) -> Result<(ArticleInput, Vec<String>), String> {
    let too_long = || format!("a page may have at most {MAX_PAGE} bytes");
    if bytes.len() > MAX_PAGE {
        return Err(too_long());
    }
    let text = decode::decoded(bytes)?;
    if text.len() > MAX_PAGE {
        return Err(too_long());
    }
    let page = decode::stripped(&text.replace('\0', ""));
    body::check_markup(&page.html).map_err(|cause| cause.to_string())?;
    let mut document = Html::parse_document(&page.html);
    let head = Head::read(&document);
    let mut linked = linked::read(&page.linked);
    let address = address(&head);
    let title = title(&head, &linked)?;
    tidy::tidy(&mut document, address.as_ref());
    let body = content::blocks(document, &title, linked.text.take())?;
    let mut notes = Vec::new();
    let (category, tags) = names(&head, &linked, &mut notes);
    let published_at = date(&head, &linked);
    if linked.is_paid {
        notes.push("is a draft here: not everyone could read it".to_owned());
    }
    let is_ahead = published_at.is_some_and(|time| time > UtcTime::now());
    let article = ArticleInput {
        yields_slug: true,
        external_id: Some(external_id(address.as_ref(), name, &title)),
        summary: summary(&head, &linked, &mut notes),
        category,
        tags,
        authors: authors(&head, &linked, &mut notes),
        published_at,
        status: Some(match (linked.is_paid, is_ahead) {
            (true, _) => Status::Draft,
            (false, true) => Status::Scheduled,
            (false, false) => Status::Published,
        }),
        language: language(&head, &linked),
        image: image(&head, &linked, address.as_ref()),
        former_paths: address.as_ref().and_then(links::path).into_iter().collect(),
        title,
        body,
        ..ArticleInput::default()
    };
    Ok((article, notes))
}

/// The address that the page says it has.
fn address(head: &Head) -> Option<Url> {
    let of_network = head.meta(&["og:url"]);
    let said = [head.canonical.as_deref(), of_network.as_deref()];
    said.into_iter()
        .flatten()
        .find_map(|address| links::absolute(address, None))
}

fn external_id(address: Option<&Url>, name: &str, title: &str) -> String {
    let id = match (address, name) {
        (Some(address), _) => format!("html:{address}"),
        // Standard input has no name.
        (None, "-") => format!("html:{}", digest(title)),
        (None, name) => format!("html:{name}"),
    };
    match id.chars().count() <= ID_AT_MOST {
        true => id,
        false => format!("html:{}", digest(&id)),
    }
}

fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn title(head: &Head, linked: &Linked) -> Result<String, String> {
    let title = linked
        .headline
        .clone()
        .filter(|title| shows(title))
        .or_else(|| head.title())
        .filter(|title| shows(title))
        .ok_or("the page has no title")?;
    match title.chars().count() <= MAX_TITLE {
        true => Ok(title),
        false => Err(format!("the title has more than {MAX_TITLE} characters")),
    }
}

fn summary(head: &Head, linked: &Linked, notes: &mut Vec<String>) -> Option<String> {
    let said = || head.meta(&["og:description", "description", "twitter:description"]);
    let summary = linked.description.clone().or_else(said)?;
    if summary.chars().count() <= MAX_SUMMARY {
        return Some(summary);
    }
    notes.push(format!("the summary was cut to {MAX_SUMMARY} characters"));
    let cut: String = summary.chars().take(MAX_SUMMARY).collect();
    let at_word = cut.rsplit_once(' ').map(|(whole, _)| whole.to_owned());
    Some(at_word.unwrap_or(cut))
}

fn authors(head: &Head, linked: &Linked, notes: &mut Vec<String>) -> Vec<String> {
    let said = match linked.authors.is_empty() {
        true => head.authors(),
        false => linked.authors.clone(),
    };
    bounds::names(said, "authors", notes)
}

/// The category, and as tags everything else that it is filed under.
fn names(head: &Head, linked: &Linked, notes: &mut Vec<String>) -> (Vec<String>, Vec<String>) {
    let mut sections = linked.sections.clone();
    for name in ["article:section", "category", "parsely-section"] {
        sections.extend(head.metas(name));
    }
    let mut sections = bounds::names(sections, "sections", notes).into_iter();
    let category: Vec<String> = sections.next().into_iter().collect();
    let mut tags: Vec<String> = sections.collect();
    tags.extend(linked.keywords.iter().cloned());
    tags.extend(head.metas("article:tag"));
    for name in ["keywords", "news_keywords"] {
        tags.extend(head.metas(name).flat_map(|words| linked::parted(&words)));
    }
    (category, bounds::names(tags, "tags", notes))
}

fn date(head: &Head, linked: &Linked) -> Option<UtcTime> {
    let mut said = linked.published.clone().into_iter().chain(head.dates());
    said.find_map(|text| dates::parse(&text))
}

fn language(head: &Head, linked: &Linked) -> Option<String> {
    let said = [
        linked.language.clone(),
        head.language.clone(),
        head.meta(&["og:locale"]),
    ];
    said.into_iter()
        .flatten()
        .map(|tag| tag.replace('_', "-"))
        .find(|tag| is_language(tag))
}

fn image(head: &Head, linked: &Linked, base: Option<&Url>) -> Option<Image> {
    let of_linked = linked.image.as_deref();
    let found = of_linked.and_then(|address| links::absolute(address, base));
    if let Some(url) = found {
        return Some(picture(url.into()));
    }
    let said = head.meta(&["og:image", "og:image:url", "twitter:image"])?;
    let url = links::absolute(&said, base)?;
    let pixels = |name: &str| {
        let value: i64 = head.meta(&[name])?.parse().ok()?;
        (1..=100_000).contains(&value).then_some(value)
    };
    Some(Image {
        alt: head
            .meta(&["og:image:alt", "twitter:image:alt"])
            .filter(|alt| alt.chars().count() <= 2_000),
        width: pixels("og:image:width"),
        height: pixels("og:image:height"),
        ..picture(url.into())
    })
}

fn picture(url: String) -> Image {
    Image {
        url,
        alt: None,
        width: None,
        height: None,
        caption: None,
        credit: None,
    }
}
