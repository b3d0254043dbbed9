//! The site that an export is of, and addresses on it.

use url::Url;

use crate::domain::import::bounds;

/// Where a site was.
#[derive(Debug, Default)]
pub(super) struct Site {
    root: Option<Url>,
    blog: Option<Url>,
    link: Option<Url>,
}

fn web(address: &str) -> Option<Url> {
    let url = Url::parse(address.trim()).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

impl Site {
    /// The address of the whole site.
    pub(super) fn set_root(&mut self, address: &str) {
        self.root = web(address);
    }

    /// The address of this publication in it.
    pub(super) fn set_blog(&mut self, address: &str) {
        self.blog = web(address);
    }

    /// The address that the channel links to.
    pub(super) fn set_link(&mut self, address: &str) {
        self.link = self.link.take().or_else(|| web(address));
    }

    /// What tells posts of this site from those of others.
    pub(super) fn key(&self) -> String {
        let host = |url: &Url| url.host_str().unwrap_or_default().to_owned();
        match (&self.root, &self.blog) {
            // Each site of a network counts its posts from 1.
            (Some(root), Some(blog)) if root != blog => {
                format!("{}{}", host(blog), blog.path().trim_end_matches('/'))
            }
            (Some(url), _) | (None, Some(url)) => host(url),
            (None, None) => self.link.as_ref().map(host).unwrap_or_default(),
        }
    }

    /// The path of an address on the site, if it has no query and leads to no front page.
    pub(super) fn path(&self, address: &str) -> Option<String> {
        let url = web(address)?;
        match self.holds(&url) && url.query().is_none() {
            true => bounds::path(url.as_str()),
            false => None,
        }
    }

    fn holds(&self, url: &Url) -> bool {
        let host = without_www(url.host_str().unwrap_or_default());
        self.addresses().any(|own| {
            let below = own.path().trim_end_matches('/');
            let rest = url.path().strip_prefix(below);
            without_www(own.host_str().unwrap_or_default()) == host
                && own.port() == url.port()
                && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    fn addresses(&self) -> impl Iterator<Item = &Url> {
        let known = [&self.blog, &self.root];
        let any = known.iter().any(|url| url.is_some());
        let link = self.link.as_ref().filter(|_| !any);
        known.into_iter().flatten().chain(link)
    }

    /// The target of a link of the site itself, from its root; none for other targets and files.
    pub(super) fn within(&self, href: &str) -> Option<String> {
        let href = href.trim();
        // Most links lead elsewhere; of those only the beginning is looked at.
        let absolute = match href.strip_prefix("//") {
            Some(rest) => format!("https://{rest}"),
            None if href.len() > 2_000 => return None,
            None => href.to_owned(),
        };
        let url = web(&absolute).filter(|url| self.holds(url))?;
        if url.path().contains("/wp-content/") {
            return None;
        }
        let query = url.query().map(|query| format!("?{query}"));
        let fragment = url.fragment().map(|fragment| format!("#{fragment}"));
        // Two slashes at the beginning would lead to another site.
        Some(format!(
            "/{}{}{}",
            url.path().trim_start_matches('/'),
            query.unwrap_or_default(),
            fragment.unwrap_or_default()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_the_site_begin_at_its_root() {
        let mut site = Site::default();
        site.set_root("https://old.example");
        site.set_blog("https://old.example");
        assert_eq!(site.key(), "old.example");
        for (href, expected) in [
            ("http://www.old.example/a/?b=1#c", Some("/a/?b=1#c")),
            ("https://old.example", Some("/")),
            ("//old.example/a", Some("/a")),
            ("https://old.example//evil.example", Some("/evil.example")),
            ("https://old.example/wp-content/a.pdf", None),
            ("https://old.example.evil.example/a", None),
            ("https://other.example/a", None),
            ("/a", None),
            ("#a", None),
        ] {
            assert_eq!(site.within(href).as_deref(), expected, "{href}");
        }
        let path = |address: &str| site.path(address);
        assert_eq!(
            path("https://old.example/2013/a/").as_deref(),
            Some("/2013/a")
        );
        assert_eq!(path("https://old.example/?p=1"), None);
        assert_eq!(path("https://old.example/"), None);
    }

    #[test]
    fn sites_of_a_network_are_told_apart() {
        let mut site = Site::default();
        site.set_root("https://net.example/");
        site.set_blog("https://net.example/fish");
        assert_eq!(site.key(), "net.example/fish");
        assert_eq!(
            site.within("https://net.example/fish/a").as_deref(),
            Some("/fish/a")
        );
    }
}
