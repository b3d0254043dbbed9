//! What can go wrong in the store; every database error is mapped here.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use thiserror::Error;

/// An error of the store.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// The database can't be reached, or no connection was free in time.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The disk of the database is full.
    #[error("the disk of the database is full: {0}")]
    Full(String),
    /// The database can be read alone.
    #[error("the database can't be written to: {0}")]
    ReadOnly(String),
    /// Something took longer to read than it may.
    #[error("a read took too long: {0}")]
    TooLong(String),
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

/// What databases say of what passes by itself, or with the disk: of a lock of SQLite, of files that
/// can't be read or opened, and of a Postgres server that is stopped or started.
const PASSING: [&str; 5] = [
    "database is locked",
    "disk I/O error",
    "unable to open database file",
    "terminating connection",
    "the database system is ",
];
/// What they say when there is no room.
const FULL: [&str; 2] = ["database or disk is full", "No space left on device"];
/// What Postgres says when a statement takes longer than it may.
const TOO_LONG: [&str; 1] = ["due to statement timeout"];
/// What SQLite says when it may not write; Postgres has a kind for that.
const READ_ONLY: [&str; 1] = ["attempt to write a readonly database"];

impl StoreError {
    /// Whether the database can take nothing just now, whatever it is given.
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_) | Self::Full(_) | Self::ReadOnly(_)
        )
    }

    /// What a message stands for that no kind tells apart.
    fn of_message(message: &str) -> Option<Self> {
        let says = |parts: &[&str]| parts.iter().any(|part| message.contains(part));
        let message = message.to_owned();
        if says(&PASSING) {
            return Some(Self::Unavailable(message));
        }
        if says(&FULL) {
            return Some(Self::Full(message));
        }
        if says(&TOO_LONG) {
            return Some(Self::TooLong(message));
        }
        says(&READ_ONLY).then_some(Self::ReadOnly(message))
    }
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
            DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, details) => {
                Self::ReadOnly(details.message().to_owned())
            }
            DieselError::DatabaseError(kind, details) => {
                let known = Self::of_message(details.message());
                known.unwrap_or_else(|| {
                    let other = DieselError::DatabaseError(kind, details);
                    Self::Database(other.to_string())
                })
            }
            DieselError::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            // A disk that is full, among others, makes SQLite end a transaction by itself.
            DieselError::NotInTransaction => {
                Self::Unavailable("the transaction was ended by the database".to_owned())
            }
            DieselError::BrokenTransactionManager => {
                Self::Unavailable("the connection was lost within a transaction".to_owned())
            }
            DieselError::DeserializationError(cause) => Self::Corrupt(cause.to_string()),
            other => Self::Database(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_no_kind_tells_apart_are_known() {
        let of = |message: &str| {
            let kind = DatabaseErrorKind::Unknown;
            let details = Box::new(message.to_owned());
            StoreError::from(DieselError::DatabaseError(kind, details))
        };
        for message in ["database is locked", "disk I/O error"] {
            assert!(matches!(of(message), StoreError::Unavailable(_)));
        }
        for message in [
            "database or disk is full",
            "could not extend file \"base/5/16\": No space left on device",
        ] {
            assert!(matches!(of(message), StoreError::Full(_)));
            assert!(of(message).is_outage());
        }
        let message = "canceling statement due to statement timeout";
        assert!(matches!(of(message), StoreError::TooLong(_)));
        let message = "attempt to write a readonly database";
        assert!(matches!(of(message), StoreError::ReadOnly(_)));
        assert!(matches!(of("no such table"), StoreError::Database(_)));
        assert!(!of("no such table").is_outage());
    }
}
