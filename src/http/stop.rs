//! Why a handler ends before it has an answer: something is wrong, or the thing is elsewhere now.

use std::fmt;

use actix_web::{
    Error, HttpResponse, ResponseError,
    http::{StatusCode, header},
};

use crate::{http::problem::Problem, store::StoreError};

/// What ends a handler early.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something is wrong.
    Problem(Problem),
    /// The key is a former one.
    Moved(Moved),
}

/// Where a thing is now.
#[derive(Debug)]
pub(super) struct Moved {
    /// Path and query of the same request under the present key.
    pub(super) location: String,
    /// Whether the answer depends on who asks.
    pub(super) private: bool,
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<StoreError> for Stop {
    fn from(cause: StoreError) -> Self {
        Self::Problem(cause.into())
    }
}

/// A problem stays one, so that the frame completes it.
impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Problem(problem) => problem.into(),
            Stop::Moved(moved) => moved.into(),
        }
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "moved to {}", self.location)
    }
}

impl ResponseError for Moved {
    fn status_code(&self) -> StatusCode {
        StatusCode::PERMANENT_REDIRECT
    }

    fn error_response(&self) -> HttpResponse {
        let caching = match self.private {
            true => "private, no-store",
            false => "public, max-age=300",
        };
        HttpResponse::PermanentRedirect()
            .insert_header((header::LOCATION, self.location.as_str()))
            .insert_header((header::CACHE_CONTROL, caching))
            .finish()
    }
}
