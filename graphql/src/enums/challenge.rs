//! Of challenges: what is proved, and by which way a code goes.

use async_graphql::Enum;

enums! {
    /// A way to complete a login by a proof.
    #[graphql(remote = "core_policy::MethodChannel")]
    MethodChannel {
        /// A text message.
        Sms,
        /// A phone call.
        Voice,
        /// A mail.
        Email,
        /// An authenticator app.
        Totp,
        /// A passkey.
        Passkey,
        /// A code that the user wrote down.
        BackupCode,
        /// A code that an advisor issued.
        TemporaryAccessCode,
    }
    /// Where a challenge stands.
    ChallengeStatus {
        /// Waiting for its proof.
        Pending,
        /// Proved.
        Verified,
        /// Over.
        Expired,
        /// Too many wrong codes.
        Failed,
        /// The login was completed another way.
        Superseded,
    }
    /// How a code reaches a phone.
    PhoneChannel {
        /// By a text message.
        Sms,
        /// By a call.
        Voice,
    }
}
