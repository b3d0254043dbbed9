//! Bodies of WordPress as HTML: its blocks, or its classic text with shortcodes.

mod autop;
mod comments;
mod finish;
mod markup;
mod shortcodes;

use crate::{
    domain::{body::escaped, import::wordpress::survey::Survey},
    model::article::MAX_BODY,
};

/// Sites whose addresses alone in a paragraph stand for what is there.
const EMBEDDED: [&str; 17] = [
    "youtube.com",
    "youtu.be",
    "vimeo.com",
    "twitter.com",
    "x.com",
    "bsky.app",
    "soundcloud.com",
    "spotify.com",
    "instagram.com",
    "tiktok.com",
    "flickr.com",
    "flic.kr",
    "reddit.com",
    "wordpress.tv",
    "ted.com",
    "dailymotion.com",
    "dai.ly",
];

/// The post that a body is of.
pub(super) struct Post<'a> {
    /// Its number.
    pub(super) id: u64,
    /// Its footnotes, as JSON.
    pub(super) footnotes: Option<&'a str>,
    /// What else the export has.
    pub(super) survey: &'a Survey,
}

/// Makes HTML of a body.
pub(super) fn html(
    content: &str,
    post: &Post<'_>,
    notes: &mut Vec<String>,
) -> Result<String, String> {
    let content = content.replace('\r', "");
    let is_classic = !content.contains("<!-- wp:");
    let content = comments::resolved(&content, post.footnotes, notes);
    let content = shortcodes::resolved(&content, post, is_classic, notes)?;
    let content = match is_classic {
        true => autop::paragraphs(&content),
        false => content,
    };
    check_length(&content)?;
    Ok(finish::finished(&content, &post.survey.site))
}

fn check_length(html: &str) -> Result<(), String> {
    match html.len() <= 2 * MAX_BODY {
        true => Ok(()),
        false => Err(format!("a body may have at most {MAX_BODY} bytes")),
    }
}

/// Adds a note, once.
fn note(notes: &mut Vec<String>, note: String) {
    // Names in a body have no end; those who read of them have.
    if notes.len() < 30 && !notes.contains(&note) {
        notes.push(note);
    }
}

/// A figure that stands for what is at an address.
fn embed(url: &str) -> String {
    let url = escaped(url);
    format!("<figure class=\"embed\" data-url=\"{url}\"><a href=\"{url}\">{url}</a></figure>")
}

/// An address of the web, if a text is nothing else.
fn lone_address(text: &str) -> Option<String> {
    let text = decoded(text.trim());
    let is_address = (text.starts_with("https://") || text.starts_with("http://"))
        && text.len() <= 2_000
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '['))
        && url::Url::parse(&text).is_ok();
    is_address.then_some(text)
}

/// The same, of a site that is known to have something to show.
fn lone_embed(text: &str) -> Option<String> {
    let address = lone_address(text)?;
    let url = url::Url::parse(&address).ok()?;
    let host = url.host_str()?;
    let is_known = EMBEDDED.iter().any(|site| {
        host.strip_suffix(site)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    is_known.then_some(address)
}

/// Resolves what addresses are written with in HTML.
fn decoded(value: &str) -> String {
    if !value.contains('&') {
        return value.to_owned();
    }
    let mut text = value.to_owned();
    for (name, c) in [
        ("&#038;", "&"),
        ("&#38;", "&"),
        ("&#8221;", "\""),
        ("&#8220;", "\""),
        ("&#034;", "\""),
        ("&#39;", "'"),
        ("&#039;", "'"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        text = text.replace(name, c);
    }
    text
}

#[cfg(test)]
mod tests;
