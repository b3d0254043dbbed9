//! Makes the addresses of a body absolute, since in a feed there is no page that they are
//! relative to.

use url::{ParseError, Url};

use crate::domain::body::escaped;

/// Attributes that hold one address.
const ADDRESSES: [&str; 4] = ["href", "src", "poster", "cite"];

/// HTML as this program writes it, with each relative address resolved against its page. What is
/// no tag, and every other attribute, stays as it is.
pub(super) fn absolute(html: &str, page: &str) -> String {
    let Ok(page) = Url::parse(page) else {
        return html.to_owned();
    };
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        out.push('<');
        rest = match tag.starts_with(|c: char| c.is_ascii_alphabetic()) {
            true => write_tag(&mut out, tag, &page),
            false => tag,
        };
    }
    out.push_str(rest);
    out
}

/// Writes a tag up to its `>`; gives what follows it.
fn write_tag<'a>(out: &mut String, tag: &'a str, page: &Url) -> &'a str {
    let mut rest = tag;
    loop {
        let Some(place) = rest.find(['"', '>']) else {
            out.push_str(rest);
            return "";
        };
        let (before, after) = rest.split_at(place);
        out.push_str(before);
        if let Some(after) = after.strip_prefix('>') {
            out.push('>');
            return after;
        }
        // Every attribute's value is between double quotes.
        let inner = after.strip_prefix('"').unwrap_or(after);
        let Some((value, after)) = inner.split_once('"') else {
            out.push_str(after);
            return "";
        };
        let name = before.trim_end_matches('=').rsplit(' ').next();
        out.push('"');
        match name.filter(|name| ADDRESSES.contains(name)) {
            Some(_) => out.push_str(&resolved(value, page)),
            None => out.push_str(value),
        }
        out.push('"');
        rest = after;
    }
}

/// An attribute's value, escaped as it was, resolved where it is relative.
fn resolved(value: &str, page: &Url) -> String {
    let address = unescaped(value);
    match Url::parse(&address) {
        Err(ParseError::RelativeUrlWithoutBase) => match page.join(&address) {
            Ok(url) => escaped(url.as_str()),
            Err(_) => value.to_owned(),
        },
        _ => value.to_owned(),
    }
}

fn unescaped(value: &str) -> String {
    value
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAGE: &str = "https://www.example.com/news/one";

    #[test]
    fn relative_addresses_become_absolute() {
        for (given, wanted) in [
            (
                r#"<p>1 &lt; 2 <a href="/a?b=1&amp;c=2" title="/x">t</a></p>"#,
                r#"<p>1 &lt; 2 <a href="https://www.example.com/a?b=1&amp;c=2" title="/x">t</a></p>"#,
            ),
            (
                r##"<a href="#fn1">1</a>"##,
                r##"<a href="https://www.example.com/news/one#fn1">1</a>"##,
            ),
            (
                r#"<img src="b.jpg" alt="a > b">"#,
                r#"<img src="https://www.example.com/news/b.jpg" alt="a > b">"#,
            ),
            (
                r#"<a href="//other.example/x">t</a>"#,
                r#"<a href="https://other.example/x">t</a>"#,
            ),
        ] {
            assert_eq!(absolute(given, PAGE), wanted);
        }
    }

    #[test]
    fn everything_else_stays() {
        for html in [
            r#"<a href="mailto:a@example.com">t</a>"#,
            r#"<a href="https://other.example/a b">t</a>"#,
            r#"<div data-src="/x">src="/y"</div>"#,
            "a < b",
            "<p",
            "<p a=\"",
        ] {
            assert_eq!(absolute(html, PAGE), html);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "[<>\"'=/a-c &;#é]{0,60}") {
            let _ = absolute(&text, PAGE);
        }
    }
}
