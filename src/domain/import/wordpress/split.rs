//! Parts an export into the elements of its channel, holding no more than one of them.

use std::io::{self, BufRead, Read};

/// Bytes that are looked at together.
const CHUNK: u64 = 64 * 1024;
/// Bytes of a tag.
const MAX_TAG: usize = 256 * 1024;
/// Bytes of an element within an item.
const MAX_ELEMENT: usize = 8 * 1024 * 1024;
/// Bytes of an item, without its comments.
const MAX_PIECE: usize = 24 * 1024 * 1024;

/// An element of the channel, as it stands in the file.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// Its name with its prefix.
    pub(super) name: Vec<u8>,
    /// Its markup, without comments of readers.
    pub(super) bytes: Vec<u8>,
    /// Comments of readers that stood in it.
    pub(super) comments: u64,
    /// Why it can't be taken.
    pub(super) fault: Option<String>,
    /// The element within it that is open, where that begins, and whether it is passed over.
    child: Option<(Vec<u8>, usize, bool)>,
}

/// Reads pieces one after another.
pub(super) struct Pieces<R> {
    input: R,
    chunk: Vec<u8>,
    open: Option<Piece>,
    /// The start tag of the root.
    pub(super) root: Vec<u8>,
    is_complete: bool,
}

impl<R: BufRead> Pieces<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            chunk: Vec::new(),
            open: None,
            root: Vec::new(),
            is_complete: false,
        }
    }

    /// The next element of the channel; none at the end of the file.
    pub(super) fn piece(&mut self) -> io::Result<Option<Piece>> {
        loop {
            if !self.past(b"<", Vec::new())? {
                return Ok(None);
            }
            if let Some(piece) = self.markup()? {
                return Ok(Some(piece));
            }
        }
    }

    /// Whether the file ended before its channel did.
    pub(super) fn is_cut_off(&self) -> bool {
        self.open.is_some() || !self.is_complete
    }

    /// Whether an item is under way.
    pub(super) fn is_in_item(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.name == b"item")
    }

    /// Reads more of the input up to a byte.
    fn more(&mut self, until: u8) -> io::Result<usize> {
        Read::take(&mut self.input, CHUNK).read_until(until, &mut self.chunk)
    }

    /// Passes what ends with `end`, of which `tail` was passed before; false at the end of the
    /// file.
    fn past(&mut self, end: &[u8], mut tail: Vec<u8>) -> io::Result<bool> {
        let Some(last) = end.last().copied() else {
            return Ok(true);
        };
        loop {
            self.chunk.clear();
            if self.more(last)? == 0 {
                return Ok(false);
            }
            self.record();
            tail.extend(ending(&self.chunk, end.len()));
            let surplus = tail.len().saturating_sub(end.len());
            tail.drain(..surplus);
            if tail == end {
                return Ok(true);
            }
        }
    }

    fn record(&mut self) {
        if let Some(open) = &mut self.open {
            open.record(&self.chunk);
        }
    }

    /// What stands after a "<".
    fn markup(&mut self) -> io::Result<Option<Piece>> {
        self.chunk.clear();
        self.more(b'>')?;
        let end: Option<&[u8]> = match self.chunk.as_slice() {
            [b'!', b'-', b'-', ..] => Some(b"-->"),
            tag if tag.starts_with(b"![CDATA[") => Some(b"]]>"),
            [b'?', ..] => Some(b"?>"),
            // What a document type declares is passed over and never expanded.
            [b'!', rest @ ..] if rest.contains(&b'[') => Some(b"]>"),
            _ => None,
        };
        if let Some(end) = end {
            self.record();
            if !self.chunk.ends_with(end) {
                let tail = ending(&self.chunk, end.len()).to_vec();
                self.past(end, tail)?;
            }
            return Ok(None);
        }
        let is_tag = self
            .chunk
            .first()
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'_'));
        if is_tag {
            self.whole_tag()?;
        }
        if !is_tag || !self.chunk.ends_with(b">") {
            self.record();
            return Ok(None);
        }
        Ok(self.tag())
    }

    /// Reads on while a ">" stood within a quoted value.
    fn whole_tag(&mut self) -> io::Result<()> {
        let mut quotes = Quotes::default();
        let mut looked_at = 0;
        loop {
            quotes.look_at(self.chunk.get(looked_at..).unwrap_or_default());
            looked_at = self.chunk.len();
            if quotes.open.is_none() || looked_at > MAX_TAG || self.more(b'>')? == 0 {
                return Ok(());
            }
        }
    }

    fn tag(&mut self) -> Option<Piece> {
        let tag = self.chunk.strip_suffix(b">").unwrap_or(&self.chunk);
        if let Some(name) = tag.strip_prefix(b"/") {
            let name = name.trim_ascii().to_vec();
            return self.end(&name);
        }
        let name_end = |b: &u8| b.is_ascii_whitespace() || *b == b'/';
        let name: Vec<u8> = tag.iter().copied().take_while(|b| !name_end(b)).collect();
        let is_empty = tag.ends_with(b"/");
        if let Some(open) = &mut self.open {
            open.start(name, is_empty, &self.chunk);
            return None;
        }
        match name.as_slice() {
            b"rss" => self.root.clone_from(&self.chunk),
            b"channel" => {}
            _ => {
                let mut piece = Piece {
                    bytes: b"<".to_vec(),
                    name,
                    ..Piece::default()
                };
                piece.record(&self.chunk);
                self.open = Some(piece);
                if is_empty {
                    return self.open.take();
                }
            }
        }
        None
    }

    fn end(&mut self, name: &[u8]) -> Option<Piece> {
        let Some(open) = &mut self.open else {
            self.is_complete |= name == b"channel" || name == b"rss";
            return None;
        };
        if open.name == name {
            open.child = None;
            open.record(&self.chunk);
            return self.open.take();
        }
        open.end(name, &self.chunk);
        None
    }
}

impl Piece {
    fn record(&mut self, bytes: &[u8]) {
        match &mut self.child {
            Some((_, _, true)) => return,
            Some((name, start, is_passed)) if self.bytes.len() - *start > MAX_ELEMENT => {
                self.bytes.truncate(*start);
                *is_passed = true;
                // What plugins keep with an article is often large, and not for readers.
                if name.as_slice() != b"wp:postmeta" {
                    let name = String::from_utf8_lossy(name);
                    self.fault = Some(format!("{name} has more than {MAX_ELEMENT} bytes"));
                }
                return;
            }
            _ => {}
        }
        if self.bytes.len() > MAX_PIECE {
            self.fault = Some(format!("has more than {MAX_PIECE} bytes"));
            self.bytes.clear();
            self.child = Some((self.name.clone(), 0, true));
            return;
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn start(&mut self, name: Vec<u8>, is_empty: bool, tag: &[u8]) {
        if self.child.is_none() && !is_empty {
            // The "<" is there already.
            let start = self.bytes.len().saturating_sub(1);
            let is_passed = self.name == b"item" && name == b"wp:comment";
            if is_passed {
                self.comments += 1;
                self.bytes.truncate(start);
            }
            self.child = Some((name, start, is_passed));
        }
        self.record(tag);
    }

    fn end(&mut self, name: &[u8], tag: &[u8]) {
        let ends = self.child.as_ref().is_some_and(|(open, ..)| open == name);
        self.record(tag);
        if ends {
            self.child = None;
        }
    }
}

/// Whether a tag is within a quoted value.
#[derive(Default)]
struct Quotes {
    open: Option<u8>,
    before: u8,
}

impl Quotes {
    fn look_at(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().copied() {
            match self.open {
                Some(open) if open == byte => self.open = None,
                Some(_) => continue,
                None if matches!(byte, b'"' | b'\'') && self.before == b'=' => {
                    self.open = Some(byte);
                }
                None => {}
            }
            if !byte.is_ascii_whitespace() {
                self.before = byte;
            }
        }
    }
}

/// The last bytes of some.
fn ending(bytes: &[u8], count: usize) -> &[u8] {
    let from = bytes.len().saturating_sub(count);
    bytes.get(from..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(String, u64, bool)> {
        let mut pieces = Pieces::new(text.as_bytes());
        let mut told = Vec::new();
        while let Some(piece) = pieces.piece().unwrap() {
            let bytes = String::from_utf8(piece.bytes).unwrap();
            told.push((bytes, piece.comments, piece.fault.is_some()));
        }
        told
    }

    #[test]
    fn elements_end_where_markup_does_and_not_text_like_it() {
        let text = "<rss a='>'><channel>\n<title>T</title><!-- <item> -->\
                    <item><a><![CDATA[</item>]]]]><![CDATA[>]]></a></item><link/></channel></rss>";
        let told: Vec<String> = told(text).into_iter().map(|(bytes, ..)| bytes).collect();
        assert_eq!(
            told,
            [
                "<title>T</title>",
                "<item><a><![CDATA[</item>]]]]><![CDATA[>]]></a></item>",
                "<link/>"
            ]
        );
    }

    #[test]
    fn comments_of_readers_are_counted_and_passed_over() {
        let text = "<rss><channel><item><a>x</a><wp:comment><b>y</b></wp:comment><a>z</a></item>";
        let whole = "<item><a>x</a><a>z</a></item>".to_owned();
        assert_eq!(told(text), [(whole, 1, false)]);
    }

    #[test]
    fn an_element_that_is_too_long_is_not_kept() {
        let long = "x".repeat(MAX_ELEMENT + 200_000);
        let text = format!("<rss><channel><item><a>{long}</a></item><item>b</item>");
        let told = told(&text);
        assert!(told[0].2 && told[0].0.len() < 100);
        assert_eq!(told[1].0, "<item>b</item>");
    }
}
