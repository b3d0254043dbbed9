//! Whether the process lives, and whether it can serve.

use std::time::Instant;

use actix_web::{HttpRequest, get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{
        cache::is_current, code::Code, problem::Problem, query::Query, readiness, reply::Reply,
        state::State,
    },
    store::Store,
};

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `ok`; anything else is a problem.
    #[schema(max_length = 10, pattern = "^ok$", example = "ok")]
    status: String,
    /// Parts that do not work, though readers are served: `writer`, where the last write could not
    /// be put on disk; `watch`, where it is not known in time what other processes have changed, so
    /// that what is kept is given only where nothing else can be. `/healthz` looks at neither.
    #[schema(max_items = 2)]
    degraded: Vec<String>,
}

impl Health {
    fn ok(degraded: Vec<String>) -> Self {
        Self {
            status: "ok".to_owned(),
            degraded,
        }
    }
}

/// Whether the process is alive
///
/// Answers as long as the process does; looks at nothing else.
#[utoipa::path(
    operation_id = "get_healthz",
    tag = "operations",
    responses((status = 200, description = "It is alive.", body = Health))
)]
#[get("/healthz")]
pub(super) async fn get_healthz(request: HttpRequest) -> Result<Reply, Problem> {
    Query::none(&request)?;
    Ok(Reply::json(&Health::ok(Vec::new()))?.no_store())
}

/// Whether the server can serve
///
/// Answers 200 when the database can be read, is as this version needs it, and is whole; else 503,
/// and `detail` begins with what is not: `database`, `migrations` or `copy`. It is 503 too, with
/// `server`, when the server is about to stop, while all else is still answered.
#[utoipa::path(
    operation_id = "get_readyz",
    tag = "operations",
    responses((status = 200, description = "It can serve.", body = Health))
)]
#[get("/readyz")]
pub(super) async fn get_readyz(request: HttpRequest, state: Data<State>) -> Result<Reply, Problem> {
    Query::none(&request)?;
    if state.is_stopping() {
        let stopping = "server: it is about to stop";
        return Err(Problem::new(Code::Unavailable, stopping));
    }
    match readiness::lacking(&state).await {
        None => {
            let health = Health::ok(degraded(&state.store));
            Ok(Reply::json(&health)?.no_store())
        }
        Some(lacking) => Err(Problem::new(Code::Unavailable, lacking)),
    }
}

/// What does not work, though readers are served.
fn degraded(store: &Store) -> Vec<String> {
    let parts = [
        ("watch", is_current(store.invalidation(), Instant::now())),
        ("writer", !store.figures().is_failing),
    ];
    let broken = parts.into_iter().filter(|(_, works)| !works);
    broken.map(|(part, _)| part.to_owned()).collect()
}
