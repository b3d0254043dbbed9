//! The line as the dispatcher knows it: it reads requests from it, and writes answers to it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::server::line::{Line, reading::Reading, slow::Slow};

/// How the dispatcher lets a client send its body.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A byte that no head of a request can have.
const NO_HEAD: u8 = 0;

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
