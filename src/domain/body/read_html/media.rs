//! Pictures with their captions, and things of other sites.

use scraper::{ElementRef, node::Element};

use crate::{
    domain::body::{
        embeds,
        links::{is_safe_link, is_safe_source},
        read_html::{Reader, collapse},
    },
    model::block::{Block, EmbedBlock, ImageBlock, MarkDef, QuoteBlock},
};

/// Characters of a title of an embed.
const TITLE_AT_MOST: usize = 500;

/// Where a post of another site is quoted, and its address is one of the links in it.
const QUOTED_POSTS: [&str; 6] = [
    "twitter-tweet",
    "twitter-video",
    "bluesky-embed",
    "reddit-embed-bq",
    "reddit-card",
    "mastodon-embed",
];

impl Reader {
    pub(super) fn image(&mut self, element: ElementRef<'_>, caption: Option<String>) {
        // Pages that load pictures late keep the address elsewhere.
        let source = ["src", "data-src", "data-lazy-src", "data-original"]
            .iter()
            .filter_map(|name| element.attr(name))
            .map(str::trim)
            .find(|source| is_safe_source(source));
        let alt = kept(element.attr("alt"));
        let Some(source) = source else {
            // What it shows is said, even where it can't be shown.
            return self.text(&alt.or(caption).unwrap_or_default());
        };
        let open = self.open_link();
        let link = self.mark_defs.iter().rev().find_map(|def| match def {
            MarkDef::Link(link) if open.is_some_and(|key| *key == link.key) => {
                Some(link.href.clone())
            }
            _ => None,
        });
        self.block(Block::Image(ImageBlock {
            url: source.to_owned(),
            alt,
            caption: caption.or_else(|| kept(element.attr("title"))),
            link,
            width: pixels(element.value(), "width"),
            height: pixels(element.value(), "height"),
            ..ImageBlock::default()
        }));
    }

    pub(super) fn figure(&mut self, element: ElementRef<'_>) {
        let find = |name: &str| {
            element
                .descendent_elements()
                .find(|inner| inner.value().name() == name)
        };
        let caption = find("figcaption").and_then(|inner| kept(Some(&all_text(inner))));
        if let Some(embed) = figure_embed(element, caption.as_deref()) {
            return self.block(Block::Embed(embed));
        }
        // One picture and its caption are an image; anything more is read as it stands.
        let of = |name: &'static str| {
            element
                .descendent_elements()
                .filter(move |inner| inner.value().name() == name)
        };
        let is_all = all_text(element) == caption.clone().unwrap_or_default();
        match find("img") {
            Some(image) if is_all && of("img").count() == 1 => {
                let link = of("a")
                    .filter_map(|link| link.attr("href"))
                    .find(|href| image_is_within(image, href) && is_safe_link(href.trim()));
                self.image(image, caption);
                if let (Some(href), Some(Block::Image(image))) = (link, self.blocks.last_mut()) {
                    image.link = image.link.take().or(Some(href.trim().to_owned()));
                }
            }
            _ => match (of("blockquote").next(), caption) {
                (Some(quote), Some(caption))
                    if all_text(element) == format!("{} {caption}", all_text(quote)) =>
                {
                    self.quotation(quote);
                    self.attribute(caption);
                }
                _ => self.section(element),
            },
        }
    }

    /// Says whom the quotation that was read last is from.
    fn attribute(&mut self, caption: String) {
        match self.blocks.pop() {
            Some(Block::Block(mut text)) if text.style == "blockquote" => {
                text.style = "normal".to_owned();
                self.blocks.push(Block::Quote(QuoteBlock {
                    content: vec![text],
                    attribution: Some(caption),
                    ..QuoteBlock::default()
                }));
            }
            Some(Block::Quote(mut quote)) if quote.attribution.is_none() => {
                quote.attribution = Some(caption);
                self.blocks.push(Block::Quote(quote));
            }
            other => {
                self.blocks.extend(other);
                self.flush();
                self.push(&caption);
                self.flush();
            }
        }
    }

    pub(super) fn frame(&mut self, element: ElementRef<'_>) {
        match frame_embed(element) {
            Some(embed) => self.block(Block::Embed(embed)),
            // What stands in it is there for those who can't show the rest.
            None => self.children(*element),
        }
    }

    /// Whether it is a post of another site in the form that is given out for embedding.
    pub(super) fn quoted_post(&mut self, element: ElementRef<'_>) -> bool {
        let is_post = element
            .value()
            .classes()
            .any(|class| QUOTED_POSTS.contains(&class));
        let address = ["data-instgrm-permalink", "cite", "data-href"]
            .iter()
            .filter_map(|name| element.attr(name))
            .next();
        let links = || {
            element
                .descendent_elements()
                .filter_map(|inner| inner.attr("href"))
        };
        let classes = ["instagram-media", "tiktok-embed", "fb-post"];
        let is_other = element
            .value()
            .classes()
            .any(|class| classes.contains(&class));
        let found = match (is_post, is_other) {
            // The post's own address comes last, with its date.
            (true, _) => links().filter_map(embeds::embed).last(),
            (false, true) => address.and_then(embeds::embed),
            (false, false) => None,
        };
        let Some(found) = found else { return false };
        self.block(Block::Embed(EmbedBlock {
            title: titled(&all_text(element)),
            ..found
        }));
        true
    }
}

fn image_is_within(image: ElementRef<'_>, href: &str) -> bool {
    image
        .ancestors()
        .filter_map(ElementRef::wrap)
        .any(|around| around.value().name() == "a" && around.attr("href") == Some(href))
}

/// Our own form of an embed, or a figure around nothing but a frame, a quoted post or an address.
fn figure_embed(figure: ElementRef<'_>, caption: Option<&str>) -> Option<EmbedBlock> {
    let is_ours = figure.value().classes().any(|class| class == "embed");
    let is_wrapped = figure
        .value()
        .classes()
        .any(|class| class == "wp-block-embed" || class == "kg-embed-card");
    let inner = |name: &str| {
        figure
            .descendent_elements()
            .find(|inner| inner.value().name() == name)
    };
    let caption = caption.map(str::to_owned);
    if is_ours {
        let link = inner("a");
        let address = figure
            .attr("data-url")
            .or_else(|| link.and_then(|link| link.attr("href")))?;
        let found = embeds::embed(address)?;
        let label = link.map(all_text).filter(|label| *label != address.trim());
        let named = figure
            .attr("data-provider")
            .and_then(|name| kept(Some(name)));
        return Some(EmbedBlock {
            title: label
                .filter(|label| *label != found.url)
                .as_deref()
                .and_then(titled),
            provider: named
                .filter(|name| name.len() <= 100)
                .unwrap_or(found.provider),
            url: found.url,
            caption,
            ..EmbedBlock::default()
        });
    }
    let text = all_text(figure);
    let rest = match &caption {
        Some(caption) => text.strip_suffix(caption.as_str())?.trim().to_owned(),
        None => text,
    };
    let found = match inner("iframe").filter(|_| rest.is_empty()) {
        Some(frame) => frame_embed(frame),
        None if is_wrapped => embeds::embed(&rest),
        None => None,
    }?;
    Some(EmbedBlock { caption, ..found })
}

fn frame_embed(frame: ElementRef<'_>) -> Option<EmbedBlock> {
    let address = ["src", "data", "data-src", "data-lazy-src"]
        .iter()
        .find_map(|name| embeds::embed(frame.attr(name)?));
    Some(EmbedBlock {
        title: frame.attr("title").and_then(titled),
        ..address?
    })
}

fn titled(text: &str) -> Option<String> {
    let text: String = collapse(text).chars().take(TITLE_AT_MOST).collect();
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

fn all_text(element: ElementRef<'_>) -> String {
    collapse(&element.text().collect::<Vec<_>>().join(" "))
}

fn kept(value: Option<&str>) -> Option<String> {
    value
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
}

fn pixels(element: &Element, name: &str) -> Option<i64> {
    let value = element.attr(name)?.trim().parse().ok()?;
    (1..=100_000).contains(&value).then_some(value)
}
