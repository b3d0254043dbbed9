//! What every answer carries, whoever made it, and what is noted of it.

use std::time::Duration;

use actix_http::ConnectionType;
use actix_web::{
    body::BoxBody,
    dev::Response,
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
};

use crate::http::{
    cors,
    request_id::{self, ID_HEADER},
    state::{State, StoreCost},
};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// What a page may do that a browser makes of an answer, as it does of XML and of JSON: load
/// nothing, run nothing, stand in no frame.
pub(super) const POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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

/// Has an answer be the last one on its connection where the server is about to stop: so its client
/// goes elsewhere, and does not ask in vain.
pub(super) fn close_if_stopping(state: &State, response: &mut Response<BoxBody>) {
    if state.is_stopping() {
        let head = response.head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
}

/// What no answer lacks.
pub(super) fn mark(headers: &mut HeaderMap, id: &HeaderValue) {
    headers.insert(ID_HEADER, id.clone());
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        const { HeaderValue::from_static("nosniff") },
    );
    // An address may have the token of a preview link in it.
    headers.insert(
        header::REFERRER_POLICY,
        const { HeaderValue::from_static("no-referrer") },
    );
    // The pages of the documentation have one of their own.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            const { HeaderValue::from_static(POLICY) },
        );
    }
}
