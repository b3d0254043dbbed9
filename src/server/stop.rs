//! How a server ends and no request is lost: first it says that it is not ready, and goes on for a
//! while, so that a balancer sends nobody any more. Then the port is closed, and what was begun is
//! finished.
//!
//! The workers can't do that alone: told to stop, they drop connections that were accepted and not
//! heard yet, and with the port those go that nobody has accepted. So they go on for a moment after
//! the last one was accepted for them; whoever comes meanwhile is served on this thread, which has
//! the port as well. Before it closes that, it has the system answer no one who is new: between a
//! last look at who is waiting and the end, somebody could else come, and be reset.
//!
//! What hangs then holds nothing up: no worker, and no read of a database that does not answer.

use std::{
    net::{SocketAddr, TcpListener},
    pin::pin,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use actix_server::ServerHandle;
use actix_service::{Service, ServiceFactory};
use actix_web::rt::{
    net::TcpStream,
    spawn,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use futures_util::future::{Either, join_all, select};

use crate::{
    cli::ServeArgs,
    http::State,
    server::{
        Prepared, connection_service, deaf,
        signals::{Signals, Told},
        start,
    },
};

/// For so long workers go on after the last connection was accepted for them: within it, whoever
/// has connected has sent a request.
const SETTLED_FOR: Duration = Duration::from_millis(500);
/// The port is closed within so long after the workers were told to stop.
const CLOSED_WITHIN: Duration = Duration::from_secs(1);
/// How often is looked who has come meanwhile.
const LOOKED_EVERY: Duration = Duration::from_millis(2);
/// Who is connecting when nobody new is heard any more has connected within so long: some round trips
/// in a data centre. Those who begin meanwhile wait for a second, so it is no longer than that.
const CONNECTED_WITHIN: Duration = Duration::from_millis(1);
/// How long who has come last may take to send the head of a request.
const LATE_HEAD: Duration = Duration::from_secs(2);
/// Beside SHUTDOWN_TIMEOUT, the end takes no longer: [`SETTLED_FOR`], and the second in which a
/// worker notices that its time is over.
const BESIDE: Duration = Duration::from_secs(2);

/// Serves until a signal ends it.
pub(super) async fn serve(prepared: Prepared, args: &ServeArgs) -> anyhow::Result<()> {
    let mut signals = Signals::new()?;
    let port = Port {
        listener: prepared.listener.try_clone()?,
        address: prepared.address,
        state: Arc::clone(&prepared.state),
    };
    let server = start(prepared, args)?;
    let handle = server.handle();
    let mut server = spawn(server);
    let told = {
        let next = pin!(signals.next());
        match select(&mut server, next).await {
            Either::Left((ended, _)) => return Ok(ended??),
            Either::Right((told, _)) => told,
        }
    };
    let told = match told {
        Told::ToEnd => wait(&port.state, &mut signals, args.server.shutdown_delay).await,
        Told::AtOnce => Told::AtOnce,
    };
    match told {
        Told::ToEnd => {
            let seconds = args.server.shutdown_timeout;
            let longest = Duration::from_secs(seconds) + BESIDE;
            let closed = pin!(timeout(longest, port.close(&handle, seconds)));
            let hurry = pin!(at_once(&mut signals));
            match select(closed, hurry).await {
                Either::Left((Ok(closed), _)) => closed?,
                Either::Left((Err(_), _)) => {
                    log::warn!("a worker hangs, and is not waited for");
                    return Ok(());
                }
                Either::Right(_) => return Ok(()),
            }
        }
        Told::AtOnce => handle.stop(false).await,
    }
    Ok(server.await??)
}

/// Waits until it is told to end at once.
async fn at_once(signals: &mut Signals) {
    while signals.next().await != Told::AtOnce {}
}

/// Says that the server is not ready, and goes on for some seconds, or until it is told again.
async fn wait(state: &State, signals: &mut Signals, seconds: u64) -> Told {
    state.stop();
    log::info!("it was told to stop, and goes on for {seconds} s");
    let delay = pin!(sleep(Duration::from_secs(seconds)));
    let next = pin!(signals.next());
    match select(delay, next).await {
        Either::Left(_) => Told::ToEnd,
        Either::Right((told, _)) => told,
    }
}

/// The port, held beside the workers.
struct Port {
    listener: TcpListener,
    address: SocketAddr,
    state: Arc<State>,
}

impl Port {
    /// Takes over from the workers who comes, has the workers end, and closes the port. What was
    /// begun may take so many seconds.
    async fn close(self, handle: &ServerHandle, seconds: u64) -> anyhow::Result<()> {
        let never = std::future::pending::<()>;
        let factory = connection_service(self.state, self.address, LATE_HEAD, never);
        let service = factory.new_service(()).await;
        let service = Rc::new(service.map_err(|()| anyhow::anyhow!("nobody can be served"))?);
        let mut served = Vec::new();
        let mut take = || {
            let serve = |stream: TcpStream| {
                let service = Rc::clone(&service);
                // What is wrong with a connection, its client knows.
                spawn(async move { drop(service.call(stream).await) })
            };
            served.extend(waiting(&self.listener).map(serve));
        };
        handle.pause().await;
        let paused_at = Instant::now();
        while paused_at.elapsed() < SETTLED_FOR {
            take();
            sleep(LOOKED_EVERY).await;
        }
        let stopped = spawn(handle.stop(true));
        let told_at = Instant::now();
        // When they have stopped, they hold the port no longer.
        while !stopped.is_finished() && told_at.elapsed() < CLOSED_WITHIN {
            take();
            sleep(LOOKED_EVERY).await;
        }
        match deaf::to_new_clients(&self.listener) {
            Ok(()) => sleep(CONNECTED_WITHIN).await,
            Err(cause) => log::debug!("whoever connects in this moment may be reset: {cause}"),
        }
        take();
        drop(self.listener);
        let served: Vec<JoinHandle<()>> = served;
        let left = Duration::from_secs(seconds).saturating_sub(told_at.elapsed());
        if timeout(left, join_all(served)).await.is_err() {
            log::warn!("some who came last were not answered within SHUTDOWN_TIMEOUT");
        }
        Ok(stopped.await?)
    }
}

/// Who waits to be accepted.
fn waiting(listener: &TcpListener) -> impl Iterator<Item = TcpStream> {
    let accept = move || listener.accept().ok().map(|(stream, _)| stream);
    let opened = |stream: std::net::TcpStream| {
        stream.set_nonblocking(true).ok()?;
        TcpStream::from_std(stream).ok()
    };
    std::iter::from_fn(accept).filter_map(opened)
}
