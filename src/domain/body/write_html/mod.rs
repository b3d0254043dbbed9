//! Blocks into HTML, and the table of contents.

mod blocks;
mod spans;

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
};

use blocks::{other_block, paragraph};
use spans::{Numbers, direction, inline};

use crate::model::{
    block::{Block, FootnoteMark, footnotes},
    slug::slug_from,
};

/// A heading in the table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TocEntry {
    /// 1 to 6.
    pub level: u8,
    /// The heading's text.
    pub text: String,
    /// The id of the heading in the HTML.
    pub anchor: String,
}

/// The headings of a body in order, each with an anchor that is unique in it.
pub fn toc(blocks: &[Block]) -> Vec<TocEntry> {
    let mut used: HashMap<String, usize> = HashMap::new();
    let mut taken: HashSet<String> = HashSet::new();
    let mut entries = Vec::new();
    for block in blocks {
        let Block::Block(block) = block else { continue };
        let Some(level) = block.heading_level() else {
            continue;
        };
        let text = block.text();
        let wanted = slug_from(&text).unwrap_or_else(|| "section".to_owned());
        let mut anchor = wanted.clone();
        // A heading may itself be called "Same 2".
        while taken.contains(&anchor) {
            let times = used.entry(wanted.clone()).or_insert(1);
            *times += 1;
            anchor = format!("{wanted}-{times}");
        }
        taken.insert(anchor.clone());
        entries.push(TocEntry {
            level,
            text,
            anchor,
        });
    }
    entries
}

/// A body as HTML; headings carry the ids that [`toc`] names.
pub fn html(blocks: &[Block]) -> String {
    html_with_toc(blocks, &toc(blocks))
}

/// [`html`] of a body whose headings are known already.
pub fn html_with_toc(blocks: &[Block], toc: &[TocEntry]) -> String {
    let mut out = fragment(blocks, toc, 0);
    let notes = notes(blocks);
    if !notes.is_empty() {
        out.push('\n');
        out.push_str(&notes);
    }
    out
}

/// The footnotes of a body as the section that stands at its end; empty without any.
pub(super) fn notes(blocks: &[Block]) -> String {
    let mut out = String::new();
    write_notes(&mut out, &footnotes(blocks));
    out
}

/// Bytes of a block's markup, about; and blocks that room is made for at once.
const USUAL_BLOCK: usize = 256;
const USUAL_BLOCKS: usize = 256;

/// A part of a body with its headings as HTML, after so many footnotes of other parts; without
/// the notes themselves.
pub(super) fn fragment(blocks: &[Block], toc: &[TocEntry], notes_before: usize) -> String {
    let mut anchors = toc.iter().map(|entry| entry.anchor.as_str());
    let mut writer = Writer::default();
    let room = blocks.len().min(USUAL_BLOCKS) * USUAL_BLOCK;
    writer.out.reserve(room);
    let mut notes = Numbers(notes_before);
    for block in blocks {
        let list = match block {
            Block::Block(text) => text.list_item.as_deref().map(|kind| {
                let level = usize::from(text.level.unwrap_or(1).max(1));
                (kind, level)
            }),
            _ => None,
        };
        match list {
            Some((kind, level)) => writer.open_item(kind, level),
            None => writer.close_lists(0),
        }
        match block {
            Block::Block(text) if list.is_some() => {
                inline(&mut writer.out, &text.children, &text.mark_defs, &mut notes);
            }
            Block::Block(text) => {
                paragraph(&mut writer.out, text, || anchors.next(), &mut notes);
            }
            other => other_block(&mut writer.out, other, &mut notes),
        }
        if list.is_none() {
            writer.out.push('\n');
        }
    }
    writer.close_lists(0);
    writer.out.truncate(writer.out.trim_end().len());
    writer.out
}

/// Markup under way, with the lists that are open in it.
#[derive(Default)]
struct Writer {
    out: String,
    /// Tags of open lists, outermost first; an item is open in each.
    lists: Vec<&'static str>,
}

impl Writer {
    fn open_item(&mut self, kind: &str, level: usize) {
        let tag = if kind == "number" { "ol" } else { "ul" };
        if self.lists.len() > level {
            self.close_lists(level);
        }
        if self.lists.len() == level && self.lists.last() != Some(&tag) {
            self.close_lists(level - 1);
        }
        if self.lists.len() == level {
            self.out.push_str("</li><li>");
            return;
        }
        while self.lists.len() < level {
            self.lists.push(tag);
            self.out.extend(["<", tag, "><li>"]);
        }
    }

    fn close_lists(&mut self, keep: usize) {
        while self.lists.len() > keep {
            if let Some(tag) = self.lists.pop() {
                self.out.extend(["</li></", tag, ">"]);
                if self.lists.is_empty() {
                    self.out.push('\n');
                }
            }
        }
    }
}

fn write_notes(out: &mut String, notes: &[&FootnoteMark]) {
    if notes.is_empty() {
        return;
    }
    out.push_str("<section class=\"footnotes\" role=\"doc-endnotes\"><ol>");
    for (number, note) in (1..).zip(notes) {
        // Writing to a String can't fail.
        let _ = write!(out, "<li id=\"fn:{number}\">");
        for (index, text) in note.content.iter().enumerate() {
            out.extend(["<p", direction(&text.children), ">"]);
            inline(
                out,
                &text.children,
                &text.mark_defs,
                &mut Numbers::default(),
            );
            if index + 1 == note.content.len() {
                let _ = write!(
                    out,
                    " <a href=\"#fnref:{number}\" class=\"footnote-back\" \
                     role=\"doc-backlink\">\u{21A9}</a>"
                );
            }
            out.push_str("</p>");
        }
        out.push_str("</li>");
    }
    out.push_str("</ol></section>");
}
