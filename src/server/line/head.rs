//! The head of a request as it comes in: where it ends, and what of it matters to the line.

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
        let end = self.end()?;
        self.bytes.truncate(end);
        Some((before + end).saturating_sub(known))
    }

    fn end(&mut self) -> Option<usize> {
        loop {
            let rest = self.bytes.get(self.looked_at..)?;
            let place = self.looked_at + rest.iter().position(|byte| *byte == b'\n')?;
            match self.bytes.get(place + 1..).unwrap_or_default() {
                // It can't be told yet; this break is looked at again.
                [] | [b'\r'] => {
                    self.has_line = true;
                    self.looked_at = place;
                    return None;
                }
                [b'\n', ..] => return Some(place + 2),
                [b'\r', b'\n', ..] => return Some(place + 3),
                [first, ..] => self.is_suspect |= matches!(first, b't' | b'T'),
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

    /// Whether its body comes in chunks. Any other coding is refused.
    pub(super) fn is_chunked(&self) -> bool {
        let name = b"transfer-encoding:";
        let is_it = |line: &[u8]| {
            let begins = line.get(..name.len());
            begins.is_some_and(|begins| begins.eq_ignore_ascii_case(name))
        };
        self.is_suspect && self.bytes.split(|byte| *byte == b'\n').any(is_it)
    }
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
    fn a_line_that_has_not_ended_is_no_line() {
        let mut head = Head::default();
        assert_eq!(head.take(b"\r\n\r\n"), None);
        assert_eq!(head.take(b"\nGET /aaaa"), None);
        assert!(!head.has_line());
        assert_eq!(head.take(b"a HTTP/1.1\r\n"), None);
        assert!(head.has_line());
    }
}
