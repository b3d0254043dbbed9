//! Addresses in an item, seen from where the item stands.

use ego_tree::NodeId;
use scraper::{Html, Node, StrTendril};
use url::Url;

use crate::domain::body;

/// The HTML of an item with links of the feed's own site from its root, and all other addresses
/// absolute.
pub(super) fn resolved(
    html: &str,
    base: Option<&Url>,
    site: Option<&Url>,
) -> Result<String, String> {
    let (Some(base), true) = (base, html.contains('<')) else {
        return Ok(html.to_owned());
    };
    body::check_markup(html).map_err(|cause| cause.to_string())?;
    let mut document = Html::parse_fragment(html);
    let elements: Vec<NodeId> = document
        .tree
        .root()
        .descendants()
        .filter(|node| node.value().is_element())
        .map(|node| node.id())
        .collect();
    for id in elements {
        let Some(mut node) = document.tree.get_mut(id) else {
            continue;
        };
        let Node::Element(element) = node.value() else {
            continue;
        };
        for (name, value) in &mut element.attrs {
            let changed = match &*name.local {
                "href" => link(value, base, site),
                "src" | "poster" | "data-src" | "data-lazy-src" => absolute(value, base),
                _ => None,
            };
            if let Some(changed) = changed {
                *value = StrTendril::from(changed.as_str());
            }
        }
    }
    Ok(document.root_element().inner_html())
}

/// The host of an address, alike with and without `www.`.
pub(super) fn host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

fn absolute(address: &str, base: &Url) -> Option<String> {
    let address = address.trim();
    if address.is_empty() {
        return None;
    }
    let url = base.join(address).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

fn link(href: &str, base: &Url, site: Option<&Url>) -> Option<String> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    let url = base.join(href).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    if site.is_none_or(|site| host(site) != host(&url)) {
        return Some(url.into());
    }
    let query = url
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    let fragment = url
        .fragment()
        .map_or_else(String::new, |fragment| format!("#{fragment}"));
    // Two slashes at the beginning would lead to another site.
    let path = url.path().trim_start_matches('/');
    Some(format!("/{path}{query}{fragment}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_the_site_are_relative_and_pictures_absolute() {
        let base = Url::parse("https://www.old.example/2020/a/").unwrap();
        let html = r##"<p><a href="../b/?x=1">b</a> <a href="https://old.example/c">c</a> <a href="#d">d</a> <a href="//new.example/e">e</a></p><img src="f.png">"##;
        assert_eq!(
            resolved(html, Some(&base), Some(&base)).unwrap(),
            r##"<p><a href="/2020/b/?x=1">b</a> <a href="/c">c</a> <a href="#d">d</a> <a href="https://new.example/e">e</a></p><img src="https://www.old.example/2020/a/f.png">"##
        );
        assert_eq!(resolved("a & b", None, None).unwrap(), "a & b");
        assert!(resolved(&"<div>".repeat(10_000), Some(&base), None).is_err());
    }
}
