//! Figures for Prometheus, within bounded cardinality: by route pattern, method and status class.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use actix_web::{HttpRequest, get, web::Data};

use crate::http::{problem::Problem, query::Query, reply::Reply, state::State};

/// Upper bounds of the latency histogram, in seconds.
const BUCKETS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

/// Requests of one route, method and status.
#[derive(Debug, Clone, Default)]
struct Series {
    count: u64,
    seconds: f64,
    buckets: [u64; BUCKETS.len()],
}

/// Counts since the start of the process.
#[derive(Debug)]
pub struct Metrics {
    started: Instant,
    requests: Mutex<BTreeMap<(String, &'static str, u16), Series>>,
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
    /// Counts an answered request. `route` must be a pattern, or one word for all else.
    pub(super) fn record(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let series = requests
            .entry((route.to_owned(), method, status))
            .or_default();
        let seconds = took.as_secs_f64();
        series.count += 1;
        series.seconds += seconds;
        for (bucket, bound) in series.buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(seconds <= bound);
        }
    }

    fn render(&self) -> String {
        let mut out = String::new();
        // Writing to a String can't fail, here and below.
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
            let name = "newsstand_http_request_duration_seconds";
            for (count, bound) in series.buckets.iter().zip(BUCKETS) {
                let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{bound}\"}} {count}");
            }
            let _ = writeln!(
                out,
                "{name}_bucket{{{labels},le=\"+Inf\"}} {}",
                series.count
            );
            let _ = writeln!(out, "{name}_sum{{{labels}}} {:.6}", series.seconds);
            let _ = writeln!(out, "{name}_count{{{labels}}} {}", series.count);
        }
        out
    }
}

/// Figures for Prometheus
///
/// Requests by route pattern, method and status with their latency, in the text format of
/// Prometheus.
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
    let text = state.metrics.render().into_bytes();
    Ok(Reply::new(text, "text/plain; version=0.0.4; charset=utf-8").no_store())
}
