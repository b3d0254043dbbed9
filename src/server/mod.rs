//! The server: opens the store, starts the workers, stops when told.

mod deaf;
#[cfg(unix)]
mod descriptors;
mod housekeeping;
mod line;
pub mod logs;
mod signals;
mod stop;

use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
    sync::{Arc, OnceLock, atomic::AtomicBool},
    time::Duration,
};

use actix_http::{HttpService, Protocol, error::DispatchError, h1};
use actix_server::Server;
use actix_service::{ServiceFactory, ServiceFactoryExt, fn_service};
use actix_web::{
    http::header::HeaderValue,
    rt::{System, net::TcpStream},
    web::Bytes,
};
use anyhow::Context;
use tokio::runtime::Builder;

use crate::{
    cli::ServeArgs,
    config::AdmissionSettings,
    domain::sample,
    http::{
        self, Cache, Metrics, Overload, OverloadOptions, RateOptions, Rates, Readiness, Refusals,
        State,
    },
    store::Store,
};

/// How long a client may take to send the head of a request: the first one from when it has
/// connected, each other from its first byte on.
const HEAD_TIMEOUT: Duration = Duration::from_secs(8);
/// Connections of clients that a worker takes.
const CONNECTIONS: u16 = 25_600;
/// Connections that may wait to be taken.
#[cfg(unix)]
const WAITING: i32 = 1_024;
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long reads are waited for at the end that nobody waits for any longer.
const READS_END_WITHIN: Duration = Duration::from_millis(200);
/// How long is waited at the end until all that was written is in the database's file itself.
const FINISHED_WITHIN: Duration = Duration::from_secs(1);

/// Serves until a signal ends it.
pub fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let prepared = prepare(args)?;
    if let Err(cause) = announce(prepared.address, args) {
        // Nobody reads it; the server is for those who ask it.
        log::warn!("standard output is closed: {cause}");
    }
    let store = prepared.store().clone();
    let runtime = Arc::new(Builder::new_current_thread().enable_all().build()?);
    let shared = Arc::clone(&runtime);
    let system = System::with_tokio_rt(move || shared);
    let ended = system.block_on(stop::serve(prepared, args));
    drop(system);
    // When it is dropped, it waits for what reads on its threads, however long a database hangs.
    if let Some(runtime) = Arc::into_inner(runtime) {
        runtime.shutdown_timeout(READS_END_WITHIN);
    }
    store.finish(FINISHED_WITHIN);
    ended
}

/// A server that is ready to accept connections.
pub struct Prepared {
    /// Where it listens.
    pub address: SocketAddr,
    listener: TcpListener,
    state: Arc<State>,
}

impl Prepared {
    /// The store that it will serve from. What another one writes into the same database is seen
    /// a little later.
    pub fn store(&self) -> &Store {
        &self.state.store
    }

    /// What its handlers reach.
    #[cfg(feature = "fuzzing")]
    #[doc(hidden)]
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }
}

/// Opens the store, brings it up to date, and takes the port.
pub fn prepare(args: &ServeArgs) -> anyhow::Result<Prepared> {
    let site = args.site.site().map_err(anyhow::Error::msg)?;
    let verifier = args.token.verifier().map_err(anyhow::Error::msg)?;
    let networks = &args.server.share_networks;
    for (place, network) in networks.iter().enumerate() {
        let earlier = networks.iter().take(place).any(|known| known == network);
        anyhow::ensure!(!earlier, "SHARE_NETWORKS names {} twice", network.as_str());
    }
    let store = Store::open(&args.database.server_options())?;
    if !args.no_migrate {
        for name in store.migrate()? {
            log::info!("applied migration {name}");
        }
    }
    store.check_version()?;
    if args.sample {
        let summary = sample::load(&store, &args.content.default_language)?;
        log::info!("sample content: {summary}");
    }
    store.watch()?;
    let listener = TcpListener::bind(args.server.bind_addr)
        .with_context(|| format!("BIND_ADDR {} can't be listened on", args.server.bind_addr))?;
    let address = listener.local_addr()?;
    match &verifier {
        Some(verifier) => log::info!("tokens are checked by {}", verifier.describe()),
        None => log::warn!(
            "no key to check tokens with: this server only serves readers and refuses every \
             write; set JWT_SECRET, JWT_PUBLIC_KEY_FILE or JWT_JWKS_FILE"
        ),
    }
    let state = Arc::new(State {
        store,
        site,
        verifier,
        default_language: args.content.default_language.clone(),
        preview_secret: OnceLock::new(),
        share: args.server.share_options(),
        words_per_minute: args.server.reading_words_per_minute,
        related_half_life_days: args.server.related_half_life_days,
        cache_control: constant(&args.server.cache_control)?,
        cdn_cache_control: constant(&args.server.cdn_cache_control)?,
        cors_allowed_origins: args.server.cors_allowed_origins.clone(),
        server_timing: args.server.server_timing,
        is_stopping: AtomicBool::new(false),
        readiness: Readiness::default(),
        cache: Cache::new(
            args.server.cache_bytes,
            Duration::from_secs(args.server.stale_if_error),
        ),
        overload: overload(args),
        rates: rates(&args.server.admission),
        refusals: Refusals::default(),
        metrics: Metrics::default(),
    });
    Ok(Prepared {
        address,
        listener,
        state,
    })
}

/// How much is let in. More reads than there are connections would only wait for these; and
/// searches leave some of them to others, who are done sooner.
fn overload(args: &ServeArgs) -> Overload {
    let connections = args.database.pool_size();
    let settings = &args.server.admission;
    Overload::new(OverloadOptions {
        reads: settings.overload_reads.unwrap_or(connections),
        searches: settings.overload_searches.unwrap_or(connections / 2),
        writes: settings.overload_writes,
        waiting: settings.overload_waiting as usize,
        target: Duration::from_millis(settings.overload_target),
    })
}

/// How often a client may ask.
fn rates(settings: &AdmissionSettings) -> Rates {
    Rates::new(RateOptions {
        address: settings.rate_limit_address,
        token: settings.rate_limit_token,
        proxies: settings.trusted_proxies.clone(),
        proxy_header: settings.trusted_proxy_header,
    })
}

/// A value of all answers. It is never freed, so that no worker counts who has it.
fn constant(text: &str) -> anyhow::Result<HeaderValue> {
    let text: &'static str = text.to_owned().leak();
    let shared = Bytes::from_static(text.as_bytes());
    Ok(HeaderValue::from_maybe_shared(shared)?)
}

/// Starts the workers; the server runs while it is awaited, until its handle ends it.
pub fn start(prepared: Prepared, args: &ServeArgs) -> anyhow::Result<Server> {
    let Prepared {
        address,
        listener,
        state,
    } = prepared;
    listener.set_nonblocking(true)?;
    let workers = args.server.workers();
    #[cfg(unix)]
    {
        rustix::net::listen(&listener, WAITING)?;
        descriptors::ask_for(workers as u64 * u64::from(CONNECTIONS));
    }
    housekeeping::start(&state)?;
    let connections = args.database.pool_size();
    // All connections may be at work for one worker: then none waits for a thread.
    let fitting = connections as usize + http::ASIDE_AT_MOST;
    let threads = args.server.blocking_threads.map_or(fitting, usize::from);
    log::info!(
        "{workers} workers answer, with {threads} threads each for what takes long; \
         {connections} connections read"
    );
    let builder = Server::build()
        .workers(workers)
        .worker_max_blocking_threads(threads)
        .max_concurrent_connections(CONNECTIONS.into())
        .disable_signals()
        .shutdown_timeout(args.server.shutdown_timeout);
    let stopping = builder.graceful_shutdown_signal();
    let server = builder.listen("newsstand", listener, move || {
        let stopping = stopping.clone();
        let stopped = move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        };
        connection_service(Arc::clone(&state), address, HEAD_TIMEOUT, stopped)
    })?;
    Ok(server.run())
}

/// What serves connections, on one thread. The head of a request may take so long; connections end
/// when the server has stopped, as soon as nothing is in flight on them.
fn connection_service<F, S>(
    state: Arc<State>,
    address: SocketAddr,
    head_within: Duration,
    stopped: F,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = DispatchError, InitError = ()>
+ 'static
where
    F: Fn() -> S + 'static,
    S: Future<Output = ()> + 'static,
{
    let service = HttpService::<line::Line, _, _, h1::ExpectHandler, h1::UpgradeHandler>::build()
        // Idle connections end with the server, so that only requests in flight hold it.
        .graceful_shutdown_signal(stopped)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(head_within)
        .client_disconnect_timeout(Duration::from_secs(1))
        .local_addr(address)
        .finish(http::service(state));
    // Between the socket and HTTP lies a line that completes errors of the connection.
    fn_service(move |stream: TcpStream| async move {
        let peer = stream.peer_addr().ok();
        // Answers are written whole, so waiting for more gains nothing.
        let _ = stream.set_nodelay(true);
        let line = line::Line::new(stream, head_within);
        Ok::<_, DispatchError>((line, Protocol::Http1, peer))
    })
    .and_then(service)
}

/// Says where the server is and what to try.
fn announce(address: SocketAddr, args: &ServeArgs) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "Newsstand serves {} at http://{address}",
        args.database.database_url
    )?;
    writeln!(out, "Its documentation is at http://{address}/docs")?;
    writeln!(out, "Try:")?;
    let tries = [
        "/v1/articles?limit=3&fields=slug,title,published_at",
        "/v1/categories?tree=true",
        "/v1/search?q=ferry&facets=category",
    ];
    for path in tries {
        writeln!(out, "  curl 'http://{address}{path}'")?;
    }
    out.flush()?;
    Ok(())
}
