//! HTML into blocks. Only what is known here passes; the rest is sanitised or unwrapped.

mod footnotes;
mod media;
mod quotes;
mod sanitise;
mod tables;

use std::{collections::HashSet, rc::Rc};

use scraper::{ElementRef, Html, Node};

use crate::{
    domain::body::{BodyError, guard, links::is_safe_link},
    model::block::{Block, CodeBlock, MarkDef, MarkerBlock, Span, TextBlock, spans_text},
};
use footnotes::Notes;

type NodeRef<'a> = ego_tree::NodeRef<'a, Node>;

/// Reads HTML, whole or a fragment.
pub(super) fn blocks(html: &str) -> Result<Vec<Block>, BodyError> {
    guard::check(html)?;
    let document = Html::parse_fragment(html);
    let mut reader = Reader {
        notes: Rc::new(Notes::find(&document)),
        ..Reader::default()
    };
    reader.children(*document.root_element());
    reader.flush();
    Ok(reader.blocks)
}

/// What keys of links begin with while they are read; no plain mark does.
const LINK: &str = "link-";

/// Text under way, and the blocks before it.
#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    spans: Vec<Span>,
    mark_defs: Vec<MarkDef>,
    /// Marks in force, outermost first.
    marks: Vec<String>,
    style: Option<String>,
    list: Option<(String, u8)>,
    /// How often what is read has been sanitised.
    cleaned: u8,
    /// The notes of the document; none within a note.
    notes: Rc<Notes>,
}

impl Reader {
    fn children(&mut self, node: NodeRef<'_>) {
        for child in node.children() {
            self.node(child);
        }
    }

    fn node(&mut self, node: NodeRef<'_>) {
        match node.value() {
            Node::Text(text) => self.text(text),
            Node::Element(_) => {
                if let Some(element) = ElementRef::wrap(node) {
                    self.element(element);
                }
            }
            _ => {}
        }
    }

    fn element(&mut self, element: ElementRef<'_>) {
        let name = element.value().name();
        if element.attr("data-ad-slot").is_some() {
            return self.block(Block::AdSlot(MarkerBlock::default()));
        }
        if self.notes.hold(element) {
            return;
        }
        if let Some(content) = self.notes.referred(element) {
            return self.footnote(content);
        }
        match name {
            "script" | "style" | "template" | "noscript" | "head" | "title" | "meta" | "link"
            | "button" | "input" | "select" | "textarea" => {}
            "br" => self.line_break(),
            "strong" | "b" => self.marked("strong", element),
            "em" | "i" => self.marked("em", element),
            "code" | "kbd" | "samp" => self.marked("code", element),
            "u" | "ins" => self.marked("underline", element),
            "s" | "del" | "strike" => self.marked("strike-through", element),
            "sub" => self.marked("sub", element),
            "sup" => self.marked("sup", element),
            "a" => self.link(element),
            "q" => self.quoted(element),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.styled(name, element),
            "p" | "div" | "figcaption" | "section" | "article" | "main" | "header" | "footer"
            | "aside" | "nav" | "address" | "center" | "hgroup" | "form" | "fieldset" | "body"
            | "html" => self.section(element),
            "ul" | "ol" => self.list(element),
            "blockquote" => self.quotation(element),
            "pre" => self.code(element),
            "hr" => self.block(Block::Divider(MarkerBlock::default())),
            "img" => self.image(element, None),
            "figure" => self.figure(element),
            "table" => self.table(element),
            "iframe" | "embed" | "object" => self.frame(element),
            "dl" | "details" | "video" | "audio" | "svg" | "math" => self.fallback(element),
            // Inline elements that have no mark: the text is what counts.
            _ => self.children(*element),
        }
    }

    /// A part of the page: its text is parted from what stands around it.
    fn section(&mut self, element: ElementRef<'_>) {
        self.flush();
        self.children(*element);
        self.flush();
    }

    /// Browsers write the quotation marks around a short quotation.
    fn quoted(&mut self, element: ElementRef<'_>) {
        self.push("\u{201C}");
        self.children(*element);
        self.push("\u{201D}");
    }

    fn block(&mut self, block: Block) {
        self.flush();
        self.blocks.push(block);
    }

    /// Ends the paragraph under way.
    fn flush(&mut self) {
        let mut spans = std::mem::take(&mut self.spans);
        let mark_defs = std::mem::take(&mut self.mark_defs);
        // A link around several blocks goes on in the next.
        let goes_on = |def: &&MarkDef| self.is_open(def);
        self.mark_defs = mark_defs.iter().filter(goes_on).cloned().collect();
        trim(&mut spans);
        if spans_text(&spans).is_empty() {
            return;
        }
        let (list_item, level) = match &self.list {
            Some((kind, level)) => (Some(kind.clone()), Some(*level)),
            None => (None, None),
        };
        let used = used(&spans);
        self.blocks.push(Block::Block(TextBlock {
            style: match (&self.style, &list_item) {
                (Some(style), None) => style.clone(),
                _ => "normal".to_owned(),
            },
            list_item,
            level,
            mark_defs: mark_defs
                .into_iter()
                .filter(|def| used.contains(def.key()))
                .collect(),
            children: spans,
            ..TextBlock::default()
        }));
    }

    /// White space collapses as it does in a browser.
    fn text(&mut self, text: &str) {
        let mut collapsed = String::with_capacity(text.len());
        let mut after_space = match self.spans.last().and_then(|span| span.text.chars().last()) {
            Some(last) => last == ' ' || last == '\n',
            None => true,
        };
        for c in text.chars() {
            if c.is_ascii_whitespace() {
                if !after_space {
                    collapsed.push(' ');
                }
                after_space = true;
            } else {
                collapsed.push(c);
                after_space = false;
            }
        }
        self.push(&collapsed);
    }

    fn line_break(&mut self) {
        while let Some(last) = self.spans.last_mut() {
            last.text.truncate(last.text.trim_end_matches(' ').len());
            if !last.text.is_empty() {
                break;
            }
            self.spans.pop();
        }
        if !self.spans.is_empty() {
            self.push("\n");
        }
    }

    fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.spans.last_mut() {
            Some(last) if last.marks == self.marks => last.text.push_str(text),
            _ => self.spans.push(Span::new(text, self.marks.clone())),
        }
    }

    fn marked(&mut self, mark: &str, element: ElementRef<'_>) {
        let is_new = !self.marks.iter().any(|known| known == mark);
        if is_new {
            self.marks.push(mark.to_owned());
        }
        self.children(*element);
        if is_new {
            self.marks.retain(|known| known != mark);
        }
    }

    fn link(&mut self, element: ElementRef<'_>) {
        let href = element.attr("href").map(str::trim).unwrap_or_default();
        // Tables can smuggle a link into a link; HTML has no such thing.
        let within = self.open_link().is_some();
        if href.is_empty() || within || !is_safe_link(href) {
            return self.children(*element);
        }
        let key = format!("{LINK}{}-{}", self.blocks.len(), self.mark_defs.len());
        let title = element.attr("title").map(str::to_owned);
        self.mark_defs
            .push(MarkDef::link(key.clone(), href.to_owned(), title));
        self.marks.push(key.clone());
        self.children(*element);
        self.marks.retain(|known| *known != key);
    }

    /// The key of the link around what is read.
    fn open_link(&self) -> Option<&String> {
        self.marks.iter().find(|mark| mark.starts_with(LINK))
    }

    fn is_open(&self, def: &MarkDef) -> bool {
        self.marks.iter().any(|mark| mark == def.key())
    }

    fn styled(&mut self, style: &str, element: ElementRef<'_>) {
        self.flush();
        let before = self.style.replace(style.to_owned());
        self.children(*element);
        self.flush();
        self.style = before;
    }

    fn list(&mut self, element: ElementRef<'_>) {
        let is_complex = || {
            element.descendent_elements().any(|inner| {
                matches!(
                    inner.value().name(),
                    "pre" | "table" | "blockquote" | "figure" | "hr"
                )
            })
        };
        // Only asked of the outermost, or deep lists would take their time.
        if self.list.is_none() && is_complex() {
            return self.fallback(element);
        }
        self.flush();
        let kind = match element.value().name() {
            "ol" => "number",
            _ => "bullet",
        };
        let level = self
            .list
            .as_ref()
            .map_or(1, |(_, level)| level.saturating_add(1).min(32));
        let before = self.list.replace((kind.to_owned(), level));
        for child in element.children() {
            match ElementRef::wrap(child) {
                Some(item) if item.value().name() == "li" => self.list_item(item),
                // Not allowed there, but it is text all the same.
                _ => self.node(child),
            }
            self.flush();
        }
        self.list = before;
    }

    /// Paragraphs of one item become lines of it: a list item of Portable Text is one block.
    fn list_item(&mut self, item: ElementRef<'_>) {
        for child in item.children() {
            match ElementRef::wrap(child) {
                Some(inner) if matches!(inner.value().name(), "p" | "div") => {
                    self.line_break();
                    self.children(*inner);
                }
                _ => self.node(child),
            }
        }
    }

    fn code(&mut self, element: ElementRef<'_>) {
        let of = |inner: ElementRef<'_>| {
            let named = inner.attr("data-language").or(inner.attr("data-lang"));
            let mut classes = inner.value().classes();
            let marked = classes.find_map(|class| {
                let name = class
                    .strip_prefix("language-")
                    .or(class.strip_prefix("lang-"));
                name.filter(|name| !name.is_empty())
            });
            named.or(marked).map(str::to_owned)
        };
        let language = element.descendent_elements().find_map(of);
        let mut code = String::new();
        preformatted(*element, &mut code);
        self.block(Block::Code(CodeBlock {
            code: code.strip_suffix('\n').unwrap_or(&code).to_owned(),
            language: language.and_then(|name| one_word(&name)),
            ..CodeBlock::default()
        }));
    }
}

/// The marks that text has.
fn used(spans: &[Span]) -> HashSet<String> {
    spans.iter().flat_map(|span| span.marks.clone()).collect()
}

/// Text as it stands, line breaks among it.
fn preformatted(node: NodeRef<'_>, into: &mut String) {
    for child in node.children() {
        match child.value() {
            Node::Text(text) => into.push_str(text),
            Node::Element(element) if element.name() == "br" => into.push('\n'),
            _ => preformatted(child, into),
        }
    }
}

/// A language name of one word, as highlighters take it.
pub(super) fn one_word(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join("-"))
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes white space off both ends of a paragraph, and spans that are left empty.
fn trim(spans: &mut Vec<Span>) {
    while let Some(first) = spans.first_mut() {
        first.text = first.text.trim_start_matches([' ', '\n']).to_owned();
        if !first.text.is_empty() {
            break;
        }
        spans.remove(0);
    }
    while let Some(last) = spans.last_mut() {
        last.text = last.text.trim_end_matches([' ', '\n']).to_owned();
        if !last.text.is_empty() {
            break;
        }
        spans.pop();
    }
}
