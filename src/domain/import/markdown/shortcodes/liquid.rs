//! Tags and output of Liquid, as Jekyll has it.

use crate::domain::import::{
    bounds,
    markdown::shortcodes::{
        args::Args,
        hugo,
        said::{self, Said, by_id, embed},
    },
};

/// What a tag stands for, if it is known.
pub(super) fn said(args: &Args) -> Option<Said> {
    match args.name.as_str() {
        "post_url" => post(args.at(0)?).map(Said::Inline),
        "link" => linked(args.at(0)?).map(Said::Inline),
        "include" | "include_relative" | "include_cached" => included(args),
        "youtube" => by_id(args.at(0), hugo::youtube),
        "vimeo" => by_id(args.at(0), hugo::vimeo),
        "twitter" | "tweet" => {
            let address = args.at(0)?;
            address.starts_with("https://").then(|| embed(address))
        }
        "gist" => {
            let (user, id) = args.at(0)?.split_once('/')?;
            hugo::gist(Some(user), Some(id))
        }
        _ => None,
    }
}

fn included(args: &Args) -> Option<Said> {
    let file = args.at(0)?;
    let file = file.rsplit('/').next()?;
    let id = args.named(&["id", "video_id", "videoid", "url", "src", "youtube_id"]);
    let stem = file.split('.').next()?.to_ascii_lowercase();
    let site = args.named(&["provider"]).unwrap_or(&stem);
    match (stem.as_str(), site) {
        ("figure" | "image" | "img" | "picture", _) => {
            args.named(&["src", "url", "image_path", "path", "image"])?;
            said::figure(args)
        }
        (_, "vimeo") => by_id(id, hugo::vimeo),
        (_, "youtube" | "youtube-embed" | "youtubeplayer" | "youtube_embed" | "video") => {
            by_id(id, hugo::youtube)
        }
        (_, "twitter" | "tweet") => by_id(id, |id| format!("https://x.com/i/status/{id}")),
        _ => None,
    }
}

/// The path of a post by the name of its file; its date is no part of it.
fn post(name: &str) -> Option<String> {
    let file = name.rsplit('/').next()?;
    let stem = match file.rsplit_once('.') {
        Some((stem, "md" | "markdown" | "html")) => stem,
        _ => file,
    };
    let dated = stem.split_at_checked(11).filter(|(date, rest)| {
        let is_date = |c: char| c.is_ascii_digit() || c == '-';
        date.ends_with('-') && date.chars().all(is_date) && !rest.is_empty()
    });
    let slug = dated.map_or(stem, |(_, rest)| rest);
    bounds::slug(slug).map(|slug| format!("/{slug}"))
}

/// The path of a file of the site.
fn linked(name: &str) -> Option<String> {
    if name.contains("_posts/") || name.contains("_drafts/") {
        return post(name);
    }
    said::path_of(name.trim_start_matches(['/', '_']))
}

/// What output stands for, if it is nothing but an address of the site.
pub(super) fn output(inner: &str) -> Option<String> {
    if matches!(inner, "site.baseurl" | "site.url" | "site.github.url") {
        return Some(String::new());
    }
    let (value, filters) = inner.split_once('|')?;
    let value = value.trim();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let text = value.strip_prefix(quote)?.strip_suffix(quote)?;
    let is_address = |filter: &str| {
        matches!(filter.trim(), "relative_url" | "absolute_url")
            || filter.trim().starts_with("prepend: site.")
            || filter.trim().starts_with("prepend:site.")
    };
    (filters.split('|').all(is_address) && !text.contains(quote)).then(|| text.to_owned())
}

/// Whether it is output of Jekyll; other programs have braces too.
pub(super) fn is_output(inner: &str) -> bool {
    ["site.", "page.", "include.", "post.", "layout."]
        .iter()
        .any(|start| inner.starts_with(start))
}
