//! Identifiers: a UUIDv7 inside, outside an opaque text that carries its type.
//!
//! The text is `prefix_` and 26 characters of Crockford's base32 (the TypeID convention), so that a
//! person sees in a log what it names and a tenant's identifier is never taken for a user's.
//!
//! To add one: a line in the `ids!` table below.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use data_encoding::Encoding;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use uuid::Uuid;

use crate::{Entropy, Timestamp};

static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut spec = data_encoding::Specification::new();
    spec.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    spec.encoding().expect("a fixed alphabet")
});

/// Encodes bytes as lower-case Crockford base32, without padding.
#[must_use]
pub fn encode_base32(bytes: &[u8]) -> String {
    BASE32.encode(bytes)
}

/// Decodes what [`encode_base32`] wrote; `None` for anything else, other spellings included.
#[must_use]
pub fn decode_base32(text: &str) -> Option<Vec<u8>> {
    BASE32.decode(text.as_bytes()).ok()
}

/// An identifier that names its type in its text form.
pub trait TypedId: Copy + From<Uuid> + Into<Uuid> {
    /// What stands before the underscore.
    const PREFIX: &'static str;

    /// The public text.
    fn to_text(self) -> String {
        format!("{}_{}", Self::PREFIX, encode_base32(self.into().as_bytes()))
    }

    /// Reads the public text; `None` for anything that is not exactly it.
    fn from_text(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(Self::PREFIX)?.strip_prefix('_')?;
        let bytes: [u8; 16] = decode_base32(encoded)?.try_into().ok()?;
        Some(Self::from(Uuid::from_bytes(bytes)))
    }
}

/// When a UUIDv7 was made, to the millisecond; none for any other.
#[must_use]
pub fn made_at(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

/// The first day of the month in which a UUIDv7 was made: the partition of what grows without end.
#[must_use]
pub fn month_of(id: Uuid) -> NaiveDate {
    made_at(id).unwrap_or_default().date_naive().with_day(1).unwrap_or_default()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl TypedId for $name {
            const PREFIX: &'static str = $prefix;
        }

        impl $name {
            /// A new identifier, ordered by `now`.
            #[must_use]
            pub fn new(entropy: &dyn Entropy, now: Timestamp) -> Self {
                Self(entropy.uuid_v7(now))
            }

            /// The month of its partition.
            #[must_use]
            pub fn month(self) -> NaiveDate {
                month_of(self.0)
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.to_text())
            }
        }
    )*};
}

ids! {
    /// A firm that owns tenants.
    PartnerId = "partner";
    /// A firm with its own policy, users and administrators.
    TenantId = "tenant";
    /// One numbered version of a tenant's policy.
    PolicyId = "policy";
    /// A rehearsal of a policy on logins of the past.
    PolicySimulationId = "simulation";
    /// An administrator's role in one tenant.
    AdminId = "admin";
    /// The person behind one or more administrators: what signs in.
    AccountId = "account";
    /// A person's session in the console.
    ConsoleSessionId = "visit";
    /// An integrator's credential.
    ApiKeyId = "apikey";
    /// A person whose logins are protected.
    UserId = "user";
    /// What a user can prove.
    FactorId = "factor";
    /// A device on which a factor was proved.
    DeviceId = "device";
    /// One attempt to get in.
    LoginId = "login";
    /// One proof asked of one factor.
    ChallengeId = "challenge";
    /// One text, call or mail.
    MessageId = "message";
    /// A code that an advisor reads to a user.
    TemporaryAccessCodeId = "tac";
    /// A user's plea to the advisor.
    TemporaryAccessRequestId = "tar";
    /// A single-use link that stands in for the password.
    OneTimeLinkId = "link";
    /// A hosted prompt.
    PromptId = "prompt";
    /// One row of the audit log.
    AuditEntryId = "audit";
    /// Something that happened, of which endpoints are told.
    EventId = "event";
    /// Where a tenant is told of events.
    WebhookEndpointId = "endpoint";
    /// One event on its way to one endpoint.
    WebhookDeliveryId = "delivery";
    /// One sending of reminders to all who have not enrolled.
    ReminderRunId = "reminder";
    /// A file of users or tenants, and what becomes of it.
    ImportId = "import";
}

/// The tenant in which administrators are users, so that their second factor is Postern's own.
pub const PLATFORM_TENANT: TenantId = TenantId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededEntropy;

    fn sample() -> UserId {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        UserId::new(&SeededEntropy::new(7), now)
    }

    #[test]
    fn text_round_trips_and_names_its_type() {
        let id = sample();
        let text = id.to_text();
        assert!(text.starts_with("user_") && text.len() == 31, "{text}");
        assert_eq!(UserId::from_text(&text), Some(id));
        assert_eq!(TenantId::from_text(&text.replace("user_", "tenant_")).map(|t| t.0), Some(id.0));
    }

    #[test]
    fn anything_else_is_no_identifier() {
        let text = sample().to_text();
        for bad in [
            "",
            "user_",
            "user",
            "tenant_00000000000000000000000000",
            &text[..30],
            &format!("{text}0"),
            &text.to_uppercase(),
        ] {
            assert_eq!(UserId::from_text(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_month_is_that_of_the_identifier() {
        assert_eq!(sample().month(), NaiveDate::from_ymd_opt(2026, 9, 1).unwrap());
    }
}
