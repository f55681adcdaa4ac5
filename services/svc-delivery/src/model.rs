//! A message as others see it.

use core_kernel::{ChallengeId, MessageId, Timestamp, UserId};
use serde::Deserialize;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
        pub enum $name {
            $($(#[$word_doc])* #[serde(rename = $text)] $word,)*
        }

        impl $name {
            /// All of them, in the order of the API.
            pub const ALL: &'static [Self] = &[$(Self::$word,)*];

            /// As it is stored, and the API's name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text,)* }
            }

            /// Reads what [`Self::as_str`] wrote.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }
    };
}

words! {
    /// How a message travels.
    MessageChannel {
        /// A text.
        Sms = "SMS",
        /// A call.
        Voice = "VOICE",
        /// A mail.
        Email = "EMAIL",
    }
}

words! {
    /// Why a message is sent.
    MessagePurpose {
        /// A code.
        Code = "CODE",
        /// A link that stands in for the password.
        OneTimeLink = "ONE_TIME_LINK",
        /// A request to enroll.
        EnrollmentReminder = "ENROLLMENT_REMINDER",
        /// An invitation to the console.
        AdminInvitation = "ADMIN_INVITATION",
        /// Something about the user's factors changed.
        SecurityNotice = "SECURITY_NOTICE",
        /// A user asks the advisor for help.
        TemporaryAccessRequest = "TEMPORARY_ACCESS_REQUEST",
        /// The spending cap is near, or reached.
        BillingNotice = "BILLING_NOTICE",
    }
}

words! {
    /// How far a message got.
    MessageStatus {
        /// In the outbox.
        Queued = "QUEUED",
        /// On its way to a provider.
        Sending = "SENDING",
        /// Taken by the provider: from here on it is billed.
        Accepted = "ACCEPTED",
        /// Known to have arrived.
        Delivered = "DELIVERED",
        /// Given up.
        Failed = "FAILED",
        /// Never handed to a provider.
        Canceled = "CANCELED",
    }
}

impl MessagePurpose {
    /// Whether such a message is charged, and held by the spending cap (as the function of that name in
    /// `80_ledger.sql`, which charges).
    #[must_use]
    pub const fn is_billed(self) -> bool {
        matches!(self, Self::Code | Self::OneTimeLink | Self::EnrollmentReminder)
    }
}

/// One step of a message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MessageEvent {
    /// When, by the tenant's clock.
    pub at: Timestamp,
    /// What it became.
    pub status: MessageStatus,
    /// What the provider said, for a person; never the code.
    #[serde(default)]
    pub detail: Option<String>,
}

/// One text, call or mail.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its identifier.
    pub id: MessageId,
    /// To whom, where it goes to a user.
    pub user: Option<UserId>,
    /// The challenge whose code it carries.
    pub challenge: Option<ChallengeId>,
    /// How it travels.
    pub channel: MessageChannel,
    /// Why.
    pub purpose: MessagePurpose,
    /// Where to, masked; empty where the destination was erased.
    pub destination: String,
    /// The number's country (ISO 3166-1 alpha-2).
    pub country: Option<String>,
    /// How far it got.
    pub status: MessageStatus,
    /// Who carried it.
    pub provider: Option<String>,
    /// Why it did not arrive.
    pub failure: Option<String>,
    /// What was sent; of SANDBOX tenants only.
    pub sandbox_body: Option<String>,
    /// When it was queued, by the tenant's clock.
    pub created_at: Timestamp,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// All steps, oldest first.
    pub timeline: Vec<MessageEvent>,
}

/// A number prefix to which no codes go at the moment: those that went were hardly ever given.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct BlockedPrefix {
    /// `+`, the country's calling code, and the first three digits of the national number.
    pub prefix: String,
    /// The country of the number that was the last straw.
    pub country: Option<String>,
    /// By the wall clock.
    pub since: Timestamp,
    /// How many codes went to strangers of the prefix last …
    pub sent: i32,
    /// … and how many of them were given.
    pub verified: i32,
}

/// Which messages are wanted; empty is all.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// Any of these channels.
    pub channel: Option<Vec<MessageChannel>>,
    /// Any of these.
    pub status: Option<Vec<MessageStatus>>,
    /// To this user.
    pub user: Option<UserId>,
}
