use diesel::result::{DatabaseErrorKind, Error as Diesel};
use diesel_async::pooled_connection::deadpool::PoolError;
use thiserror::Error;

/// What a query of this room answers.
pub type DbResult<T> = Result<T, DbError>;

/// How a query fails. Diesel's errors end here.
#[derive(Debug, Error)]
pub enum DbError {
    /// PostgreSQL cannot be reached, or the connection broke: the fate of a commit in flight is unknown.
    #[error("PostgreSQL is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No connection became free in time.
    #[error("no database connection became free in time")]
    Overloaded,
    /// The job is no longer held under this epoch: nothing was written.
    #[error("the job is held by somebody else now")]
    Fenced,
    /// A unique value is in use.
    #[error("a unique value is in use ({constraint})")]
    Unique {
        /// Name of the constraint or index.
        constraint: String,
    },
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The first request with this idempotency key has not ended yet.
    #[error("the first request with this idempotency key has not ended yet")]
    InFlight,
    /// A lock was not had in time: a twin is still at work.
    #[error("a lock was not had in time")]
    LockTimeout,
    /// The user created as many tasks today as they may.
    #[error("the user's tasks of the day are used up")]
    QuotaExceeded,
    /// These uploads do not exist, or are somebody else's.
    #[error("unknown files")]
    UnknownFiles(Vec<ninja_types::FileId>),
    /// These artifacts do not exist, or are somebody else's.
    #[error("unknown artifacts")]
    UnknownArtifacts(Vec<ninja_types::ArtifactId>),
    /// What the change builds on was deleted meanwhile.
    #[error("what the change builds on is gone")]
    Gone,
    /// A secret cannot be sealed or opened.
    #[error(transparent)]
    Sealed(#[from] crate::sealed::SealError),
    /// Two transactions stood in each other's way; tried again by this room.
    #[error("two transactions stood in each other's way")]
    Conflict(#[source] Diesel),
    /// A row holds what this version does not know, or lacks what must be there.
    #[error("a stored value cannot be read")]
    Stored(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The query itself is wrong.
    #[error("the query failed")]
    Query(#[source] Diesel),
}

impl DbError {
    /// The same transaction may succeed when run again.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }

    /// A stored value that this version cannot read.
    pub fn stored(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Stored(source.into())
    }
}

impl From<Diesel> for DbError {
    fn from(error: Diesel) -> Self {
        match error {
            Diesel::DatabaseError(kind, ref info) => match kind {
                DatabaseErrorKind::UniqueViolation => {
                    Self::Unique { constraint: info.constraint_name().unwrap_or_default().into() }
                }
                DatabaseErrorKind::SerializationFailure => Self::Conflict(error),
                DatabaseErrorKind::ClosedConnection => Self::Unavailable(error.into()),
                _ if info.message().starts_with("deadlock detected") => Self::Conflict(error),
                _ if info.message().contains("due to lock timeout") => Self::LockTimeout,
                _ if is_shutdown(info.message()) => Self::Unavailable(error.into()),
                _ => Self::Query(error),
            },
            Diesel::BrokenTransactionManager => Self::Unavailable(error.into()),
            other => Self::Query(other),
        }
    }
}

/// Diesel passes no SQLSTATE on, so class 57P and 08 are told by their messages (the server is set to English ones).
fn is_shutdown(message: &str) -> bool {
    const SIGNS: [&str; 9] = [
        "terminating connection",
        "the database system is",
        "connection closed",
        "error communicating with the server",
        "error connecting to server",
        "db error",
        "canceling statement due to statement timeout",
        "timed out",
        "kind: Closed",
    ];
    SIGNS.iter().any(|sign| message.contains(sign))
}

impl From<PoolError> for DbError {
    fn from(error: PoolError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<serde_json::Error> for DbError {
    fn from(error: serde_json::Error) -> Self {
        Self::stored(error)
    }
}

impl From<ninja_types::UnknownName> for DbError {
    fn from(error: ninja_types::UnknownName) -> Self {
        Self::stored(error)
    }
}
