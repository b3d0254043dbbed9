//! What can go wrong in the store; every database error is mapped here.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use thiserror::Error;

/// An error of the store.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// The database can't be reached, or no connection was free in time.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A value that must be unique is taken.
    #[error("another {0} has this value")]
    Conflict(String),
    /// A value that must be unique is, or was, another's.
    #[error("/{member} {message}")]
    Taken {
        /// The member that holds it.
        member: &'static str,
        /// Whose it is.
        message: String,
    },
    /// A value that can't be taken, given what is stored.
    #[error("/{member} {message}")]
    Refused {
        /// The member, or parameter, that holds it.
        member: &'static str,
        /// What would be valid.
        message: String,
    },
    /// What is to be changed is no longer what the writer has seen.
    #[error("it has changed meanwhile")]
    MovedOn,
    /// The step can't be taken from where the thing is.
    #[error("{0}")]
    NotNow(String),
    /// Something is still carried by others.
    #[error("{0}")]
    InUse(String),
    /// What is given can't be stored, with the reason.
    #[error("{0}")]
    Invalid(String),
    /// What is stored can't be read.
    #[error("stored data can't be read: {0}")]
    Corrupt(String),
    /// The database was made by a newer Newsstand.
    #[error(
        "the database is newer than this Newsstand: it has the migrations {0}, which this binary \
         does not know; use the version that made it, or a later one"
    )]
    Newer(String),
    /// The database lacks migrations that this Newsstand needs.
    #[error("the database is not up to date: it lacks {0}; run `newsstand migrate`")]
    Older(String),
    /// A copy into the database was begun and not finished.
    #[error(
        "the database is not whole: a copy into it was not finished; run `newsstand copy` again"
    )]
    Unfinished,
    /// Anything else that the database says.
    #[error("database error: {0}")]
    Database(String),
}

/// What databases say of what passes by itself: of a lock of SQLite, and of a Postgres server that
/// is stopped or started.
const PASSING: [&str; 3] = [
    "database is locked",
    "terminating connection",
    "the database system is ",
];

fn passes(message: &str) -> bool {
    PASSING.iter().any(|part| message.contains(part))
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, details) => {
                // Postgres names the constraint, SQLite says the column in its message.
                let place = details
                    .constraint_name()
                    .unwrap_or_else(|| details.message());
                Self::Conflict(place.to_owned())
            }
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, details) => {
                Self::Unavailable(details.message().to_owned())
            }
            DieselError::DatabaseError(_, details) if passes(details.message()) => {
                Self::Unavailable(details.message().to_owned())
            }
            DieselError::BrokenTransactionManager => {
                Self::Unavailable("the connection was lost within a transaction".to_owned())
            }
            DieselError::DeserializationError(cause) => Self::Corrupt(cause.to_string()),
            other => Self::Database(other.to_string()),
        }
    }
}
