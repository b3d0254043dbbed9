//! Blocks into HTML, each by itself.

use std::fmt::Write;

use crate::{
    domain::body::{
        escape::escaped,
        write_html::spans::{Numbers, direction, inline},
    },
    model::block::{Block, EmbedBlock, ImageBlock, TableBlock, TextBlock},
};

/// A paragraph or heading; `anchor` gives the id of a heading.
pub(super) fn paragraph<'a>(
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

/// Any block that is no item of a list.
pub(super) fn other_block(out: &mut String, block: &Block, notes: &mut Numbers) {
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
