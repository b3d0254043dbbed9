//! Addresses in bodies: which are let through, and whose they are.

/// Whether a link may lead there: the web, mail, telephone, or within the site. Neither with
/// nor without what can't be seen may it lead elsewhere.
pub(super) fn is_safe_link(href: &str) -> bool {
    leads_somewhere_safe(href) && leads_somewhere_safe(&visible(href))
}

/// An address without white space, control characters and others that can't be seen.
fn visible(address: &str) -> String {
    let is_hidden = |c: &char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    address.chars().filter(|c| !is_hidden(c)).collect()
}

fn leads_somewhere_safe(href: &str) -> bool {
    match url::Url::parse(href) {
        Ok(url) => matches!(url.scheme(), "http" | "https" | "mailto" | "tel"),
        Err(url::ParseError::RelativeUrlWithoutBase) => true,
        Err(_) => false,
    }
}

/// Whether a picture may come from there: the web, or the site.
pub(super) fn is_safe_source(source: &str) -> bool {
    is_safe_link(source) && is_picture_source(source) && is_picture_source(&visible(source))
}

fn is_picture_source(source: &str) -> bool {
    match url::Url::parse(source) {
        Ok(url) => matches!(url.scheme(), "http" | "https"),
        Err(url::ParseError::RelativeUrlWithoutBase) => !source.trim().is_empty(),
        Err(_) => false,
    }
}

/// Whether it is an absolute address on the web.
pub(crate) fn is_web_address(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}
