//! The article of a page: found by readability, or where the page marks it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_smoothie::{Config, Readability};
use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node};

use crate::{
    domain::{
        body::{self, BodySource},
        import::html::{linked::collapsed, tidy},
    },
    model::block::Block,
};

/// Elements of a page in which an article is looked for.
const ELEMENTS_AT_MOST: usize = 50_000;
/// Bytes of text, each counted once for each element around it: what readability goes over.
const WORK_AT_MOST: usize = 64 * 1024 * 1024;
/// Characters of an article, below which it is looked for elsewhere too.
const SHORT: usize = 200;
/// How often longer the text in linked data must be to stand for what was found.
const MUCH_LONGER: usize = 3;

/// The body of a page, or why there is none. `said` is the text that linked data gives.
pub(super) fn blocks(
    document: Html,
    title: &str,
    said: Option<String>,
) -> Result<Vec<Block>, String> {
    let is_large = is_large(&document);
    let mut found = Vec::new();
    if !is_large && let Some(html) = readable(document.html()) {
        found = without_title(converted(BodySource::Html(html))?, title);
    }
    if length(&found) < SHORT
        && let Some(html) = marked(document)
    {
        let other = without_title(converted(BodySource::Html(html))?, title);
        // What readability takes of a short page is often its navigation too.
        if length(&other) > 0 {
            found = other;
        }
    }
    if let Some(said) = said.filter(|said| letters(said) > MUCH_LONGER * length(&found)) {
        found = converted(BodySource::Text(said))?;
    }
    match (found.is_empty(), is_large) {
        (false, _) => Ok(found),
        (true, false) => Err("no text of an article was found in the page".to_owned()),
        (true, true) => Err(format!(
            "the page has no <article> and is too large to be searched for one: more than \
             {ELEMENTS_AT_MOST} elements, or too much text inside too many of them"
        )),
    }
}

fn converted(source: BodySource) -> Result<Vec<Block>, String> {
    body::blocks(&source).map_err(|cause| cause.to_string())
}

fn length(blocks: &[Block]) -> usize {
    letters(&body::text(blocks))
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// Whether the search for the article could take longer than an import may.
fn is_large(document: &Html) -> bool {
    let (mut depth, mut elements, mut work) = (0_usize, 0_usize, 0_usize);
    for edge in document.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(_) => {
                    elements += 1;
                    depth += 1;
                }
                Node::Text(text) => work += text.len() * (depth + 1),
                _ => {}
            },
            Edge::Close(node) => {
                if node.value().is_element() {
                    depth = depth.saturating_sub(1);
                }
            }
        }
        if elements > ELEMENTS_AT_MOST || work > WORK_AT_MOST {
            return true;
        }
    }
    false
}

fn readable(html: String) -> Option<String> {
    let config = Config {
        // Classes tell of code and of things of other sites.
        keep_classes: true,
        disable_json_ld: true,
        max_elements_to_parse: ELEMENTS_AT_MOST,
        char_threshold: SHORT,
        ..Config::default()
    };
    // It slices text where a character of several bytes may stand.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut page = Readability::new(html, None, Some(config)).ok()?;
        let article = page.parse().ok()?;
        Some(article.content.to_string())
    }));
    outcome.ok().flatten()
}

/// What the page itself marks as the article.
fn marked(mut document: Html) -> Option<String> {
    tidy::strip(&mut document);
    let element = |is_it: &dyn Fn(ElementRef<'_>) -> bool| {
        document
            .root_element()
            .descendent_elements()
            .find(|element| is_it(*element))
            .map(|element| element.html())
    };
    element(&is_article_body)
        .or_else(|| element(&is_article))
        .or_else(|| element(&is_main))
}

fn is_article_body(element: ElementRef<'_>) -> bool {
    let named = element.attr("itemprop").unwrap_or_default();
    named
        .split_ascii_whitespace()
        .any(|one| one == "articleBody")
}

fn is_article(element: ElementRef<'_>) -> bool {
    element.value().name() == "article"
}

fn is_main(element: ElementRef<'_>) -> bool {
    element.value().name() == "main" || element.attr("role") == Some("main")
}

/// Takes the title off where the body repeats it.
fn without_title(mut blocks: Vec<Block>, title: &str) -> Vec<Block> {
    let plain = |text: &str| collapsed(text).to_lowercase();
    let is_title = |block: &Block| match block {
        Block::Block(text) => {
            text.style.starts_with('h')
                && text.list_item.is_none()
                && plain(&text.text()) == plain(title)
        }
        _ => false,
    };
    // A picture or a line of the date may stand before it.
    let at = blocks.iter().take(3).position(is_title);
    if let Some(at) = at {
        blocks.remove(at);
    }
    blocks
}
