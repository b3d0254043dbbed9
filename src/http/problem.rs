//! Errors as `application/problem+json` (RFC 9457), from one table of codes.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::import::FieldProblem,
    http::{code::Code, state::log_cause},
    store::StoreError,
};

/// What is wrong with one parameter, or one member of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Name of the parameter; null when a member of the body is meant.
    #[schema(
        required,
        max_length = 200,
        pattern = r"^[^\u0000]*$",
        example = "limit"
    )]
    pub parameter: Option<String>,
    /// JSON pointer to the member; null when a parameter is meant.
    #[schema(required, max_length = 1000, pattern = r"^[^\u0000]*$")]
    pub pointer: Option<String>,
    /// What would be valid.
    #[schema(
        max_length = 2000,
        pattern = r"^[^\u0000]*$",
        example = "must be a whole number from 1 to 100"
    )]
    pub message: String,
    /// The nearest valid name or value, if one is near.
    #[schema(required, max_length = 200, pattern = r"^[^\u0000]*$")]
    pub suggestion: Option<String>,
}

impl FieldError {
    /// About a parameter.
    pub fn parameter(name: &str, message: impl Into<String>) -> Self {
        Self {
            parameter: Some(shortened(name)),
            pointer: None,
            message: without_nul(message.into()),
            suggestion: None,
        }
    }

    /// About a member of the body, by JSON pointer (RFC 6901).
    pub fn member(pointer: &str, message: impl Into<String>) -> Self {
        Self {
            parameter: None,
            pointer: Some(shortened(pointer)),
            message: without_nul(message.into()),
            suggestion: None,
        }
    }
}

impl From<FieldProblem> for FieldError {
    fn from(problem: FieldProblem) -> Self {
        Self {
            suggestion: problem.suggestion,
            ..Self::member(&problem.pointer, shortened_message(&problem.message))
        }
    }
}

/// All that is wrong with what was sent.
impl From<Vec<FieldProblem>> for Problem {
    fn from(problems: Vec<FieldProblem>) -> Self {
        Self::errors(problems.into_iter().map(Into::into).collect())
    }
}

fn shortened_message(text: &str) -> String {
    text.chars().take(2_000).collect()
}

/// The field that says when to come back.
pub(super) const RETRY_AFTER: &str = "Retry-After";
/// Characters of a detail, at most.
const MAX_DETAIL: usize = 10_000;
/// Errors that are told of, at most.
const MAX_ERRORS: usize = 1_000;

/// What a client sent is told back to it, but not at any length.
fn shortened(text: &str) -> String {
    without_nul(text.chars().take(100).collect())
}

/// Nor is it told with the one character that no text of an answer may have.
fn without_nul(text: String) -> String {
    match text.contains('\0') {
        true => text.replace('\0', "\u{FFFD}"),
        false => text,
    }
}

/// An error that becomes an answer. The frame around all handlers completes it with the path
/// and the request's id.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Which.
    pub code: Code,
    /// What happened, for people.
    pub detail: String,
    /// Which parameters or members are at fault.
    pub errors: Vec<FieldError>,
    /// Header fields that go with the answer, such as `Allow` or `WWW-Authenticate`.
    pub fields: Vec<(&'static str, String)>,
}

impl Problem {
    /// A problem without fields.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: without_nul(detail.into()),
            errors: Vec::new(),
            fields: Vec::new(),
        }
    }

    /// The same with a header field.
    pub fn field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// One bad parameter.
    pub fn parameter(name: &str, message: impl Into<String>) -> Self {
        Self::errors(vec![FieldError::parameter(name, message)])
    }

    /// One bad member of the body.
    pub fn member(code: Code, pointer: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            ..Self::errors(vec![FieldError::member(pointer, message)])
        }
    }

    /// Bad parameters or members.
    pub fn errors(errors: Vec<FieldError>) -> Self {
        let told = |error: &FieldError| {
            let message = &error.message;
            match (error.parameter.as_deref(), error.pointer.as_deref()) {
                (Some(""), _) => format!("a parameter without a name {message}"),
                (None, None | Some("")) => format!("the body {message}"),
                (Some(name), _) | (None, Some(name)) => format!("{name}: {message}"),
            }
        };
        let of_members = errors.iter().any(|error| error.pointer.is_some());
        let code = match of_members {
            true => Code::InvalidBody,
            false => Code::InvalidParameter,
        };
        let detail: String = errors.iter().map(told).collect::<Vec<_>>().join("; ");
        Self {
            detail: detail.chars().take(MAX_DETAIL).collect(),
            errors: errors.into_iter().take(MAX_ERRORS).collect(),
            ..Self::new(code, "")
        }
    }

    /// A mistake of ours: the cause is logged, and never sent.
    pub fn internal(cause: &dyn fmt::Display) -> Self {
        log_cause(cause);
        Self::new(
            Code::Internal,
            "the cause is in the server's log under this request_id",
        )
    }

    /// The writer has seen another state than there is.
    pub fn moved_on() -> Self {
        Self::new(
            Code::PreconditionFailed,
            "it is not, or no longer, in the state that If-Match names, by strong entity tags in \
             quotes; read it again",
        )
    }

    /// Whether it is [`Problem::moved_on`].
    pub fn is_moved_on(&self) -> bool {
        self.code == Code::PreconditionFailed
    }

    /// Nothing under this key.
    pub fn not_found(kind: &str, key: &str) -> Self {
        let key = shortened(key);
        Self::new(
            Code::NotFound,
            format!("there is no {kind} with the id or slug \"{key}\""),
        )
    }

    /// What stands for an error answer of a library.
    pub fn of_status(status: StatusCode) -> Self {
        let code = Code::of_status(status);
        let reason = status
            .canonical_reason()
            .unwrap_or("the request was refused");
        Self::new(code, reason.to_lowercase())
    }

    /// What stands for an error of the connection, where no request could be read.
    pub fn of_connection(status: u16, too_long: bool) -> Self {
        match status {
            408 => Self::new(
                Code::RequestTimeout,
                "the head of the request did not arrive in time",
            ),
            _ if too_long => Self {
                code: Code::UriTooLong,
                ..Self::parameter(
                    "query",
                    "path and query string may have at most 8192 bytes together",
                )
            },
            431 => Self::new(
                Code::HeadersTooLarge,
                "the head of a request may have at most 96 header fields and 128 KiB, and the name \
                 of a field 65535 bytes",
            ),
            _ => Self::new(
                Code::MalformedRequest,
                "the head of the request is not HTTP/1.1",
            ),
        }
    }

    /// The answer's body.
    pub fn body(&self, instance: &str, request_id: &str) -> String {
        ProblemBody::new(self, instance, request_id).to_json()
    }

    /// The whole answer.
    pub fn response(&self, instance: &str, request_id: &str) -> HttpResponse {
        let status = self.code.status();
        let mut response = HttpResponse::build(status);
        response.insert_header(("Content-Type", "application/problem+json"));
        response.insert_header(("Cache-Control", "no-store"));
        for (name, value) in &self.fields {
            response.insert_header((*name, value.as_str()));
        }
        let says_when = self.fields.iter().any(|(name, _)| *name == RETRY_AFTER);
        if self.code.is_passing() && !says_when {
            response.insert_header((RETRY_AFTER, "1"));
        }
        response.body(self.body(instance, request_id))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }
}

/// Causes inside are logged, never sent.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => {
                log_cause(&error);
                Self::new(Code::Unavailable, "the database can't be reached just now")
            }
            StoreError::Full(_) => {
                log_cause(&error);
                let detail = "the disk of the database is full; nothing was stored";
                Self::new(Code::InsufficientStorage, detail)
            }
            StoreError::TooLong(_) => {
                log_cause(&error);
                Self::new(
                    Code::Unavailable,
                    "this took too long to read; ask for less",
                )
            }
            StoreError::ReadOnly(_) => {
                log_cause(&error);
                Self::new(Code::Unavailable, "nothing can be stored just now")
            }
            StoreError::Taken { member, message } => {
                Self::member(Code::Conflict, &format!("/{member}"), message)
            }
            StoreError::Refused {
                member: "move_to",
                message,
            } => Self::parameter("move_to", message),
            StoreError::Refused { member, message } => {
                Self::member(Code::InvalidBody, &format!("/{member}"), message)
            }
            StoreError::MovedOn => Self::moved_on(),
            StoreError::NotNow(message) | StoreError::InUse(message) => {
                Self::new(Code::Conflict, message)
            }
            StoreError::Invalid(message) => Self::new(Code::InvalidBody, message),
            error => Self::internal(&error),
        }
    }
}

/// An error answer (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Reference to what the problem means, relative to the API.
    #[serde(rename = "type")]
    #[schema(
        max_length = 200,
        pattern = "^/docs/problems#[a-z_]+$",
        example = "/docs/problems#not_found"
    )]
    kind: String,
    /// The kind of problem, the same for each of its code.
    #[schema(
        max_length = 200,
        pattern = r"^[^\u0000]*$",
        example = "There is no such resource"
    )]
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    status: i32,
    /// What happened this time.
    #[schema(max_length = 20000, pattern = r"^[^\u0000]*$")]
    detail: String,
    /// The path that was asked for.
    #[schema(
        max_length = 9000,
        pattern = r"^[^\u0000]*$",
        example = "/v1/articles/none"
    )]
    instance: String,
    /// A stable word for programs.
    #[schema(max_length = 40, pattern = "^[a-z_]+$", example = "not_found")]
    code: String,
    /// The parameters or members at fault.
    #[schema(max_items = 1000)]
    errors: Vec<FieldError>,
    /// Finds the request in the server's log.
    #[schema(max_length = 128, pattern = "^[A-Za-z0-9._-]+$")]
    request_id: String,
}

impl ProblemBody {
    fn new(problem: &Problem, instance: &str, request_id: &str) -> Self {
        let (code, status, title) = problem.code.row();
        Self {
            kind: format!("/docs/problems#{code}"),
            title: title.to_owned(),
            status: i32::from(status),
            detail: problem.detail.clone(),
            instance: instance.to_owned(),
            code: code.to_owned(),
            errors: problem.errors.clone(),
            request_id: request_id.to_owned(),
        }
    }

    fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
