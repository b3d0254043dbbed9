//! Bodies: one stored form, made of HTML, Markdown, text or blocks, and shown as each of them.

mod checked;
mod embeds;
mod escape;
mod guard;
mod keys;
mod line_breaks;
mod links;
mod read_html;
mod write_html;
mod write_markdown;

use thiserror::Error;

pub(crate) use escape::escaped;
pub(crate) use links::is_web_address;
pub use write_html::{TocEntry, html, html_with_toc, toc};
pub use write_markdown::markdown;

use crate::model::{
    article::MAX_BODY,
    block::{Block, TextBlock, plain_text},
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
            paragraphs(&line_breaks::unified(text))
        }
        BodySource::Blocks(blocks) => checked::checked(blocks)?,
    };
    line_breaks::unify(&mut blocks);
    keys::assign(&mut blocks);
    Ok(blocks)
}

/// A body as plain text.
pub fn text(blocks: &[Block]) -> String {
    plain_text(blocks)
}

/// Refuses HTML that would cost a parser more than its length.
pub(crate) fn check_markup(html: &str) -> Result<(), BodyError> {
    guard::check(html)
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
    options.extension.footnotes = true;
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

#[cfg(test)]
mod tests;
