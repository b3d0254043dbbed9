//! Shortcodes: what WordPress itself knows becomes HTML; the rest stays as it is written.

use std::collections::HashMap;

use super::{
    Post, check_length, decoded, embed, lone_address, lone_embed,
    markup::{self, Code, Token, Tokens},
    note,
};
use crate::{
    domain::body::{escaped, is_web_address},
    model::article::Image,
};

/// Shortcodes that are resolved here.
const KNOWN: [&str; 8] = [
    "caption",
    "wp_caption",
    "gallery",
    "embed",
    "youtube",
    "vimeo",
    "audio",
    "video",
];

/// Attributes that name a file, and not how it is shown.
const SOURCES: [&str; 13] = [
    "src", "mp3", "m4a", "ogg", "wav", "wma", "flac", "mp4", "m4v", "webm", "ogv", "wmv", "flv",
];

/// The most pictures of one gallery.
const MAX_PICTURES: usize = 500;

/// Puts HTML in the place of shortcodes and, in classic text, of addresses alone in a line.
pub(super) fn resolved(
    content: &str,
    post: &Post<'_>,
    is_classic: bool,
    notes: &mut Vec<String>,
) -> Result<String, String> {
    let tokens: Vec<Token<'_>> = Tokens::with_codes(content).collect();
    let mut writer = Writer {
        ends: ends(&tokens),
        tokens: &tokens,
        post,
        is_classic,
        notes,
        out: String::with_capacity(content.len() + content.len() / 8),
        verbatim: None,
        escaped: None,
    };
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at = writer.token(token, at);
        check_length(&writer.out)?;
    }
    Ok(writer.out)
}

/// Where each shortcode ends that encloses something, by where it begins.
fn ends(tokens: &[Token<'_>]) -> HashMap<usize, usize> {
    let mut ends = HashMap::new();
    let mut next: HashMap<&str, usize> = HashMap::new();
    for (at, token) in tokens.iter().enumerate().rev() {
        let Token::Code(code) = token else {
            continue;
        };
        if code.is_end {
            next.insert(code.name, at);
        } else if let Some(end) = next.remove(code.name) {
            ends.insert(at, end);
        }
    }
    ends
}

struct Writer<'a, 'n> {
    tokens: &'a [Token<'a>],
    ends: HashMap<usize, usize>,
    post: &'a Post<'a>,
    is_classic: bool,
    notes: &'n mut Vec<String>,
    out: String,
    /// The element under way in which nothing is a shortcode.
    verbatim: Option<String>,
    /// The shortcode whose end is literal too.
    escaped: Option<&'a str>,
}

impl<'a> Writer<'a, '_> {
    /// Writes what stands at a place; tells where to go on.
    fn token(&mut self, token: &'a Token<'a>, at: usize) -> usize {
        match token {
            Token::Tag(tag) => return self.tag(tag, at),
            Token::Text(text) if self.is_classic && self.verbatim.is_none() => {
                self.lines(text, at);
            }
            Token::Code(code) if self.verbatim.is_none() => return self.code(code, at),
            token => self.out.push_str(token.raw()),
        }
        at + 1
    }

    fn tag(&mut self, tag: &str, at: usize) -> usize {
        let name = markup::name(tag);
        match (&self.verbatim, markup::is_end(tag)) {
            (Some(open), true) if *open == name => self.verbatim = None,
            (None, false) if matches!(name.as_str(), "pre" | "code" | "script" | "style") => {
                self.verbatim = Some(name.clone());
            }
            (None, false) if name == "p" => {
                let inner = self.tokens.get(at + 1);
                let end = self.tokens.get(at + 2);
                if let (Some(Token::Text(text)), Some(Token::Tag(end))) = (inner, end)
                    && markup::is_end(end)
                    && markup::name(end) == "p"
                    && let Some(address) = lone_embed(text)
                {
                    self.block(&embed(&address));
                    return at + 3;
                }
            }
            _ => {}
        }
        self.out.push_str(tag);
        at + 1
    }

    /// Text in which an address alone in a line stands for what is there.
    fn lines(&mut self, text: &str, at: usize) {
        let is_first = at == 0;
        let is_last = at + 1 == self.tokens.len();
        let mut lines = text.split('\n').enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            let begins = number > 0 || is_first;
            let ends = lines.peek().is_some() || is_last;
            match lone_embed(line).filter(|_| begins && ends) {
                Some(address) => self.block(&embed(&address)),
                None => self.out.push_str(line),
            }
            if lines.peek().is_some() {
                self.out.push('\n');
            }
        }
    }

    /// Writes a block; in classic text it stands for itself.
    fn block(&mut self, html: &str) {
        let around = if self.is_classic { "\n\n" } else { "" };
        self.out.push_str(around);
        self.out.push_str(html);
        self.out.push_str(around);
    }

    fn code(&mut self, code: &'a Code<'a>, at: usize) -> usize {
        let name = code.name;
        let is_known = KNOWN.contains(&name);
        if code.is_escaped && (is_known || code.attributes.contains('=')) {
            return self.literal(code, at);
        }
        if code.is_end && self.escaped == Some(name) {
            self.escaped = None;
            self.out.push_str(code.raw);
            // The second bracket goes as well.
            if let Some(Token::Text(text)) = self.tokens.get(at + 1)
                && let Some(rest) = text.strip_prefix(']')
            {
                self.out.push_str(rest);
                return at + 2;
            }
            return at + 1;
        }
        let end = self.ends.get(&at).copied();
        if is_known && !code.is_end && !code.is_escaped {
            let tokens = self.tokens;
            let inner = end.and_then(|end| tokens.get(at + 1..end));
            if let Some(html) = self.html(code, inner.unwrap_or_default()) {
                self.block(&html);
                let encloses = !matches!(name, "gallery");
                return end.filter(|_| encloses).unwrap_or(at) + 1;
            }
        }
        let is_of_plugin = code.attributes.contains('=') || (code.is_end && !is_known);
        if is_of_plugin && !code.is_escaped {
            let text = format!("the shortcode [{name}] stays as text");
            note(self.notes, text);
        }
        self.out.push_str(code.raw);
        at + 1
    }

    /// A shortcode between two brackets each stands for itself.
    fn literal(&mut self, code: &Code<'a>, at: usize) -> usize {
        let inner = code.raw.strip_prefix('[').unwrap_or(code.raw);
        match inner.strip_suffix("]]") {
            Some(inner) => {
                self.out.push_str(inner);
                self.out.push(']');
            }
            None => {
                self.out.push_str(inner);
                self.escaped = Some(code.name);
            }
        }
        at + 1
    }

    fn html(&mut self, code: &Code<'_>, inner: &[Token<'_>]) -> Option<String> {
        // The oldest forms: [youtube=URL].
        let attributes = match code.attributes.strip_prefix('=') {
            Some(value) => vec![(String::new(), value.trim_matches(['"', '\'']), 0)],
            None => markup::attributes(code.attributes),
        };
        match code.name {
            "caption" | "wp_caption" => captioned(&attributes, inner),
            "gallery" => self.gallery(&attributes),
            "embed" | "youtube" | "vimeo" => embedded(code.name, &attributes, inner),
            _ => played(code.name, &attributes, inner),
        }
    }

    fn gallery(&mut self, attributes: &[(String, &str, usize)]) -> Option<String> {
        let value = |wanted: &str| {
            let mut found = attributes.iter().filter(|(name, ..)| name == wanted);
            found.next().map(|(_, value, _)| *value)
        };
        let listed = value("ids").or_else(|| value("include"));
        let of = value("id").and_then(|id| id.trim().parse().ok());
        let mut ids = match listed {
            Some(listed) => numbers(listed),
            None => {
                let children = &self.post.survey.children;
                let children = children.get(&of.unwrap_or(self.post.id));
                let children = children.into_iter().flatten().copied();
                children.take(MAX_PICTURES).collect()
            }
        };
        let excluded = value("exclude").map(numbers).unwrap_or_default();
        ids.truncate(MAX_PICTURES);
        ids.retain(|id| !excluded.contains(id));
        let mut out = String::new();
        let mut lost = 0_usize;
        for id in ids {
            let found = self.post.survey.attachment(id);
            match found.and_then(|found| found.image()) {
                Some(image) => out.push_str(&figure(&image)),
                None => lost += 1,
            }
        }
        if lost > 0 || out.is_empty() {
            let text = format!("{lost} pictures of a gallery are not in the export");
            note(self.notes, text);
        }
        (!out.is_empty()).then_some(out)
    }
}

fn numbers(list: &str) -> Vec<u64> {
    let parts = list.split(|c: char| !c.is_ascii_digit());
    let numbers = parts.filter_map(|number| number.parse().ok());
    numbers.take(MAX_PICTURES).collect()
}

fn figure(image: &Image) -> String {
    let caption = match &image.caption {
        Some(caption) => format!("<figcaption>{}</figcaption>", escaped(caption)),
        None => String::new(),
    };
    format!(
        "<figure><img src=\"{}\" alt=\"{}\">{caption}</figure>",
        escaped(&image.url),
        escaped(image.alt.as_deref().unwrap_or_default())
    )
}

/// A picture with the text under it; a link around the picture stays.
fn captioned(attributes: &[(String, &str, usize)], inner: &[Token<'_>]) -> Option<String> {
    let is_picture =
        |token: &Token<'_>| matches!(token, Token::Tag(tag) if markup::name(tag) == "img");
    let at = inner.iter().position(is_picture)?;
    let picture = inner.get(at)?.raw();
    let mut link: Option<&str> = None;
    let mut caption = String::new();
    for (index, token) in inner.iter().enumerate() {
        match token {
            Token::Comment(_) => {}
            Token::Tag(_) if index == at => {}
            Token::Tag(tag) => match (markup::name(tag).as_str(), markup::is_end(tag)) {
                ("a", false) if index < at => link = Some(*tag),
                // The first end of a link after the picture is that of the link around it.
                ("a", true) if link.is_some() && caption.trim().is_empty() => {}
                ("p" | "div" | "figure" | "figcaption", _) => caption.push(' '),
                _ => caption.push_str(tag),
            },
            token => caption.push_str(token.raw()),
        }
    }
    let told = attributes.iter().find(|(name, ..)| name == "caption");
    if let (true, Some((_, told, _))) = (caption.trim().is_empty(), told) {
        caption = decoded(told);
    }
    let caption = match caption.trim() {
        "" => String::new(),
        caption => format!("<figcaption>{}</figcaption>", caption.replace('\n', " ")),
    };
    Some(match link {
        Some(link) => format!("<figure>{link}{picture}</a>{caption}</figure>"),
        None => format!("<figure>{picture}{caption}</figure>"),
    })
}

fn text_of(inner: &[Token<'_>]) -> String {
    let is_text = |token: &&Token<'_>| matches!(token, Token::Text(_) | Token::Code(_));
    inner.iter().filter(is_text).map(Token::raw).collect()
}

fn embedded(
    name: &str,
    attributes: &[(String, &str, usize)],
    inner: &[Token<'_>],
) -> Option<String> {
    let within = lone_address(&text_of(inner));
    let mut values = attributes
        .iter()
        .filter(|(name, ..)| matches!(name.as_str(), "" | "src" | "url" | "id"))
        .map(|(_, value, _)| decoded(value));
    let address = within.or_else(|| values.find_map(|value| address(name, &value)))?;
    Some(embed(&address))
}

/// An address, or that of the video with an id.
fn address(name: &str, value: &str) -> Option<String> {
    let is_id = !value.is_empty()
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    match name {
        "youtube" if is_id => Some(format!("https://www.youtube.com/watch?v={value}")),
        "vimeo" if is_id => Some(format!("https://vimeo.com/{value}")),
        _ => lone_address(value),
    }
}

/// A sound or film, from a file or from another site.
fn played(name: &str, attributes: &[(String, &str, usize)], inner: &[Token<'_>]) -> Option<String> {
    let is_source = |name: &str| name.is_empty() || SOURCES.contains(&name);
    let mut values = attributes
        .iter()
        .filter(|(name, ..)| is_source(name))
        .map(|(_, value, _)| decoded(value));
    let address = values
        .find(|value| is_web_address(value))
        .or_else(|| lone_address(&text_of(inner)))?;
    if lone_embed(&address).is_some() {
        return Some(embed(&address));
    }
    let source = escaped(&address);
    Some(format!("<{name} controls src=\"{source}\"></{name}>"))
}
