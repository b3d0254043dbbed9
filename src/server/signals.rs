//! What a process is told by signals.

use std::io;
#[cfg(unix)]
use std::task::Poll;

/// How a server is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// When what was begun is finished.
    ToEnd,
    /// Whatever is going on.
    AtOnce,
}

/// Listens for signals.
#[cfg(unix)]
pub(super) struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From now on, signals do nothing else.
    pub(super) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    /// Waits for the next one: SIGTERM is to end, SIGINT and SIGQUIT at once.
    pub(super) async fn next(&mut self) -> Told {
        std::future::poll_fn(|context| {
            let interrupted = self.interrupt.poll_recv(context).is_ready();
            if interrupted || self.quit.poll_recv(context).is_ready() {
                return Poll::Ready(Told::AtOnce);
            }
            self.terminate.poll_recv(context).map(|_| Told::ToEnd)
        })
        .await
    }
}

/// Listens for what stands for signals elsewhere.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// There is nothing to prepare.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    /// Waits for Ctrl-C.
    pub(super) async fn next(&mut self) -> Told {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Told::AtOnce,
            Err(_) => std::future::pending().await,
        }
    }
}
