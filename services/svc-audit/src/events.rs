//! The outbox of events: facts for webhooks.

use io_postgres::{DbError, TenantTx};
use serde_json::Value;

/// What happened; the names are those of `WebhookEvent` in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A factor became active.
    FactorAdded,
    /// A factor was removed.
    FactorRemoved,
    /// A user was locked.
    UserLocked,
    /// A user asked the advisor for help.
    TemporaryAccessRequested,
    /// An advisor issued a code.
    TemporaryAccessIssued,
    /// A message could not be delivered.
    MessageFailed,
    /// A policy version was published.
    PolicyPublished,
}

impl EventKind {
    /// The API's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FactorAdded => "FACTOR_ADDED",
            Self::FactorRemoved => "FACTOR_REMOVED",
            Self::UserLocked => "USER_LOCKED",
            Self::TemporaryAccessRequested => "TEMPORARY_ACCESS_REQUESTED",
            Self::TemporaryAccessIssued => "TEMPORARY_ACCESS_ISSUED",
            Self::MessageFailed => "MESSAGE_FAILED",
            Self::PolicyPublished => "POLICY_PUBLISHED",
        }
    }
}

/// Puts an event into the outbox. The payload names rows by identifier and holds no secret.
///
/// # Errors
/// When the database fails.
pub async fn emit(tx: &mut TenantTx, kind: EventKind, payload: &Value) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("select add_event($1, $2, $3)")
        .bind(tenant)
        .bind(kind.as_str())
        .bind(payload)
        .execute(tx.connection())
        .await?;
    Ok(())
}
