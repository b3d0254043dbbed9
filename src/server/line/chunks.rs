//! Follows the framing of a body in chunks (RFC 9112 section 7.1), as strictly as the dispatcher
//! reads it: what that can't read never gets there, since it would close the connection and answer
//! nothing.

/// How far bytes belong to a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Followed {
    /// All of them, and there is more to come.
    All,
    /// So many, with which it ends.
    End(usize),
    /// So many; what comes then can't be in a body.
    Bad(usize),
}

/// Where in a body we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first digit of a size.
    Size,
    Digits,
    Blanks,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// Where a line of the trailer may begin, or the end.
    Line,
    Trailer,
    TrailerLf,
    EndLf,
    End,
}

/// A body in chunks.
#[derive(Debug)]
pub(super) struct Chunks {
    place: Place,
    /// Bytes of the present chunk that are still to come.
    size: u64,
}

impl Chunks {
    /// At its beginning.
    pub(super) fn new() -> Self {
        Self {
            place: Place::Size,
            size: 0,
        }
    }

    /// Whether all of it was there.
    pub(super) fn is_over(&self) -> bool {
        self.place == Place::End
    }

    /// Goes on with what came in.
    pub(super) fn follow(&mut self, bytes: &[u8]) -> Followed {
        let mut rest = bytes;
        while let Some((byte, behind)) = rest.split_first() {
            let before = bytes.len() - rest.len();
            if self.place == Place::Data {
                let length = usize::try_from(self.size).unwrap_or(usize::MAX);
                let length = length.min(rest.len());
                self.size -= length as u64;
                rest = rest.get(length..).unwrap_or_default();
                if self.size == 0 {
                    self.place = Place::DataCr;
                }
                continue;
            }
            let Some(place) = self.next(*byte) else {
                return Followed::Bad(before);
            };
            self.place = place;
            if self.is_over() {
                return Followed::End(before + 1);
            }
            rest = behind;
        }
        Followed::All
    }

    /// Where a byte leads; nothing where it can't stand.
    fn next(&mut self, byte: u8) -> Option<Place> {
        match (self.place, byte) {
            (Place::Size, _) => {
                self.size = digit(byte)?;
                Some(Place::Digits)
            }
            (Place::Digits | Place::Blanks, b'\t' | b' ') => Some(Place::Blanks),
            (Place::Digits | Place::Blanks, b';') => Some(Place::Extension),
            (Place::Digits | Place::Blanks | Place::Extension, b'\r') => Some(Place::SizeLf),
            (Place::Digits, _) => {
                self.size = self.size.checked_mul(16)?.checked_add(digit(byte)?)?;
                Some(Place::Digits)
            }
            (Place::Extension, 0x00..=0x08 | 0x0a..=0x1f | 0x7f) => None,
            (Place::Extension, _) => Some(Place::Extension),
            (Place::SizeLf, b'\n') if self.size > 0 => Some(Place::Data),
            (Place::SizeLf | Place::TrailerLf, b'\n') => Some(Place::Line),
            (Place::DataCr, b'\r') => Some(Place::DataLf),
            (Place::DataLf, b'\n') => Some(Place::Size),
            (Place::Line, b'\r') => Some(Place::EndLf),
            (Place::Trailer, b'\r') => Some(Place::TrailerLf),
            (Place::Line | Place::Trailer, _) => Some(Place::Trailer),
            (Place::EndLf, b'\n') => Some(Place::End),
            _ => None,
        }
    }
}

fn digit(byte: u8) -> Option<u64> {
    char::from(byte).to_digit(16).map(u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_body_is_found_however_it_is_cut() {
        let whole = b"4;a=\"b c\"\r\n\r\n\r\n\r\n0a \t\r\n0123456789\r\n0\r\nX: y\r\n\r\nGET /";
        let end = whole.len() - b"GET /".len();
        assert_eq!(Chunks::new().follow(whole), Followed::End(end));
        for cut in 0..end {
            let mut chunks = Chunks::new();
            assert_eq!(chunks.follow(&whole[..cut]), Followed::All, "{cut}");
            assert!(!chunks.is_over());
            assert_eq!(chunks.follow(&whole[cut..]), Followed::End(end - cut));
            assert!(chunks.is_over());
        }
    }

    #[test]
    fn what_can_not_be_a_body_is_seen_where_it_begins() {
        for (body, place) in [
            ("ZZZ\r\n", 0),
            ("\r\n", 0),
            ("-1\r\n", 0),
            ("0x5\r\n", 1),
            ("5 5\r\n", 2),
            ("5;\u{1}\r\n", 2),
            ("5\n", 1),
            ("5\rx", 2),
            ("2\r\nabc\r\n", 5),
            ("2\r\nab\rx", 6),
            ("11111111111111111\r\n", 16),
            ("0\r\n\rx", 4),
        ] {
            let followed = Chunks::new().follow(body.as_bytes());
            assert_eq!(followed, Followed::Bad(place), "{body:?}");
        }
    }
}
