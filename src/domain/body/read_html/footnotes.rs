//! Footnotes: what numbers refer to, in the forms that comrak, GitHub, WordPress and most others
//! write: a short link to a list item or paragraph further down.

use std::collections::{HashMap, HashSet};

use ego_tree::NodeId;
use scraper::{ElementRef, Html};

use crate::{
    domain::body::read_html::Reader,
    model::block::{Block, FootnoteMark, MarkDef, Span, TextBlock, plain_text},
};

/// Characters of a reference: a number, a letter, a few signs.
const REFERENCE_AT_MOST: usize = 8;
/// Notes of a body; what goes beyond stays a list.
const NOTES_AT_MOST: usize = 1_000;
/// Bytes of one note.
const NOTE_AT_MOST: usize = 20_000;
/// Bytes of what stands above and between the notes of a section.
const HEADING_AT_MOST: usize = 40;

/// The notes of a document.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Paragraphs of notes by the nodes that refer to them.
    referred: HashMap<NodeId, Vec<TextBlock>>,
    /// Nodes that hold nothing but notes.
    holders: HashSet<NodeId>,
}

impl Notes {
    /// Looks over a document.
    pub(super) fn find(document: &Html) -> Self {
        let mut references: Vec<(ElementRef<'_>, &str)> = Vec::new();
        let mut targets: HashMap<&str, ElementRef<'_>> = HashMap::new();
        for element in document.root_element().descendent_elements() {
            if let Some(id) = element.attr("id")
                && matches!(element.value().name(), "li" | "p" | "div" | "dd" | "aside")
            {
                targets.entry(id).or_insert(element);
            }
            if let Some(id) = reference(element) {
                references.push((element, id));
            }
        }
        references.retain(|(_, id)| targets.contains_key(id));
        references.truncate(NOTES_AT_MOST);
        let mut notes = Self::default();
        let mut read: HashMap<&str, Option<Vec<TextBlock>>> = HashMap::new();
        for (element, id) in references {
            let Some(target) = targets.get(id) else {
                continue;
            };
            let content = read.entry(id).or_insert_with(|| {
                let is_note = is_short(*target) && (in_notes(*target) || leads_back(*target));
                is_note
                    .then(|| content(*target))
                    .filter(|content| !content.is_empty())
            });
            if let Some(content) = content {
                notes.holders.insert(target.id());
                notes.referred.insert(marker(element).id(), content.clone());
            }
        }
        notes.find_sections(document);
        notes
    }

    /// Sections that hold only notes, with their rule and their heading.
    fn find_sections(&mut self, document: &Html) {
        if self.holders.is_empty() {
            return;
        }
        let sections: Vec<NodeId> = document
            .root_element()
            .descendent_elements()
            .filter(|element| is_section(*element))
            .filter(|section| {
                let notes = section
                    .descendent_elements()
                    .filter(|inner| self.holders.contains(&inner.id()));
                let noted: usize = notes.map(length).sum();
                noted > 0 && length(*section) <= noted + HEADING_AT_MOST
            })
            .map(|section| section.id())
            .collect();
        self.holders.extend(sections);
    }

    /// Whether an element is a note, or holds nothing else.
    pub(super) fn hold(&self, element: ElementRef<'_>) -> bool {
        self.holders.contains(&element.id())
    }

    /// The note that an element refers to.
    pub(super) fn referred(&self, element: ElementRef<'_>) -> Option<Vec<TextBlock>> {
        self.referred.get(&element.id()).cloned()
    }
}

/// The id that a reference leads to.
fn reference<'a>(element: ElementRef<'a>) -> Option<&'a str> {
    let id = element.attr("href")?.strip_prefix('#')?;
    let text: String = element.text().collect();
    let is_short = text.trim().chars().count() <= REFERENCE_AT_MOST && !text.trim().is_empty();
    let is_back = element
        .value()
        .classes()
        .any(|class| class.contains("back"));
    let is_raised = element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .take(2)
        .any(|around| around.value().name() == "sup");
    let is_named = element
        .value()
        .classes()
        .any(|class| class.contains("footnote") || class == "fn")
        || element.attr("role") == Some("doc-noteref")
        || element
            .child_elements()
            .any(|inner| inner.value().name() == "sup");
    (is_short && !is_back && (is_raised || is_named)).then_some(id)
}

/// The element whose place the number takes: the raised one around the link, if there is one.
fn marker(element: ElementRef<'_>) -> ElementRef<'_> {
    element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .take(2)
        .find(|around| around.value().name() == "sup" && around.child_elements().count() == 1)
        .unwrap_or(element)
}

fn is_section(element: ElementRef<'_>) -> bool {
    element.attr("role") == Some("doc-endnotes")
        || element
            .value()
            .classes()
            .any(|class| matches!(class, "footnotes" | "wp-block-footnotes" | "footnote-list"))
}

fn length(element: ElementRef<'_>) -> usize {
    element.text().map(|text| text.trim().len()).sum()
}

/// Whether it is no longer than notes are; looks no further than it must.
fn is_short(note: ElementRef<'_>) -> bool {
    let mut left = NOTE_AT_MOST;
    note.text().all(|text| {
        left = left.saturating_sub(text.len());
        left > 0
    })
}

fn in_notes(element: ElementRef<'_>) -> bool {
    element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .take(4)
        .any(is_section)
}

fn is_back_link(element: ElementRef<'_>) -> bool {
    let text: String = element.text().collect();
    let is_arrow = |c: char| "↩↑⤴^⏎\u{FE0E}\u{FE0F}".contains(c) || c.is_whitespace();
    let is_named = element
        .value()
        .classes()
        .any(|class| class.contains("back"))
        || element.attr("role") == Some("doc-backlink");
    element.value().name() == "a"
        && element
            .attr("href")
            .is_some_and(|href| href.starts_with('#'))
        && (is_named || text.chars().all(|c| is_arrow(c) || c.is_ascii_digit()))
}

fn leads_back(note: ElementRef<'_>) -> bool {
    note.descendent_elements().any(is_back_link)
}

/// The paragraphs of a note, without the way back.
fn content(note: ElementRef<'_>) -> Vec<TextBlock> {
    let ways_back = note
        .descendent_elements()
        .filter(|inner| is_back_link(*inner));
    let mut reader = Reader {
        notes: std::rc::Rc::new(Notes {
            referred: HashMap::new(),
            holders: ways_back.map(|inner| inner.id()).collect(),
        }),
        ..Reader::default()
    };
    reader.children(*note);
    reader.flush();
    let mut content = Vec::new();
    for block in reader.blocks {
        match block {
            Block::Block(mut text) => {
                text.style = "normal".to_owned();
                (text.list_item, text.level) = (None, None);
                content.push(text);
            }
            other => {
                let text = plain_text(&[other]);
                if !text.is_empty() {
                    content.push(TextBlock::plain("normal", text));
                }
            }
        }
    }
    content
}

impl Reader {
    /// Puts a note's number where it is referred to.
    pub(super) fn footnote(&mut self, content: Vec<TextBlock>) {
        let key = format!("note-{}-{}", self.blocks.len(), self.mark_defs.len());
        // The number is counted anew once the body is whole.
        self.spans.push(Span::new("*", vec![key.clone()]));
        self.mark_defs
            .push(MarkDef::Footnote(FootnoteMark { key, content }));
    }
}
