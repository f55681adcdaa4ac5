//! The outbox of events: facts for webhooks.
//!
//! To add one: a line in `kinds!`, its fields in svc-webhooks (`payload.rs`), its name in the API's
//! `WebhookEvent`; the compiler asks for all three.

use io_postgres::{DbError, TenantTx};
use serde_json::Value;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal;)*) => {
        /// What happened; the names are those of `WebhookEvent` in the API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// As it is stored, and the API's name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }
        }
    };
}

kinds! {
    /// A login was completed. Emitted where some endpoint wants it: there are as many as logins.
    LoginCompleted = "LOGIN_COMPLETED";
    /// A login was denied; likewise.
    LoginDenied = "LOGIN_DENIED";
    /// A login's tries were used up.
    ChallengeFailed = "CHALLENGE_FAILED";
    /// A factor became active.
    FactorAdded = "FACTOR_ADDED";
    /// A factor was removed.
    FactorRemoved = "FACTOR_REMOVED";
    /// A user was locked.
    UserLocked = "USER_LOCKED";
    /// A user asked the advisor for help.
    TemporaryAccessRequested = "TEMPORARY_ACCESS_REQUESTED";
    /// An advisor issued a code.
    TemporaryAccessIssued = "TEMPORARY_ACCESS_ISSUED";
    /// A message could not be delivered.
    MessageFailed = "MESSAGE_FAILED";
    /// Messages to a prefix of numbers were stopped.
    PrefixBlocked = "PREFIX_BLOCKED";
    /// A policy version was published.
    PolicyPublished = "POLICY_PUBLISHED";
    /// An import came to its end.
    ImportFinished = "IMPORT_FINISHED";
    /// The month's spending comes near its cap.
    SpendingCapNear = "SPENDING_CAP_NEAR";
    /// The month's spending has reached its cap.
    SpendingCapReached = "SPENDING_CAP_REACHED";
}

impl EventKind {
    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
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
