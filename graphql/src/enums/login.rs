//! Of logins: what is asked, decided, and how it ends.

use async_graphql::Enum;

enums! {
    /// What a login is for.
    #[graphql(remote = "core_policy::LoginPurpose")]
    LoginPurpose {
        /// Getting in.
        SignIn,
        /// An open session asks for a fresh proof, before a change of settings, say: never ALLOW while the user has a factor.
        StepUp,
    }
    /// What the integrator accepted before it asked.
    #[graphql(remote = "core_policy::FirstFactor")]
    FirstFactor {
        /// A password.
        Password,
        /// Single sign-on.
        Sso,
        /// A mailed link; a second factor always follows.
        OneTimeLink,
    }
    /// What the policy decided.
    #[graphql(remote = "core_policy::LoginOutcome")]
    LoginOutcome {
        /// In, without a second factor.
        Allow,
        /// A factor must be proved.
        Challenge,
        /// A factor must be enrolled, or may be.
        Enroll,
        /// Out.
        Deny,
    }
    /// Why.
    #[graphql(remote = "core_policy::DecisionReason")]
    DecisionReason {
        /// From a network that the policy allows.
        AllowedNetwork,
        /// On a device on which a factor was proved.
        TrustedDevice,
        /// Nothing unusual.
        LowRisk,
        /// The level is HIGH.
        HighLevel,
        /// The login is unusual.
        RiskDetected,
        /// STANDARD does not adapt yet, or the risk is unknown.
        AdaptiveNotStarted,
        /// The first factor was a mailed link.
        OneTimeLink,
        /// A fresh proof was asked for.
        StepUp,
        /// The user had opted out, and it is mandatory now.
        OptOutEnded,
        /// Enrollment has not opened.
        EnrollmentNotOpen,
        /// Enrollment may be skipped.
        EnrollmentOptional,
        /// Enrollment may not be skipped.
        EnrollmentRequired,
        /// The user opted out.
        OptedOut,
        /// The user is locked.
        UserLocked,
        /// The user is disabled.
        UserDisabled,
        /// The login is too unusual.
        RiskTooHigh,
        /// Every factor is on a channel that the policy no longer allows, or is disabled.
        NoUsableFactor,
        /// The tenant is suspended.
        TenantSuspended,
    }
    /// How a login was completed.
    #[graphql(remote = "core_policy::Completion")]
    Completion {
        /// By a text message.
        Sms,
        /// By a phone call.
        Voice,
        /// By a mail.
        Email,
        /// By an authenticator app.
        Totp,
        /// By a passkey.
        Passkey,
        /// By a backup code.
        BackupCode,
        /// By an advisor's code.
        TemporaryAccessCode,
        /// By confirming a factor.
        Enrolled,
        /// By skipping enrollment.
        Skipped,
    }
    /// What was found unusual.
    RiskSignalKind {
        /// Too far since the last login.
        ImpossibleTravel,
        /// A device not seen lately.
        NewDevice,
        /// A country not seen lately.
        NewCountry,
        /// A network not seen lately.
        NewNetwork,
        /// Tor, a proxy or a hosting network.
        Anonymizer,
        /// Wrong codes in the last hour.
        FailedAttempts,
        /// No login for a long time.
        DormantUser,
        /// No completed login yet.
        FirstLogin,
        /// A factor changed lately from elsewhere.
        FactorRecentlyChanged,
        /// An hour of day that is not the user's.
        UnusualTime,
    }
}
