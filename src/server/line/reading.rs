//! What is being read of a connection, and how much of what comes in goes on to the dispatcher.

use actix_web::rt::time::sleep;

use crate::server::line::{
    Line,
    chunks::{Chunks, Followed},
    head::Head,
};

/// What is being read.
pub(super) enum Reading {
    /// The head of a request, or nothing yet.
    Head(Head),
    /// A body in chunks.
    Chunks(Chunks),
    /// A body of which so many bytes are still to come, before its answer has begun or after.
    Body { left: u64, is_answered: bool },
    /// Nothing: the answer to what was read has not begun. What of the request comes behind it.
    Held(Rest),
}

/// What of a request is still to be read when its answer begins.
pub(super) enum Rest {
    /// Nothing, or a body of so many bytes.
    Bytes(u64),
    /// A body in chunks.
    Chunks,
}

impl Reading {
    /// What follows a head.
    fn behind(head: &Head) -> Self {
        match (head.is_read(), head.is_chunked()) {
            (true, true) => Self::Held(Rest::Chunks),
            (true, false) => Self::Held(Rest::Bytes(head.length())),
            (false, true) => Self::Chunks(Chunks::new()),
            (false, false) => Self::Body {
                left: head.length(),
                is_answered: false,
            },
        }
    }

    /// What is read once the answer has begun, or goes on.
    pub(super) fn after_answer(self) -> Self {
        match self {
            // One answer may go out in several pieces, and the next request may have begun.
            Self::Head(head) => Self::Head(head),
            Self::Held(Rest::Bytes(left)) | Self::Body { left, .. } if left > 0 => Self::Body {
                left,
                is_answered: true,
            },
            Self::Held(_) | Self::Body { .. } | Self::Chunks(_) => Self::Head(Head::default()),
        }
    }

    /// Whether the body of this request is one in chunks, of which more may come.
    pub(super) fn is_endless(&self) -> bool {
        matches!(self, Self::Chunks(_) | Self::Held(Rest::Chunks))
    }
}

impl Line {
    /// How many of the bytes that came in go on to the dispatcher now.
    pub(super) fn passed(&mut self, bytes: &[u8]) -> usize {
        // Behind an answer that did not wait for the end of a body, the connection ends soon.
        if self.read_until.is_some() {
            return bytes.len();
        }
        let (length, next) = match &mut self.reading {
            Reading::Head(head) => {
                let end = head.take(bytes);
                if head.is_name_too_long() {
                    self.is_name_too_long = true;
                    return 0;
                }
                let Some(end) = end else {
                    if self.head_until.is_none() {
                        self.head_until = Some(Box::pin(sleep(self.head_within)));
                    }
                    return bytes.len();
                };
                self.head_until = None;
                (end, Reading::behind(head))
            }
            Reading::Chunks(chunks) => match chunks.follow(bytes) {
                Followed::Bad(place) => {
                    self.is_broken = true;
                    return place;
                }
                Followed::All => return bytes.len(),
                Followed::End(end) => (end, Reading::Held(Rest::Bytes(0))),
            },
            Reading::Body { left, is_answered } => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX);
                let length = length.min(bytes.len());
                *left -= length as u64;
                match (*left, *is_answered) {
                    (0, true) => (length, Reading::Head(Head::default())),
                    (0, false) => (length, Reading::Held(Rest::Bytes(0))),
                    _ => return length,
                }
            }
            Reading::Held(_) => return 0,
        };
        self.reading = next;
        let rest = bytes.get(length..).unwrap_or_default();
        match (&self.reading, rest.is_empty()) {
            // A body of no bytes is over at once.
            (Reading::Body { left: 0, .. }, _) | (_, false) => length + self.passed(rest),
            (_, true) => length,
        }
    }
}
