//! Whether the process lives, and whether it can serve.

use actix_web::{HttpRequest, get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{code::Code, problem::Problem, query::Query, reply::Reply, state::State},
    model::sight::Sight,
    store,
};

/// That all is well.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `ok`; anything else is a problem.
    #[schema(max_length = 10, pattern = "^ok$", example = "ok")]
    status: String,
}

impl Health {
    fn ok() -> Self {
        Self {
            status: "ok".to_owned(),
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
    Ok(Reply::json(&Health::ok())?.no_store())
}

/// Whether the server can serve
///
/// Answers 200 when the database can be read and is as this version needs it, else 503.
/// It is 503 too when the server is about to stop, while all else is still answered.
#[utoipa::path(
    operation_id = "get_readyz",
    tag = "operations",
    responses((status = 200, description = "It can serve.", body = Health))
)]
#[get("/readyz")]
pub(super) async fn get_readyz(request: HttpRequest, state: Data<State>) -> Result<Reply, Problem> {
    Query::none(&request)?;
    if state.is_stopping() {
        return Err(Problem::new(Code::Unavailable, "the server is stopping"));
    }
    let files = state.store.clone();
    let readable = state.read(Sight::Public, move |reader| {
        store::check_readable(reader)?;
        files.check_file()
    });
    readable.await.map_err(|cause| {
        log::warn!("not ready: {cause}");
        Problem::new(
            Code::Unavailable,
            "the database can't be read, or is not as this version needs it",
        )
    })?;
    Ok(Reply::json(&Health::ok())?.no_store())
}
