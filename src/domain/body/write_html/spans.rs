//! Runs of text into HTML: their marks, the numbers of notes, and the direction of the script.

use std::fmt::Write;

use crate::{
    domain::body::escape::push_escaped,
    model::block::{Defs, MarkDef, Span},
};

/// How many footnotes were referred to so far.
#[derive(Default)]
pub(super) struct Numbers(pub(super) usize);

/// Text that begins in a right-to-left script is laid out from there, whatever the page is in.
pub(super) fn direction(spans: &[Span]) -> &'static str {
    let mut letters = spans
        .iter()
        .flat_map(|span| span.text.chars())
        .filter(|c| c.is_alphabetic());
    match letters.next() {
        Some(first) if is_right_to_left(first) => " dir=\"rtl\"",
        _ => "",
    }
}

/// Blocks of Unicode that are set aside for right-to-left scripts (UAX 9, table 4: R and AL).
fn is_right_to_left(c: char) -> bool {
    matches!(
        u32::from(c),
        0x0590..=0x08FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFF | 0x1_0800..=0x1_0FFF | 0x1_E800..=0x1_EFFF
    )
}

/// Writes spans; a mark that goes on from one span to the next stays open.
pub(super) fn inline(out: &mut String, spans: &[Span], mark_defs: &[MarkDef], notes: &mut Numbers) {
    let defs = Defs::new(mark_defs);
    let mut open: Vec<&str> = Vec::new();
    for span in spans {
        let note = defs.footnote(span);
        let is_mark = move |mark: &&String| note.is_none_or(|note| note.key != **mark);
        let marks = span.marks.iter().filter(is_mark);
        let common = open
            .iter()
            .zip(marks.clone())
            .take_while(|(open, mark)| **open == mark.as_str())
            .count();
        close(out, &mut open, common, &defs);
        for mark in marks.skip(common) {
            open_mark(out, mark, &defs);
            open.push(mark);
        }
        if note.is_some() {
            notes.0 += 1;
            // Writing to a String can't fail.
            let _ = write!(
                out,
                "<sup class=\"footnote-ref\"><a href=\"#fn:{number}\" id=\"fnref:{number}\" \
                 role=\"doc-noteref\">{number}</a></sup>",
                number = notes.0
            );
        } else {
            for (number, line) in span.text.split('\n').enumerate() {
                if number > 0 {
                    out.push_str("<br>");
                }
                push_escaped(out, line);
            }
        }
    }
    close(out, &mut open, 0, &defs);
}

fn open_mark(out: &mut String, mark: &str, defs: &Defs<'_>) {
    if let Some(MarkDef::Link(link)) = defs.get(mark) {
        out.push_str("<a href=\"");
        push_escaped(out, &link.href);
        if let Some(title) = &link.title {
            out.push_str("\" title=\"");
            push_escaped(out, title);
        }
        out.push_str("\">");
    } else if let Some(tag) = tag_of(mark) {
        out.extend(["<", tag, ">"]);
    }
}

fn close(out: &mut String, open: &mut Vec<&str>, keep: usize, defs: &Defs<'_>) {
    while open.len() > keep {
        let Some(mark) = open.pop() else { return };
        if defs.get(mark).is_some() {
            out.push_str("</a>");
        } else if let Some(tag) = tag_of(mark) {
            out.extend(["</", tag, ">"]);
        }
    }
}

fn tag_of(mark: &str) -> Option<&'static str> {
    Some(match mark {
        "strong" => "strong",
        "em" => "em",
        "code" => "code",
        "underline" => "u",
        "strike-through" => "s",
        "sub" => "sub",
        "sup" => "sup",
        _ => return None,
    })
}
