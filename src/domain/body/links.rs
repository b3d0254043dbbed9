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

/// The name of a site that frontends have components for, or the host itself.
pub(super) fn provider(host: &str) -> &str {
    let known = [
        ("youtube.com", "youtube"),
        ("youtube-nocookie.com", "youtube"),
        ("youtu.be", "youtube"),
        ("vimeo.com", "vimeo"),
        ("twitter.com", "x"),
        ("x.com", "x"),
        ("bsky.app", "bluesky"),
        ("soundcloud.com", "soundcloud"),
        ("spotify.com", "spotify"),
    ];
    known
        .into_iter()
        .find(|(domain, _)| {
            host == *domain
                || host
                    .strip_suffix(domain)
                    .is_some_and(|rest| rest.ends_with('.'))
        })
        .map_or(host, |(_, name)| name)
}
