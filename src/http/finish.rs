//! What every answer carries, whoever made it, and what is noted of it.

use std::time::Duration;

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::http::{
    cors,
    request_id::{self, ID_HEADER},
    state::{State, StoreCost},
};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// An answer that is about to go out.
pub(super) struct Finish<'a> {
    pub(super) state: Option<&'a State>,
    /// The request's id.
    pub(super) id: &'a HeaderValue,
    /// The origin of the page that asks.
    pub(super) origin: Option<&'a HeaderValue>,
    pub(super) took: Duration,
    /// What of that the database took.
    pub(super) cost: StoreCost,
}

impl Finish<'_> {
    /// Writes what the answer carries beside its own.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        mark(headers, self.id);
        let Some(state) = self.state else {
            return;
        };
        cors::write(headers, &state.cors_allowed_origins, self.origin);
        if state.server_timing {
            let timing = format!(
                "db;dur={:.3};desc=\"{} statements\", total;dur={:.3}",
                self.cost.elapsed.as_secs_f64() * 1_000.0,
                self.cost.statements,
                self.took.as_secs_f64() * 1_000.0
            );
            if let Ok(value) = HeaderValue::try_from(timing) {
                headers.insert(SERVER_TIMING, value);
            }
        }
    }

    /// One line in the log.
    pub(super) fn log(&self, method: &str, route: &str, status: u16, bytes: u64) {
        log::info!(
            target: "newsstand::access",
            "{method} {route} {status} {bytes} {micros}us {id}",
            micros = self.took.as_micros(),
            id = request_id::text(self.id),
        );
    }
}

/// What no answer lacks.
pub(super) fn mark(headers: &mut HeaderMap, id: &HeaderValue) {
    headers.insert(ID_HEADER, id.clone());
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        const { HeaderValue::from_static("nosniff") },
    );
}
