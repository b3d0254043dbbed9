//! Blocks into HTML, and the table of contents.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
};

use crate::{
    domain::body::escape::{escaped, push_escaped},
    model::{
        block::{
            Block, Defs, EmbedBlock, FootnoteMark, ImageBlock, MarkDef, Span, TableBlock,
            TextBlock, footnotes,
        },
        slug::slug_from,
    },
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

/// How many footnotes were referred to so far.
#[derive(Default)]
struct Numbers(usize);

fn paragraph<'a>(
    out: &mut String,
    text: &TextBlock,
    mut anchor: impl FnMut() -> Option<&'a str>,
    notes: &mut Numbers,
) {
    let direction = direction(&text.children);
    if let Some(level) = text.heading_level() {
        let anchor = anchor().unwrap_or_default();
        // Writing to a String can't fail, here and below.
        let _ = write!(out, "<h{level} id=\"{anchor}\"{direction}>");
        inline(out, &text.children, &text.mark_defs, notes);
        let _ = write!(out, "</h{level}>");
        return;
    }
    let is_quote = text.style == "blockquote";
    if is_quote {
        out.push_str("<blockquote>");
    }
    out.extend(["<p", direction, ">"]);
    inline(out, &text.children, &text.mark_defs, notes);
    out.push_str("</p>");
    if is_quote {
        out.push_str("</blockquote>");
    }
}

/// Text that begins in a right-to-left script is laid out from there, whatever the page is in.
fn direction(spans: &[Span]) -> &'static str {
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

fn write_notes(out: &mut String, notes: &[&FootnoteMark]) {
    if notes.is_empty() {
        return;
    }
    out.push_str("<section class=\"footnotes\" role=\"doc-endnotes\"><ol>");
    for (number, note) in (1..).zip(notes) {
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

fn other_block(out: &mut String, block: &Block, notes: &mut Numbers) {
    match block {
        Block::Image(image) => figure(out, image),
        Block::Code(code) => {
            out.push_str("<pre><code");
            if let Some(language) = &code.language {
                let _ = write!(out, " class=\"language-{}\"", escaped(language));
            }
            let _ = write!(out, ">{}\n</code></pre>", escaped(&code.code));
        }
        Block::Quote(quote) => {
            out.push_str("<blockquote>");
            for text in &quote.content {
                paragraph(out, text, || None, notes);
            }
            if let Some(attribution) = &quote.attribution {
                let _ = write!(out, "<footer>{}</footer>", escaped(attribution));
            }
            out.push_str("</blockquote>");
        }
        Block::Embed(embed) => write_embed(out, embed),
        Block::Table(table) => write_table(out, table, notes),
        Block::Divider(_) => out.push_str("<hr>"),
        Block::AdSlot(_) => out.push_str("<div class=\"ad-slot\" data-ad-slot></div>"),
        Block::Html(html) => out.push_str(&html.html),
        Block::Block(text) => paragraph(out, text, || None, notes),
    }
}

/// No script and no frame of another site: the frontend decides what to load.
fn write_embed(out: &mut String, embed: &EmbedBlock) {
    let label = embed.title.as_deref().unwrap_or(&embed.url);
    let _ = write!(
        out,
        "<figure class=\"embed\" data-provider=\"{}\" data-url=\"{url}\"><a href=\"{url}\">{}</a>",
        escaped(&embed.provider),
        escaped(label),
        url = escaped(&embed.url),
    );
    if let Some(caption) = &embed.caption {
        let _ = write!(out, "<figcaption>{}</figcaption>", escaped(caption));
    }
    out.push_str("</figure>");
}

fn figure(out: &mut String, image: &ImageBlock) {
    out.push_str("<figure>");
    if let Some(link) = &image.link {
        let _ = write!(out, "<a href=\"{}\">", escaped(link));
    }
    let _ = write!(
        out,
        "<img src=\"{}\" alt=\"{}\"",
        escaped(&image.url),
        escaped(image.alt.as_deref().unwrap_or_default())
    );
    if let Some(width) = image.width {
        let _ = write!(out, " width=\"{width}\"");
    }
    if let Some(height) = image.height {
        let _ = write!(out, " height=\"{height}\"");
    }
    out.push('>');
    if image.link.is_some() {
        out.push_str("</a>");
    }
    if let Some(caption) = &image.caption {
        let _ = write!(out, "<figcaption>{}</figcaption>", escaped(caption));
    }
    out.push_str("</figure>");
}

fn write_table(out: &mut String, table: &TableBlock, notes: &mut Numbers) {
    out.push_str("<table>");
    let heads = table
        .rows
        .first()
        .is_some_and(|row| !row.cells.is_empty() && row.cells.iter().all(|cell| cell.header));
    for (number, row) in table.rows.iter().enumerate() {
        match number {
            0 if heads => out.push_str("<thead>"),
            0 => out.push_str("<tbody>"),
            1 if heads => out.push_str("<tbody>"),
            _ => {}
        }
        out.push_str("<tr>");
        for cell in &row.cells {
            let tag = if cell.header { "th" } else { "td" };
            out.extend(["<", tag, ">"]);
            inline(out, &cell.children, &cell.mark_defs, notes);
            out.extend(["</", tag, ">"]);
        }
        out.push_str("</tr>");
        if number == 0 && heads {
            out.push_str("</thead>");
        }
    }
    if table.rows.len() > usize::from(heads) {
        out.push_str("</tbody>");
    }
    out.push_str("</table>");
}

/// Writes spans; a mark that goes on from one span to the next stays open.
fn inline(out: &mut String, spans: &[Span], mark_defs: &[MarkDef], notes: &mut Numbers) {
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
