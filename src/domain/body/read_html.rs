//! HTML into blocks. Only what is known here passes; the rest is sanitised or unwrapped.

use scraper::{ElementRef, Html, Node, node::Element};

use crate::{
    domain::body::{
        BodyError, guard,
        links::{is_safe_link, is_safe_source, is_web_address, provider},
    },
    model::block::{
        Block, CodeBlock, EmbedBlock, HtmlBlock, ImageBlock, MarkDef, MarkerBlock, QuoteBlock,
        Span, TableBlock, TableCell, TableRow, TextBlock, spans_text,
    },
};

type NodeRef<'a> = ego_tree::NodeRef<'a, Node>;

/// Reads HTML, whole or a fragment.
pub(super) fn blocks(html: &str) -> Result<Vec<Block>, BodyError> {
    guard::check(html)?;
    let document = Html::parse_fragment(html);
    let mut reader = Reader::default();
    reader.children(*document.root_element());
    reader.flush();
    Ok(reader.blocks)
}

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
}

/// The sanitiser comes to rest well before.
const CLEANED_AT_MOST: u8 = 4;

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
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.styled(name, element),
            "p" | "div" | "figcaption" | "section" | "article" | "main" | "header" | "footer"
            | "aside" | "nav" | "address" | "center" | "hgroup" | "form" | "fieldset" | "body"
            | "html" => {
                self.flush();
                self.children(*element);
                self.flush();
            }
            "ul" | "ol" => self.list(element),
            "blockquote" => self.quotation(element),
            "pre" => self.code(element),
            "hr" => self.block(Block::Divider(MarkerBlock::default())),
            "img" => self.image(element, None),
            "figure" => self.figure(element),
            "table" => self.table(element),
            "iframe" => self.embed(element),
            "dl" | "details" | "video" | "audio" | "picture" | "object" | "svg" | "math" => {
                self.fallback(element);
            }
            // Inline elements that have no mark: the text is what counts.
            _ => self.children(*element),
        }
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
        let goes_on = |def: &&MarkDef| self.marks.contains(&def.key);
        self.mark_defs = mark_defs.iter().filter(goes_on).cloned().collect();
        trim(&mut spans);
        if spans_text(&spans).is_empty() {
            return;
        }
        let (list_item, level) = match &self.list {
            Some((kind, level)) => (Some(kind.clone()), Some(*level)),
            None => (None, None),
        };
        let used = |def: &MarkDef| spans.iter().any(|span| span.marks.contains(&def.key));
        self.blocks.push(Block::Block(TextBlock {
            style: match (&self.style, &list_item) {
                (Some(style), None) => style.clone(),
                _ => "normal".to_owned(),
            },
            list_item,
            level,
            mark_defs: mark_defs.into_iter().filter(used).collect(),
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
        if let Some(last) = self.spans.last_mut() {
            last.text.truncate(last.text.trim_end_matches(' ').len());
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
        let within = self
            .mark_defs
            .iter()
            .any(|def| self.marks.contains(&def.key));
        if href.is_empty() || within || !is_safe_link(href) {
            return self.children(*element);
        }
        let key = format!("link-{}-{}", self.blocks.len(), self.mark_defs.len());
        let title = element.attr("title").map(str::to_owned);
        self.mark_defs
            .push(MarkDef::link(key.clone(), href.to_owned(), title));
        self.marks.push(key.clone());
        self.children(*element);
        self.marks.retain(|known| *known != key);
    }

    fn styled(&mut self, style: &str, element: ElementRef<'_>) {
        self.flush();
        let before = self.style.replace(style.to_owned());
        self.children(*element);
        self.flush();
        self.style = before;
    }

    fn list(&mut self, element: ElementRef<'_>) {
        let is_complex = element.descendent_elements().any(|inner| {
            matches!(
                inner.value().name(),
                "pre" | "table" | "blockquote" | "figure" | "hr"
            )
        });
        if is_complex && self.list.is_none() {
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

    /// One paragraph without attribution is a style; anything else is a block of its own.
    fn quotation(&mut self, element: ElementRef<'_>) {
        self.flush();
        let mut inner = Self::default();
        let mut attribution = None;
        for child in element.children() {
            match ElementRef::wrap(child) {
                Some(cite) if matches!(cite.value().name(), "cite" | "footer") => {
                    attribution = Some(collapse(&cite.text().collect::<String>()));
                }
                _ => inner.node(child),
            }
        }
        inner.flush();
        let mut content = Vec::new();
        for block in &inner.blocks {
            match block {
                Block::Block(text) if text.list_item.is_none() && text.style == "normal" => {
                    content.push(text.clone());
                }
                // A list, a heading or a picture within: no block of ours can carry that.
                _ => return self.fallback(element),
            }
        }
        if content.is_empty() {
            // A quotation of nothing but a name still says that name.
            content.extend(
                attribution
                    .take()
                    .map(|text| TextBlock::plain("normal", text)),
            );
            content.retain(|text| !text.text().is_empty());
        }
        if attribution.is_none() && content.len() == 1 {
            for mut text in content {
                text.style = "blockquote".to_owned();
                self.blocks.push(Block::Block(text));
            }
        } else if !content.is_empty() {
            self.blocks.push(Block::Quote(QuoteBlock {
                content,
                attribution: attribution.filter(|text| !text.is_empty()),
                ..QuoteBlock::default()
            }));
        }
    }

    fn code(&mut self, element: ElementRef<'_>) {
        let language = element
            .descendent_elements()
            .flat_map(|inner| inner.value().classes())
            .find_map(|class| class.strip_prefix("language-"))
            .map(str::to_owned);
        let code: String = element.text().collect();
        self.block(Block::Code(CodeBlock {
            code: code.strip_suffix('\n').unwrap_or(&code).to_owned(),
            language,
            ..CodeBlock::default()
        }));
    }

    fn image(&mut self, element: ElementRef<'_>, caption: Option<String>) {
        let source = element.attr("src").map(str::trim).unwrap_or_default();
        if !is_safe_source(source) {
            return;
        }
        let kept = |value: Option<&str>| {
            value
                .map(str::trim)
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
        };
        let image = ImageBlock {
            url: source.to_owned(),
            alt: kept(element.attr("alt")),
            caption: caption.or_else(|| kept(element.attr("title"))),
            width: pixels(element.value(), "width"),
            height: pixels(element.value(), "height"),
            ..ImageBlock::default()
        };
        self.block(Block::Image(image));
    }

    fn figure(&mut self, element: ElementRef<'_>) {
        let find = |name: &str| {
            element
                .descendent_elements()
                .find(|inner| inner.value().name() == name)
        };
        let caption = find("figcaption")
            .map(|inner| collapse(&inner.text().collect::<String>()))
            .filter(|text| !text.is_empty());
        // One picture and its caption are an image; anything more is read as it stands.
        let pictures = element
            .descendent_elements()
            .filter(|inner| inner.value().name() == "img")
            .count();
        let all_text = collapse(&element.text().collect::<String>());
        match find("img") {
            Some(image) if pictures == 1 && all_text == caption.clone().unwrap_or_default() => {
                self.image(image, caption);
            }
            _ => {
                self.flush();
                self.children(*element);
                self.flush();
            }
        }
    }

    fn embed(&mut self, element: ElementRef<'_>) {
        let address = element.attr("src").map(str::trim).unwrap_or_default();
        let host = url::Url::parse(address)
            .ok()
            .filter(|_| is_web_address(address))
            .and_then(|url| url.host_str().map(str::to_owned));
        if let Some(host) = host {
            self.block(Block::Embed(EmbedBlock {
                url: address.to_owned(),
                provider: provider(&host).to_owned(),
                title: element.attr("title").map(str::to_owned),
                ..EmbedBlock::default()
            }));
        }
    }

    fn table(&mut self, element: ElementRef<'_>) {
        let mut rows = Vec::new();
        let inside = |name: &str| {
            element
                .descendent_elements()
                .skip(1)
                .any(|inner| inner.value().name() == name)
        };
        // What cells can't carry, and cells that span several, stay HTML.
        let is_complex = ["table", "ul", "ol", "img", "pre", "caption", "iframe"]
            .iter()
            .any(|name| inside(name))
            || element
                .descendent_elements()
                .any(|inner| inner.attr("colspan").is_some() || inner.attr("rowspan").is_some());
        if is_complex {
            return self.fallback(element);
        }
        for row in element
            .descendent_elements()
            .filter(|e| e.value().name() == "tr")
        {
            let cells: Option<Vec<TableCell>> = row
                .child_elements()
                .filter(|cell| matches!(cell.value().name(), "td" | "th"))
                .map(cell)
                .collect();
            match cells {
                Some(cells) => rows.push(TableRow { cells }),
                None => return self.fallback(element),
            }
        }
        if !rows.is_empty() {
            self.block(Block::Table(TableBlock {
                rows,
                ..TableBlock::default()
            }));
        }
    }

    /// What has no block becomes sanitised HTML; never silence.
    fn fallback(&mut self, element: ElementRef<'_>) {
        let before = element.html();
        let html = ammonia::clean(&before);
        let parsed = Html::parse_fragment(&html);
        if html != before && self.cleaned < CLEANED_AT_MOST {
            // What is left once the rest is gone may have a block after all.
            let mut inner = Self {
                cleaned: self.cleaned + 1,
                ..Self::default()
            };
            inner.children(*parsed.root_element());
            inner.flush();
            self.flush();
            self.blocks.extend(inner.blocks);
            return;
        }
        let text = collapse(&parsed.root_element().text().collect::<Vec<_>>().join(" "));
        let shows_something = !text.is_empty() || html.contains("<img");
        if shows_something {
            self.block(Block::Html(HtmlBlock {
                html,
                text,
                ..HtmlBlock::default()
            }));
        }
    }
}

/// A cell, or `None` for one with more in it than a line of text.
fn cell(element: ElementRef<'_>) -> Option<TableCell> {
    let mut inner = Reader::default();
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
    inner.blocks.is_empty().then(|| TableCell {
        header: element.value().name() == "th",
        children: inner.spans,
        mark_defs: inner.mark_defs,
    })
}

fn pixels(element: &Element, name: &str) -> Option<i64> {
    let value = element.attr(name)?.parse().ok()?;
    (1..=100_000).contains(&value).then_some(value)
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
