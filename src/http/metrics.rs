//! Figures for Prometheus, within bounded cardinality: of requests by route pattern, method and
//! status, and of the cache.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use actix_web::{HttpRequest, get, web::Data};

use crate::http::{
    cache::{Cache, is_current},
    problem::Problem,
    query::Query,
    reply::Reply,
    state::State,
};

/// Upper bounds of the latency histogram, in seconds.
const BUCKETS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

/// Requests of one route, method and status.
#[derive(Debug, Default)]
pub(super) struct Series {
    count: AtomicU64,
    nanoseconds: AtomicU64,
    /// Each with those alone that no bucket before it has.
    buckets: [AtomicU64; BUCKETS.len()],
}

impl Series {
    /// Counts an answered request.
    pub(super) fn record(&self, took: Duration) {
        self.count.fetch_add(1, Relaxed);
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Relaxed);
        let seconds = took.as_secs_f64();
        let mut buckets = self.buckets.iter().zip(BUCKETS);
        if let Some((bucket, _)) = buckets.find(|(_, bound)| seconds <= *bound) {
            bucket.fetch_add(1, Relaxed);
        }
    }

    fn render(&self, labels: &str, out: &mut String) {
        let name = "newsstand_http_request_duration_seconds";
        let mut within = 0;
        // Writing to a String can't fail, here and below.
        for (bucket, bound) in self.buckets.iter().zip(BUCKETS) {
            within += bucket.load(Relaxed);
            let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{bound}\"}} {within}");
        }
        let count = self.count.load(Relaxed);
        let seconds = Duration::from_nanos(self.nanoseconds.load(Relaxed)).as_secs_f64();
        let _ = writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}");
        let _ = writeln!(out, "{name}_sum{{{labels}}} {seconds:.6}");
        let _ = writeln!(out, "{name}_count{{{labels}}} {count}");
    }
}

/// Route, method and status.
type Labels = (String, &'static str, u16);

/// Counts since the start of the process.
#[derive(Debug)]
pub struct Metrics {
    started: Instant,
    requests: Mutex<BTreeMap<Labels, Arc<Series>>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            requests: Mutex::default(),
        }
    }
}

impl Metrics {
    /// Where requests of this kind are counted. `route` must be a pattern, or one word for all
    /// else.
    pub(super) fn series(&self, route: &str, method: &'static str, status: u16) -> Arc<Series> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let series = requests.entry((route.to_owned(), method, status));
        Arc::clone(series.or_default())
    }

    fn render(&self, cache: &Cache, is_current: bool) -> String {
        let mut out = String::new();
        let _ = write!(
            out,
            "# HELP newsstand_build_info Version of the running program.\n\
             # TYPE newsstand_build_info gauge\n\
             newsstand_build_info{{version=\"{}\"}} 1\n\
             # HELP newsstand_uptime_seconds Seconds since the start.\n\
             # TYPE newsstand_uptime_seconds gauge\n\
             newsstand_uptime_seconds {:.3}\n\
             # HELP newsstand_http_request_duration_seconds Time to answer, by route.\n\
             # TYPE newsstand_http_request_duration_seconds histogram\n",
            env!("CARGO_PKG_VERSION"),
            self.started.elapsed().as_secs_f64()
        );
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        for ((route, method, status), series) in requests.iter() {
            let labels = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
            series.render(&labels, &mut out);
        }
        cache_figures(cache, is_current, &mut out);
        out
    }
}

fn cache_figures(cache: &Cache, is_current: bool, out: &mut String) {
    let name = "newsstand_cache_requests_total";
    let _ = write!(
        out,
        "# HELP {name} Requests that the cache was asked for, by what came of it.\n\
         # TYPE {name} counter\n"
    );
    for (outcome, count) in cache.counts() {
        let _ = writeln!(out, "{name}{{result=\"{outcome}\"}} {count}");
    }
    let _ = write!(
        out,
        "# HELP newsstand_cache_bytes Memory of the answers that are kept.\n\
         # TYPE newsstand_cache_bytes gauge\n\
         newsstand_cache_bytes {}\n\
         # HELP newsstand_cache_entries Answers that are kept, and marks of such as can't be.\n\
         # TYPE newsstand_cache_entries gauge\n\
         newsstand_cache_entries {}\n\
         # HELP newsstand_cache_current Whether others' changes are known in time; with 0, what was \
         kept stands in where nothing can be made.\n\
         # TYPE newsstand_cache_current gauge\n\
         newsstand_cache_current {}\n",
        cache.bytes(),
        cache.entries(),
        u8::from(is_current)
    );
}

/// Figures for Prometheus
///
/// Requests by route pattern, method and status with their latency, and what the cache holds and
/// does, in the text format of Prometheus.
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
    let is_current = is_current(state.store.invalidation(), Instant::now());
    let text = state.metrics.render(&state.cache, is_current);
    Ok(Reply::new(
        text.into_bytes(),
        "text/plain; version=0.0.4; charset=utf-8",
    )
    .no_store())
}
