//! The server: opens the store, starts the workers, stops when told.

mod housekeeping;
mod line;

use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
    sync::{Arc, OnceLock},
    time::Duration,
};

use actix_http::{HttpService, Protocol, h1};
use actix_server::Server;
use actix_service::{ServiceFactoryExt, fn_service};
use actix_web::{http::header::HeaderValue, rt::net::TcpStream, web::Bytes};
use anyhow::Context;

use crate::{
    cli::ServeArgs,
    domain::sample,
    http::{self, Cache, Metrics, State},
    store::Store,
};

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(8);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Serves until a signal ends it.
pub fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let prepared = prepare(args)?;
    if let Err(cause) = announce(prepared.address, args) {
        // Nobody reads it; the server is for those who ask it.
        log::warn!("standard output is closed: {cause}");
    }
    actix_web::rt::System::new().block_on(async {
        start(prepared, args)?.await?;
        Ok(())
    })
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
    let store = Store::open(&args.database.options())?;
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
        cache: Cache::new(args.server.cache_bytes),
        metrics: Metrics::default(),
    });
    Ok(Prepared {
        address,
        listener,
        state,
    })
}

/// A value of all answers. It is never freed, so that no worker counts who has it.
fn constant(text: &str) -> anyhow::Result<HeaderValue> {
    let text: &'static str = text.to_owned().leak();
    let shared = Bytes::from_static(text.as_bytes());
    Ok(HeaderValue::from_maybe_shared(shared)?)
}

/// Starts the workers; the server runs while it is awaited, until a signal or its handle ends it.
pub fn start(prepared: Prepared, args: &ServeArgs) -> anyhow::Result<Server> {
    let Prepared {
        address,
        listener,
        state,
    } = prepared;
    listener.set_nonblocking(true)?;
    housekeeping::start(&state)?;
    let workers = args.server.workers();
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
        .backlog(1_024)
        .shutdown_timeout(args.server.shutdown_timeout);
    let stopping = builder.graceful_shutdown_signal();
    let server = builder.listen("newsstand", listener, move || {
        let stopping = stopping.clone();
        let app = http::service(Arc::clone(&state));
        let service =
            HttpService::<line::Line, _, _, h1::ExpectHandler, h1::UpgradeHandler>::build()
                // Idle connections end with the server, so that only requests in flight hold it.
                .graceful_shutdown_signal(move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                })
                .keep_alive(KEEP_ALIVE)
                .client_request_timeout(HEAD_TIMEOUT)
                .client_disconnect_timeout(Duration::from_secs(1))
                .local_addr(address)
                .finish(app);
        // Between the socket and HTTP lies a line that completes errors of the connection.
        fn_service(|stream: TcpStream| async move {
            let peer = stream.peer_addr().ok();
            // Answers are written whole, so waiting for more gains nothing.
            let _ = stream.set_nodelay(true);
            Ok::<_, actix_http::error::DispatchError>((
                line::Line::new(stream),
                Protocol::Http1,
                peer,
            ))
        })
        .and_then(service)
    })?;
    Ok(server.run())
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
