//! Addresses in a page, seen from the address that the page had.

use url::Url;

/// An absolute address on the web.
pub(super) fn absolute(address: &str, base: Option<&Url>) -> Option<Url> {
    let address = address.trim();
    let found = match base {
        Some(base) => base.join(address),
        None => match address.strip_prefix("//") {
            Some(rest) => Url::parse(&format!("https://{rest}")),
            None => Url::parse(address),
        },
    };
    found.ok().filter(is_web)
}

/// The target of a link: from the root of the site where it stays on it, else absolute. `None`
/// where it is to stay as it is.
pub(super) fn within(href: &str, base: &Url) -> Option<String> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    let url = base.join(href).ok().filter(is_web)?;
    if site(&url) != site(base) {
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

/// The path of a page on its site; none for the front page.
pub(super) fn path(url: &Url) -> Option<String> {
    let path = url.path().trim_end_matches('/');
    (!path.is_empty() && !path.starts_with("//")).then(|| path.to_owned())
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

fn site(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_the_same_site_begin_at_its_root() {
        let base = Url::parse("https://www.old.example/2020/a/").unwrap();
        let told = |href: &str| within(href, &base);
        assert_eq!(told("../b/?x=1#y").as_deref(), Some("/2020/b/?x=1#y"));
        assert_eq!(told("http://old.example/c/").as_deref(), Some("/c/"));
        assert_eq!(
            told("//new.example/c").as_deref(),
            Some("https://new.example/c")
        );
        assert_eq!(
            told("https://old.example//evil.example/").as_deref(),
            Some("/evil.example/")
        );
        assert_eq!(told("#note"), None);
        assert_eq!(told("mailto:a@old.example"), None);
        assert_eq!(path(&base).as_deref(), Some("/2020/a"));
    }
}
