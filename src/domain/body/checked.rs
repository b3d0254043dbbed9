//! Blocks that come from outside: held to what is documented, and sanitised.

use crate::{
    domain::body::{BodyError, links, read_html},
    model::{
        article::MAX_BODY,
        block::{Block, CodeBlock, Defs, FootnoteMark, MarkDef, Span, TextBlock},
    },
};

/// Bytes of blocks: what HTML of the greatest length can become, so that it may come back.
const MAX_BLOCKS: usize = 4 * MAX_BODY;

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
pub(super) fn checked(blocks: &[Block]) -> Result<Vec<Block>, BodyError> {
    let written = serde_json::to_value(blocks).unwrap_or_default();
    if written.to_string().len() > MAX_BLOCKS {
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
            Block::Image(image)
                if image
                    .link
                    .as_ref()
                    .is_some_and(|link| !links::is_safe_link(link)) =>
            {
                return Err(wrong(
                    "link must be http, https, mailto, tel or relative".to_owned(),
                ));
            }
            Block::Embed(embed) if !links::is_web_address(&embed.url) => {
                return Err(wrong("url must be http or https".to_owned()));
            }
            Block::Code(code) => {
                checked.push(Block::Code(CodeBlock {
                    language: code.language.as_deref().and_then(read_html::one_word),
                    ..code.clone()
                }));
                continue;
            }
            Block::Html(html) => {
                // Read again, so that what is stored went through the sanitiser here.
                checked.extend(read_html::blocks(&html.html)?);
                continue;
            }
            _ => {}
        }
        checked.push(filled(block.clone()));
    }
    Ok(checked)
}

/// A block without the spans that have no text: Markdown has no sign for them.
fn filled(mut block: Block) -> Block {
    match &mut block {
        Block::Block(text) => fill(&mut text.children, &mut text.mark_defs),
        Block::Quote(quote) => {
            for text in &mut quote.content {
                fill(&mut text.children, &mut text.mark_defs);
            }
        }
        Block::Table(table) => {
            for cell in table.rows.iter_mut().flat_map(|row| row.cells.iter_mut()) {
                fill(&mut cell.children, &mut cell.mark_defs);
            }
        }
        _ => {}
    }
    block
}

/// Takes spans without text out. What marks a footnote gets its number later.
fn fill(spans: &mut Vec<Span>, mark_defs: &mut [MarkDef]) {
    let defs = Defs::new(mark_defs);
    spans.retain(|span| !span.text.is_empty() || defs.footnote(span).is_some());
    for def in mark_defs {
        if let MarkDef::Footnote(note) = def {
            for text in &mut note.content {
                fill(&mut text.children, &mut text.mark_defs);
            }
        }
    }
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
        match mark_def {
            MarkDef::Link(link) if !links::is_safe_link(&link.href) => {
                return Err(format!(
                    "markDefs \"{}\" must be a link to http, https, mailto, tel or a relative \
                     reference",
                    link.key
                ));
            }
            MarkDef::Link(_) => {}
            MarkDef::Footnote(note) => check_note(note)?,
        }
    }
    let defs = Defs::new(mark_defs);
    for span in spans {
        if span.kind != "span" {
            return Err(format!("child of type \"{}\" is no span", span.kind));
        }
        let is_known =
            |mark: &String| PLAIN_MARKS.contains(&mark.as_str()) || defs.get(mark).is_some();
        if let Some(mark) = span.marks.iter().find(|mark| !is_known(mark)) {
            return Err(format!("mark \"{mark}\" is neither known nor defined"));
        }
    }
    Ok(())
}

/// A note has paragraphs, and no notes of its own.
fn check_note(note: &FootnoteMark) -> Result<(), String> {
    let is_link = |def: &MarkDef| matches!(def, MarkDef::Link(_));
    for text in &note.content {
        if text.style != "normal" || text.list_item.is_some() {
            return Err(format!(
                "footnote \"{}\" may have paragraphs only",
                note.key
            ));
        }
        if !text.mark_defs.iter().all(is_link) {
            return Err(format!("footnote \"{}\" can't have footnotes", note.key));
        }
        check_text(text)?;
    }
    match note.content.iter().all(|text| text.text().is_empty()) {
        true => Err(format!("footnote \"{}\" has no text", note.key)),
        false => Ok(()),
    }
}
