//! The API's closed sets of words.
//!
//! Most mirror an enum of a lower layer (`remote`), so that a value added there does not compile
//! until it has a description here. The database spells them as the API does
//! ([`from_word`]).

use async_graphql::{Enum, EnumType};

/// The value of that spelling.
pub fn from_word<E: EnumType>(word: &str) -> Option<E> {
    E::items().iter().find(|item| item.name == word).map(|item| item.value)
}

macro_rules! enums {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $value:ident,)* })*) => {$(
        #[derive(Enum, Debug, Clone, Copy, PartialEq, Eq, Hash)]
        $(#[$meta])*
        pub enum $name { $($(#[$doc])* $value,)* }
    )*};
}

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
    /// Whose second factor counts where administrators sign in by their company's identity provider.
    #[graphql(remote = "svc_sso::SecondFactorRule")]
    SecondFactorRule {
        /// Ours, at every sign-in.
        Postern,
        /// The provider's, where it says that one was proved; else ours.
        IdentityProvider,
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
    /// Which of a user's phones.
    #[graphql(remote = "core_policy::PhoneRole")]
    PhoneRole {
        /// The usual one.
        Primary,
        /// A fallback. Either may be a landline.
        Recovery,
    }
    /// What kind of line a phone is on.
    #[graphql(remote = "core_policy::PhoneLine")]
    PhoneLine {
        /// Takes texts and calls.
        Mobile,
        /// Reached by voice call only.
        Landline,
    }
    /// Where a factor stands.
    #[graphql(remote = "core_policy::FactorStatus")]
    FactorStatus {
        /// Enrolled but not yet confirmed; proves nothing.
        Pending,
        /// Can be proved.
        Active,
        /// Too many wrong codes: proves nothing, still counts as enrolled, until SUPPORT or a verified login replaces it.
        Disabled,
    }
    /// What an administrator may do.
    #[graphql(remote = "core_access::AdminRole")]
    AdminRole {
        /// Everything, billing and administrators included.
        Owner,
        /// Policy, users, integrations; not billing or administrators.
        Admin,
        /// All users and their factors: temporary access, unlock, reset, links.
        Support,
        /// The same, for the users assigned to them and no others.
        Advisor,
        /// The bill.
        Billing,
        /// Reads everything but secrets, changes nothing.
        Auditor,
    }
    /// What an API key may be used for.
    #[graphql(remote = "core_access::ApiScope")]
    ApiScope {
        /// The login path and, under a `loginId`, the user's own changes.
        Login,
        /// Users, imports, reminders; first enrollments without a login.
        Users,
        /// Help desk, one-time links, and changes to factors, levels and opt-outs without a login (the user is told).
        Support,
        /// Policies, simulation, settings, webhooks, the sandbox's clock.
        Policy,
        /// Reads everything but secrets.
        Read,
        /// Partner keys only: creates tenants and, in a tenant of theirs named by header, keys and administrators.
        Tenants,
    }
    /// LIVE reaches real phones and is billed. SANDBOX never leaves the platform: codes are read from `messages`.
    #[graphql(remote = "svc_directory::Environment")]
    Environment {
        /// Reaches real phones.
        Live,
        /// Never leaves the platform.
        Sandbox,
    }
    /// Whether a tenant is served.
    #[graphql(remote = "svc_directory::TenantStatus")]
    TenantStatus {
        /// Served.
        Active,
        /// Billing or the operator stopped it: logins are denied with TENANT_SUSPENDED, data stays readable.
        Suspended,
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
    /// Whether a user can log in.
    #[graphql(remote = "svc_directory::UserStatus")]
    UserStatus {
        /// Yes.
        Active,
        /// Not until the lock runs out or is lifted.
        Locked,
        /// Not until the tenant enables the user.
        Disabled,
    }
    /// How far a user has come.
    #[graphql(remote = "svc_directory::EnrollmentState")]
    EnrollmentState {
        /// No factor.
        NotEnrolled,
        /// No factor, and skipped enrollment.
        Skipped,
        /// Has a factor.
        Enrolled,
        /// Turned two-factor authentication off.
        OptedOut,
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
    /// How a message travels.
    #[graphql(remote = "svc_delivery::MessageChannel")]
    MessageChannel {
        /// A text message.
        Sms,
        /// A phone call.
        Voice,
        /// A mail.
        Email,
    }
    /// What a message is for.
    #[graphql(remote = "svc_delivery::MessagePurpose")]
    MessagePurpose {
        /// A code.
        Code,
        /// A link that stands in for the password.
        OneTimeLink,
        /// The announcement of the rollout.
        EnrollmentReminder,
        /// An invitation to the console.
        AdminInvitation,
        /// A change to a user's factors, told to the others.
        SecurityNotice,
        /// A user asks the advisor.
        TemporaryAccessRequest,
        /// The spending cap is near, or reached: told to those who answer for the bill.
        BillingNotice,
    }
    /// How usage is added up; in UTC.
    #[graphql(remote = "svc_billing::UsageBucket")]
    UsageBucket {
        /// By hours.
        Hour,
        /// By days.
        Day,
        /// By calendar months.
        Month,
    }
    /// Whether a tenant pays.
    #[graphql(remote = "svc_billing::PaymentStatus")]
    PaymentStatus {
        /// Nothing is collected.
        None,
        /// Payments arrive.
        Active,
        /// A payment failed.
        PastDue,
        /// The subscription has ended.
        Canceled,
    }
    /// How far an invoice is.
    #[graphql(remote = "svc_billing::InvoiceStatus")]
    InvoiceStatus {
        /// It is being written.
        Draft,
        /// It is to be paid.
        Open,
        /// It is paid.
        Paid,
        /// It does not hold.
        Void,
        /// It will not be paid.
        Uncollectible,
    }
    /// Where a message stands.
    #[graphql(remote = "svc_delivery::MessageStatus")]
    MessageStatus {
        /// Waiting for a worker.
        Queued,
        /// On its way to a provider.
        Sending,
        /// Taken by the provider: from here on it is billed.
        Accepted,
        /// Arrived.
        Delivered,
        /// Did not arrive.
        Failed,
        /// Never handed to a provider: cap reached, destination blocked, or expired while queued.
        Canceled,
    }
    /// Where a plea stands.
    #[graphql(remote = "svc_helpdesk::RequestStatus")]
    TemporaryAccessRequestStatus {
        /// Waiting for the advisor.
        Open,
        /// Answered with a code.
        Approved,
        /// Answered with no.
        Declined,
        /// The login ended first.
        Expired,
    }
    /// How far a job has come.
    #[graphql(remote = "svc_simulation::SimulationStatus")]
    JobStatus {
        /// Waiting for a worker.
        Queued,
        /// At work.
        Running,
        /// Done.
        Completed,
        /// It broke off.
        Failed,
        /// Somebody ended it.
        Canceled,
    }
    /// What a file holds.
    #[graphql(remote = "svc_onboarding::ImportKind")]
    ImportKind {
        /// Users of a tenant.
        Users,
        /// Tenants of a partner.
        Tenants,
    }
    /// How far an import has come.
    #[graphql(remote = "svc_onboarding::ImportStatus")]
    ImportStatus {
        /// Waiting for a worker.
        Queued,
        /// At work.
        Running,
        /// Every row is in.
        Completed,
        /// Some rows were refused; the others are in.
        CompletedWithErrors,
        /// The file could not be read; nothing was changed.
        Failed,
        /// Somebody ended it; what was in by then stays.
        Canceled,
    }
    /// What an endpoint is told of. On the wire in the form `login.completed`.
    #[graphql(remote = "svc_audit::EventKind")]
    WebhookEvent {
        /// A login was completed, or allowed.
        LoginCompleted,
        /// A login was denied.
        LoginDenied,
        /// A login's tries were used up.
        ChallengeFailed,
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
        /// Messages to a prefix of numbers were stopped.
        PrefixBlocked,
        /// A policy version was published.
        PolicyPublished,
        /// An import came to its end.
        ImportFinished,
        /// The month's spending comes near its cap.
        SpendingCapNear,
        /// The month's spending has reached its cap.
        SpendingCapReached,
    }
    /// How far a webhook's delivery is.
    #[graphql(remote = "svc_webhooks::DeliveryStatus")]
    WebhookDeliveryStatus {
        /// Waiting for its first or next attempt.
        Queued,
        /// On its way.
        Sending,
        /// It arrived: the answer was a 2xx.
        Delivered,
        /// Given up after about three days; `redeliverWebhook` sends it again.
        Failed,
        /// Not sent: its endpoint was disabled.
        Canceled,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_lower_layers() {
        for reason in core_policy::DecisionReason::ALL {
            assert_eq!(from_word(reason.as_str()), Some(DecisionReason::from(*reason)));
        }
        for role in core_access::AdminRole::ALL {
            assert_eq!(from_word(role.as_str()), Some(AdminRole::from(role)));
        }
        assert_eq!(from_word::<AdminRole>("owner"), None);
        for kind in svc_audit::EventKind::ALL {
            assert_eq!(from_word(kind.as_str()), Some(WebhookEvent::from(*kind)));
        }
        for status in svc_webhooks::DeliveryStatus::ALL {
            assert_eq!(from_word(status.as_str()), Some(WebhookDeliveryStatus::from(status)));
        }
    }
}
