//! Quotations.

use scraper::ElementRef;

use crate::{
    domain::body::read_html::{Reader, collapse},
    model::block::{Block, QuoteBlock, TextBlock},
};

impl Reader {
    /// One paragraph without attribution is a style; anything else is a block of its own.
    pub(super) fn quotation(&mut self, element: ElementRef<'_>) {
        if self.quoted_post(element) {
            return;
        }
        self.flush();
        let mut inner = Self {
            notes: self.notes.clone(),
            ..Self::default()
        };
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
}
