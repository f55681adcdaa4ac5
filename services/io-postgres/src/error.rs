//! What can go wrong with the database, sorted into *try again* and *broken*.

use core_kernel::{Fault, Stop};
use thiserror::Error;

/// An error of the driver or of PostgreSQL.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct DbError(#[from] pub sqlx::Error);

impl DbError {
    /// The name of the constraint that a statement violated, by which a store turns it into a refusal.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.0.as_database_error().and_then(|error| error.constraint())
    }

    /// Whether a retry may succeed: no connection, a shutdown or failover, a full server, a lock
    /// or statement that took too long.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match &self.0 {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
            | sqlx::Error::Protocol(_) => true,
            sqlx::Error::Database(error) => error.code().is_some_and(|code| is_transient(&code)),
            _ => false,
        }
    }
}

/// Classes 08 (connection), 53 (resources), 57P (shutdown), 25006 (read only after a failover),
/// 40001/40P01 (serialisation, deadlock), 55P03/57014 (lock or statement time-out).
fn is_transient(code: &str) -> bool {
    code.starts_with("08")
        || code.starts_with("53")
        || code.starts_with("57P")
        || matches!(code, "25006" | "40001" | "40P01" | "55P03" | "57014")
}

impl From<DbError> for Fault {
    fn from(error: DbError) -> Self {
        if error.is_unavailable() {
            tracing::warn!(error = %error, "database unavailable");
            Self::Unavailable
        } else {
            Self::internal(error)
        }
    }
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Fault(error.into())
    }
}
