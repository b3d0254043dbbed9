//! Figures for Prometheus, within bounded cardinality: of requests by route pattern, method and
//! status, of what is let in and what is refused, of the cache, of the database, of what waits to
//! be done, and of the process.

mod admission;
mod process;
mod store;
mod text;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use actix_web::{HttpRequest, get, web::Data};

use self::text::{Kind, Text};
use crate::{
    http::{
        cache::{Cache, is_current},
        long::aside,
        problem::Problem,
        query::Query,
        reply::Reply,
        state::State,
    },
    model::histogram::Histogram,
    store::{Queues, audit::Deeds},
};

/// Kinds of deeds that are told apart, at most; there are some fifty.
const DEEDS_AT_MOST: usize = 500;

/// Route, method and status.
type Labels = (String, &'static str, u16);

/// What is known of content, from looking at it now and then.
#[derive(Debug, Default)]
struct Watched {
    /// When what is done without being asked for last went well.
    rounded: Option<Instant>,
    queues: Option<Queues>,
    /// By who did it, to what kind of thing, and what.
    deeds: BTreeMap<(String, String, String), i64>,
}

/// Counts since the start of the process.
#[derive(Debug)]
pub struct Metrics {
    started: Instant,
    started_at: SystemTime,
    requests: Mutex<BTreeMap<Labels, Arc<Histogram>>>,
    watched: Mutex<Watched>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            started_at: SystemTime::now(),
            requests: Mutex::default(),
            watched: Mutex::default(),
        }
    }
}

impl Metrics {
    /// Where requests of this kind are counted. `route` must be a pattern, or one word for all
    /// else.
    pub(super) fn series(&self, route: &str, method: &'static str, status: u16) -> Arc<Histogram> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let series = requests.entry((route.to_owned(), method, status));
        Arc::clone(series.or_default())
    }

    /// Notes that what is done without being asked for went well.
    pub fn note_round(&self) {
        self.watched().rounded = Some(Instant::now());
    }

    /// Notes what waits, and what was done since that was last noted.
    pub fn note_content(&self, queues: Queues, deeds: Vec<Deeds>) {
        let mut watched = self.watched();
        watched.queues = Some(queues);
        for deed in deeds {
            let kind = (deed.who, deed.kind, deed.action);
            if watched.deeds.len() < DEEDS_AT_MOST || watched.deeds.contains_key(&kind) {
                *watched.deeds.entry(kind).or_default() += deed.count;
            }
        }
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, text: &mut Text) {
        let name = "newsstand_build_info";
        text.family(name, Kind::Gauge, "Version of the running program.");
        let version = env!("CARGO_PKG_VERSION");
        text.sample(name, &format!("version=\"{version}\""), 1);
        let seconds = self.started.elapsed().as_secs_f64();
        text.single(
            "newsstand_uptime_seconds",
            Kind::Gauge,
            "Seconds since the start.",
            format_args!("{seconds:.3}"),
        );
        let at = self.started_at.duration_since(UNIX_EPOCH);
        text.single(
            "process_start_time_seconds",
            Kind::Gauge,
            "When the process was started, in seconds since 1970.",
            format_args!("{:.3}", at.unwrap_or_default().as_secs_f64()),
        );
        let name = "newsstand_http_request_duration_seconds";
        text.family(name, Kind::Histogram, "Time to answer, by route.");
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        for ((route, method, status), series) in requests.iter() {
            let labels = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
            text.durations(name, &labels, &series.counted());
        }
    }
}

/// All figures.
fn figures(state: &State) -> Vec<u8> {
    let mut text = Text::default();
    state.metrics.write(&mut text);
    admission::write(&mut text, &state.overload, &state.rates);
    let is_current = is_current(state.store.invalidation(), Instant::now());
    write_cache(&mut text, &state.cache, is_current);
    store::write_database(&mut text, &state.store.figures());
    store::write_watched(&mut text, &state.metrics.watched());
    process::write(&mut text);
    text.into_bytes()
}

fn write_cache(text: &mut Text, cache: &Cache, is_current: bool) {
    let name = "newsstand_cache_requests_total";
    let help = "Requests that the cache was asked for, by what came of it.";
    text.family(name, Kind::Counter, help);
    for (outcome, count) in cache.counts() {
        text.sample(name, &format!("result=\"{outcome}\""), count);
    }
    text.single(
        "newsstand_cache_bytes",
        Kind::Gauge,
        "Memory of the answers that are kept.",
        cache.bytes(),
    );
    text.single(
        "newsstand_cache_entries",
        Kind::Gauge,
        "Answers that are kept, and marks of such as can't be.",
        cache.entries(),
    );
    text.single(
        "newsstand_cache_current",
        Kind::Gauge,
        "Whether others' changes are known in time; with 0, nothing is given that was kept before.",
        u8::from(is_current),
    );
}

/// Figures for Prometheus
///
/// Requests by route pattern, method and status with their latency; what is let in and what is
/// refused; what the cache holds and does; connections, waits and times of the database; what waits
/// to be done; what was done to content; and the process itself, in the text format of Prometheus.
#[utoipa::path(
    operation_id = "get_metrics",
    tag = "operations",
    responses((status = 200, description = "The figures.", content_type = "text/plain", body = String))
)]
#[get("/metrics")]
pub(super) async fn get_metrics(
    request: HttpRequest,
    state: Data<State>,
) -> Result<Reply, Problem> {
    Query::none(&request)?;
    // The system is asked for some of them.
    let text = aside(move || Ok(figures(&state))).await?;
    Ok(Reply::new(text, "text/plain; version=0.0.4; charset=utf-8").no_store())
}
