//! Parts HTML into tags, comments, shortcodes and text, in one pass.

/// Bytes of a shortcode, at most.
const MAX_CODE: usize = 2_000;

/// Elements whose content is no markup.
const RAW: [&str; 3] = ["script", "style", "textarea"];

/// A piece of HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Between tags.
    Text(&'a str),
    /// From "<" to ">".
    Tag(&'a str),
    /// From "<!" to ">".
    Comment(&'a str),
    /// From "[" to "]".
    Code(Box<Code<'a>>),
}

impl<'a> Token<'a> {
    /// As it stands.
    pub(super) fn raw(&self) -> &'a str {
        match self {
            Self::Text(raw) | Self::Tag(raw) | Self::Comment(raw) => raw,
            Self::Code(code) => code.raw,
        }
    }
}

/// A shortcode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code<'a> {
    /// As it stands.
    pub(super) raw: &'a str,
    /// Its name.
    pub(super) name: &'a str,
    /// What follows the name.
    pub(super) attributes: &'a str,
    /// Whether it ends another.
    pub(super) is_end: bool,
    /// Whether two brackets begin it.
    pub(super) is_escaped: bool,
}

/// Reads tokens.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    raw: Option<&'static str>,
    with_codes: bool,
    /// Whether no tag ends any more.
    is_tagless: bool,
    /// Whether quotes can't be relied on.
    is_unquoted: bool,
}

impl<'a> Tokens<'a> {
    /// Of HTML without shortcodes.
    pub(super) fn new(html: &'a str) -> Self {
        Self {
            rest: html,
            raw: None,
            with_codes: false,
            is_tagless: false,
            is_unquoted: false,
        }
    }

    /// Of HTML with shortcodes.
    pub(super) fn with_codes(html: &'a str) -> Self {
        Self {
            with_codes: true,
            ..Self::new(html)
        }
    }

    fn cut(&mut self, length: usize) -> &'a str {
        let (cut, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        cut
    }

    fn raw_text(&mut self, name: &str) -> Option<Token<'a>> {
        let is_end = |at: usize| {
            let tail = self.rest.as_bytes().get(at + 2..at + 2 + name.len());
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(name.as_bytes()))
        };
        let mut ends = self.rest.match_indices("</").map(|(at, _)| at);
        let length = ends.find(|at| is_end(*at)).unwrap_or(self.rest.len());
        (length > 0).then(|| Token::Text(self.cut(length)))
    }

    fn markup(&mut self) -> Option<Token<'a>> {
        if self.rest.starts_with("<!") {
            let end = match self.rest.starts_with("<!--") {
                true => "-->",
                false => ">",
            };
            let length = self
                .rest
                .find(end)
                .map_or(self.rest.len(), |at| at + end.len());
            return Some(Token::Comment(self.cut(length)));
        }
        if self.is_tagless {
            return None;
        }
        let after = self.rest.get(1..)?;
        let after = after.strip_prefix('/').unwrap_or(after);
        if !after.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let length = self.tag_length()?;
        let tag = self.cut(length);
        if !is_end(tag) {
            self.raw = RAW.into_iter().find(|raw| name(tag) == *raw);
        }
        Some(Token::Tag(tag))
    }

    fn tag_length(&mut self) -> Option<usize> {
        if !self.is_unquoted {
            if let Some(length) = quoted_length(self.rest) {
                return Some(length);
            }
            // From here on the first ">" will do; to look for quotes again and again would take
            // the square of the length.
            self.is_unquoted = true;
        }
        let end = self.rest.find('>');
        self.is_tagless = end.is_none();
        end.map(|at| at + 1)
    }
}

/// The length of a tag in whose quoted values ">" may stand.
fn quoted_length(rest: &str) -> Option<usize> {
    let mut quote: Option<u8> = None;
    let mut before = b' ';
    for (at, byte) in rest.bytes().enumerate() {
        match quote {
            Some(open) if open == byte => quote = None,
            Some(_) => continue,
            None if byte == b'>' => return Some(at + 1),
            None if matches!(byte, b'"' | b'\'') && before == b'=' => quote = Some(byte),
            None => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    None
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take()
            && let Some(text) = self.raw_text(name)
        {
            return Some(text);
        }
        let first = self.rest.bytes().next()?;
        if first == b'<'
            && let Some(token) = self.markup()
        {
            return Some(token);
        }
        if first == b'['
            && self.with_codes
            && let Some((code, length)) = code(self.rest)
        {
            self.cut(length);
            return Some(Token::Code(Box::new(code)));
        }
        let with_codes = self.with_codes;
        let stops = |b: u8| b == b'<' || (with_codes && b == b'[');
        let mut bytes = self.rest.bytes().skip(1);
        let length = bytes.position(stops).map_or(self.rest.len(), |at| at + 1);
        Some(Token::Text(self.cut(length)))
    }
}

/// Reads the shortcode that a text begins with.
fn code(text: &str) -> Option<(Code<'_>, usize)> {
    let inner = text.strip_prefix('[')?;
    let (is_escaped, inner) = match inner.strip_prefix('[') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    let (is_end, inner) = match inner.strip_prefix('/') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let name_length = inner.bytes().take(65).take_while(|b| is_name(*b)).count();
    let (name, tail) = inner.split_at_checked(name_length)?;
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let goes_on = tail.starts_with(|c: char| c.is_whitespace() || matches!(c, ']' | '/' | '='));
    if !begins || !goes_on || name_length > 64 {
        return None;
    }
    let length = code_length(tail)?;
    let attributes = tail.get(..length)?.trim();
    let attributes = attributes.strip_suffix('/').unwrap_or(attributes);
    let mut whole = text.len() - tail.len() + length + 1;
    if is_escaped && text.as_bytes().get(whole) == Some(&b']') {
        whole += 1;
    }
    let code = Code {
        raw: text.get(..whole)?,
        name,
        attributes,
        is_end,
        is_escaped,
    };
    Some((code, whole))
}

/// Where the bracket stands that ends a shortcode.
fn code_length(tail: &str) -> Option<usize> {
    let mut quote: Option<u8> = None;
    for (at, byte) in tail.bytes().enumerate().take(MAX_CODE) {
        match (quote, byte) {
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b']') => return Some(at),
            (None, b'[' | b'<') => return None,
            (None, _) => {}
        }
    }
    None
}

/// The name of a tag in lower case.
pub(super) fn name(tag: &str) -> String {
    let tag = tag.trim_start_matches(['<', '/']);
    let name = tag
        .chars()
        .take_while(|c| !c.is_whitespace() && !matches!(c, '/' | '>'));
    name.take(40).collect::<String>().to_ascii_lowercase()
}

/// Whether it is an end tag.
pub(super) fn is_end(tag: &str) -> bool {
    tag.starts_with("</")
}

/// Parts attributes, of a tag or of a shortcode: names in lower case, and values as they stand
/// with the place where they begin. What has no value is a value without a name.
pub(super) fn attributes(text: &str) -> Vec<(String, &str, usize)> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/' || c == '>');
        if rest.is_empty() || found.len() >= 64 {
            return found;
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, '=' | '>' | '"' | '\'');
        let length = rest.find(ends).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let tail = after.trim_start();
        // An address has "=" in it, and is a value.
        let value = match tail.strip_prefix('=') {
            Some(tail) if !name.contains("://") => tail.trim_start(),
            _ if length == 0 => rest,
            _ => {
                let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let (value, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
                found.push((String::new(), value, text.len() - rest.len()));
                rest = after;
                continue;
            }
        };
        let (inner, after) = unquoted(value);
        let skipped = usize::from(value.starts_with(['"', '\'']));
        let at = text.len() - value.len() + skipped;
        found.push((name.to_ascii_lowercase(), inner, at));
        rest = after;
    }
}

/// The value that a text begins with, and what follows it.
fn unquoted(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    let ends = |c: char| c.is_whitespace() || c == '>';
    let length = text.find(ends).unwrap_or(text.len());
    text.split_at_checked(length).unwrap_or((text, ""))
}
