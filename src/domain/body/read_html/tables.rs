//! Tables.

use scraper::ElementRef;

use crate::{
    domain::body::read_html::{Reader, trim, used},
    model::block::{Block, TableBlock, TableCell, TableRow},
};

/// What cells can't carry.
const COMPLEX: [&str; 10] = [
    "table",
    "ul",
    "ol",
    "img",
    "pre",
    "caption",
    "iframe",
    "blockquote",
    "video",
    "audio",
];

impl Reader {
    pub(super) fn table(&mut self, element: ElementRef<'_>) {
        // Cells that span several, and what cells can't carry, stay HTML.
        let is_complex = element.descendent_elements().skip(1).any(|inner| {
            COMPLEX.contains(&inner.value().name())
                || inner.attr("colspan").is_some_and(|span| span.trim() != "1")
                || inner.attr("rowspan").is_some_and(|span| span.trim() != "1")
        });
        if is_complex {
            return self.fallback(element);
        }
        let mut rows = Vec::new();
        for row in element
            .descendent_elements()
            .filter(|inner| inner.value().name() == "tr")
        {
            let cells: Option<Vec<TableCell>> = row
                .child_elements()
                .filter(|cell| matches!(cell.value().name(), "td" | "th"))
                .map(|element| self.cell(element))
                .collect();
            match cells {
                Some(cells) if cells.is_empty() => {}
                Some(cells) => rows.push(TableRow { cells }),
                None => return self.fallback(element),
            }
        }
        // Markdown has no table without a head, so an empty one is none.
        let is_blank = |cell: &TableCell| cell.header && cell.children.is_empty();
        let is_empty = |row: &TableRow| row.cells.iter().all(is_blank);
        if rows.len() > 1 && rows.first().is_some_and(is_empty) {
            rows.remove(0);
        }
        if !rows.is_empty() {
            self.block(Block::Table(TableBlock {
                rows,
                ..TableBlock::default()
            }));
        }
    }

    /// A cell, or `None` for one with more in it than a line of text.
    fn cell(&self, element: ElementRef<'_>) -> Option<TableCell> {
        let mut inner = Self {
            notes: self.notes.clone(),
            ..Self::default()
        };
        for child in element.children() {
            match ElementRef::wrap(child) {
                Some(block) if matches!(block.value().name(), "p" | "div") => {
                    inner.line_break();
                    inner.children(*block);
                }
                _ => inner.node(child),
            }
        }
        trim(&mut inner.spans);
        let used = used(&inner.spans);
        inner.mark_defs.retain(|def| used.contains(def.key()));
        inner.blocks.is_empty().then(|| TableCell {
            header: element.value().name() == "th",
            children: inner.spans,
            mark_defs: inner.mark_defs,
        })
    }
}
