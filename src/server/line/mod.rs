//! The line between the socket and the HTTP dispatcher, for what the dispatcher does not do by
//! itself.
//!
//! - A request whose head can't be read never reaches the application: the dispatcher answers it
//!   with a bare status line (400, 408 or 431) and closes the connection. Answers of the
//!   application all carry `X-Request-Id`, so those that do not can be told here, and become whole
//!   problems like any other. What the client still sends is read for a moment: else the system
//!   would tell it that the connection is broken, and throw the answer away.
//! - The dispatcher remembers only of the request that it read last whether it was a HEAD: with
//!   requests sent ahead of their answers, one gets another's framing. So what follows a request is
//!   held back until something of its answer has gone out; and of a GET or HEAD, its body as well.
//! - The name of a field that is longer than its library can take would make it panic. To it, such
//!   a head ends in a byte that no head can have, so that it refuses it in its turn; the client is
//!   told that the head is too large.
//! - It bounds the time of the first head of a connection alone. Here each has as long; and so has
//!   a client that does not take its answer.
//! - A body in chunks that are none would end the connection without an answer; to the dispatcher,
//!   such a body breaks off where it goes wrong. And of one that is answered before its end, it
//!   would read on for ever.

mod chunks;
mod ending;
mod head;
mod slow;

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use actix_web::rt::{
    net::TcpStream,
    time::{Sleep, sleep},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{http, model::slug::new_id};
use chunks::{Chunks, Followed};
use ending::Ending;
use head::Head;
use slow::Slow;

/// Heads of a request longer than this can't be read: `http` bounds an address to 65,534 bytes.
const LONGEST_ADDRESS: usize = 65_534;
/// For so long a body is still read that was answered before its end.
const READ_ON_FOR: Duration = Duration::from_secs(1);
/// How the dispatcher lets a client send its body.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A byte that no head of a request can have.
const NO_HEAD: u8 = 0;

/// What is being read.
enum Reading {
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
enum Rest {
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
    fn after_answer(self) -> Self {
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
    fn is_endless(&self) -> bool {
        matches!(self, Self::Chunks(_) | Self::Held(Rest::Chunks))
    }
}

/// A connection.
pub(super) struct Line {
    stream: TcpStream,
    /// How long each head may take.
    head_within: Duration,
    /// Bytes that came in since something last went out.
    received: usize,
    /// Bytes of an answer that were offered and not taken: they are offered again.
    offered: usize,
    /// A completed error on its way out, and how much of it is written.
    error: Option<(Vec<u8>, usize)>,
    reading: Reading,
    /// Until when the head that is being read must be whole.
    head_until: Option<Pin<Box<Sleep>>>,
    /// What came in behind a head.
    ahead: Vec<u8>,
    /// Whom to wake when reading may go on.
    reader: Option<Waker>,
    /// Whether what came in last can't be read, so that nothing more goes to the dispatcher.
    is_broken: bool,
    /// Whether the head that is being read has a name that is too long.
    is_name_too_long: bool,
    /// Until when what comes in is read, after an answer that did not wait for it.
    read_until: Option<Pin<Box<Sleep>>>,
    /// A client that does not take what it is sent.
    slow: Option<Slow>,
    /// The end of the connection, once an error has gone out.
    ending: Option<Ending>,
}

impl Line {
    /// A connection on which each head may take so long.
    pub(super) fn new(stream: TcpStream, head_within: Duration) -> Self {
        Self {
            stream,
            head_within,
            received: 0,
            offered: 0,
            error: None,
            reading: Reading::Head(Head::default()),
            head_until: None,
            ahead: Vec::new(),
            reader: None,
            is_broken: false,
            is_name_too_long: false,
            read_until: None,
            slow: None,
            ending: None,
        }
    }

    /// Writes what is left of a completed error.
    fn write_error(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some((bytes, written)) = &mut self.error {
            let rest = bytes.get(*written..).unwrap_or_default();
            if rest.is_empty() {
                self.error = None;
                break;
            }
            *written += ready!(Pin::new(&mut self.stream).poll_write(context, rest))?;
        }
        Poll::Ready(Ok(()))
    }

    /// Ends the connection in good order, behind an error. Nobody need know how that went.
    fn end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let written = self.write_error(context);
        let ending = self.ending.get_or_insert_with(Ending::new);
        match written {
            Poll::Ready(Ok(())) => ending.poll(&mut self.stream, context),
            Poll::Ready(Err(_)) => Poll::Ready(()),
            Poll::Pending => ending.wait(context),
        }
    }

    /// How many of the bytes that came in go on to the dispatcher now.
    fn passed(&mut self, bytes: &[u8]) -> usize {
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

    /// Whether the head that is being read takes too long.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let until = self.head_until.as_mut();
        until.is_some_and(|until| until.as_mut().poll(context).is_ready())
    }

    /// Whether what comes in is to be read no longer.
    fn is_done(&mut self, context: &mut Context<'_>) -> bool {
        let until = self.read_until.as_mut();
        self.is_broken || until.is_some_and(|until| until.as_mut().poll(context).is_ready())
    }

    /// The answer has begun: the next request may be read.
    fn go_on(&mut self, context: &mut Context<'_>) {
        if self.reading.is_endless() {
            self.read_until = Some(Box::pin(sleep(READ_ON_FOR)));
            // The dispatcher reads again when something comes in, or when it is woken by this.
            self.is_done(context);
        }
        self.received = 0;
        let before = std::mem::replace(&mut self.reading, Reading::Head(Head::default()));
        if !matches!(before, Reading::Head(_)) {
            self.head_until = None;
        }
        self.reading = before.after_answer();
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    /// Has a problem go out in place of an error without one, as the last thing; behind these bytes.
    fn refuse(&mut self, before: &[u8], status: u16, too_long: bool) {
        let mut answer = before.to_vec();
        answer.extend(http::connection_problem(status, too_long, &new_id()));
        self.error = Some((answer, 0));
        self.ending = Some(Ending::new());
    }

    /// Whether an address is what is too long in a request that can't be read.
    fn is_address_too_long(&self, status: u16) -> bool {
        let is_without_line = match &self.reading {
            Reading::Head(head) => !head.has_line(),
            _ => false,
        };
        self.received >= LONGEST_ADDRESS && (status != 431 || is_without_line)
    }
}

/// Bytes of a bare answer, at most.
const LONGEST_BARE: usize = 512;

/// Where a bare answer of the dispatcher begins in what is written, and its status. It is always
/// the last, perhaps behind answers to requests before it.
fn bare_answer(written: &[u8]) -> Option<(usize, u16)> {
    // Most answers have a body: they need not be looked through.
    if !written.ends_with(b"\r\n\r\n") {
        return None;
    }
    let from = written.len().saturating_sub(LONGEST_BARE);
    let tail = written.get(from..)?;
    let place = tail.windows(9).rposition(|window| window == b"HTTP/1.1 ")?;
    let status = bare_status(tail.get(place..)?)?;
    Some((from + place, status))
}

fn bare_status(answer: &[u8]) -> Option<u16> {
    let head = std::str::from_utf8(answer).ok()?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let is_bare = matches!(status, 400 | 408 | 431)
        && head.ends_with("\r\n\r\n")
        && head.contains("content-length: 0\r\n")
        && !head.contains("x-request-id");
    is_bare.then_some(status)
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Nothing goes into the middle of an answer.
        if self.ending.is_none() && self.offered == 0 && self.is_late(context) {
            self.refuse(b"", 408, false);
        }
        if self.ending.is_some() {
            ready!(self.end(context));
            return Poll::Ready(Ok(()));
        }
        // To the dispatcher, what the client sends ends here.
        if self.is_done(context) {
            return Poll::Ready(Ok(()));
        }
        if matches!(self.reading, Reading::Held(_)) || self.is_name_too_long {
            self.reader = Some(context.waker().clone());
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        if self.ahead.is_empty() {
            ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        } else {
            let length = self.ahead.len().min(buffer.remaining());
            let rest = self.ahead.split_off(length);
            buffer.put_slice(&self.ahead);
            self.ahead = rest;
        }
        let came = buffer.filled().get(before..).unwrap_or_default();
        self.received += came.len();
        if came.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let passed = self.passed(came);
        if self.is_name_too_long {
            buffer.set_filled(before + passed);
            buffer.put_slice(&[NO_HEAD]);
            return Poll::Ready(Ok(()));
        }
        let rest = came.get(passed..).unwrap_or_default();
        if !rest.is_empty() {
            let mut ahead = rest.to_vec();
            ahead.append(&mut self.ahead);
            self.ahead = ahead;
            buffer.set_filled(before + passed);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.ending.is_some() {
            // Taken whole; nothing more goes out.
            ready!(self.end(context));
            return Poll::Ready(Ok(bytes.len()));
        }
        if let Some((place, status)) = bare_answer(bytes) {
            let status = match self.is_name_too_long {
                true => 431,
                false => status,
            };
            let too_long = self.is_address_too_long(status);
            self.refuse(bytes.get(..place).unwrap_or_default(), status, too_long);
            ready!(self.end(context));
            return Poll::Ready(Ok(bytes.len()));
        }
        // What was offered before is no beginning of another answer.
        if bytes != CONTINUE && bytes.len() > self.offered {
            self.go_on(context);
        }
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        match &written {
            Poll::Pending => {
                self.offered = bytes.len();
                let slow = self.slow.get_or_insert_with(Slow::new);
                slow.wait(context)?;
            }
            Poll::Ready(Ok(taken)) => {
                self.offered = bytes.len().saturating_sub(*taken);
                if let Some(slow) = &mut self.slow {
                    slow.took(*taken);
                }
            }
            Poll::Ready(Err(_)) => {}
        }
        written
    }

    /// The dispatcher has written all that it has.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.slow = None;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_broken || self.ending.is_some() {
            ready!(self.end(context));
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
