//! Keys of blocks, and numbers of footnotes: the same for the same body, wherever it came from.

use std::collections::{HashMap, HashSet};

use crate::model::block::{Block, Defs, MarkDef, Span};

/// Gives every block, span and mark definition a key that is unique, and counts the footnotes.
pub(super) fn assign(blocks: &mut [Block]) {
    let mut notes = 0;
    for (number, block) in blocks.iter_mut().enumerate() {
        let key = format!("b{number}");
        match block {
            Block::Block(text) => {
                inline(&key, &mut text.children, &mut text.mark_defs, &mut notes);
                text.key = key;
            }
            Block::Quote(quote) => {
                for (inner, text) in quote.content.iter_mut().enumerate() {
                    let inner = format!("{key}p{inner}");
                    inline(&inner, &mut text.children, &mut text.mark_defs, &mut notes);
                    text.key = inner;
                }
                quote.key = key;
            }
            Block::Table(table) => {
                for (row, cells) in table.rows.iter_mut().enumerate() {
                    for (column, cell) in cells.cells.iter_mut().enumerate() {
                        let inner = format!("{key}r{row}c{column}");
                        inline(&inner, &mut cell.children, &mut cell.mark_defs, &mut notes);
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

fn inline(block: &str, spans: &mut Vec<Span>, mark_defs: &mut [MarkDef], notes: &mut usize) {
    number(spans, mark_defs, notes);
    let key_of = |number: usize| format!("{block}m{number}");
    let numbered = mark_defs.iter().enumerate().rev();
    let numbers: HashMap<&str, usize> = numbered.map(|(number, def)| (def.key(), number)).collect();
    // All at once: a new key may be the old one of another.
    for mark in spans.iter_mut().flat_map(|span| span.marks.iter_mut()) {
        if let Some(number) = numbers.get(mark.as_str()) {
            *mark = key_of(*number);
        }
    }
    for (number, mark_def) in mark_defs.iter_mut().enumerate() {
        let key = key_of(number);
        mark_def.set_key(key.clone());
        if let MarkDef::Footnote(note) = mark_def {
            for (inner, text) in note.content.iter_mut().enumerate() {
                let inner = format!("{key}p{inner}");
                inline(&inner, &mut text.children, &mut text.mark_defs, &mut 0);
                text.key = inner;
            }
        }
    }
    for (number, span) in spans.iter_mut().enumerate() {
        span.key = format!("{block}s{number}");
    }
}

/// Puts its number in place of what marks a footnote. Words that were marked stay, with the number
/// behind them; where they were marked as several, with the number of each.
fn number(spans: &mut Vec<Span>, mark_defs: &[MarkDef], notes: &mut usize) {
    if !mark_defs
        .iter()
        .any(|def| matches!(def, MarkDef::Footnote(_)))
    {
        return;
    }
    let defs = Defs::new(mark_defs);
    let is_note = |mark: &str| matches!(defs.get(mark), Some(MarkDef::Footnote(_)));
    let mut numbered: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans.drain(..) {
        let marked = distinct(span.marks.iter().filter(|mark| is_note(mark)));
        let Some((first, others)) = marked.split_first() else {
            numbered.push(span);
            continue;
        };
        if span.text.chars().any(char::is_alphabetic) {
            let marks = span.marks.iter().filter(|mark| !is_note(mark));
            numbered.push(Span::new(span.text.clone(), marks.cloned().collect()));
        }
        let of_first = |mark: &&String| mark.as_str() == *first || !is_note(mark);
        let marks = span.marks.iter().filter(of_first).cloned().collect();
        *notes += 1;
        numbered.push(Span::new(notes.to_string(), marks));
        // Links may be many, so only the first has those; of the others, there are a few.
        let plain = distinct(span.marks.iter().filter(|mark| defs.get(mark).is_none()));
        for note in others {
            let marks = plain.iter().chain([note]).map(|mark| (*mark).to_owned());
            *notes += 1;
            numbered.push(Span::new(notes.to_string(), marks.collect()));
        }
    }
    *spans = numbered;
}

/// Each mark once.
fn distinct<'a>(marks: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    let mut known = HashSet::new();
    let marks = marks.map(String::as_str);
    marks.filter(|mark| known.insert(*mark)).collect()
}
