//! The line between the socket and the HTTP dispatcher, for two things that the dispatcher does
//! not do by itself.
//!
//! A request whose head can't be read never reaches the application: the dispatcher answers it
//! with a bare status line (400, 408 or 431) and closes the connection. Answers of the
//! application all carry `X-Request-Id`, so those that do not can be told here, and become whole
//! problems like any other.
//!
//! And the dispatcher remembers only of the request that it read last whether it was a HEAD: with
//! requests sent ahead of their answers, one gets another's framing. So what follows the head of
//! a GET or HEAD is held back until something of the answer has gone out.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{http, model::slug::new_id};

/// Heads of a request longer than this can't be read: `http` bounds an address to 65,534 bytes.
const LONGEST_ADDRESS: usize = 65_534;

/// What is being read.
enum Reading {
    /// The head of a GET or HEAD, or too little to tell; the bytes of it so far, of which the
    /// beginning and the last three matter.
    Head(Vec<u8>),
    /// A request of another method, with its body: not our concern.
    Other,
    /// Nothing: a head was read, and its answer has not begun.
    Held,
}

/// A connection.
pub(super) struct Line {
    stream: TcpStream,
    /// Bytes that came in since something last went out.
    received: usize,
    /// A completed error on its way out, and how much of it is written.
    error: Option<(Vec<u8>, usize)>,
    reading: Reading,
    /// What came in behind a head.
    ahead: Vec<u8>,
    /// Whom to wake when reading may go on.
    reader: Option<Waker>,
}

impl Line {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            received: 0,
            error: None,
            reading: Reading::Head(Vec::new()),
            ahead: Vec::new(),
            reader: None,
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

    /// How many of the bytes that came in go on to the dispatcher now.
    fn passed(&mut self, bytes: &[u8]) -> usize {
        let Reading::Head(head) = &mut self.reading else {
            return bytes.len();
        };
        let known = head.len();
        head.extend_from_slice(bytes);
        let may_be = |method: &[u8]| head.iter().zip(method).all(|(one, other)| one == other);
        if !(may_be(b"GET ") || may_be(b"HEAD ")) {
            self.reading = Reading::Other;
            return bytes.len();
        }
        let from = known.saturating_sub(3);
        let end = head
            .get(from..)
            .and_then(|tail| tail.windows(4).position(|window| window == b"\r\n\r\n"));
        match end {
            Some(place) => {
                self.reading = Reading::Held;
                from + place + 4 - known
            }
            None => bytes.len(),
        }
    }

    /// The answer has begun: the next request may be read.
    fn go_on(&mut self) {
        self.received = 0;
        self.reading = Reading::Head(Vec::new());
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
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
        if matches!(self.reading, Reading::Held) {
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
        let passed = self.passed(came);
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
        ready!(self.write_error(context))?;
        let too_long = self.received >= LONGEST_ADDRESS;
        self.go_on();
        if let Some((place, status)) = bare_answer(bytes) {
            let mut answer = bytes.get(..place).unwrap_or_default().to_vec();
            answer.extend(http::connection_problem(status, too_long, &new_id()));
            self.error = Some((answer, 0));
            // Taken whole; what the socket does not take at once goes out at the next flush.
            let _ = self.write_error(context)?;
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_error(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_error(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
