//! Blocks as the tree that comrak writes, so that its escaping is the library's.

use comrak::{
    Arena, Node,
    nodes::{
        AstNode, ListDelimType, ListType, NodeCode, NodeCodeBlock, NodeFootnoteDefinition,
        NodeFootnoteReference, NodeHeading, NodeHtmlBlock, NodeLink, NodeList, NodeTable,
        NodeValue, TableAlignment,
    },
};

use crate::{
    domain::body::{escaped, write_html, write_markdown::Run},
    model::block::{Block, Defs, MarkDef, Span, TableBlock, TableCell, TextBlock, footnotes},
};

/// A body, with some runs of blocks written as the HTML that Markdown allows, and then perhaps
/// the footnotes as well.
pub(super) fn write(blocks: &[Block], runs: &[Run], notes_as_html: bool) -> String {
    let arena = Arena::new();
    let tree = Tree {
        arena: &arena,
        notes: std::cell::Cell::new(0),
    };
    let root = tree.node(NodeValue::Document);
    for run in runs {
        let part = blocks.get(run.blocks.clone()).unwrap_or_default();
        if run.as_html {
            tree.html(root, part);
            continue;
        }
        let mut lists: Vec<(Node<'_>, bool)> = Vec::new();
        for block in part {
            match block {
                Block::Block(text) if text.list_item.is_some() => tree.item(root, &mut lists, text),
                other => tree.block(root, other),
            }
        }
    }
    match notes_as_html {
        true => tree.raw(root, format!("{}\n", write_html::notes(blocks))),
        false => tree.definitions(root, blocks),
    }
    let mut options = crate::domain::body::markdown_options();
    options.render.prefer_fenced = true;
    let mut out = String::new();
    if comrak::format_commonmark(root, &options, &mut out).is_err() {
        log::error!("a body can't be written as Markdown");
    }
    out.truncate(out.trim_end().len());
    out
}

struct Tree<'a> {
    arena: &'a Arena<'a>,
    /// Footnotes referred to so far.
    notes: std::cell::Cell<usize>,
}

impl<'a> Tree<'a> {
    fn node(&self, value: NodeValue) -> Node<'a> {
        self.arena.alloc(AstNode::from(value))
    }

    fn under(&self, parent: Node<'a>, value: NodeValue) -> Node<'a> {
        let node = self.node(value);
        parent.append(node);
        node
    }

    fn item(&self, root: Node<'a>, lists: &mut Vec<(Node<'a>, bool)>, text: &TextBlock) {
        let ordered = text.list_item.as_deref() == Some("number");
        let level = usize::from(text.level.unwrap_or(1).max(1));
        lists.truncate(level);
        if lists.len() == level && lists.last().is_some_and(|(_, kind)| *kind != ordered) {
            lists.pop();
        }
        let list_value = NodeList {
            list_type: if ordered {
                ListType::Ordered
            } else {
                ListType::Bullet
            },
            start: 1,
            delimiter: ListDelimType::Period,
            bullet_char: b'-',
            tight: true,
            marker_offset: 0,
            padding: if ordered { 3 } else { 2 },
            is_task_list: false,
        };
        while lists.len() < level {
            // A deeper list lies in the last item of the one around it.
            let parent = match lists.last() {
                Some((list, _)) => list
                    .last_child()
                    .unwrap_or_else(|| self.under(list, NodeValue::Item(list_value))),
                None => root,
            };
            let list = self.under(parent, NodeValue::List(list_value));
            lists.push((list, ordered));
        }
        if let Some((list, _)) = lists.last() {
            let item = self.under(list, NodeValue::Item(list_value));
            let paragraph = self.under(item, NodeValue::Paragraph);
            self.inline(paragraph, &text.children, &text.mark_defs, false);
        }
    }

    fn html(&self, parent: Node<'a>, blocks: &[Block]) {
        let mut markup = write_html::fragment(blocks, &write_html::toc(blocks), self.notes.get());
        self.notes.set(self.notes.get() + footnotes(blocks).len());
        // What begins with one of these is a paragraph, and read on in; a division is not.
        if ["<audio", "<video"]
            .iter()
            .any(|tag| markup.starts_with(tag))
        {
            markup = format!("<div>{markup}</div>");
        }
        // A blank line would end it.
        if markup.contains("\n\n") || markup.lines().any(|line| line.trim().is_empty()) {
            markup = markup.replace('\n', "&#10;");
        }
        self.raw(parent, format!("{markup}\n"));
    }

    fn definitions(&self, root: Node<'a>, blocks: &[Block]) {
        for (number, note) in (1_usize..).zip(footnotes(blocks)) {
            let definition = NodeFootnoteDefinition {
                name: number.to_string(),
                total_references: 1,
            };
            let definition = self.under(root, NodeValue::FootnoteDefinition(definition));
            for text in &note.content {
                let paragraph = self.under(definition, NodeValue::Paragraph);
                self.inline(paragraph, &text.children, &text.mark_defs, false);
            }
        }
    }

    fn block(&self, parent: Node<'a>, block: &Block) {
        match block {
            Block::Block(text) => self.text(parent, text),
            Block::Quote(quote) => {
                let outer = self.under(parent, NodeValue::BlockQuote);
                for text in &quote.content {
                    self.text(outer, text);
                }
                if let Some(attribution) = &quote.attribution {
                    let markup = format!("<footer>{}</footer>\n", escaped(attribution));
                    self.raw(outer, markup);
                }
            }
            Block::Code(code) => {
                self.under(
                    parent,
                    NodeValue::CodeBlock(Box::new(NodeCodeBlock {
                        fenced: true,
                        fence_char: b'`',
                        fence_length: 3,
                        fence_offset: 0,
                        info: code.language.clone().unwrap_or_default(),
                        literal: format!("{}\n", code.code),
                        closed: true,
                    })),
                );
            }
            // A picture that leads elsewhere, or whose size is known, needs more than Markdown has.
            Block::Image(image) if image.link.is_some() || image.width.is_some() => {
                self.html(parent, std::slice::from_ref(block));
            }
            Block::Image(image) => {
                let paragraph = self.under(parent, NodeValue::Paragraph);
                let node = self.under(
                    paragraph,
                    NodeValue::Image(Box::new(NodeLink {
                        url: image.url.clone(),
                        title: image.caption.clone().unwrap_or_default(),
                    })),
                );
                self.words(node, image.alt.as_deref().unwrap_or_default(), true);
            }
            Block::Divider(_) => {
                self.under(parent, NodeValue::ThematicBreak);
            }
            Block::Table(table) => self.table(parent, table),
            Block::Embed(_) | Block::AdSlot(_) | Block::Html(_) => {
                self.html(parent, std::slice::from_ref(block));
            }
        }
    }

    fn text(&self, parent: Node<'a>, text: &TextBlock) {
        let node = match (text.heading_level(), text.style.as_str()) {
            (Some(level), _) => self.under(
                parent,
                NodeValue::Heading(NodeHeading {
                    level,
                    setext: false,
                    closed: false,
                }),
            ),
            (None, "blockquote") => {
                let quote = self.under(parent, NodeValue::BlockQuote);
                self.under(quote, NodeValue::Paragraph)
            }
            _ => self.under(parent, NodeValue::Paragraph),
        };
        let is_one_line = text.heading_level().is_some();
        self.inline(node, &text.children, &text.mark_defs, is_one_line);
    }

    fn raw(&self, parent: Node<'a>, literal: String) {
        self.under(
            parent,
            NodeValue::HtmlBlock(NodeHtmlBlock {
                block_type: 6,
                literal,
            }),
        );
    }

    /// A table without a head gets an empty one, since Markdown has none without.
    fn table(&self, parent: Node<'a>, table: &TableBlock) {
        let columns = table
            .rows
            .iter()
            .map(|row| row.cells.len())
            .max()
            .unwrap_or(0);
        let head = table.rows.first().filter(|row| {
            let is_head = |cell: &TableCell| cell.header;
            row.cells.iter().all(is_head)
        });
        let node = self.under(
            parent,
            NodeValue::Table(Box::new(NodeTable {
                alignments: vec![TableAlignment::None; columns],
                num_columns: columns,
                num_rows: table.rows.len(),
                num_nonempty_cells: 0,
            })),
        );
        let none: &[TableCell] = &[];
        let cells = table.rows.iter().map(|row| row.cells.as_slice());
        let rows = head.is_none().then_some(none).into_iter().chain(cells);
        for (number, cells) in rows.enumerate() {
            let row_node = self.under(node, NodeValue::TableRow(number == 0));
            for column in 0..columns {
                let cell_node = self.under(row_node, NodeValue::TableCell);
                if let Some(cell) = cells.get(column) {
                    self.inline(cell_node, &cell.children, &cell.mark_defs, true);
                }
            }
        }
    }

    /// Marks nest in their order; one that goes on in the next span goes on in the same node.
    fn inline(&self, parent: Node<'a>, spans: &[Span], mark_defs: &[MarkDef], one_line: bool) {
        let defs = Defs::new(mark_defs);
        let mut open: Vec<(&str, Node<'a>)> = Vec::new();
        for span in spans {
            let note = defs.footnote(span);
            let is_sign = |mark: &&String| {
                mark.as_str() != "code" && note.is_none_or(|note| note.key != **mark)
            };
            let marks: Vec<&String> = span.marks.iter().filter(is_sign).collect();
            let common = open
                .iter()
                .zip(&marks)
                .take_while(|((open, _), mark)| open == &mark.as_str())
                .count();
            self.close(&mut open, common);
            for mark in marks.into_iter().skip(common) {
                let around = open.last().map_or(parent, |(_, node)| *node);
                open.push((mark, self.mark(around, mark, &defs)));
            }
            let around = open.last().map_or(parent, |(_, node)| *node);
            if note.is_some() {
                self.reference(around);
            } else if span.has_mark("code") && !span.text.is_empty() {
                // comrak panics at code without text.
                let literal = span.text.clone();
                self.under(
                    around,
                    NodeValue::Code(NodeCode {
                        num_backticks: 1,
                        literal,
                    }),
                );
            } else {
                self.words(around, &span.text, one_line);
            }
        }
        self.close(&mut open, 0);
    }

    fn reference(&self, around: Node<'a>) {
        self.notes.set(self.notes.get() + 1);
        let reference = NodeFootnoteReference {
            name: self.notes.get().to_string(),
            ..NodeFootnoteReference::default()
        };
        self.under(around, NodeValue::FootnoteReference(Box::new(reference)));
    }

    fn close(&self, open: &mut Vec<(&str, Node<'a>)>, keep: usize) {
        while open.len() > keep {
            let Some((mark, node)) = open.pop() else {
                return;
            };
            if let Some(tag) = html_tag(mark) {
                self.under(node, NodeValue::HtmlInline(format!("</{tag}>")));
            }
        }
    }

    /// The node that the text of a mark goes into; for marks without a sign, the node around,
    /// after an opening tag.
    fn mark(&self, around: Node<'a>, mark: &str, defs: &Defs<'_>) -> Node<'a> {
        if let Some(MarkDef::Link(link)) = defs.get(mark) {
            return self.under(
                around,
                NodeValue::Link(Box::new(NodeLink {
                    url: link.href.clone(),
                    title: link.title.clone().unwrap_or_default(),
                })),
            );
        }
        match mark {
            "strong" => self.under(around, NodeValue::Strong),
            "em" => self.under(around, NodeValue::Emph),
            "strike-through" => self.under(around, NodeValue::Strikethrough),
            _ => {
                if let Some(tag) = html_tag(mark) {
                    self.under(around, NodeValue::HtmlInline(format!("<{tag}>")));
                }
                around
            }
        }
    }

    fn words(&self, parent: Node<'a>, text: &str, one_line: bool) {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.under(
                    parent,
                    match one_line {
                        true => NodeValue::HtmlInline("<br>".to_owned()),
                        false => NodeValue::LineBreak,
                    },
                );
            }
            if !line.is_empty() {
                self.under(parent, NodeValue::Text(line.to_owned().into()));
            }
        }
    }
}

fn html_tag(mark: &str) -> Option<&'static str> {
    match mark {
        "underline" => Some("u"),
        "sub" => Some("sub"),
        "sup" => Some("sup"),
        _ => None,
    }
}
