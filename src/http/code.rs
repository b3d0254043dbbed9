//! The one table of error codes.

use actix_web::http::StatusCode;

/// What went wrong, as clients can tell it apart. Words never change once they are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// A parameter is not known, or has a bad value.
    InvalidParameter,
    /// A member of the body is not known, or has a bad value.
    InvalidBody,
    /// The request can't be understood at all.
    MalformedRequest,
    /// A token is bad, or there is no key to check it with.
    InvalidToken,
    /// The token lacks the scope that this needs.
    InsufficientScope,
    /// There is no such path, or nothing under such a key.
    NotFound,
    /// The path does not have this method.
    MethodNotAllowed,
    /// No form of the answer is acceptable to the client.
    NotAcceptable,
    /// The request took too long to arrive.
    RequestTimeout,
    /// It can't be done given what there is: a slug is another's, a step does not fit.
    Conflict,
    /// It was there, and was taken away.
    Gone,
    /// The resource has moved on from the state that the request is about.
    PreconditionFailed,
    /// The body is too large.
    PayloadTooLarge,
    /// The address is too long.
    UriTooLong,
    /// The body is of a form that is not taken.
    UnsupportedMediaType,
    /// The key was used for another request.
    IdempotencyKeyReused,
    /// A change needs the entity tag of what it changes.
    PreconditionRequired,
    /// Too many requests.
    RateLimited,
    /// The header fields are too large.
    HeadersTooLarge,
    /// A mistake of ours.
    Internal,
    /// The database can't be reached just now.
    Unavailable,
    /// More is asked of the server than it can answer soon.
    Overloaded,
    /// There is no key to check writers' tokens with.
    WritingDisabled,
    /// There is no room for what was sent.
    InsufficientStorage,
}

impl Code {
    /// The table: word, status, title.
    pub const TABLE: [(Self, &'static str, u16, &'static str); 24] = [
        (
            Self::InvalidParameter,
            "invalid_parameter",
            400,
            "A parameter is not valid",
        ),
        (
            Self::MalformedRequest,
            "malformed_request",
            400,
            "The request can't be understood",
        ),
        (
            Self::InvalidBody,
            "invalid_body",
            400,
            "The body is not valid",
        ),
        (
            Self::InvalidToken,
            "invalid_token",
            401,
            "A valid token is needed",
        ),
        (
            Self::InsufficientScope,
            "insufficient_scope",
            403,
            "The token does not allow this",
        ),
        (
            Self::NotFound,
            "not_found",
            404,
            "There is no such resource",
        ),
        (
            Self::MethodNotAllowed,
            "method_not_allowed",
            405,
            "The method is not allowed here",
        ),
        (
            Self::NotAcceptable,
            "not_acceptable",
            406,
            "No form of the answer is acceptable",
        ),
        (
            Self::RequestTimeout,
            "request_timeout",
            408,
            "The request took too long to arrive",
        ),
        (
            Self::Conflict,
            "conflict",
            409,
            "It can't be done given what there is",
        ),
        (Self::Gone, "gone", 410, "The resource was taken away"),
        (
            Self::PreconditionFailed,
            "precondition_failed",
            412,
            "The resource has moved on",
        ),
        (
            Self::PayloadTooLarge,
            "payload_too_large",
            413,
            "The body is too large",
        ),
        (
            Self::UriTooLong,
            "uri_too_long",
            414,
            "The address is too long",
        ),
        (
            Self::UnsupportedMediaType,
            "unsupported_media_type",
            415,
            "The body's form is not taken",
        ),
        (
            Self::IdempotencyKeyReused,
            "idempotency_key_reused",
            422,
            "The key was used for another request",
        ),
        (
            Self::PreconditionRequired,
            "precondition_required",
            428,
            "A change needs an entity tag",
        ),
        (Self::RateLimited, "rate_limited", 429, "Too many requests"),
        (
            Self::HeadersTooLarge,
            "headers_too_large",
            431,
            "The header fields are too large",
        ),
        (
            Self::Internal,
            "internal_error",
            500,
            "Something went wrong here",
        ),
        (
            Self::Unavailable,
            "unavailable",
            503,
            "The service is not available just now",
        ),
        (
            Self::Overloaded,
            "overloaded",
            503,
            "There is more to do than can be done soon",
        ),
        (
            Self::WritingDisabled,
            "writing_disabled",
            503,
            "This server only serves readers",
        ),
        (
            Self::InsufficientStorage,
            "insufficient_storage",
            507,
            "There is no room to store this",
        ),
    ];

    pub(super) fn row(self) -> (&'static str, u16, &'static str) {
        let row = Self::TABLE.into_iter().find(|(code, ..)| *code == self);
        row.map_or(
            ("internal_error", 500, "Something went wrong here"),
            |row| (row.1, row.2, row.3),
        )
    }

    /// The word.
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Whether the same request may be answered well a little later.
    pub(super) fn is_passing(self) -> bool {
        matches!(
            self,
            Self::RateLimited | Self::Unavailable | Self::Overloaded
        )
    }

    /// The code that stands for an answer that a library made.
    pub(super) fn of_status(status: StatusCode) -> Self {
        let row = Self::TABLE
            .into_iter()
            .skip(1)
            .find(|(_, _, known, _)| *known == status.as_u16());
        match row {
            Some((code, ..)) => code,
            None if status.is_client_error() => Self::MalformedRequest,
            None => Self::Internal,
        }
    }
}
