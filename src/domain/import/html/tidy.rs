//! Makes a page ready for finding its article: addresses that hold elsewhere, and things of other
//! sites in a form that is not taken for advertisements.

use std::collections::HashMap;

use ego_tree::{NodeId, NodeRef, Tree};
use scraper::{Html, Node, StrTendril};
use url::Url;

use crate::domain::{body::escaped, import::html::links};

/// Boxes around boxes that are opened at most.
const BOXES_AT_MOST: usize = 8;

/// Quoted posts of other sites.
const POSTS: [&str; 9] = [
    "twitter-tweet",
    "twitter-video",
    "bluesky-embed",
    "reddit-embed-bq",
    "reddit-card",
    "mastodon-embed",
    "instagram-media",
    "tiktok-embed",
    "fb-post",
];

/// Sites whose frames belong to articles; others are mostly advertisements.
const FRAMED: [&str; 36] = [
    "youtube.com",
    "youtube-nocookie.com",
    "youtu.be",
    "vimeo.com",
    "dailymotion.com",
    "dai.ly",
    "twitch.tv",
    "ted.com",
    "wordpress.tv",
    "videopress.com",
    "archive.org",
    "wikimedia.org",
    "bilibili.com",
    "brightcove.net",
    "jwplatform.com",
    "wistia.net",
    "soundcloud.com",
    "spotify.com",
    "apple.com",
    "bandcamp.com",
    "acast.com",
    "megaphone.fm",
    "facebook.com",
    "instagram.com",
    "tiktok.com",
    "twitter.com",
    "x.com",
    "bsky.app",
    "reddit.com",
    "redditmedia.com",
    "codepen.io",
    "datawrapper.de",
    "dwcdn.net",
    "flourish.studio",
    "infogram.com",
    "documentcloud.org",
];

/// Elements of one kind of work.
#[derive(Default)]
struct Found {
    /// Not for reading.
    dropped: Vec<NodeId>,
    /// Frames with their addresses.
    frames: Vec<(NodeId, String)>,
    posts: Vec<NodeId>,
    addressed: Vec<NodeId>,
}

/// Makes a page ready; `base` is the address that it had.
pub(super) fn tidy(document: &mut Html, base: Option<&Url>) {
    let mut found = Found::default();
    for node in document.tree.root().descendants() {
        found.look_at(node, base);
    }
    let tree = &mut document.tree;
    for id in found.dropped {
        detach(tree, id);
    }
    if let Some(base) = base {
        for id in found.addressed {
            address(tree, id, base);
        }
    }
    for id in found.posts {
        hoist(tree, id);
    }
    embed(tree, &found.frames);
}

/// Takes out what stands around an article within its own element.
pub(super) fn strip(document: &mut Html) {
    let is_around = |node: &NodeRef<'_, Node>| {
        node.value().as_element().is_some_and(|element| {
            matches!(
                element.name(),
                "nav" | "aside" | "footer" | "form" | "button" | "dialog" | "noscript"
            )
        })
    };
    let nodes = document.tree.root().descendants();
    let around: Vec<NodeId> = nodes.filter(is_around).map(|node| node.id()).collect();
    for id in around {
        detach(&mut document.tree, id);
    }
}

impl Found {
    fn look_at(&mut self, node: NodeRef<'_, Node>, base: Option<&Url>) {
        let element = match node.value() {
            Node::Comment(_) => return self.dropped.push(node.id()),
            Node::Element(element) => element,
            _ => return,
        };
        match element.name() {
            "base" | "script" | "style" | "template" => self.dropped.push(node.id()),
            "a" | "area" | "img" | "source" | "video" | "audio" => self.addressed.push(node.id()),
            "blockquote" if element.classes().any(|class| POSTS.contains(&class)) => {
                self.posts.push(node.id());
            }
            "iframe" => {
                let address = ["src", "data-src", "data-lazy-src"]
                    .iter()
                    .filter_map(|name| element.attr(name))
                    .filter_map(|address| links::absolute(address, base))
                    .find(is_framed);
                if let Some(address) = address {
                    self.frames.push((node.id(), address.into()));
                }
            }
            _ => {}
        }
    }
}

fn is_framed(address: &Url) -> bool {
    let host = address.host_str().unwrap_or_default();
    FRAMED.iter().any(|site| {
        host.strip_suffix(site)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

fn detach(tree: &mut Tree<Node>, id: NodeId) {
    if let Some(mut node) = tree.get_mut(id) {
        node.detach();
    }
}

/// Links of the same site begin at its root, and sources at its scheme.
fn address(tree: &mut Tree<Node>, id: NodeId, base: &Url) {
    let Some(mut node) = tree.get_mut(id) else {
        return;
    };
    let Node::Element(element) = node.value() else {
        return;
    };
    for (name, value) in &mut element.attrs {
        let changed = match &*name.local {
            "href" => links::within(value, base),
            "src" | "poster" | "data-src" | "data-lazy-src" | "data-original" => {
                links::absolute(value, Some(base)).map(String::from)
            }
            _ => None,
        };
        if let Some(changed) = changed {
            *value = StrTendril::from(changed.as_str());
        }
    }
}

/// The outermost box that holds nothing else.
fn outermost(tree: &Tree<Node>, id: NodeId) -> NodeId {
    let mut top = id;
    for _ in 0..BOXES_AT_MOST {
        let Some(parent) = tree.get(top).and_then(|node| node.parent()) else {
            break;
        };
        let is_box = parent
            .value()
            .as_element()
            .is_some_and(|element| matches!(element.name(), "div" | "p" | "span" | "center"));
        let mut beside = parent.children().filter(|child| child.id() != top);
        // Looking at a few is enough, and keeps this quick.
        let is_alone = beside.by_ref().take(8).all(is_blank) && beside.next().is_none();
        if !is_box || !is_alone {
            break;
        }
        top = parent.id();
    }
    top
}

fn is_blank(node: NodeRef<'_, Node>) -> bool {
    match node.value() {
        Node::Text(text) => text.trim().is_empty(),
        Node::Comment(_) => true,
        _ => false,
    }
}

/// Puts an element in the place of the boxes around it.
fn hoist(tree: &mut Tree<Node>, id: NodeId) {
    let top = outermost(tree, id);
    if top == id {
        return;
    }
    if let Some(mut around) = tree.get_mut(top)
        && around.parent().is_some()
    {
        around.insert_id_before(id);
        detach(tree, top);
    }
}

/// Puts a figure with the address in the place of each frame, or makes the figure around it one.
fn embed(tree: &mut Tree<Node>, frames: &[(NodeId, String)]) {
    let figure_of = |tree: &Tree<Node>, id: NodeId| {
        let around = tree.get(id)?.ancestors().take(BOXES_AT_MOST);
        around
            .filter(|node| {
                node.value()
                    .as_element()
                    .is_some_and(|element| element.name() == "figure")
            })
            .map(|node| node.id())
            .next()
    };
    let mut counts: HashMap<NodeId, usize> = HashMap::new();
    for (id, _) in frames {
        if let Some(figure) = figure_of(tree, *id) {
            *counts.entry(figure).or_default() += 1;
        }
    }
    for (id, address) in frames {
        let Some(figure) = figure_with(address) else {
            continue;
        };
        let top = outermost(tree, *id);
        match figure_of(tree, *id).filter(|around| counts.get(around) == Some(&1)) {
            Some(around) => {
                if let Some(mut node) = tree.get_mut(around) {
                    *node.value() = figure;
                }
            }
            None => {
                if let Some(mut node) = tree.get_mut(top)
                    && node.parent().is_some()
                {
                    node.insert_before(figure);
                }
            }
        }
        detach(tree, top);
    }
}

fn figure_with(address: &str) -> Option<Node> {
    let figure = format!(
        "<figure class=\"embed\" data-url=\"{}\"></figure>",
        escaped(address)
    );
    let fragment = Html::parse_fragment(&figure);
    fragment
        .tree
        .root()
        .descendants()
        .find(|node| {
            node.value()
                .as_element()
                .is_some_and(|element| element.name() == "figure")
        })
        .map(|node| node.value().clone())
}
