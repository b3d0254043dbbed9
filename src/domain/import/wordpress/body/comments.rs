//! What WordPress says in HTML comments: its blocks, where a page ends, and where more follows.

use std::fmt::Write;

use serde_json::Value;

use super::{
    embed, lone_address,
    markup::{self, Token, Tokens},
    note,
};
use crate::domain::body::escaped;

/// The most footnotes of an article.
const MAX_FOOTNOTES: usize = 1_000;

/// Puts in the place of comments what they stand for.
pub(super) fn resolved(content: &str, footnotes: Option<&str>, notes: &mut Vec<String>) -> String {
    let mut out = String::with_capacity(content.len());
    let mut are_footnotes_told = false;
    for token in Tokens::new(content) {
        let Token::Comment(comment) = token else {
            out.push_str(token.raw());
            continue;
        };
        let inner = comment.strip_prefix("<!--").unwrap_or_default();
        let inner = inner.strip_suffix("-->").unwrap_or(inner).trim();
        if inner == "nextpage" {
            out.push_str("\n\n<hr>\n\n");
        }
        let Some(block) = inner.strip_prefix("wp:").and_then(|b| b.strip_suffix('/')) else {
            continue;
        };
        let (name, rest) = block.split_once(char::is_whitespace).unwrap_or((block, ""));
        match name.strip_prefix("core/").unwrap_or(name) {
            "footnotes" if !are_footnotes_told => {
                are_footnotes_told = true;
                out.push_str(&footnote_list(footnotes.unwrap_or_default(), notes));
            }
            "footnotes" | "more" => {}
            "nextpage" => out.push_str("<hr>"),
            name => match embedded(name, rest) {
                Some(figure) => out.push_str(&figure),
                None => {
                    let name: String = name.chars().take(60).collect();
                    note(
                        notes,
                        format!(
                            "the block \"{name}\" has nothing in it but what WordPress puts there, and was left out"
                        ),
                    );
                }
            },
        }
    }
    out
}

/// An embed that is told of by nothing but its attributes.
fn embedded(name: &str, attributes: &str) -> Option<String> {
    if name != "embed" && !name.starts_with("core-embed/") {
        return None;
    }
    let attributes: Value = serde_json::from_str(attributes.trim()).ok()?;
    let address = lone_address(attributes.get("url")?.as_str()?)?;
    Some(embed(&address))
}

/// Footnotes from the list that WordPress keeps with a post.
fn footnote_list(json: &str, notes: &mut Vec<String>) -> String {
    let list: Value = serde_json::from_str(json).unwrap_or_default();
    let Some(list) = list.as_array().filter(|list| !list.is_empty()) else {
        note(notes, "its footnotes are not in the export".to_owned());
        return String::new();
    };
    if list.len() > MAX_FOOTNOTES {
        note(
            notes,
            format!("footnotes after the first {MAX_FOOTNOTES} were left out"),
        );
    }
    let mut out = "<ol class=\"wp-block-footnotes\">".to_owned();
    for footnote in list.iter().take(MAX_FOOTNOTES) {
        let text = |name: &str| {
            footnote
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let id = escaped(text("id"));
        // A tag that ends a list would end this one.
        let content = inline(text("content"));
        let _ = write!(
            out,
            "<li id=\"{id}\">{content} <a href=\"#{id}-link\">↩</a></li>"
        );
    }
    out.push_str("</ol>");
    out
}

/// The text with such tags as stand within a line.
fn inline(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for token in Tokens::new(html) {
        match token {
            Token::Tag(tag) => {
                let name = markup::name(tag);
                let is_inline = matches!(
                    name.as_str(),
                    "a" | "b"
                        | "strong"
                        | "i"
                        | "em"
                        | "code"
                        | "s"
                        | "sub"
                        | "sup"
                        | "br"
                        | "mark"
                );
                if is_inline {
                    out.push_str(tag);
                }
            }
            Token::Comment(_) => {}
            token => out.push_str(token.raw()),
        }
    }
    out
}
