//! Shortcodes of Hugo, and components of Astro that do the same.

use crate::domain::import::markdown::shortcodes::{
    args::Args,
    said::{self, Said, by_id, embed, is_id},
};

/// What a shortcode stands for, if it is known.
pub(super) fn said(args: &Args) -> Option<Said> {
    let first = || args.named(&["id"]).or_else(|| args.at(0));
    match args.name.as_str() {
        "figure" | "image" | "img" => said::figure(args),
        "youtube" => by_id(first(), youtube),
        "vimeo" => by_id(first(), vimeo),
        "instagram" => by_id(first(), |id| format!("https://www.instagram.com/p/{id}/")),
        "tweet" | "twitter" | "x" => post(args),
        "gist" => gist(args.at(0), args.at(1)),
        "ref" | "relref" => {
            let name = args.named(&["path"]).or_else(|| args.at(0))?;
            said::path_of(name).map(Said::Inline)
        }
        _ => None,
    }
}

/// What a component stands for, if it shows something of another site.
pub(super) fn player(args: &Args) -> Option<Said> {
    let id = args.named(&["id", "url", "videoId"]);
    match args.name.as_str() {
        "YouTube" => by_id(id, youtube),
        "Vimeo" => by_id(id, vimeo),
        "Tweet" => by_id(id, |id| format!("https://x.com/i/status/{id}")),
        "Gist" => by_id(id, |id| format!("https://gist.github.com/{id}")),
        _ => None,
    }
}

pub(super) fn youtube(id: &str) -> String {
    format!("https://www.youtube.com/watch?v={id}")
}

pub(super) fn vimeo(id: &str) -> String {
    format!("https://vimeo.com/{id}")
}

pub(super) fn gist(user: Option<&str>, id: Option<&str>) -> Option<Said> {
    let (user, id) = (user?, id?);
    (is_id(user) && is_id(id)).then(|| embed(&format!("https://gist.github.com/{user}/{id}")))
}

/// `user="name" id="1"`, both by place, or an id alone.
fn post(args: &Args) -> Option<Said> {
    let by_place = args.at(1).and(args.at(0));
    let user = args.named(&["user"]).or(by_place).unwrap_or("i");
    let id = args
        .named(&["id"])
        .or_else(|| args.at(1))
        .or_else(|| args.at(0));
    if !is_id(user) {
        return None;
    }
    by_id(id, |id| format!("https://x.com/{user}/status/{id}"))
}
