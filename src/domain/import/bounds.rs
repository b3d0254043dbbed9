//! Keeps what other systems give within the bounds of an article.

use std::collections::HashSet;

use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    domain::body::{self, BodySource},
    model::{
        article::{Image, MAX_NAMES, MAX_SUMMARY, MAX_TITLE, Status},
        name::MAX_NAME,
        shown::shows,
        slug::{is_slug, slug_from},
        time::UtcTime,
    },
};

/// Characters of an external id.
const MAX_ID: usize = 200;
/// Characters of an address.
const MAX_ADDRESS: usize = 2_000;
/// Words of a title that is made up.
const TITLE_WORDS: usize = 12;

/// A text in one line, with one space between words; empty where nothing of it shows.
pub(super) fn collapsed(text: &str) -> String {
    let text = text.replace('\0', "");
    match shows(&text) {
        true => text.split_whitespace().collect::<Vec<_>>().join(" "),
        false => String::new(),
    }
}

/// What a reader reads of a piece of HTML, in one line; nothing of what can't be read.
pub(super) fn plain(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return collapsed(html);
    }
    let blocks = body::blocks(&BodySource::Html(html.replace('\0', "")));
    collapsed(&body::text(&blocks.unwrap_or_default()))
}

/// A title, unless nothing of it shows, or it is too long.
pub(super) fn title(title: String) -> Result<String, String> {
    match title.chars().count() <= MAX_TITLE {
        _ if !shows(&title) => Err("has no title".to_owned()),
        true => Ok(title),
        false => Err(format!("the title has more than {MAX_TITLE} characters")),
    }
}

/// The first words of a text, for want of a title.
pub(super) fn title_of(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().take(TITLE_WORDS).collect();
    let title: String = words.join(" ").chars().take(MAX_TITLE).collect();
    let title = title.trim_end_matches([',', '.', ';', ':']).to_owned();
    shows(&title).then_some(title)
}

/// A summary in one line, cut at a word where it is too long.
pub(super) fn summary(text: &str, notes: &mut Vec<String>) -> Option<String> {
    let text = collapsed(text);
    if text.is_empty() {
        return None;
    }
    if text.chars().count() <= MAX_SUMMARY {
        return Some(text);
    }
    notes.push(format!("the summary was cut to {MAX_SUMMARY} characters"));
    let cut: String = text.chars().take(MAX_SUMMARY).collect();
    let at_word = cut.rsplit_once(' ').map(|(whole, _)| whole.to_owned());
    Some(at_word.unwrap_or(cut))
}

/// Each name once, and none that is too long, as many as an article may have.
pub(super) fn names(
    names: impl IntoIterator<Item = String>,
    what: &str,
    notes: &mut Vec<String>,
) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut kept: Vec<String> = Vec::new();
    let mut lost = 0_usize;
    for name in names {
        let name = collapsed(&name);
        if name.is_empty() || !seen.insert(name.to_lowercase()) {
            continue;
        }
        match kept.len() < MAX_NAMES && name.chars().count() <= MAX_NAME {
            true => kept.push(name),
            false => lost += 1,
        }
    }
    if lost > 0 {
        notes.push(format!(
            "{lost} of the {what} were left out: an article may have {MAX_NAMES}, each of at most \
             {MAX_NAME} characters"
        ));
    }
    kept
}

/// The key of a record of another system; a long one is hashed.
pub(super) fn external_id(kind: &str, id: &str) -> String {
    let id = id.replace('\0', "");
    match kind.len() + 1 + id.chars().count() <= MAX_ID {
        true => format!("{kind}:{id}"),
        false => format!("{kind}:{}", digest(&id)),
    }
}

/// The SHA-256 of a text in hexadecimal digits.
pub(super) fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The status of what is public there: with a date in the future it waits for it.
pub(super) fn public(date: Option<UtcTime>) -> Status {
    match date.is_some_and(|date| date > UtcTime::now()) {
        true => Status::Scheduled,
        false => Status::Published,
    }
}

/// A slug as it is, or the nearest that may be one.
pub(super) fn slug(text: &str) -> Option<String> {
    let text = text.trim().trim_matches('/');
    match is_slug(text) {
        true => Some(text.to_owned()),
        false => slug_from(text),
    }
}

/// The path of an address or of a path; none for the front page.
pub(super) fn path(address: &str) -> Option<String> {
    let address = address.trim();
    if address.is_empty() || address.chars().count() > MAX_ADDRESS || address.contains('\0') {
        return None;
    }
    let root = Url::parse("https://site.invalid/").ok()?;
    let url = root.join(address).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/index.html").unwrap_or(path);
    (!path.is_empty() && !path.starts_with("//")).then(|| path.to_owned())
}

/// A picture of which only the address is known, if that is one on the web.
pub(super) fn picture(address: &str) -> Option<Image> {
    let address = address.trim();
    let url = match address.strip_prefix("//") {
        Some(rest) => format!("https://{rest}"),
        None => address.to_owned(),
    };
    let is_kept = url.chars().count() <= MAX_ADDRESS && !url.contains('\0');
    (is_kept && body::is_web_address(&url)).then_some(Image {
        url,
        alt: None,
        width: None,
        height: None,
        caption: None,
        credit: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn former_paths_have_no_query_no_end_and_no_host() {
        for (address, expected) in [
            ("https://old.example/a/b/?x=1#y", Some("/a/b")),
            ("/a/b/", Some("/a/b")),
            ("a/b", Some("/a/b")),
            ("/a/index.html", Some("/a")),
            ("https://old.example/", None),
            ("https://old.example//evil.example", None),
            ("mailto:a@old.example", None),
            ("", None),
        ] {
            assert_eq!(path(address).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn html_becomes_a_line_of_text() {
        assert_eq!(plain("Fish &amp; <b>chips</b>"), "Fish & chips");
        assert_eq!(plain(" two\n words "), "two words");
        assert_eq!(plain("<script>x</script>"), "");
        assert_eq!(plain("\u{200F}&#x202E; "), "");
    }

    #[test]
    fn long_texts_are_cut_at_a_word_and_long_ids_hashed() {
        let mut notes = Vec::new();
        let cut = summary(&"word ".repeat(2_000), &mut notes).unwrap();
        assert!(cut.ends_with("word") && cut.chars().count() <= MAX_SUMMARY);
        assert_eq!(notes.len(), 1);
        assert_eq!(external_id("feed", "x"), "feed:x");
        assert_eq!(external_id("feed", &"x".repeat(200)).len(), 5 + 64);
        assert_eq!(
            title_of("One two, three.").as_deref(),
            Some("One two, three")
        );
    }
}
