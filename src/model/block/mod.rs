//! The stored form of a body: Portable Text, with custom types for what it has no style for.
//!
//! Member names are those of the Portable Text specification (`_type`, `listItem`, `markDefs`).

mod marks;
mod text;

use serde::{Deserialize, Serialize};

pub use marks::{Defs, FootnoteMark, LinkMark, MarkDef, footnotes};
pub use text::{Span, TextBlock, headings, plain_text, spans_text};

use crate::model::whole::maybe_whole;

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
