//! What markup may be put into a page of a frontend as it is.

use scraper::{ElementRef, Html};

/// Elements that show something and do nothing.
const KNOWN: [&str; 79] = [
    "a",
    "abbr",
    "acronym",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "map",
    "mark",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "rtc",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "track",
    "tt",
    "u",
    "ul",
    "var",
];
const ALSO_KNOWN: [&str; 2] = ["video", "wbr"];

/// Attributes that hold an address.
const ADDRESSES: [&str; 18] = [
    "href",
    "src",
    "action",
    "formaction",
    "poster",
    "cite",
    "data",
    "background",
    "longdesc",
    "usemap",
    "codebase",
    "classid",
    "profile",
    "manifest",
    "ping",
    "dynsrc",
    "lowsrc",
    "data-url",
];
/// Attributes that hold several.
const LISTS: [&str; 2] = ["srcset", "imagesrcset"];

/// What of the markup is not safe.
pub fn faults(html: &str) -> Vec<String> {
    let parsed = Html::parse_fragment(html);
    let root = parsed.root_element();
    let mut faults = Vec::new();
    for element in root.descendent_elements() {
        if element.id() != root.id() {
            look_at(element, &mut faults);
        }
    }
    faults
}

fn look_at(element: ElementRef<'_>, faults: &mut Vec<String>) {
    let name = element.value().name();
    if !KNOWN.contains(&name) && !ALSO_KNOWN.contains(&name) {
        faults.push(format!("the element {name}"));
    }
    for (attribute, value) in element.value().attrs() {
        let attribute = attribute.to_ascii_lowercase();
        if attribute.starts_with("on") || attribute == "style" || attribute == "srcdoc" {
            faults.push(format!("the attribute {attribute} of {name}"));
        }
        let addresses: Vec<&str> = if LISTS.contains(&attribute.as_str()) {
            value.split(',').collect()
        } else if ADDRESSES.contains(&attribute.as_str()) || attribute.ends_with(":href") {
            vec![value]
        } else {
            Vec::new()
        };
        for address in addresses {
            if let Some(scheme) = foreign_scheme(address) {
                faults.push(format!("the scheme {scheme} in {attribute} of {name}"));
            }
        }
    }
}

/// The scheme of an address as browsers see it, if it is none of those that are let through.
fn foreign_scheme(address: &str) -> Option<String> {
    let seen: String = address
        .chars()
        .filter(|c| !c.is_control() && !c.is_whitespace())
        .collect();
    let end = seen.find([':', '/', '?', '#'])?;
    let scheme = seen.get(..end)?.to_ascii_lowercase();
    let is_scheme = seen.get(end..)?.starts_with(':')
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let is_allowed = ["http", "https", "ftp", "mailto", "tel"].contains(&scheme.as_str());
    (is_scheme && !is_allowed).then_some(scheme)
}
