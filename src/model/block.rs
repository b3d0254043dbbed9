//! The stored form of a body: Portable Text, with custom types for what it has no style for.
//!
//! Member names are those of the Portable Text specification (`_type`, `listItem`, `markDefs`).

use std::{borrow::Cow, collections::HashMap};

use serde::{Deserialize, Serialize};

use crate::model::{
    common_word::{SPAN, word},
    whole::maybe_whole,
};

/// One block of a body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "_type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Block {
    /// A paragraph, heading, quotation of one paragraph, or list item.
    Block(TextBlock),
    /// A picture with its caption.
    Image(ImageBlock),
    /// Preformatted code.
    Code(CodeBlock),
    /// A quotation of several paragraphs, or one with an attribution.
    Quote(QuoteBlock),
    /// Something of another site, by address.
    Embed(EmbedBlock),
    /// Rows of cells.
    Table(TableBlock),
    /// A break between parts.
    Divider(MarkerBlock),
    /// A place where the frontend may put an advertisement.
    AdSlot(MarkerBlock),
    /// Sanitised HTML that no other block can carry.
    Html(HtmlBlock),
}

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

/// What a mark refers to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "_type", rename_all = "snake_case", deny_unknown_fields)]
pub enum MarkDef {
    /// A link around the marked text.
    Link(LinkMark),
    /// A note; the marked text is its number.
    Footnote(FootnoteMark),
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkMark {
    /// What spans name in `marks`.
    #[serde(rename = "_key")]
    pub key: String,
    /// Where it leads: `http`, `https`, `mailto`, `tel`, or a relative reference.
    pub href: String,
    /// Text shown on hovering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// A footnote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FootnoteMark {
    /// What spans name in `marks`.
    #[serde(rename = "_key")]
    pub key: String,
    /// Its paragraphs, which have no footnotes themselves.
    pub content: Vec<TextBlock>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageBlock {
    /// Unique within the body.
    #[serde(rename = "_key", default)]
    pub key: String,
    /// `http`, `https` or relative.
    pub url: String,
    /// What it shows.
    #[serde(default)]
    pub alt: Option<String>,
    /// Text under it.
    #[serde(default)]
    pub caption: Option<String>,
    /// Where a click on it leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Pixels.
    #[serde(default, deserialize_with = "maybe_whole")]
    pub width: Option<i64>,
    /// Pixels.
    #[serde(default, deserialize_with = "maybe_whole")]
    pub height: Option<i64>,
}

/// Code.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeBlock {
    /// Unique within the body.
    #[serde(rename = "_key", default)]
    pub key: String,
    /// As written.
    pub code: String,
    /// Language name as highlighters take it.
    #[serde(default)]
    pub language: Option<String>,
}

/// A quotation.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuoteBlock {
    /// Unique within the body.
    #[serde(rename = "_key", default)]
    pub key: String,
    /// Its paragraphs.
    pub content: Vec<TextBlock>,
    /// Whom it is from.
    #[serde(default)]
    pub attribution: Option<String>,
}

/// Something of another site.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbedBlock {
    /// Unique within the body.
    #[serde(rename = "_key", default)]
    pub key: String,
    /// Absolute `http` or `https` address.
    pub url: String,
    /// `youtube`, `vimeo`, …, or the host's name.
    pub provider: String,
    /// What it is called.
    #[serde(default)]
    pub title: Option<String>,
    /// Text under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableBlock {
    /// Unique within the body.
    #[serde(rename = "_key", default)]
    pub key: String,
    /// From top to bottom.
    pub rows: Vec<TableRow>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableRow {
    /// From left to right.
    pub cells: Vec<TableCell>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableCell {
    /// Whether it heads its row or column.
    #[serde(default)]
    pub header: bool,
    /// Text in runs.
    pub children: Vec<Span>,
    /// What marks refer to.
    #[serde(rename = "markDefs", default)]
    pub mark_defs: Vec<MarkDef>,
}

/// A block that is only a place.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkerBlock {
    /// Unique within the body.
    #[serde(rename = "_key", default)]
    pub key: String,
}

/// Sanitised HTML.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HtmlBlock {
    /// Unique within the body.
    #[serde(rename = "_key", default)]
    pub key: String,
    /// The markup.
    pub html: String,
    /// What a reader reads of it.
    #[serde(default)]
    pub text: String,
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
}

impl MarkDef {
    /// A link under a key.
    pub fn link(key: String, href: String, title: Option<String>) -> Self {
        Self::Link(LinkMark { key, href, title })
    }

    /// What spans name in `marks`.
    pub fn key(&self) -> &str {
        match self {
            Self::Link(link) => &link.key,
            Self::Footnote(note) => &note.key,
        }
    }

    /// Gives it another key.
    pub fn set_key(&mut self, key: String) {
        match self {
            Self::Link(link) => link.key = key,
            Self::Footnote(note) => note.key = key,
        }
    }

    /// Shows `with` each address in it.
    pub fn each_href(&mut self, with: &mut impl FnMut(&mut String)) {
        match self {
            Self::Link(link) => with(&mut link.href),
            Self::Footnote(note) => {
                let inner = note.content.iter_mut();
                for def in inner.flat_map(|text| text.mark_defs.iter_mut()) {
                    if let Self::Link(link) = def {
                        with(&mut link.href);
                    }
                }
            }
        }
    }
}

/// The footnotes of a body in the order of their references.
pub fn footnotes(blocks: &[Block]) -> Vec<&FootnoteMark> {
    let mut notes = Vec::new();
    for block in blocks {
        match block {
            Block::Block(text) => notes_of(&mut notes, &text.children, &text.mark_defs),
            Block::Quote(quote) => {
                for text in &quote.content {
                    notes_of(&mut notes, &text.children, &text.mark_defs);
                }
            }
            Block::Table(table) => {
                for cell in table.rows.iter().flat_map(|row| &row.cells) {
                    notes_of(&mut notes, &cell.children, &cell.mark_defs);
                }
            }
            _ => {}
        }
    }
    notes
}

fn notes_of<'a>(notes: &mut Vec<&'a FootnoteMark>, spans: &[Span], mark_defs: &'a [MarkDef]) {
    let defs = Defs::new(mark_defs);
    for span in spans {
        notes.extend(defs.footnote(span));
    }
}

/// Mark definitions by key: a paragraph may have tens of thousands.
#[derive(Debug)]
pub struct Defs<'a>(HashMap<&'a str, &'a MarkDef>);

impl<'a> Defs<'a> {
    /// Those of a block; the first holds where two have one key.
    pub fn new(mark_defs: &'a [MarkDef]) -> Self {
        let by_key = mark_defs.iter().rev().map(|def| (def.key(), def));
        Self(by_key.collect())
    }

    /// What a mark refers to.
    pub fn get(&self, mark: &str) -> Option<&'a MarkDef> {
        self.0.get(mark).copied()
    }

    /// The footnote that a span is the number of.
    pub fn footnote(&self, span: &Span) -> Option<&'a FootnoteMark> {
        if self.0.is_empty() {
            return None;
        }
        span.marks.iter().find_map(|mark| match self.get(mark) {
            Some(MarkDef::Footnote(note)) => Some(note),
            _ => None,
        })
    }
}

impl Span {
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
