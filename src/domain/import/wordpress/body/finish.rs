//! Links of the site itself begin at its root, wherever it is now.

use super::{
    decoded,
    markup::{self, Token, Tokens},
};
use crate::domain::{body::escaped, import::wordpress::site::Site};

/// Makes links of the site lead within the site.
pub(super) fn finished(html: &str, site: &Site) -> String {
    let mut out = String::with_capacity(html.len());
    for token in Tokens::new(html) {
        match token {
            Token::Tag(tag) => match led_home(tag, site) {
                Some(tag) => out.push_str(&tag),
                None => out.push_str(tag),
            },
            Token::Comment(_) => {}
            token => out.push_str(token.raw()),
        }
    }
    out
}

fn led_home(tag: &str, site: &Site) -> Option<String> {
    if markup::is_end(tag) || markup::name(tag) != "a" {
        return None;
    }
    // What stands before the first space is the name.
    let (_, attributes) = tag.split_once(char::is_whitespace)?;
    let start = tag.len() - attributes.len();
    let (_, value, at) = markup::attributes(attributes)
        .into_iter()
        .find(|(name, ..)| name == "href")?;
    let target = site.within(&decoded(value))?;
    let before = tag.get(..start + at)?;
    let after = tag.get(start + at + value.len()..)?;
    // Without quotes a space or ">" in the target would end it; neither stands in one.
    Some(format!("{before}{}{after}", escaped(&target)))
}
