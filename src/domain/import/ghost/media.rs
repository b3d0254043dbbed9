//! Cards that show something: pictures, things of other sites, sound and files.

use serde_json::Value;

use crate::domain::import::ghost::{
    cards::{Card, said},
    writer::Writer,
};

/// Pictures of a gallery.
const PICTURES_AT_MOST: usize = 100;

/// A picture, perhaps with a link around it and words under it.
#[derive(Debug, Default)]
pub(super) struct Picture<'a> {
    source: Option<&'a str>,
    alt: Option<&'a str>,
    title: Option<&'a str>,
    width: Option<String>,
    height: Option<String>,
    href: Option<&'a str>,
    /// HTML.
    caption: Option<&'a str>,
}

impl<'a> Picture<'a> {
    /// Nothing but a picture.
    pub(super) fn plain(source: Option<&'a str>) -> Self {
        Self {
            source,
            ..Self::default()
        }
    }

    fn new(card: &'a Card) -> Self {
        let pixels = |name: &str| match card.get(name)? {
            Value::Number(number) => number.as_u64().map(|pixels| pixels.to_string()),
            Value::String(text) => Some(text.clone()),
            _ => None,
        };
        Self {
            source: said(card, "src"),
            alt: said(card, "alt"),
            title: said(card, "title"),
            width: pixels("width"),
            height: pixels("height"),
            href: said(card, "href"),
            caption: said(card, "caption"),
        }
    }
}

/// Writes a picture, if it has a source.
pub(super) fn picture(picture: &Picture<'_>, out: &mut Writer) {
    if picture.source.is_none() {
        return out.fragment_in("p", picture.caption);
    }
    out.raw("<figure>");
    if picture.href.is_some() {
        out.open("a", &[("href", picture.href)]);
    }
    out.open(
        "img",
        &[
            ("src", picture.source),
            ("alt", picture.alt),
            ("title", picture.title),
            ("width", picture.width.as_deref()),
            ("height", picture.height.as_deref()),
        ],
    );
    if picture.href.is_some() {
        out.close("a");
    }
    out.fragment_in("figcaption", picture.caption);
    out.raw("</figure>");
}

pub(super) fn image(card: &Card, out: &mut Writer) {
    picture(&Picture::new(card), out);
}

pub(super) fn gallery(card: &Card, out: &mut Writer) {
    let none = Vec::new();
    let images = card
        .get("images")
        .and_then(Value::as_array)
        .unwrap_or(&none);
    for image in images.iter().take(PICTURES_AT_MOST) {
        if let Some(image) = image.as_object() {
            picture(&Picture::new(image), out);
        }
    }
    if images.len() > PICTURES_AT_MOST {
        out.note(format!(
            "a gallery has {} pictures, of which the first {PICTURES_AT_MOST} were taken",
            images.len()
        ));
    }
    out.fragment_in("p", said(card, "caption"));
}

fn metadata<'a>(card: &'a Card, name: &str) -> Option<&'a str> {
    card.get("metadata")
        .and_then(Value::as_object)
        .and_then(|metadata| said(metadata, name))
}

/// The form of an embed that the reader of HTML knows.
fn figure(url: &str, title: Option<&str>, caption: Option<&str>, out: &mut Writer) {
    out.open(
        "figure",
        &[("class", Some("embed")), ("data-url", Some(url))],
    );
    out.open("a", &[("href", Some(url))]);
    out.text(title.unwrap_or(url));
    out.close("a");
    out.fragment_in("figcaption", caption);
    out.raw("</figure>");
}

pub(super) fn embed(card: &Card, out: &mut Writer) {
    let caption = said(card, "caption");
    let url = said(card, "url").or_else(|| metadata(card, "url"));
    match (url, said(card, "html")) {
        (Some(url), _) => figure(url, metadata(card, "title"), caption, out),
        (None, Some(html)) => {
            out.fragment(html);
            out.fragment_in("p", caption);
        }
        (None, None) => out.fragment_in("p", caption),
    }
}

pub(super) fn bookmark(card: &Card, out: &mut Writer) {
    let caption = said(card, "caption");
    let url = said(card, "url").or_else(|| metadata(card, "url"));
    match url {
        Some(url) => figure(url, metadata(card, "title"), caption, out),
        None => {
            out.text_in("p", metadata(card, "title"));
            out.fragment_in("p", caption);
        }
    }
}

pub(super) fn audio(card: &Card, out: &mut Writer) {
    if let Some(source) = said(card, "src") {
        out.open("audio", &[("src", Some(source)), ("controls", Some(""))]);
        out.close("audio");
    }
    out.text_in("p", said(card, "title"));
    out.fragment_in("p", said(card, "caption"));
}

pub(super) fn video(card: &Card, out: &mut Writer) {
    let picture = Picture::new(card);
    if let Some(source) = picture.source {
        out.open(
            "video",
            &[
                ("src", Some(source)),
                ("controls", Some("")),
                ("poster", said(card, "thumbnailSrc")),
                ("width", picture.width.as_deref()),
                ("height", picture.height.as_deref()),
            ],
        );
        out.close("video");
    }
    out.fragment_in("p", picture.caption);
}

pub(super) fn file(card: &Card, out: &mut Writer) {
    let title = said(card, "fileTitle").or_else(|| said(card, "fileName"));
    out.link(said(card, "src"), title);
    out.text_in("p", said(card, "fileCaption"));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(write: fn(&Card, &mut Writer), card: &Value) -> String {
        let mut out = Writer::default();
        write(card.as_object().unwrap(), &mut out);
        out.finish().unwrap().0
    }

    #[test]
    fn pictures_and_embeds_take_the_forms_that_bodies_know() {
        let card = json!({"src": "/a.png", "alt": "\"A\"", "width": 3, "height": "2",
            "href": "https://b.example/", "caption": "<i>C</i>"});
        assert_eq!(
            written(image, &card),
            "<figure><a href=\"https://b.example/\"><img src=\"/a.png\" alt=\"&quot;A&quot;\" \
             width=\"3\" height=\"2\"></a><figcaption><i>C</i></figcaption></figure>"
        );
        let card = json!({"url": "https://b.example/x", "metadata": {"title": "X & Y"}});
        assert_eq!(
            written(bookmark, &card),
            "<figure class=\"embed\" data-url=\"https://b.example/x\">\
             <a href=\"https://b.example/x\">X &amp; Y</a></figure>"
        );
        let card = json!({"images": [{"src": "/a.png"}, 1, {"src": "/b.png"}], "caption": "Both"});
        let html = written(gallery, &card);
        assert_eq!(html.matches("<img").count(), 2, "{html}");
        assert!(html.ends_with("<p>Both</p>"), "{html}");
    }
}
