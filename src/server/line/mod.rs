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
mod dispatcher;
mod ending;
mod head;
mod reading;
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
use tokio::io::AsyncWrite;

use crate::{http, model::slug::new_id};
use ending::Ending;
use head::Head;
use reading::Reading;
use slow::Slow;

/// Heads of a request longer than this can't be read: `http` bounds an address to 65,534 bytes.
const LONGEST_ADDRESS: usize = 65_534;
/// For so long a body is still read that was answered before its end.
const READ_ON_FOR: Duration = Duration::from_secs(1);

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
