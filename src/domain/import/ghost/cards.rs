//! Cards: what stands between the paragraphs, alike in Lexical and in Mobiledoc.

use serde_json::{Map, Value};

use crate::{
    domain::import::ghost::{media, writer::Writer},
    model::article::MAX_BODY,
};

pub(super) type Card = Map<String, Value>;

/// A member that says something.
pub(super) fn said<'a>(card: &'a Card, name: &str) -> Option<&'a str> {
    let text = card.get(name)?.as_str()?;
    (!text.trim().is_empty()).then_some(text)
}

/// The first of these members that says something.
fn either<'a>(card: &'a Card, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| said(card, name))
}

fn is_off(card: &Card, name: &str) -> bool {
    card.get(name).and_then(Value::as_bool) == Some(false)
}

/// Writes a card; `false` when there is none of that name.
pub(super) fn write(name: &str, card: &Card, out: &mut Writer) -> bool {
    if is_hidden(card) {
        out.note(format!(
            "a card ({name}) that the site did not show to everyone was left out"
        ));
        return true;
    }
    let before = out.len();
    match name {
        "paywall" => {
            out.note("what stood after the paywall was for members, and is kept");
            return true;
        }
        "email" | "email-cta" => {
            out.note(format!(
                "a card ({name}) that only the newsletter showed was left out"
            ));
            return true;
        }
        "image" => media::image(card, out),
        "gallery" => media::gallery(card, out),
        "embed" => media::embed(card, out),
        "bookmark" => media::bookmark(card, out),
        "audio" => media::audio(card, out),
        "video" => media::video(card, out),
        "file" => media::file(card, out),
        "callout" => callout(card, out),
        "toggle" => toggle(card, out),
        "button" => button(card, out),
        "markdown" | "card-markdown" => markdown(card, out),
        "html" => out.fragment(said(card, "html").unwrap_or_default()),
        "code" | "codeblock" => {
            let code = said(card, "code").unwrap_or_default();
            self::code(code, said(card, "language"), said(card, "caption"), out);
        }
        "hr" | "horizontalrule" => out.raw("<hr>"),
        "product" => product(card, out),
        "header" => header(card, out),
        "signup" => signup(card, out),
        "call-to-action" => call_to_action(card, out),
        _ => return false,
    }
    if out.len() == before && !out.is_full() {
        out.note(format!("a card ({name}) is empty, and was left out"));
    }
    true
}

/// Whether visitors of the site who are no members did not see it.
fn is_hidden(card: &Card) -> bool {
    let Some(visibility) = card.get("visibility") else {
        return false;
    };
    let is_false = |pointer: &str| visibility.pointer(pointer) == Some(&Value::Bool(false));
    is_false("/web/nonMember") || is_false("/showOnWeb")
}

/// Code in a language, with what stands under it.
pub(super) fn code(code: &str, language: Option<&str>, caption: Option<&str>, out: &mut Writer) {
    if !code.trim().is_empty() {
        let word = language.and_then(|name| name.split_whitespace().next());
        let class = word.map(|name| format!("language-{name}"));
        out.raw("<pre>");
        out.open("code", &[("class", class.as_deref())]);
        out.text(code);
        out.raw("</code></pre>");
    }
    out.fragment_in("p", caption);
}

fn callout(card: &Card, out: &mut Writer) {
    let text = said(card, "calloutText");
    let sign = said(card, "calloutEmoji").filter(|_| text.is_some());
    out.raw(if text.is_some() { "<div>" } else { "" });
    if let Some(sign) = sign {
        out.text(sign);
        out.raw(" ");
    }
    out.fragment(text.unwrap_or_default());
    out.raw(if text.is_some() { "</div>" } else { "" });
}

fn toggle(card: &Card, out: &mut Writer) {
    out.fragment_in("h4", said(card, "heading"));
    out.fragment_in("div", said(card, "content"));
}

fn button(card: &Card, out: &mut Writer) {
    out.link(said(card, "buttonUrl"), said(card, "buttonText"));
}

fn markdown(card: &Card, out: &mut Writer) {
    let text = said(card, "markdown").unwrap_or_default();
    if text.len() > MAX_BODY {
        // It is refused as HTML of that length is.
        return out.raw(text);
    }
    let mut options = comrak::Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.footnotes = true;
    options.render.r#unsafe = true;
    out.fragment(&comrak::markdown_to_html(text, &options));
}

fn product(card: &Card, out: &mut Writer) {
    let image = said(card, "productImageSrc");
    media::picture(&media::Picture::plain(image), out);
    out.fragment_in("h4", said(card, "productTitle"));
    out.fragment_in("div", said(card, "productDescription"));
    let is_rated = card.get("productRatingEnabled").and_then(Value::as_bool) == Some(true);
    let stars = card.get("productStarRating").and_then(Value::as_u64);
    if let Some(stars) = stars.filter(|stars| is_rated && (1..=5).contains(stars)) {
        out.text_in("p", Some(&format!("{stars}/5")));
    }
    if !is_off(card, "productButtonEnabled") {
        out.link(said(card, "productUrl"), said(card, "productButton"));
    }
}

/// Words as large as a heading, and what is under them.
fn headline(card: &Card, out: &mut Writer) {
    media::picture(
        &media::Picture::plain(said(card, "backgroundImageSrc")),
        out,
    );
    out.fragment_in("h2", either(card, &["header", "heading"]));
    out.fragment_in("p", either(card, &["subheader", "subheading"]));
}

fn header(card: &Card, out: &mut Writer) {
    headline(card, out);
    if !is_off(card, "buttonEnabled") && said(card, "buttonUrl").is_some() {
        button(card, out);
    }
}

fn signup(card: &Card, out: &mut Writer) {
    headline(card, out);
    out.fragment_in("p", said(card, "disclaimer"));
    out.note("a form to sign up was left out; its words are kept");
}

fn call_to_action(card: &Card, out: &mut Writer) {
    let has_label = card.get("hasSponsorLabel").and_then(Value::as_bool) == Some(true);
    let label = said(card, "sponsorLabel").filter(|_| has_label);
    out.fragment_in("div", label);
    media::picture(&media::Picture::plain(said(card, "imageUrl")), out);
    out.fragment_in("div", said(card, "textValue"));
    if !is_off(card, "showButton") && said(card, "buttonUrl").is_some() {
        button(card, out);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(name: &str, card: Value) -> (String, Vec<String>) {
        let mut out = Writer::default();
        assert!(write(name, card.as_object().unwrap(), &mut out), "{name}");
        out.finish().unwrap()
    }

    #[test]
    fn cards_keep_their_words() {
        let html = |name: &str, card: Value| written(name, card).0;
        assert_eq!(
            html(
                "callout",
                json!({"calloutEmoji": "!", "calloutText": "a <b>b</b>"})
            ),
            "<div>! a <b>b</b></div>"
        );
        assert_eq!(
            html("toggle", json!({"heading": "H", "content": "<p>c</p>"})),
            "<h4>H</h4><div><p>c</p></div>"
        );
        assert_eq!(
            html(
                "code",
                json!({"code": "a<b", "language": "rust x", "caption": "C"})
            ),
            "<pre><code class=\"language-rust\">a&lt;b</code></pre><p>C</p>"
        );
        assert_eq!(
            html(
                "button",
                json!({"buttonText": "Go", "buttonUrl": "/a?b=1&c=2"})
            ),
            "<p><a href=\"/a?b=1&amp;c=2\">Go</a></p>"
        );
        assert!(
            html("markdown", json!({"markdown": "~~a~~ <u>b</u>"}))
                .contains("<del>a</del> <u>b</u>")
        );
        assert_eq!(
            html("header", json!({"header": "A", "subheader": "B"})),
            "<h2>A</h2><p>B</p>"
        );
    }

    #[test]
    fn what_not_everyone_saw_is_left_out_and_told() {
        for (name, card) in [
            ("email", json!({"html": "<p>x</p>"})),
            ("email-cta", json!({"html": "<p>x</p>"})),
            (
                "html",
                json!({"html": "x", "visibility": {"web": {"nonMember": false}}}),
            ),
            (
                "call-to-action",
                json!({"textValue": "x", "visibility": {"showOnWeb": false}}),
            ),
            ("image", json!({})),
        ] {
            let (html, notes) = written(name, card);
            assert_eq!((html.as_str(), notes.len()), ("", 1), "{name}");
        }
        let seen = json!({"html": "x", "visibility": {"web": {"nonMember": true}}});
        assert_eq!(written("html", seen), ("x".to_owned(), Vec::new()));
    }
}
