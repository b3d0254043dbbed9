//! Lexical, the format of Ghost's editor since version 5, into HTML.

use serde_json::{Map, Value};

use crate::domain::import::ghost::{
    cards::{self, said},
    writer::Writer,
};

/// Nodes within nodes.
const DEPTH_AT_MOST: usize = 256;
/// Characters of the type of a node, as it is told.
const TYPE_AT_MOST: usize = 40;

/// Bits of a text's format, outermost element first.
const FORMATS: [(u64, &str); 8] = [
    (1, "strong"),
    (2, "em"),
    (4, "s"),
    (8, "u"),
    (128, "mark"),
    (32, "sub"),
    (64, "sup"),
    (16, "code"),
];

type Node = Map<String, Value>;

/// Writes a document; says why where it is none.
pub(super) fn write(text: &str, out: &mut Writer) -> Result<(), String> {
    let document: Value = serde_json::from_str(text).map_err(|cause| cause.to_string())?;
    let root = document
        .get("root")
        .and_then(Value::as_object)
        .ok_or("it has no root")?;
    children(root, out, 0);
    Ok(())
}

fn children(node: &Node, out: &mut Writer, depth: usize) {
    if depth >= DEPTH_AT_MOST {
        return out.note("what is nested too deep was left out");
    }
    for child in children_of(node) {
        if let Some(child) = child.as_object() {
            write_node(child, out, depth + 1);
        }
    }
}

fn children_of(node: &Node) -> impl Iterator<Item = &Value> {
    node.get("children")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn write_node(node: &Node, out: &mut Writer, depth: usize) {
    let kind = said(node, "type").unwrap_or("nameless");
    match kind {
        "root" => children(node, out, depth),
        "paragraph" => element("p", node, out, depth),
        "heading" | "extended-heading" => element(heading(node), node, out, depth),
        "quote" | "extended-quote" | "aside" => element("blockquote", node, out, depth),
        "list" => element(list(node), node, out, depth),
        "listitem" => item(node, out, depth),
        "link" | "autolink" | "at-link" => link(node, out, depth),
        "text" | "extended-text" | "code-highlight" => text(node, out),
        "linebreak" => out.raw("<br>"),
        "tab" => out.raw("\t"),
        // It has no width and no meaning.
        "zwnj" => {}
        "code" if node.contains_key("children") => code(node, out),
        _ => {
            if !cards::write(kind, node, out) {
                let kind: String = kind.chars().take(TYPE_AT_MOST).collect();
                out.note(format!(
                    "\"{kind}\" is not known: only the text within it was taken"
                ));
                text(node, out);
                children(node, out, depth);
            }
        }
    }
}

fn element(tag: &str, node: &Node, out: &mut Writer, depth: usize) {
    out.open(tag, &[]);
    children(node, out, depth);
    out.close(tag);
}

fn heading(node: &Node) -> &'static str {
    let tags = ["h1", "h2", "h3", "h4", "h5", "h6"];
    let tag = said(node, "tag").unwrap_or_default();
    tags.into_iter().find(|known| *known == tag).unwrap_or("h2")
}

fn list(node: &Node) -> &'static str {
    let is_numbered = said(node, "listType") == Some("number") || said(node, "tag") == Some("ol");
    if is_numbered { "ol" } else { "ul" }
}

fn item(node: &Node, out: &mut Writer, depth: usize) {
    out.open("li", &[]);
    match node.get("checked").and_then(Value::as_bool) {
        Some(true) => out.raw("\u{2611} "),
        Some(false) => out.raw("\u{2610} "),
        None => {}
    }
    children(node, out, depth);
    out.close("li");
}

fn link(node: &Node, out: &mut Writer, depth: usize) {
    let url = said(node, "url");
    if url.is_some() {
        out.open("a", &[("href", url), ("title", said(node, "title"))]);
    }
    children(node, out, depth);
    if url.is_some() {
        out.close("a");
    }
}

fn text(node: &Node, out: &mut Writer) {
    // White space alone may part two words.
    let Some(text) = node.get("text").and_then(Value::as_str) else {
        return;
    };
    let format = node.get("format").and_then(Value::as_u64).unwrap_or(0);
    let tags = || FORMATS.iter().filter(|(bit, _)| format & bit != 0);
    tags().for_each(|(_, tag)| out.open(tag, &[]));
    out.text(text);
    tags().rev().for_each(|(_, tag)| out.close(tag));
}

fn code(node: &Node, out: &mut Writer) {
    let mut code = String::new();
    for child in children_of(node) {
        match child.get("type").and_then(Value::as_str) {
            Some("linebreak") => code.push('\n'),
            Some("tab") => code.push('\t'),
            _ => code.push_str(
                child
                    .get("text")
                    .and_then(Value::as_str)
                    .unwrap_or_default(),
            ),
        }
    }
    cards::code(&code, said(node, "language"), None, out);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::body::{self, BodySource};

    fn written(children: Value) -> (String, Vec<String>) {
        let mut out = Writer::default();
        let document = json!({"root": {"type": "root", "children": children}});
        write(&document.to_string(), &mut out).unwrap();
        out.finish().unwrap()
    }

    fn plain(text: &str, format: u64) -> Value {
        json!({"type": "extended-text", "text": text, "format": format})
    }

    #[test]
    fn text_has_its_formats_and_links() {
        let link = json!({"type": "link", "url": "/a?b&c", "children": [plain("x", 2)]});
        let line = json!({"type": "paragraph", "children": [
            plain("a<", 1), plain("b", 19), json!({"type": "linebreak"}), link, plain("2", 64),
        ]});
        assert_eq!(
            written(json!([line])).0,
            "<p><strong>a&lt;</strong><strong><em><code>b</code></em></strong><br>\
             <a href=\"/a?b&amp;c\"><em>x</em></a><sup>2</sup></p>"
        );
    }

    #[test]
    fn lists_nest_as_their_items_do() {
        let item = |children: Value| json!({"type": "listitem", "children": children});
        let inner = json!({"type": "list", "listType": "number", "children": [item(json!([plain("b", 0)]))]});
        let list = json!({"type": "list", "listType": "bullet", "children": [
            item(json!([plain("a", 0)])), item(json!([inner])),
        ]});
        assert_eq!(
            written(json!([list])).0,
            "<ul><li>a</li><li><ol><li>b</li></ol></li></ul>"
        );
    }

    #[test]
    fn what_is_not_known_is_told_once_and_its_text_kept() {
        let odd = json!({"type": "odd", "children": [plain("kept", 0)]});
        let (html, notes) = written(json!([odd, odd, {"type": "zwnj"}, 7]));
        assert_eq!(html, "keptkept");
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains("\"odd\""), "{notes:?}");
    }

    #[test]
    fn hostile_nesting_is_refused() {
        let deep = format!(
            "{{\"root\":{}{}}}",
            "{\"children\":[".repeat(100_000),
            "]}".repeat(100_000)
        );
        assert!(write(&deep, &mut Writer::default()).is_err());
        assert!(write("{}", &mut Writer::default()).is_err());
        assert!(write("[", &mut Writer::default()).is_err());
    }

    fn words() -> impl Strategy<Value = Value> {
        ("\\PC{1,12}", 0_u64..256).prop_map(|(text, format)| plain(&text, format))
    }

    fn inline() -> impl Strategy<Value = Value> {
        let link = prop::collection::vec(words(), 1..3).prop_map(
            |children| json!({"type": "link", "url": "https://a.example/", "children": children}),
        );
        prop_oneof![
            4 => words(),
            1 => link,
            1 => Just(json!({"type": "linebreak"})),
        ]
    }

    fn block() -> impl Strategy<Value = Value> {
        let kinds = [
            "paragraph",
            "heading",
            "extended-heading",
            "quote",
            "aside",
            "unheard-of",
        ];
        let lines = prop::collection::vec(inline(), 1..5);
        let simple = (prop::sample::select(kinds.to_vec()), lines)
            .prop_map(|(kind, children)| json!({"type": kind, "tag": "h3", "children": children}));
        let item = prop::collection::vec(inline(), 1..4)
            .prop_map(|children| json!({"type": "listitem", "children": children}));
        let list = prop::collection::vec(item, 1..4).prop_map(
            |children| json!({"type": "list", "listType": "bullet", "children": children}),
        );
        let nested =
            (list, prop::sample::select(vec!["number", "bullet"])).prop_map(|(list, kind)| {
                let item = json!({"type": "listitem", "children": [list]});
                json!({"type": "list", "listType": kind, "children": [item]})
            });
        prop_oneof![3 => simple, 1 => nested]
    }

    fn letters(text: &str) -> String {
        text.chars().filter(|c| !c.is_whitespace()).collect()
    }

    fn texts(value: &Value, into: &mut String) {
        if let Some(text) = value["text"].as_str() {
            into.push_str(&letters(text));
        }
        for child in value["children"].as_array().into_iter().flatten() {
            texts(child, into);
        }
    }

    fn anything() -> impl Strategy<Value = Value> {
        let kinds = vec![
            "root", "list", "listitem", "link", "text", "code", "image", "gallery", "embed",
            "html", "markdown", "toggle", "x",
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
            prop::sample::select(kinds).prop_map(Value::from),
        ];
        let names = vec![
            "type",
            "children",
            "text",
            "format",
            "url",
            "src",
            "html",
            "markdown",
            "code",
            "images",
            "metadata",
            "caption",
            "visibility",
        ];
        leaf.prop_recursive(5, 40, 6, move |inner| {
            let pairs = (prop::sample::select(names.clone()), inner.clone());
            let object = prop::collection::vec(pairs, 0..6).prop_map(|pairs| {
                let pairs = pairs
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value));
                Value::Object(pairs.collect())
            });
            prop_oneof![
                object,
                prop::collection::vec(inner, 0..6).prop_map(Value::from)
            ]
        })
    }

    proptest! {
        #[test]
        fn all_text_is_kept(blocks in prop::collection::vec(block(), 1..6)) {
            let mut expected = String::new();
            blocks.iter().for_each(|block| texts(block, &mut expected));
            let (html, _) = written(Value::from(blocks));
            let stored = body::blocks(&BodySource::Html(html)).unwrap();
            prop_assert_eq!(letters(&body::text(&stored)), expected);
        }

        #[test]
        fn no_document_makes_it_panic(children in anything()) {
            let (html, _) = written(children);
            let _ = body::blocks(&BodySource::Html(html));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            let _ = write(&text, &mut Writer::default());
        }
    }
}
