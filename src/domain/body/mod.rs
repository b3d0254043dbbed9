//! Bodies: one stored form, made of HTML, Markdown, text or blocks, and shown as each of them.

mod guard;
mod links;
mod read_html;
mod write_html;
mod write_markdown;

use thiserror::Error;

pub(crate) use links::is_web_address;
pub(crate) use write_html::escaped;
pub use write_html::{TocEntry, html, toc};
pub use write_markdown::markdown;

use crate::model::{
    article::MAX_BODY,
    block::{Block, MarkDef, Span, TextBlock, plain_text},
};

/// Why a body is refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BodyError {
    /// It is too long.
    #[error("a body may have at most {MAX_BODY} bytes")]
    TooLong,
    /// It has a character that no database and no frontend can take.
    #[error("a body can't contain the character U+0000")]
    Nul,
    /// Its markup is too deep or too heavy.
    #[error("{0}")]
    Hostile(&'static str),
    /// Its blocks are not Portable Text as it is documented.
    #[error("{0}")]
    Block(String),
}

/// A body as it comes in.
#[derive(Debug, Clone, PartialEq)]
pub enum BodySource {
    /// HTML; sanitised by being read into blocks.
    Html(String),
    /// CommonMark with the tables, strikethrough and links of GFM.
    Markdown(String),
    /// Paragraphs parted by blank lines.
    Text(String),
    /// Portable Text.
    Blocks(Vec<Block>),
}

/// Makes the stored form of a body.
pub fn blocks(source: &BodySource) -> Result<Vec<Block>, BodyError> {
    let mut blocks = match source {
        BodySource::Html(html) => {
            check(html)?;
            read_html::blocks(html)?
        }
        BodySource::Markdown(markdown) => {
            check(markdown)?;
            read_html::blocks(&comrak::markdown_to_html(markdown, &markdown_options()))?
        }
        BodySource::Text(text) => {
            check(text)?;
            paragraphs(text)
        }
        BodySource::Blocks(blocks) => checked(blocks)?,
    };
    assign_keys(&mut blocks);
    Ok(blocks)
}

/// A body as plain text.
pub fn text(blocks: &[Block]) -> String {
    plain_text(blocks)
}

fn check(text: &str) -> Result<(), BodyError> {
    if text.len() > MAX_BODY {
        return Err(BodyError::TooLong);
    }
    if text.contains('\0') {
        return Err(BodyError::Nul);
    }
    Ok(())
}

fn markdown_options() -> comrak::Options<'static> {
    let mut options = comrak::Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.superscript = true;
    // Raw HTML passes here and is sanitised where all HTML is.
    options.render.r#unsafe = true;
    options
}

/// One block for each run of lines between blank ones; the text itself is kept as it is.
fn paragraphs(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().chain([""]) {
        if !line.trim().is_empty() {
            lines.push(line);
        } else if !lines.is_empty() {
            blocks.push(Block::Block(TextBlock::plain("normal", lines.join("\n"))));
            lines.clear();
        }
    }
    blocks
}

/// Gives every block, span and mark definition a key that is unique and, for the same body,
/// always the same.
fn assign_keys(blocks: &mut [Block]) {
    for (number, block) in blocks.iter_mut().enumerate() {
        let key = format!("b{number}");
        match block {
            Block::Block(text) => {
                assign_inline_keys(&key, &mut text.children, &mut text.mark_defs);
                text.key = key;
            }
            Block::Quote(quote) => {
                for (inner, text) in quote.content.iter_mut().enumerate() {
                    let inner = format!("{key}p{inner}");
                    assign_inline_keys(&inner, &mut text.children, &mut text.mark_defs);
                    text.key = inner;
                }
                quote.key = key;
            }
            Block::Table(table) => {
                for (row, cells) in table.rows.iter_mut().enumerate() {
                    for (column, cell) in cells.cells.iter_mut().enumerate() {
                        let cell_key = format!("{key}r{row}c{column}");
                        assign_inline_keys(&cell_key, &mut cell.children, &mut cell.mark_defs);
                    }
                }
                table.key = key;
            }
            Block::Image(image) => image.key = key,
            Block::Code(code) => code.key = key,
            Block::Embed(embed) => embed.key = key,
            Block::Divider(marker) | Block::AdSlot(marker) => marker.key = key,
            Block::Html(html) => html.key = key,
        }
    }
}

fn assign_inline_keys(block: &str, spans: &mut [Span], mark_defs: &mut [MarkDef]) {
    for (number, mark_def) in mark_defs.iter_mut().enumerate() {
        let key = format!("{block}m{number}");
        for mark in spans.iter_mut().flat_map(|span| span.marks.iter_mut()) {
            if *mark == mark_def.key {
                mark.clone_from(&key);
            }
        }
        mark_def.key = key;
    }
    for (number, span) in spans.iter_mut().enumerate() {
        span.key = format!("{block}s{number}");
    }
}

/// Marks that need no definition.
const PLAIN_MARKS: [&str; 7] = [
    "strong",
    "em",
    "code",
    "underline",
    "strike-through",
    "sub",
    "sup",
];

/// Checks blocks that come from outside, and sanitises what they carry.
fn checked(blocks: &[Block]) -> Result<Vec<Block>, BodyError> {
    let written = serde_json::to_value(blocks).unwrap_or_default();
    if written.to_string().len() > MAX_BODY {
        return Err(BodyError::TooLong);
    }
    if has_nul(&written) {
        return Err(BodyError::Nul);
    }
    let mut checked = Vec::with_capacity(blocks.len());
    for (number, block) in blocks.iter().enumerate() {
        let wrong = |what: String| BodyError::Block(format!("block {number}: {what}"));
        match block {
            Block::Block(text) => check_text(text).map_err(wrong)?,
            Block::Quote(quote) => {
                for text in &quote.content {
                    check_text(text).map_err(wrong)?;
                }
            }
            Block::Table(table) => {
                for cell in table.rows.iter().flat_map(|row| &row.cells) {
                    check_inline(&cell.children, &cell.mark_defs).map_err(wrong)?;
                }
            }
            Block::Image(image) if !links::is_safe_source(&image.url) => {
                return Err(wrong("url must be http, https or relative".to_owned()));
            }
            Block::Embed(embed) if !links::is_web_address(&embed.url) => {
                return Err(wrong("url must be http or https".to_owned()));
            }
            Block::Html(html) => {
                // Read again, so that what is stored went through the sanitiser here.
                checked.extend(read_html::blocks(&html.html)?);
                continue;
            }
            _ => {}
        }
        checked.push(block.clone());
    }
    Ok(checked)
}

fn has_nul(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(has_nul),
        serde_json::Value::Object(members) => members.values().any(has_nul),
        _ => false,
    }
}

fn check_text(text: &TextBlock) -> Result<(), String> {
    let style = text.style.as_str();
    if !(matches!(style, "normal" | "blockquote") || text.heading_level().is_some()) {
        return Err(format!(
            "style \"{style}\" is none of normal, blockquote, h1 to h6"
        ));
    }
    if let Some(kind) = &text.list_item
        && !matches!(kind.as_str(), "bullet" | "number")
    {
        return Err(format!("listItem \"{kind}\" is neither bullet nor number"));
    }
    if text.level.is_some_and(|level| !(1..=32).contains(&level)) {
        return Err("level must be 1 to 32".to_owned());
    }
    check_inline(&text.children, &text.mark_defs)
}

fn check_inline(spans: &[Span], mark_defs: &[MarkDef]) -> Result<(), String> {
    for mark_def in mark_defs {
        if mark_def.kind != "link" || !links::is_safe_link(&mark_def.href) {
            return Err(format!(
                "markDefs \"{}\" must be a link to http, https, mailto, tel or a relative \
                 reference",
                mark_def.key
            ));
        }
    }
    for span in spans {
        if span.kind != "span" {
            return Err(format!("child of type \"{}\" is no span", span.kind));
        }
        let is_known = |mark: &String| {
            PLAIN_MARKS.contains(&mark.as_str()) || mark_defs.iter().any(|def| def.key == *mark)
        };
        if let Some(mark) = span.marks.iter().find(|mark| !is_known(mark)) {
            return Err(format!("mark \"{mark}\" is neither known nor defined"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
