//! Blocks into HTML, and the table of contents.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
};

use crate::model::{
    block::{Block, ImageBlock, MarkDef, Span, TableBlock, TextBlock},
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
    let mut anchors = toc(blocks).into_iter().map(|entry| entry.anchor);
    let mut writer = Writer::default();
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
                inline(&mut writer.out, &text.children, &text.mark_defs)
            }
            Block::Block(text) => paragraph(&mut writer.out, text, || anchors.next()),
            other => writer.out.push_str(&other_block(other)),
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
            // Writing to a String can't fail, here and below.
            let _ = write!(self.out, "<{tag}><li>");
        }
    }

    fn close_lists(&mut self, keep: usize) {
        while self.lists.len() > keep {
            if let Some(tag) = self.lists.pop() {
                let _ = write!(self.out, "</li></{tag}>");
                if self.lists.is_empty() {
                    self.out.push('\n');
                }
            }
        }
    }
}

fn paragraph(out: &mut String, text: &TextBlock, mut anchor: impl FnMut() -> Option<String>) {
    if let Some(level) = text.heading_level() {
        let anchor = anchor().unwrap_or_default();
        let _ = write!(out, "<h{level} id=\"{anchor}\">");
        inline(out, &text.children, &text.mark_defs);
        let _ = write!(out, "</h{level}>");
        return;
    }
    let (open, close) = match text.style.as_str() {
        "blockquote" => ("<blockquote><p>", "</p></blockquote>"),
        _ => ("<p>", "</p>"),
    };
    out.push_str(open);
    inline(out, &text.children, &text.mark_defs);
    out.push_str(close);
}

fn other_block(block: &Block) -> String {
    let mut out = String::new();
    match block {
        Block::Image(image) => figure(&mut out, image),
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
                paragraph(&mut out, text, || None);
            }
            if let Some(attribution) = &quote.attribution {
                let _ = write!(out, "<footer>{}</footer>", escaped(attribution));
            }
            out.push_str("</blockquote>");
        }
        Block::Embed(embed) => {
            // No script and no frame of another site: the frontend decides what to load.
            let label = embed.title.as_deref().unwrap_or(&embed.url);
            let _ = write!(
                out,
                "<figure class=\"embed\" data-provider=\"{}\"><a href=\"{}\">{}</a></figure>",
                escaped(&embed.provider),
                escaped(&embed.url),
                escaped(label)
            );
        }
        Block::Table(table) => write_table(&mut out, table),
        Block::Divider(_) => out.push_str("<hr>"),
        Block::AdSlot(_) => out.push_str("<div class=\"ad-slot\" data-ad-slot></div>"),
        Block::Html(html) => out.push_str(&html.html),
        Block::Block(text) => paragraph(&mut out, text, || None),
    }
    out
}

fn figure(out: &mut String, image: &ImageBlock) {
    let _ = write!(
        out,
        "<figure><img src=\"{}\" alt=\"{}\"",
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
    if let Some(caption) = &image.caption {
        let _ = write!(out, "<figcaption>{}</figcaption>", escaped(caption));
    }
    out.push_str("</figure>");
}

fn write_table(out: &mut String, table: &TableBlock) {
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
            let _ = write!(out, "<{tag}>");
            inline(out, &cell.children, &cell.mark_defs);
            let _ = write!(out, "</{tag}>");
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
fn inline(out: &mut String, spans: &[Span], mark_defs: &[MarkDef]) {
    let mut open: Vec<&str> = Vec::new();
    for span in spans {
        let common = open
            .iter()
            .zip(&span.marks)
            .take_while(|(open, mark)| **open == mark.as_str())
            .count();
        close(out, &mut open, common, mark_defs);
        for mark in span.marks.iter().skip(common) {
            open_mark(out, mark, mark_defs);
            open.push(mark);
        }
        out.push_str(&escaped(&span.text).replace('\n', "<br>"));
    }
    close(out, &mut open, 0, mark_defs);
}

fn open_mark(out: &mut String, mark: &str, mark_defs: &[MarkDef]) {
    if let Some(link) = mark_defs.iter().find(|def| def.key == mark) {
        let _ = write!(out, "<a href=\"{}\"", escaped(&link.href));
        if let Some(title) = &link.title {
            let _ = write!(out, " title=\"{}\"", escaped(title));
        }
        out.push('>');
    } else if let Some(tag) = tag_of(mark) {
        let _ = write!(out, "<{tag}>");
    }
}

fn close(out: &mut String, open: &mut Vec<&str>, keep: usize, mark_defs: &[MarkDef]) {
    while open.len() > keep {
        let Some(mark) = open.pop() else { return };
        if mark_defs.iter().any(|def| def.key == mark) {
            out.push_str("</a>");
        } else if let Some(tag) = tag_of(mark) {
            let _ = write!(out, "</{tag}>");
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

/// Text made safe within elements and quoted attributes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}
