//! Line breaks: a line feed, in whichever form they come. A carriage return would not last: HTML
//! that has one is read as if it had a line feed (WHATWG HTML, 13.2.3.5).

use crate::model::block::{Block, MarkDef, Span, TextBlock};

/// Has every text of a body break its lines by line feeds.
pub(super) fn unify(blocks: &mut [Block]) {
    for block in blocks {
        of_block(block);
    }
}

/// A text whose lines break so.
pub(super) fn unified(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn of_block(block: &mut Block) {
    match block {
        Block::Block(text) => of_text(text),
        Block::Image(image) => {
            one(&mut image.url);
            each([&mut image.alt, &mut image.caption, &mut image.link]);
        }
        Block::Code(code) => one(&mut code.code),
        Block::Quote(quote) => {
            quote.content.iter_mut().for_each(of_text);
            each([&mut quote.attribution]);
        }
        Block::Embed(embed) => {
            one(&mut embed.url);
            one(&mut embed.provider);
            each([&mut embed.title, &mut embed.caption]);
        }
        Block::Table(table) => {
            for cell in table.rows.iter_mut().flat_map(|row| row.cells.iter_mut()) {
                of_inline(&mut cell.children, &mut cell.mark_defs);
            }
        }
        Block::Html(html) => {
            one(&mut html.html);
            one(&mut html.text);
        }
        Block::Divider(_) | Block::AdSlot(_) => {}
    }
}

fn of_text(text: &mut TextBlock) {
    of_inline(&mut text.children, &mut text.mark_defs);
}

fn of_inline(spans: &mut [Span], mark_defs: &mut [MarkDef]) {
    for span in spans {
        one(&mut span.text);
    }
    for def in mark_defs {
        match def {
            MarkDef::Link(link) => {
                one(&mut link.href);
                each([&mut link.title]);
            }
            MarkDef::Footnote(note) => note.content.iter_mut().for_each(of_text),
        }
    }
}

fn each<const N: usize>(texts: [&mut Option<String>; N]) {
    texts.into_iter().flatten().for_each(one);
}

fn one(text: &mut String) {
    if text.contains('\r') {
        *text = unified(text);
    }
}
