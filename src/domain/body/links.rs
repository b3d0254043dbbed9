//! Addresses in bodies: which are let through, and whose they are.

/// Whether a link may lead there: the web, mail, telephone, or within the site.
pub(super) fn is_safe_link(href: &str) -> bool {
    match url::Url::parse(href) {
        Ok(url) => matches!(url.scheme(), "http" | "https" | "mailto" | "tel"),
        Err(url::ParseError::RelativeUrlWithoutBase) => true,
        Err(_) => false,
    }
}

/// Whether a picture may come from there: the web, or the site.
pub(super) fn is_safe_source(source: &str) -> bool {
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
