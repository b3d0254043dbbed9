//! What has no block: sanitised HTML.

use std::sync::LazyLock;

use ammonia::Builder;
use scraper::{ElementRef, Html};

use crate::{
    domain::body::{
        links::is_safe_link,
        read_html::{Reader, collapse},
    },
    model::block::{Block, HtmlBlock},
};

/// The sanitiser comes to rest well before.
const CLEANED_AT_MOST: u8 = 4;

/// Beyond ammonia's own: sound and pictures that move, which need no script. Addresses are those
/// that links and pictures may have.
static POLICY: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut policy = Builder::default();
    policy
        .add_tags(["audio", "video", "source", "track"])
        .add_tag_attributes("audio", ["src", "controls", "loop"])
        .add_tag_attributes(
            "video",
            ["src", "controls", "loop", "poster", "width", "height"],
        )
        .add_tag_attributes("source", ["src", "type"])
        .add_tag_attributes("track", ["src", "kind", "label", "srclang"])
        .add_generic_attributes(["dir"])
        .url_schemes(["http", "https", "mailto", "tel"].into())
        .attribute_filter(|_, name, value| {
            let is_address = matches!(name, "href" | "src" | "poster" | "cite" | "longdesc");
            (!is_address || is_safe_link(value)).then(|| value.into())
        });
    policy
});

impl Reader {
    /// What has no block becomes sanitised HTML; never silence.
    pub(super) fn fallback(&mut self, element: ElementRef<'_>) {
        let before = element.html();
        let html = POLICY.clean(&before).to_string();
        let parsed = Html::parse_fragment(&html);
        if html != before && self.cleaned < CLEANED_AT_MOST {
            // What is left once the rest is gone may have a block after all.
            let mut inner = Self {
                cleaned: self.cleaned + 1,
                notes: self.notes.clone(),
                ..Self::default()
            };
            inner.children(*parsed.root_element());
            inner.flush();
            self.flush();
            self.blocks.extend(inner.blocks);
            return;
        }
        let text = collapse(&parsed.root_element().text().collect::<Vec<_>>().join(" "));
        let shows = ["<img", "<video", "<audio"];
        if !text.is_empty() || shows.iter().any(|tag| html.contains(tag)) {
            self.block(Block::Html(HtmlBlock {
                html,
                text,
                ..HtmlBlock::default()
            }));
        }
    }
}
