//! The line between the socket and the HTTP dispatcher.
//!
//! A request whose head can't be read never reaches the application: the dispatcher answers it
//! with a bare status line (400, 408 or 431) and closes the connection. Answers of the
//! application all carry `X-Request-Id`, so those that do not can be told here, and become whole
//! problems like any other.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{http, model::slug::new_id};

/// Heads of a request longer than this can't be read: `http` bounds an address to 65,534 bytes.
const LONGEST_ADDRESS: usize = 65_534;

/// A connection.
pub(super) struct Line {
    stream: TcpStream,
    /// Bytes that came in since something last went out.
    received: usize,
    /// A completed error on its way out, and how much of it is written.
    error: Option<(Vec<u8>, usize)>,
}

impl Line {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            received: 0,
            error: None,
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
}

/// Bytes of a bare answer, at most.
const LONGEST_BARE: usize = 512;

/// Where a bare answer of the dispatcher begins in what is written, and its status. It is always
/// the last, perhaps behind answers to requests before it.
fn bare_answer(written: &[u8]) -> Option<(usize, u16)> {
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
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.received += buffer.filled().len() - before;
        polled
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.write_error(context))?;
        if let Some((place, status)) = bare_answer(bytes) {
            let too_long = self.received >= LONGEST_ADDRESS;
            let mut answer = bytes.get(..place).unwrap_or_default().to_vec();
            answer.extend(http::connection_problem(status, too_long, &new_id()));
            self.error = Some((answer, 0));
            self.received = 0;
            // Taken whole; what the socket does not take at once goes out at the next flush.
            let _ = self.write_error(context)?;
            return Poll::Ready(Ok(bytes.len()));
        }
        self.received = 0;
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
