//! The end of a connection on which the client may still be sending.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::rt::{
    net::TcpStream,
    time::{Sleep, sleep},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// For so long, and so many bytes, what the client sends is thrown away.
const THROWN_AWAY_FOR: Duration = Duration::from_secs(1);
const THROWN_AWAY: usize = 1024 * 1024;

/// What is left to do before the socket may be closed.
pub(super) struct Ending {
    until: Pin<Box<Sleep>>,
    thrown_away: usize,
    is_shut: bool,
}

impl Ending {
    /// It begins now.
    pub(super) fn new() -> Self {
        Self {
            until: Box::pin(sleep(THROWN_AWAY_FOR)),
            thrown_away: 0,
            is_shut: false,
        }
    }

    /// Waits for no longer than it may take, while the last of what is sent is not taken.
    pub(super) fn wait(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.until.as_mut().poll(context)
    }

    /// Says that nothing more is sent, and reads until the client says the same, or long enough.
    pub(super) fn poll(&mut self, stream: &mut TcpStream, context: &mut Context<'_>) -> Poll<()> {
        if !self.is_shut {
            self.is_shut = true;
            // At once, for a socket; and if it is gone, reading tells.
            let _ = Pin::new(&mut *stream).poll_shutdown(context);
        }
        let mut bytes = [0; 4_096];
        loop {
            if self.until.as_mut().poll(context).is_ready() || self.thrown_away > THROWN_AWAY {
                return Poll::Ready(());
            }
            let mut buffer = ReadBuf::new(&mut bytes);
            match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    self.thrown_away += buffer.filled().len();
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
