//! The closed sets of words. A word has one spelling, in the API, in the database and in JSON, so
//! that nothing needs translating on the way.
//!
//! To add a word: a line in its table below.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name as the API and the database spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// Reads exactly what [`Self::as_str`] writes; `None` for any other spelling.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

names! {
    /// A way of proving a second factor that a policy can allow.
    Channel {
        /// A text message.
        Sms = "SMS",
        /// A phone call.
        Voice = "VOICE",
        /// A mail; weaker than the rest and off until it is accepted on record.
        Email = "EMAIL",
        /// An authenticator app (RFC 6238).
        Totp = "TOTP",
        /// A passkey (`WebAuthn` Level 3).
        Passkey = "PASSKEY",
    }
    /// How often a second factor is asked for. The order is that of strictness.
    #[derive(PartialOrd, Ord)]
    SecurityLevel {
        /// Adaptive: when the login is unusual.
        Standard = "STANDARD",
        /// At every login.
        High = "HIGH",
    }
    /// Whose people: the audience that a policy sees.
    UserKind {
        /// The tenant's own people.
        Internal = "INTERNAL",
        /// Clients and counterparties.
        External = "EXTERNAL",
    }
    /// What a login is for.
    LoginPurpose {
        /// Getting in.
        SignIn = "SIGN_IN",
        /// A fresh proof within an open session.
        StepUp = "STEP_UP",
    }
    /// What the integrator accepted before it asked.
    FirstFactor {
        /// A password.
        Password = "PASSWORD",
        /// Single sign-on.
        Sso = "SSO",
        /// A link mailed to the user; a second factor always follows.
        OneTimeLink = "ONE_TIME_LINK",
    }
    /// What the policy decided.
    LoginOutcome {
        /// In, without a second factor.
        Allow = "ALLOW",
        /// A factor must be proved.
        Challenge = "CHALLENGE",
        /// A factor must, or may, be enrolled.
        Enroll = "ENROLL",
        /// Out.
        Deny = "DENY",
    }
    /// Why: the row of the table that won.
    DecisionReason {
        /// From an allowed network.
        AllowedNetwork = "ALLOWED_NETWORK",
        /// On a device on which a factor was proved.
        TrustedDevice = "TRUSTED_DEVICE",
        /// Nothing unusual.
        LowRisk = "LOW_RISK",
        /// The level is HIGH.
        HighLevel = "HIGH_LEVEL",
        /// Unusual.
        RiskDetected = "RISK_DETECTED",
        /// STANDARD does not adapt yet, or the risk is unknown.
        AdaptiveNotStarted = "ADAPTIVE_NOT_STARTED",
        /// The first factor was a mailed link.
        OneTimeLink = "ONE_TIME_LINK",
        /// A fresh proof was asked for.
        StepUp = "STEP_UP",
        /// The user had opted out, and it is mandatory now.
        OptOutEnded = "OPT_OUT_ENDED",
        /// Enrollment has not opened.
        EnrollmentNotOpen = "ENROLLMENT_NOT_OPEN",
        /// Enrollment may be skipped.
        EnrollmentOptional = "ENROLLMENT_OPTIONAL",
        /// Enrollment may not be skipped.
        EnrollmentRequired = "ENROLLMENT_REQUIRED",
        /// The user opted out.
        OptedOut = "OPTED_OUT",
        /// The user is locked.
        UserLocked = "USER_LOCKED",
        /// The user is disabled.
        UserDisabled = "USER_DISABLED",
        /// Too unusual.
        RiskTooHigh = "RISK_TOO_HIGH",
        /// Nothing enrolled can be proved under this policy.
        NoUsableFactor = "NO_USABLE_FACTOR",
        /// The tenant is suspended.
        TenantSuspended = "TENANT_SUSPENDED",
    }
    /// A way to complete a login by a proof.
    MethodChannel {
        /// A text message.
        Sms = "SMS",
        /// A phone call.
        Voice = "VOICE",
        /// A mail.
        Email = "EMAIL",
        /// An authenticator app.
        Totp = "TOTP",
        /// A passkey.
        Passkey = "PASSKEY",
        /// A code that the user wrote down.
        BackupCode = "BACKUP_CODE",
        /// A code that an advisor issued.
        TemporaryAccessCode = "TEMPORARY_ACCESS_CODE",
    }
    /// How a login was completed.
    Completion {
        /// By a text message.
        Sms = "SMS",
        /// By a phone call.
        Voice = "VOICE",
        /// By a mail.
        Email = "EMAIL",
        /// By an authenticator app.
        Totp = "TOTP",
        /// By a passkey.
        Passkey = "PASSKEY",
        /// By a backup code.
        BackupCode = "BACKUP_CODE",
        /// By an advisor's code.
        TemporaryAccessCode = "TEMPORARY_ACCESS_CODE",
        /// By confirming a factor.
        Enrolled = "ENROLLED",
        /// By skipping enrollment.
        Skipped = "SKIPPED",
    }
    /// Which of a user's phones.
    PhoneRole {
        /// The usual one.
        Primary = "PRIMARY",
        /// The fallback.
        Recovery = "RECOVERY",
    }
    /// What kind of line a phone is on.
    PhoneLine {
        /// Takes texts and calls.
        Mobile = "MOBILE",
        /// Takes calls alone.
        Landline = "LANDLINE",
    }
    /// Where a factor stands.
    FactorStatus {
        /// Not confirmed: proves nothing, counts for nothing.
        Pending = "PENDING",
        /// Can be proved.
        Active = "ACTIVE",
        /// Too many wrong codes: proves nothing, but still counts as enrolled.
        Disabled = "DISABLED",
    }
    /// What kind of factor; a phone's role is part of it.
    FactorKind {
        /// The primary phone.
        PhonePrimary = "PHONE_PRIMARY",
        /// The recovery phone.
        PhoneRecovery = "PHONE_RECOVERY",
        /// A mailbox.
        Email = "EMAIL",
        /// An authenticator app.
        Totp = "TOTP",
        /// A passkey.
        Passkey = "PASSKEY",
        /// A set of backup codes; no factor as far as enrollment is concerned.
        BackupCodes = "BACKUP_CODES",
    }
}

impl From<Channel> for MethodChannel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Sms => Self::Sms,
            Channel::Voice => Self::Voice,
            Channel::Email => Self::Email,
            Channel::Totp => Self::Totp,
            Channel::Passkey => Self::Passkey,
        }
    }
}

impl From<MethodChannel> for Completion {
    fn from(channel: MethodChannel) -> Self {
        match channel {
            MethodChannel::Sms => Self::Sms,
            MethodChannel::Voice => Self::Voice,
            MethodChannel::Email => Self::Email,
            MethodChannel::Totp => Self::Totp,
            MethodChannel::Passkey => Self::Passkey,
            MethodChannel::BackupCode => Self::BackupCode,
            MethodChannel::TemporaryAccessCode => Self::TemporaryAccessCode,
        }
    }
}

impl From<PhoneRole> for FactorKind {
    fn from(role: PhoneRole) -> Self {
        match role {
            PhoneRole::Primary => Self::PhonePrimary,
            PhoneRole::Recovery => Self::PhoneRecovery,
        }
    }
}

impl FactorKind {
    /// The role, where it is a phone.
    #[must_use]
    pub const fn phone_role(self) -> Option<PhoneRole> {
        match self {
            Self::PhonePrimary => Some(PhoneRole::Primary),
            Self::PhoneRecovery => Some(PhoneRole::Recovery),
            _ => None,
        }
    }

    /// Whether it counts as a factor when the question is *has this user enrolled*: backup codes do not.
    #[must_use]
    pub const fn counts_as_enrolled(self) -> bool {
        !matches!(self, Self::BackupCodes)
    }
}
