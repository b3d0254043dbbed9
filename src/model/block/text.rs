//! Text with inline marks, and what a body is as text without any.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::model::{
    block::{Block, MarkDef, TableBlock, TableRow, footnotes},
    common_word::{SPAN, word},
    whole::maybe_whole,
};

/// Text with inline marks.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextBlock {
    /// Unique within the body.
    #[serde(rename = "_key", default)]
    pub key: String,
    /// `normal`, `h1` to `h6`, or `blockquote`.
    #[serde(default = "normal")]
    pub style: String,
    /// `bullet` or `number` for a list item.
    #[serde(rename = "listItem", default, skip_serializing_if = "Option::is_none")]
    pub list_item: Option<String>,
    /// Depth of a list item, from 1.
    #[serde(
        default,
        deserialize_with = "maybe_whole",
        skip_serializing_if = "Option::is_none"
    )]
    pub level: Option<u8>,
    /// The text in runs of one formatting.
    pub children: Vec<Span>,
    /// What marks that are no plain word refer to.
    #[serde(rename = "markDefs", default)]
    pub mark_defs: Vec<MarkDef>,
}

/// A run of text with one formatting.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Always `span`.
    #[serde(rename = "_type", default = "span", deserialize_with = "word")]
    pub kind: Cow<'static, str>,
    /// Unique within the block.
    #[serde(rename = "_key", default)]
    pub key: String,
    /// The text itself; a line feed is a line break.
    pub text: String,
    /// `strong`, `em`, `code`, `underline`, `strike-through`, `sub`, `sup`, or a mark
    /// definition's key.
    #[serde(default)]
    pub marks: Vec<String>,
}

fn normal() -> String {
    "normal".to_owned()
}

fn span() -> Cow<'static, str> {
    Cow::Borrowed(SPAN)
}

impl Span {
    /// A run of text with marks.
    pub fn new(text: impl Into<String>, marks: Vec<String>) -> Self {
        Self {
            kind: span(),
            key: String::new(),
            text: text.into(),
            marks,
        }
    }

    /// Whether it has a mark.
    pub fn has_mark(&self, mark: &str) -> bool {
        self.marks.iter().any(|own| own == mark)
    }
}

impl TextBlock {
    /// A block of one style with plain text.
    pub fn plain(style: &str, text: impl Into<String>) -> Self {
        Self {
            style: style.to_owned(),
            children: vec![Span::new(text, Vec::new())],
            ..Self::default()
        }
    }

    /// The text without formatting.
    pub fn text(&self) -> String {
        spans_text(&self.children)
    }

    /// The level of a heading, or `None` for any other block; a list item is no heading.
    pub fn heading_level(&self) -> Option<u8> {
        match self.style.as_bytes() {
            [b'h', level @ b'1'..=b'6'] if self.list_item.is_none() => Some(level - b'0'),
            _ => None,
        }
    }
}

/// The text of spans without formatting.
pub fn spans_text(spans: &[Span]) -> String {
    spans.iter().map(|span| span.text.as_str()).collect()
}

/// The headings of a body, one in a line.
pub fn headings(blocks: &[Block]) -> String {
    let of_block = |block: &Block| match block {
        Block::Block(text) => text.heading_level().map(|_| text.text()),
        _ => None,
    };
    let headings: Vec<String> = blocks.iter().filter_map(of_block).collect();
    headings.join("\n")
}

/// A body as plain text: what is read aloud, searched and counted. Paragraphs are parted by blank
/// lines, cells of a table by tabs.
pub fn plain_text(blocks: &[Block]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for block in blocks {
        match block {
            Block::Block(text) => parts.push(text.text()),
            Block::Image(image) => parts.extend(image.caption.clone()),
            Block::Code(code) => parts.push(code.code.clone()),
            Block::Quote(quote) => {
                parts.extend(quote.content.iter().map(TextBlock::text));
                parts.extend(quote.attribution.clone());
            }
            Block::Table(table) => parts.push(table_text(table)),
            Block::Html(html) => parts.push(html.text.clone()),
            Block::Embed(embed) => parts.extend(embed.caption.clone()),
            Block::Divider(_) | Block::AdSlot(_) => {}
        }
    }
    let notes = footnotes(blocks);
    parts.extend(
        notes
            .iter()
            .flat_map(|note| note.content.iter().map(TextBlock::text)),
    );
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn table_text(table: &TableBlock) -> String {
    let row_text = |row: &TableRow| {
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|cell| spans_text(&cell.children))
            .collect();
        cells.join("\t")
    };
    let rows: Vec<String> = table.rows.iter().map(row_text).collect();
    rows.join("\n")
}
