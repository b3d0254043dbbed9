//! The head of a request as it comes in: where it ends, and what of it matters to the line.

/// Bytes of a field's name, at most: the dispatcher panics at a longer one.
const LONGEST_NAME: usize = 65_535;

/// The head of a request, or its beginning.
#[derive(Debug, Default)]
pub(super) struct Head {
    bytes: Vec<u8>,
    /// The line breaks before this place were looked at.
    looked_at: usize,
    /// Whether its first line is whole.
    has_line: bool,
    /// Whether a field may be `Transfer-Encoding`.
    is_suspect: bool,
    /// Whether a field may be `Content-Length`.
    may_have_length: bool,
    /// Whether the name of a field is too long.
    is_name_too_long: bool,
}

impl Head {
    /// Takes what came in; gives how much of it belongs to the head, once that is whole. As the
    /// dispatcher has it, lines may end with a line feed alone, and empty ones may come before.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        let known = self.bytes.len();
        let is_break = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let before = match known {
            0 => bytes.iter().take_while(is_break).count(),
            _ => 0,
        };
        let of_head = bytes.get(before..).unwrap_or_default();
        self.bytes.extend_from_slice(of_head);
        let Some(end) = self.end() else {
            let begun = self.bytes.get(self.looked_at..).unwrap_or_default();
            self.is_name_too_long |= self.has_line && is_name_too_long(begun);
            return None;
        };
        self.bytes.truncate(end);
        Some((before + end).saturating_sub(known))
    }

    fn end(&mut self) -> Option<usize> {
        loop {
            let rest = self.bytes.get(self.looked_at..)?;
            let length = rest.iter().position(|byte| *byte == b'\n')?;
            let line = rest.get(..length).unwrap_or_default();
            self.is_name_too_long |= self.has_line && is_name_too_long(line);
            let place = self.looked_at + length;
            match self.bytes.get(place + 1..).unwrap_or_default() {
                // It can't be told yet; this break is looked at again.
                [] | [b'\r'] => {
                    self.has_line = true;
                    self.looked_at = place;
                    return None;
                }
                [b'\n', ..] => return Some(place + 2),
                [b'\r', b'\n', ..] => return Some(place + 3),
                [first, ..] => {
                    self.is_suspect |= matches!(first, b't' | b'T');
                    self.may_have_length |= matches!(first, b'c' | b'C');
                }
            }
            self.has_line = true;
            self.looked_at = place + 1;
        }
    }

    /// Whether its first line, in which the address stands, is whole.
    pub(super) fn has_line(&self) -> bool {
        self.has_line
    }

    /// Whether it is one of a GET or HEAD.
    pub(super) fn is_read(&self) -> bool {
        self.bytes.starts_with(b"GET ") || self.bytes.starts_with(b"HEAD ")
    }

    /// Whether the dispatcher must not see all of it: the name of a field is too long.
    pub(super) fn is_name_too_long(&self) -> bool {
        self.is_name_too_long
    }

    /// Whether its body comes in chunks. Any other coding is refused.
    pub(super) fn is_chunked(&self) -> bool {
        self.is_suspect && self.field(b"transfer-encoding:").is_some()
    }

    /// The bytes of its body, by what it says; none where that is no number, which is refused.
    pub(super) fn length(&self) -> u64 {
        if !self.may_have_length {
            return 0;
        }
        let value = self.field(b"content-length:");
        let value = value.and_then(|value| std::str::from_utf8(value).ok());
        value.map_or(0, |value| value.trim().parse().unwrap_or(0))
    }

    /// What stands behind a name and its colon in the first line that begins so.
    fn field(&self, name: &[u8]) -> Option<&[u8]> {
        let is_it = |line: &&[u8]| {
            let begins = line.get(..name.len());
            begins.is_some_and(|begins| begins.eq_ignore_ascii_case(name))
        };
        let mut lines = self.bytes.split(|byte| *byte == b'\n');
        lines.find(is_it)?.get(name.len()..)
    }
}

/// Whether a line, or the beginning of one, has a name that is too long.
fn is_name_too_long(line: &[u8]) -> bool {
    let begins = line.get(..=LONGEST_NAME);
    begins.is_some_and(|begins| !begins.contains(&b':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Head {
        let mut head = Head::default();
        assert_eq!(head.take(text.as_bytes()), Some(text.len()), "{text:?}");
        head
    }

    #[test]
    fn the_end_of_a_head_is_found_however_it_is_cut() {
        for text in [
            "GET / HTTP/1.1\r\nHost: x\r\nTE: y\r\n\r\n",
            "GET / HTTP/1.1\nHost: x\n\n",
            "GET / HTTP/1.1\r\nHost: x\n\r\n",
            "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n",
        ] {
            let more = format!("{text}and more");
            for cut in 0..text.len() {
                let mut head = Head::default();
                let (one, other) = more.as_bytes().split_at(cut);
                assert_eq!(head.take(one), None);
                assert_eq!(head.take(other), Some(text.len() - cut), "{text:?} {cut}");
                assert!(head.is_read() && !head.is_chunked() && head.has_line());
            }
        }
    }

    #[test]
    fn chunks_are_announced_by_one_field() {
        for (text, expected) in [
            ("POST /\r\nTransfer-Encoding: chunked\r\n\r\n", true),
            ("POST /\nHost: x\ntransfer-encoding:chunked\n\n", true),
            ("POST /\r\nX: Transfer-Encoding: chunked\r\n\r\n", false),
            ("POST /\r\nTransfer: chunked\r\n\r\n", false),
            ("TRANSFER-ENCODING: x\r\n\r\n", false),
        ] {
            assert_eq!(of(text).is_chunked(), expected, "{text:?}");
        }
    }

    #[test]
    fn the_length_of_a_body_is_known() {
        for (text, expected) in [
            ("POST /\r\nContent-Length: 12\r\n\r\n", 12),
            ("POST /\nHost: x\ncontent-length:\t3 \n\n", 3),
            ("POST /\r\nContent-Length: twelve\r\n\r\n", 0),
            ("POST /\r\nX: Content-Length: 12\r\n\r\n", 0),
            ("POST /\r\nHost: x\r\n\r\n", 0),
        ] {
            assert_eq!(of(text).length(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_name_that_is_too_long_is_seen_however_it_is_cut() {
        let head = |length: usize| {
            let name = "x".repeat(length);
            format!("GET / HTTP/1.1\r\nHost: x\r\n{name}: y\r\n\r\n")
        };
        assert!(!of(&head(LONGEST_NAME)).is_name_too_long());
        let long = head(LONGEST_NAME + 1);
        assert!(of(&long).is_name_too_long());
        for cut in [10, 26, 1_000, LONGEST_NAME + 26, long.len() - 1] {
            let (one, other) = long.as_bytes().split_at(cut);
            let mut head = Head::default();
            assert_eq!(head.take(one), None);
            head.take(other);
            assert!(head.is_name_too_long(), "{cut}");
        }
        // It need not end.
        let mut head = Head::default();
        let begun = long.trim_end_matches(": y\r\n\r\n");
        assert_eq!(head.take(begun.as_bytes()), None);
        assert!(head.is_name_too_long());
        // An address is no name, and a value may be long.
        let address = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(70_000));
        let value = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(70_000));
        assert!(!of(&address).is_name_too_long() && !of(&value).is_name_too_long());
    }

    #[test]
    fn a_line_that_has_not_ended_is_no_line() {
        let mut head = Head::default();
        assert_eq!(head.take(b"\r\n\r\n"), None);
        assert_eq!(head.take(b"\nGET /aaaa"), None);
        assert!(!head.has_line());
        assert_eq!(head.take(b"a HTTP/1.1\r\n"), None);
        assert!(head.has_line());
    }
}
