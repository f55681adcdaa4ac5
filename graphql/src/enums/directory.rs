//! Of tenants, their users, and the people and programs that act for them.

use async_graphql::Enum;

enums! {
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
    /// Whose second factor counts where administrators sign in by their company's identity provider.
    #[graphql(remote = "svc_sso::SecondFactorRule")]
    SecondFactorRule {
        /// Ours, at every sign-in.
        Postern,
        /// The provider's, where it says that one was proved; else ours.
        IdentityProvider,
    }
}
