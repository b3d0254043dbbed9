//! Addresses of the site that an export is from.

use url::Url;

use crate::domain::{body, import::ghost::export::Setting};

/// What exports have in place of the site's address.
const PLACEHOLDER: &str = "__GHOST_URL__";
/// Where pictures and files lie.
const FILES: &str = "/content/";
const ADDRESS_AT_MOST: usize = 2_000;

/// The site, as far as an export tells of it.
#[derive(Debug, Default)]
pub(super) struct Site {
    /// Its address without a slash at the end.
    address: Option<String>,
    /// Its host without `www.`, with its port.
    host: String,
    /// The folder that it lies in, such as `/blog`; mostly empty.
    folder: String,
}

impl Site {
    pub(super) fn new(settings: &[Setting]) -> Self {
        let value = settings
            .iter()
            .filter(|setting| setting.key.get() == Some("url"))
            .find_map(|setting| Url::parse(setting.value.get()?).ok());
        let Some(url) = value.filter(|url| matches!(url.scheme(), "http" | "https")) else {
            return Self::default();
        };
        let Some(host) = url.host_str() else {
            return Self::default();
        };
        let port = url
            .port()
            .map_or_else(String::new, |port| format!(":{port}"));
        let folder = url.path().trim_end_matches('/').to_owned();
        Self {
            address: Some(format!("{}://{host}{port}{folder}", url.scheme())),
            host: format!("{}{port}", host.strip_prefix("www.").unwrap_or(host)),
            folder,
        }
    }

    /// Whether the export tells where the site is.
    pub(super) fn is_known(&self) -> bool {
        self.address.is_some()
    }

    /// An absolute address on the web, if it is or can be made one.
    pub(super) fn absolute(&self, address: &str) -> Option<String> {
        let address = address.trim();
        let absolute = match (
            address.strip_prefix(PLACEHOLDER),
            address.strip_prefix("//"),
        ) {
            (Some(rest), _) => format!("{}{rest}", self.address.as_ref()?),
            (None, Some(rest)) => format!("https://{rest}"),
            (None, None) if address.starts_with(FILES) => {
                format!("{}{address}", self.address.as_ref()?)
            }
            (None, None) => address.to_owned(),
        };
        let is_kept =
            body::is_web_address(&absolute) && absolute.chars().count() <= ADDRESS_AT_MOST;
        is_kept.then_some(absolute)
    }

    /// The path that a post had by Ghost's own pattern.
    pub(super) fn path(&self, slug: &str) -> Option<String> {
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
        let is_segment = slug.chars().all(is_plain) && slug.contains(char::is_alphanumeric);
        is_segment.then(|| format!("{}/{slug}", self.folder))
    }

    /// HTML with links within the site made relative to it, and its pictures and files absolute
    /// where the address of the site is known.
    pub(super) fn localised(&self, html: &str) -> String {
        let mut out = String::with_capacity(html.len());
        let mut pieces = html.split(PLACEHOLDER);
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            match (&self.address, piece.starts_with(FILES)) {
                (Some(address), true) => out.push_str(address),
                (None, true) => {}
                (_, false) => {
                    out.push_str(&self.folder);
                    out.push('/');
                }
            }
            match piece.starts_with(FILES) {
                true => out.push_str(piece),
                // Two slashes at the beginning would lead to another site.
                false => out.push_str(piece.trim_start_matches('/')),
            }
        }
        let Some(address) = &self.address else {
            return out;
        };
        let out = self.with_own_links(&out);
        out.replace("src=\"/content/", &format!("src=\"{address}{FILES}"))
            .replace("href=\"/content/", &format!("href=\"{address}{FILES}"))
    }

    fn with_own_links(&self, html: &str) -> String {
        let mut out = String::with_capacity(html.len());
        let mut pieces = html.split("href=");
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            out.push_str("href=");
            match self.own(piece) {
                Some((quote, rest)) => {
                    out.push(quote);
                    out.push('/');
                    out.push_str(rest);
                }
                None => out.push_str(piece),
            }
        }
        out
    }

    /// What follows the host and its slashes, where a quoted link leads to the site.
    fn own<'a>(&self, piece: &'a str) -> Option<(char, &'a str)> {
        let mut rest = piece.chars();
        let quote = rest.next().filter(|c| matches!(c, '"' | '\''))?;
        let rest = rest.as_str();
        let rest = rest
            .strip_prefix("https:")
            .or_else(|| rest.strip_prefix("http:"))
            .unwrap_or(rest)
            .strip_prefix("//")?;
        let rest = rest.strip_prefix("www.").unwrap_or(rest);
        let rest = rest.strip_prefix(self.host.as_str())?;
        let path = rest.strip_prefix(self.folder.as_str())?;
        let is_own = path.starts_with(['/', '?', '#', quote]) && !path.starts_with(FILES);
        is_own.then(|| (quote, rest.trim_start_matches('/')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(address: &str) -> Site {
        let json =
            serde_json::json!([{"key": "title", "value": "x"}, {"key": "url", "value": address}]);
        let settings: Vec<Setting> = serde_json::from_value(json).unwrap();
        Site::new(&settings)
    }

    #[test]
    fn without_an_address_everything_is_relative() {
        let site = Site::new(&[]);
        assert_eq!(
            site.localised(
                "<a href=\"__GHOST_URL__/a/\">a</a><a href='__GHOST_URL__'>b</a>\
                 <img src=\"__GHOST_URL__/content/images/c.png\"><a href=\"__GHOST_URL__//d\">d</a>"
            ),
            "<a href=\"/a/\">a</a><a href='/'>b</a><img src=\"/content/images/c.png\">\
             <a href=\"/d\">d</a>"
        );
        assert_eq!(site.absolute("__GHOST_URL__/content/images/c.png"), None);
        assert_eq!(
            site.absolute("//g.example/a").as_deref(),
            Some("https://g.example/a")
        );
        assert_eq!(site.path("a-b").as_deref(), Some("/a-b"));
        assert_eq!(site.path("a/b"), None);
        assert_eq!(site.path(".."), None);
    }

    #[test]
    fn with_an_address_files_are_absolute_and_links_relative() {
        let site = site("https://www.old.example/blog/");
        assert_eq!(
            site.localised(
                "<a href=\"__GHOST_URL__/a/\">a</a><a href=\"http://old.example/blog/b/?x#y\">b</a>\
                 <a href=\"https://old.example.evil.example/\">c</a>\
                 <a href=\"https://old.example/blog/content/files/d.pdf\">d</a>\
                 <img src=\"__GHOST_URL__/content/images/e.png\"><img src=\"/content/images/f.png\">"
            ),
            "<a href=\"/blog/a/\">a</a><a href=\"/blog/b/?x#y\">b</a>\
             <a href=\"https://old.example.evil.example/\">c</a>\
             <a href=\"https://old.example/blog/content/files/d.pdf\">d</a>\
             <img src=\"https://www.old.example/blog/content/images/e.png\">\
             <img src=\"https://www.old.example/blog/content/images/f.png\">"
        );
        assert_eq!(site.path("a").as_deref(), Some("/blog/a"));
        assert_eq!(
            site.absolute("__GHOST_URL__/content/a.png").as_deref(),
            Some("https://www.old.example/blog/content/a.png")
        );
    }
}
