//! Blocks into CommonMark, written by comrak from a tree, so that its escaping is the library's.

use comrak::{
    Arena, Node,
    nodes::{
        AstNode, ListDelimType, ListType, NodeCode, NodeCodeBlock, NodeHeading, NodeHtmlBlock,
        NodeLink, NodeList, NodeTable, NodeValue, TableAlignment,
    },
};

use crate::{
    domain::body::write_html,
    model::block::{Block, MarkDef, Span, TableBlock, TextBlock},
};

/// A body as CommonMark with GFM tables and strikethrough; what Markdown has no sign for is
/// written as the HTML that it allows.
pub fn markdown(blocks: &[Block]) -> String {
    let arena = Arena::new();
    let tree = Tree { arena: &arena };
    let root = tree.node(NodeValue::Document);
    let mut lists: Vec<(Node<'_>, bool)> = Vec::new();
    for block in blocks {
        match block {
            Block::Block(text) if text.list_item.is_some() => tree.item(root, &mut lists, text),
            other => {
                lists.clear();
                tree.block(root, other);
            }
        }
    }
    let mut options = super::markdown_options();
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
            self.inline(paragraph, &text.children, &text.mark_defs);
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
                    let markup = format!("<footer>{}</footer>\n", write_html::escaped(attribution));
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
            Block::Image(image) => {
                let paragraph = self.under(parent, NodeValue::Paragraph);
                let node = self.under(
                    paragraph,
                    NodeValue::Image(Box::new(NodeLink {
                        url: image.url.clone(),
                        title: image.caption.clone().unwrap_or_default(),
                    })),
                );
                self.words(node, image.alt.as_deref().unwrap_or_default());
            }
            Block::Divider(_) => {
                self.under(parent, NodeValue::ThematicBreak);
            }
            Block::Table(table) => self.table(parent, table),
            Block::Embed(_) | Block::AdSlot(_) | Block::Html(_) => {
                self.raw(
                    parent,
                    format!("{}\n", write_html::html(std::slice::from_ref(block))),
                );
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
        self.inline(node, &text.children, &text.mark_defs);
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

    fn table(&self, parent: Node<'a>, table: &TableBlock) {
        let columns = table
            .rows
            .iter()
            .map(|row| row.cells.len())
            .max()
            .unwrap_or(0);
        let node = self.under(
            parent,
            NodeValue::Table(Box::new(NodeTable {
                alignments: vec![TableAlignment::None; columns],
                num_columns: columns,
                num_rows: table.rows.len(),
                num_nonempty_cells: 0,
            })),
        );
        for (number, row) in table.rows.iter().enumerate() {
            let row_node = self.under(node, NodeValue::TableRow(number == 0));
            for column in 0..columns {
                let cell_node = self.under(row_node, NodeValue::TableCell);
                if let Some(cell) = row.cells.get(column) {
                    self.inline(cell_node, &cell.children, &cell.mark_defs);
                }
            }
        }
    }

    /// Marks nest in their order; one that goes on in the next span goes on in the same node.
    fn inline(&self, parent: Node<'a>, spans: &[Span], mark_defs: &[MarkDef]) {
        let mut open: Vec<(&str, Node<'a>)> = Vec::new();
        for span in spans {
            let is_code = |mark: &&String| mark.as_str() == "code";
            let marks: Vec<&String> = span.marks.iter().filter(|mark| !is_code(mark)).collect();
            let common = open
                .iter()
                .zip(&marks)
                .take_while(|((open, _), mark)| open == &mark.as_str())
                .count();
            self.close(&mut open, common);
            for mark in marks.into_iter().skip(common) {
                let around = open.last().map_or(parent, |(_, node)| *node);
                open.push((mark, self.mark(around, mark, mark_defs)));
            }
            let around = open.last().map_or(parent, |(_, node)| *node);
            if span.marks.iter().any(|mark| mark == "code") {
                let literal = span.text.clone();
                self.under(
                    around,
                    NodeValue::Code(NodeCode {
                        num_backticks: 1,
                        literal,
                    }),
                );
            } else {
                self.words(around, &span.text);
            }
        }
        self.close(&mut open, 0);
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
    fn mark(&self, around: Node<'a>, mark: &str, mark_defs: &[MarkDef]) -> Node<'a> {
        if let Some(link) = mark_defs.iter().find(|def| def.key == mark) {
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

    fn words(&self, parent: Node<'a>, text: &str) {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.under(parent, NodeValue::LineBreak);
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
