//! Bytes of a page into text, and text into what is safe and worth to be parsed.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

/// Bytes in which a page must say how it is encoded (HTML, section 4.2.5.4).
const DECLARED_WITHIN: usize = 1024;

/// The text of a page, by its byte order mark, else by what it says of itself, else as UTF-8.
pub(super) fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let encoding = match (Encoding::for_bom(bytes), declared(bytes)) {
        (Some((encoding, _)), _) => encoding,
        (None, None) => UTF_8,
        (None, Some(label)) => {
            let encoding = Encoding::for_label(label.as_bytes())
                .ok_or_else(|| format!("is in an encoding that is not known: {label}"))?;
            // What could be read as ASCII can't be UTF-16.
            encoding.output_encoding()
        }
    };
    let (text, is_broken) = encoding.decode_with_bom_removal(bytes);
    match is_broken {
        true => Err(format!("is not text in {}", encoding.name())),
        false => Ok(text),
    }
}

fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..DECLARED_WITHIN).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    head.split("<meta").skip(1).find_map(|tag| {
        let (_, after) = tag.split('>').next()?.split_once("charset")?;
        let value = after.trim_start().strip_prefix('=')?.trim_start();
        let label: String = value
            .trim_start_matches(['"', '\''])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
            .collect();
        (!label.is_empty()).then_some(label)
    })
}

/// A page without its scripts, styles and comments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Stripped {
    /// What is left.
    pub(super) html: String,
    /// Content of the scripts that are linked data.
    pub(super) linked: Vec<String>,
}

/// Scripts with linked data that are looked at.
const LINKED_AT_MOST: usize = 20;

/// Takes out what is no markup, so that code is not taken for tags.
pub(super) fn stripped(html: &str) -> Stripped {
    let lower = html.to_ascii_lowercase();
    let mut out = Stripped::default();
    let (mut rest, mut rest_lower) = (html, lower.as_str());
    while let Some(at) = rest_lower.find('<') {
        let (before, from) = rest.split_at(at);
        let (_, from_lower) = rest_lower.split_at(at);
        out.html.push_str(before);
        let length = match raw_name(from_lower) {
            Some(name) => raw_length(name, from_lower),
            None if from_lower.starts_with("<!--") => {
                from_lower.find("-->").map_or(from.len(), |end| end + 3)
            }
            None => {
                out.html.push('<');
                1
            }
        };
        let (taken, after) = from.split_at(length.min(from.len()));
        let (taken_lower, after_lower) = from_lower.split_at(length.min(from.len()));
        if taken_lower.starts_with("<script") && out.linked.len() < LINKED_AT_MOST {
            out.linked.extend(linked_data(taken, taken_lower));
        }
        (rest, rest_lower) = (after, after_lower);
    }
    out.html.push_str(rest);
    out
}

/// The name of an element whose content is no markup.
fn raw_name(from: &str) -> Option<&'static str> {
    ["script", "style"].into_iter().find(|name| {
        from.strip_prefix('<')
            .and_then(|from| from.strip_prefix(name))
            .is_some_and(|rest| {
                rest.starts_with(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/')
            })
    })
}

/// Bytes up to the end of the element.
fn raw_length(name: &str, from: &str) -> usize {
    let end = format!("</{name}");
    let Some(content) = from.find(&end) else {
        return from.len();
    };
    let (_, tail) = from.split_at(content);
    content + tail.find('>').map_or(tail.len(), |at| at + 1)
}

fn linked_data(script: &str, lower: &str) -> Option<String> {
    let start = lower.find('>')?;
    let (tag, _) = lower.split_at(start);
    if !tag.contains("application/ld+json") {
        return None;
    }
    let end = lower.rfind("</script").filter(|end| *end > start)?;
    let (before_end, _) = script.split_at(end);
    let (_, content) = before_end.split_at(start + 1);
    Some(content.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_how_it_is_encoded() {
        assert_eq!(decoded(b"\xEF\xBB\xBFa").as_deref(), Ok("a"));
        assert_eq!(decoded("<p>\u{e9}".as_bytes()).as_deref(), Ok("<p>\u{e9}"));
        let latin = b"<META Charset = 'ISO-8859-1'>\xE9\x93";
        assert!(decoded(latin).unwrap().ends_with("\u{e9}\u{201C}"));
        let equiv =
            b"<meta http-equiv=\"Content-Type\" content=\"text/html; charset=windows-1252\">\x80";
        assert!(decoded(equiv).unwrap().ends_with('\u{20AC}'));
        assert!(decoded(b"\xE9").is_err());
        assert!(decoded(b"<meta charset=martian>").is_err());
        assert!(decoded(b"<meta charset=utf-16>a").unwrap().ends_with('a'));
    }

    #[test]
    fn scripts_styles_and_comments_go_and_linked_data_is_kept() {
        let page = "a<SCRIPT>if (a<b) {}</SCRIPT>b<style>p{}</style >c<!-- <b> -->d<scripted>e\
                    <script type='application/ld+json'>{\"a\":1}</script>f<script>";
        let stripped = stripped(page);
        assert_eq!(stripped.html, "abcd<scripted>ef");
        assert_eq!(stripped.linked, ["{\"a\":1}"]);
    }
}
