//! What marks of text refer to: links and footnotes.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::model::block::{Block, Span, TextBlock};

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
