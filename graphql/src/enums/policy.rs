//! Of policies: what they allow, and of whom.

use async_graphql::Enum;

enums! {
    /// A way of proving a second factor that a policy can allow.
    #[graphql(remote = "core_policy::Channel")]
    Channel {
        /// A text message.
        Sms,
        /// A phone call.
        Voice,
        /// A mail; weaker than the rest and off until an administrator accepts it on record.
        Email,
        /// An authenticator app, RFC 6238.
        Totp,
        /// `WebAuthn`.
        Passkey,
    }
    /// How often a second factor is asked for.
    #[graphql(remote = "core_policy::SecurityLevel")]
    SecurityLevel {
        /// Adaptive: a second factor only when the login is unusual.
        Standard,
        /// A second factor at every login.
        High,
    }
    /// Whose people.
    #[graphql(remote = "core_policy::UserKind")]
    UserKind {
        /// The organisation's own people.
        Internal,
        /// Clients and counterparties.
        External,
    }
    /// Where a version of a policy stands.
    #[graphql(remote = "svc_policy::PolicyStatus")]
    PolicyStatus {
        /// Takes effect later.
        Scheduled,
        /// In force.
        Active,
        /// Was in force.
        Superseded,
        /// Was scheduled and withdrawn.
        Canceled,
    }
}
