//! Mobiledoc 0.3, the format of Ghost's editor from version 1 to 5, into HTML.

use serde_json::{Map, Value};

use crate::domain::import::ghost::{cards, writer::Writer};

/// Elements within elements of one paragraph.
const DEPTH_AT_MOST: usize = 64;
/// Characters of the name of a card or atom, as it is told.
const NAME_AT_MOST: usize = 40;

const MARKUPS: [&str; 13] = [
    "strong", "b", "em", "i", "a", "u", "s", "del", "strike", "sub", "sup", "code", "mark",
];
const SECTIONS: [&str; 8] = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"];

/// A document, and the cards of it that are written.
struct Document<'a> {
    markups: &'a [Value],
    atoms: &'a [Value],
    /// Each card, and its HTML once it is made: a card may be shown more than once.
    cards: Vec<(&'a Value, Option<String>)>,
}

/// Writes a document; says why where it is none.
pub(super) fn write(text: &str, out: &mut Writer) -> Result<(), String> {
    let document: Value = serde_json::from_str(text).map_err(|cause| cause.to_string())?;
    let version = document.get("version").and_then(Value::as_str);
    if !version.is_some_and(|version| version.starts_with("0.3")) {
        return Err("its version is not 0.3".to_owned());
    }
    let list = |name: &str| list(document.get(name));
    let sections = document
        .get("sections")
        .and_then(Value::as_array)
        .ok_or("it has no sections")?;
    let mut document = Document {
        markups: list("markups"),
        atoms: list("atoms"),
        cards: list("cards").iter().map(|card| (card, None)).collect(),
    };
    for section in sections {
        document.section(list_of(section), out);
        if out.is_full() {
            break;
        }
    }
    Ok(())
}

fn list(value: Option<&Value>) -> &[Value] {
    value
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn list_of(value: &Value) -> &[Value] {
    list(Some(value))
}

fn number(value: Option<&Value>) -> Option<usize> {
    value?.as_u64()?.try_into().ok()
}

fn word(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

fn short(name: &str) -> String {
    name.chars().take(NAME_AT_MOST).collect()
}

impl<'a> Document<'a> {
    fn section(&mut self, section: &'a [Value], out: &mut Writer) {
        match (section.first().and_then(Value::as_u64), section.get(1)) {
            (Some(1), tag) => {
                let tag = match word(tag) {
                    "aside" | "pull-quote" => "blockquote",
                    tag => SECTIONS
                        .into_iter()
                        .find(|known| *known == tag)
                        .unwrap_or("p"),
                };
                out.open(tag, &[]);
                self.markers(list(section.get(2)), out);
                out.close(tag);
            }
            (Some(2), source) => {
                let mut image = Map::new();
                image.insert("src".to_owned(), word(source).into());
                cards::write("image", &image, out);
            }
            (Some(3), tag) => {
                let tag = if word(tag) == "ol" { "ol" } else { "ul" };
                out.open(tag, &[]);
                for item in list(section.get(2)) {
                    out.raw("<li>");
                    self.markers(list_of(item), out);
                    out.raw("</li>");
                }
                out.close(tag);
            }
            (Some(10), index) => self.card(number(index), out),
            _ => out.note("a section of a kind that is not known was left out"),
        }
    }

    fn card(&mut self, index: Option<usize>, out: &mut Writer) {
        let Some((card, made)) = index.and_then(|index| self.cards.get_mut(index)) else {
            return out.note("a card that the document does not have was left out");
        };
        let html = made.get_or_insert_with(|| out.part(|out| write_card(list_of(card), out)));
        out.raw(html);
    }

    fn markers(&self, markers: &[Value], out: &mut Writer) {
        // Empty where an element is counted but not written.
        let mut open: Vec<&str> = Vec::new();
        for marker in markers.iter().map(list_of) {
            for index in list(marker.get(1)) {
                let markup = number(Some(index)).and_then(|index| self.markups.get(index));
                let is_deep = open.len() >= DEPTH_AT_MOST;
                open.push(start(markup.filter(|_| !is_deep).map(list_of), out));
            }
            match marker.first().and_then(Value::as_u64) {
                Some(1) => self.atom(number(marker.get(3)), out),
                _ => out.text(word(marker.get(3))),
            }
            let closed = number(marker.get(2)).unwrap_or(0).min(open.len());
            for tag in open.drain(open.len() - closed..).rev() {
                end(tag, out);
            }
        }
        open.into_iter().rev().for_each(|tag| end(tag, out));
    }

    fn atom(&self, index: Option<usize>, out: &mut Writer) {
        let atom = list(index.and_then(|index| self.atoms.get(index)));
        match word(atom.first()) {
            "soft-return" => out.raw("<br>"),
            name => {
                out.note(format!(
                    "\"{}\" is not known: only its text was taken",
                    short(name)
                ));
                out.text(word(atom.get(1)));
            }
        }
    }
}

/// Opens an element; gives its name, or nothing where it is none that is let through.
fn start<'a>(markup: Option<&'a [Value]>, out: &mut Writer) -> &'a str {
    let markup = markup.unwrap_or_default();
    let tag = word(markup.first());
    if !MARKUPS.contains(&tag) {
        return "";
    }
    let attributes = list(markup.get(1));
    let value = |wanted: &str| {
        let mut pairs = attributes.chunks(2);
        pairs.find_map(|pair| match pair {
            [Value::String(name), Value::String(value)] if name == wanted => Some(value.as_str()),
            _ => None,
        })
    };
    match tag {
        "a" => out.open(tag, &[("href", value("href")), ("title", value("title"))]),
        _ => out.open(tag, &[]),
    }
    tag
}

fn end(tag: &str, out: &mut Writer) {
    if !tag.is_empty() {
        out.close(tag);
    }
}

fn write_card(card: &[Value], out: &mut Writer) {
    let none = Map::new();
    let name = word(card.first());
    let payload = card.get(1).and_then(Value::as_object).unwrap_or(&none);
    if !cards::write(name, payload, out) {
        let name = short(name);
        out.note(format!(
            "a card (\"{name}\") is not known: only its text was taken"
        ));
        for text in ["html", "text", "caption"] {
            out.fragment_in("p", cards::said(payload, text));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn written(document: &Value) -> (String, Vec<String>) {
        let mut out = Writer::default();
        write(&document.to_string(), &mut out).unwrap();
        out.finish().unwrap()
    }

    #[test]
    fn markers_open_and_close_elements() {
        let document = json!({
            "version": "0.3.1",
            "markups": [["strong"], ["a", ["rel", "x", "href", "/b?c&d"]], ["script"]],
            "atoms": [["soft-return", "", {}], ["mention", "@ada", {}]],
            "cards": [["hr", {}], ["markdown", {"markdown": "*e*"}], ["odd", {"text": "kept"}]],
            "sections": [
                [1, "h2", [[0, [], 0, "T<"]]],
                [1, "p", [[0, [0], 0, "a"], [0, [1], 1, "b"], [0, [2], 2, "c"], [1, [], 0, 0], [1, [], 0, 1]]],
                [1, "p", [[0, [0, 1], 9, "never closed too often"], [0, [0], 0, "left open"]]],
                [3, "ol", [[[0, [], 0, "one"]], [[0, [], 0, "two"]]]],
                [10, 0], [10, 1], [10, 1], [10, 2], [10, 9],
                [2, "/i.png"],
                [1, "aside", [[0, [], 0, "q"]]]
            ]
        });
        let (html, notes) = written(&document);
        assert_eq!(
            html,
            "<h2>T&lt;</h2><p><strong>a<a href=\"/b?c&amp;d\">b</a>c</strong><br>@ada</p>\
             <p><strong><a href=\"/b?c&amp;d\">never closed too often</a></strong>\
             <strong>left open</strong></p><ol><li>one</li><li>two</li></ol><hr>\
             <p><em>e</em></p>\n<p><em>e</em></p>\n<p>kept</p>\
             <figure><img src=\"/i.png\"></figure><blockquote>q</blockquote>"
        );
        assert_eq!(notes.len(), 3, "{notes:?}");
    }

    #[test]
    fn what_is_no_mobiledoc_is_told() {
        for text in [
            "",
            "[]",
            "{}",
            "{\"version\": \"0.2.0\", \"sections\": [[], []]}",
        ] {
            assert!(write(text, &mut Writer::default()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_large_card_shown_very_often_is_refused_quickly() {
        let document = json!({
            "version": "0.3.1",
            "cards": [["html", {"html": "x".repeat(1_000_000)}]],
            "sections": vec![json!([10, 0]); 100_000],
        });
        let mut out = Writer::default();
        write(&document.to_string(), &mut out).unwrap();
        assert!(out.finish().is_err());
    }

    /// Kind, markup, markups that it closes, value.
    type Marker = (u64, u64, u64, u64);

    proptest! {
        #[test]
        fn no_numbers_make_it_panic(
            sections in prop::collection::vec(
                (0_u64..12, 0_u64..4, prop::collection::vec((0_u64..3, 0_u64..4, any::<u64>(), 0_u64..4), 0..5)),
                0..6,
            ),
        ) {
            let section = |(kind, index, markers): (u64, u64, Vec<Marker>)| {
                let marker = |(kind, markup, closed, value): Marker| {
                    json!([kind, [markup], closed, value])
                };
                json!([kind, index, markers.into_iter().map(marker).collect::<Vec<_>>()])
            };
            written(&json!({
                "version": "0.3.2",
                "markups": [["em"], [], 1],
                "atoms": [["soft-return"], 1],
                "cards": [["image", {}], ["x"], 1],
                "sections": sections.into_iter().map(section).collect::<Vec<_>>(),
            }));
        }
    }
}
