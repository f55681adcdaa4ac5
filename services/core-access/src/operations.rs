//! The table of operations: the one place that says who may call what.
//!
//! To add an operation: a line in `operations!`, with `partner […]` where it is the partner's own. The matrix file is printed from it
//! (`UPDATE=1 cargo test -p graphql --test authorization_matrix`), and that test compares the two.

use crate::{AdminRole, ApiScope, RoleSet, ScopeSet};

/// Who may call one operation.
#[derive(Debug, Clone, Copy)]
pub struct OperationRule {
    /// The operation.
    pub operation: Operation,
    /// Any of these scopes allows an API key to call it.
    pub scopes: ScopeSet,
    /// Any of these roles allows an administrator to call it. An ADVISOR reaches the users assigned to them alone.
    pub roles: RoleSet,
    /// Any of these roles allows somebody who answers for a partner to call it, for the partner or in one of its
    /// tenants.
    pub partner_roles: RoleSet,
}

/// What a person may in their partner's tenants: what their role may there, and the partner's key as well.
/// Users are assigned to a tenant's own people, so that there is nothing for an ADVISOR.
const fn in_tenants_of_partner(scopes: ScopeSet, roles: RoleSet) -> RoleSet {
    if scopes.is_empty() { RoleSet::NONE } else { roles.without(AdminRole::Advisor) }
}

macro_rules! operations {
    (@partner $scopes:expr, $roles:expr,) => { in_tenants_of_partner($scopes, $roles) };
    (@partner $scopes:expr, $roles:expr, $($partner:ident)+) => { RoleSet::of(&[$(AdminRole::$partner,)+]) };
    ($($(#[$doc:meta])* $name:ident = $field:literal, [$($scope:ident)*], [$($role:ident)*]
        $(, partner [$($partner:ident)+])?;)*) => {
        /// A field of the API's roots, or a group of fields of the same power.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation {
            $(
                $(#[$doc])*
                #[doc = concat!("`", $field, "`")]
                $name,
            )*
        }

        /// Every operation with who may call it.
        pub const OPERATIONS: &[OperationRule] = &[
            $(OperationRule {
                operation: Operation::$name,
                scopes: ScopeSet::of(&[$(ApiScope::$scope,)*]),
                roles: RoleSet::of(&[$(AdminRole::$role,)*]),
                partner_roles: operations!(@partner
                    ScopeSet::of(&[$(ApiScope::$scope,)*]), RoleSet::of(&[$(AdminRole::$role,)*]), $($($partner)+)?),
            },)*
        ];

        impl Operation {
            /// The field of the API, e.g. `evaluateLogin`.
            #[must_use]
            pub const fn field(self) -> &'static str {
                match self { $(Self::$name => $field,)* }
            }
        }
    };
}

operations! {
    /// Who am I.
    Viewer = "viewer", [Login Users Support Policy Read Tenants], [Owner Admin Support Advisor Billing Auditor],
        partner [Owner Admin Support Advisor Billing Auditor];
    /// The tenant's name, clock and settings.
    ReadTenant = "tenant", [Login Users Support Policy Read Tenants], [Owner Admin Support Advisor Billing Auditor];
    /// Users, factors, devices, progress.
    ReadUsers = "tenant.users", [Read Users Support], [Owner Admin Support Advisor Auditor];
    /// One user by reference.
    ReadUser = "user", [Read Users Support Login], [Owner Admin Support Advisor Auditor];
    /// One login by identifier.
    ReadLogin = "login", [Read Login Support], [Owner Admin Support Advisor Auditor];
    /// The list of logins.
    ReadLogins = "tenant.logins", [Read Support], [Owner Admin Support Advisor Auditor];
    /// The list of messages.
    ReadMessages = "tenant.messages", [Read Support], [Owner Admin Support Advisor Auditor];
    /// The policy in force and its versions.
    ReadPolicy = "tenant.policy", [Read Policy Login Support], [Owner Admin Support Advisor Auditor];
    /// Requests for temporary access.
    ReadTemporaryAccess = "tenant.temporaryAccessRequests", [Read Support], [Owner Admin Support Advisor Auditor];
    /// API keys, without their secrets.
    ReadApiKeys = "tenant.apiKeys", [Read Tenants], [Owner Admin Auditor];
    /// Administrators and their roles.
    ReadAdmins = "tenant.admins", [Read Support Tenants], [Owner Admin Auditor];
    /// The tenant's own identity provider, without its secret.
    ReadIdentityProvider = "tenant.identityProvider", [], [Owner Admin Auditor];
    /// The audit log.
    ReadAudit = "tenant.auditLog", [Read], [Owner Admin Auditor];
    /// Webhook endpoints, without their secrets, and what was sent to them.
    ReadWebhooks = "tenant.webhookEndpoints", [Read Policy], [Owner Admin Auditor];
    /// Imports of users, how far they have come, and what they refused.
    ReadImports = "tenant.imports", [Read Users], [Owner Admin Auditor];
    /// What messages cost, by time.
    ReadUsage = "tenant.usage", [Read], [Owner Billing Auditor];
    /// The bill so far, the plan and the spending cap.
    ReadBilling = "tenant.billing", [Read], [Owner Billing Auditor];
    /// A partner and its tenants.
    ReadPartner = "partner", [Read Tenants], [], partner [Owner Admin Support Billing Auditor];

    /// Whoever may read imports may watch them: a tenant's of users, a partner's of tenants.
    WatchImport = "importProgress", [Read Users Tenants], [Owner Admin Auditor];
    /// Whoever may read a login may watch its challenges.
    WatchChallenge = "challengeUpdated", [Read Login Support], [Owner Admin Support Advisor Auditor];
    /// Whoever may answer requests is told of new ones.
    WatchTemporaryAccess = "temporaryAccessRequested", [Support], [Owner Admin Support Advisor];
    /// Readers, and the site on whose page the user waits for the answer.
    WatchTemporaryAccessRequest = "temporaryAccessRequestUpdated",
        [Read Login Support], [Owner Admin Support Advisor Auditor];

    EvaluateLogin = "evaluateLogin", [Login], [];
    StartChallenge = "startChallenge", [Login], [];
    CreatePromptSession = "createPromptSession", [Login], [];
    RedeemPromptResult = "redeemPromptResult", [Login], [];
    VerifyChallenge = "verifyChallenge", [Login], [];
    SkipEnrollment = "skipEnrollment", [Login], [];
    RequestTemporaryAccess = "requestTemporaryAccess", [Login], [];

    UpsertUser = "upsertUser", [Users], [Owner Admin];
    ImportUsers = "importUsers cancelImport", [Users], [Owner Admin];
    DeleteUser = "deleteUser", [Users], [Owner Admin];

    /// First enrollments without a login (USERS), under a login (LOGIN), or by the help desk (SUPPORT).
    EnrollFactor = "enrollPhone enrollEmail enrollTotp enrollPasskey", [Login Users Support], [Owner Admin Support Advisor];
    SendFactorCode = "sendFactorCode", [Login Users Support], [Owner Admin Support Advisor];
    ConfirmFactor = "confirmFactor", [Login Users Support], [Owner Admin Support Advisor];
    RemoveFactor = "removeFactor", [Login Support], [Owner Admin Support Advisor];
    GenerateBackupCodes = "generateBackupCodes", [Login Users Support], [Owner Admin Support Advisor];
    ChooseSecurityLevel = "chooseSecurityLevel", [Login Support], [Owner Admin Support Advisor];
    OptOut = "optOut", [Login Support], [Owner Admin Support Advisor];
    OptIn = "optIn", [Login Support], [Owner Admin Support Advisor];
    ForgetDevices = "forgetDevices", [Login Support], [Owner Admin Support Advisor];

    IssueTemporaryAccessCode = "issueTemporaryAccessCode", [Support], [Owner Admin Support Advisor];
    RevokeTemporaryAccessCode = "revokeTemporaryAccessCode", [Support], [Owner Admin Support Advisor];
    AnswerTemporaryAccess = "approveTemporaryAccessRequest declineTemporaryAccessRequest",
        [Support], [Owner Admin Support Advisor];
    LockUser = "lockUser", [Support], [Owner Admin Support Advisor];
    UnlockUser = "unlockUser", [Support], [Owner Admin Support Advisor];
    ResetUser = "resetUser", [Support], [Owner Admin Support Advisor];
    SendOneTimeLink = "sendOneTimeLink", [Support], [Owner Admin Support Advisor];

    /// Mails to users who have not enrolled.
    SendReminders = "sendEnrollmentReminders", [Users], [Owner Admin];

    PublishPolicy = "publishPolicy", [Policy], [Owner Admin];
    CancelScheduledPolicy = "cancelScheduledPolicy", [Policy], [Owner Admin];
    SimulatePolicy = "simulatePolicy cancelSimulation", [Policy], [Owner Admin];
    UpdateTenant = "updateTenant", [Policy], [Owner Admin];
    ReleasePrefix = "releasePrefix", [Policy], [Owner Admin];
    AdvanceSandboxClock = "advanceSandboxClock", [Policy], [Owner Admin];
    ManageWebhooks = "createWebhookEndpoint deleteWebhookEndpoint", [Policy], [Owner Admin];
    RotateWebhookSecret = "rotateWebhookSecret", [Policy], [Owner Admin];
    SendWebhooks = "testWebhookEndpoint redeliverWebhook", [Policy], [Owner Admin];

    CreateTenant = "createTenant", [Tenants], [], partner [Owner Admin];
    PublishTemplatePolicy = "publishTemplatePolicy realignTenants", [Tenants], [], partner [Owner Admin];
    ImportTenants = "importTenants", [Tenants], [], partner [Owner Admin];
    /// By a partner's key for a tenant of its own, never by a tenant's key.
    ManageApiKeys = "createApiKey revokeApiKey", [Tenants], [Owner Admin];
    InviteAdmin = "inviteAdmin", [Tenants], [Owner];
    ManageBilling = "changePlan setSpendingCap", [Tenants], [Owner Billing];
    /// Stripe's pages are for a person.
    OpenBillingPortal = "createBillingPortalSession", [], [Owner Billing];
    ManageAdmins = "changeAdminRole removeAdmin", [], [Owner];
    /// What another administrator's sessions may do in the tenant.
    EndAdminSessions = "endAdminSessions", [], [Owner];
    /// Who vouches for administrators decides who gets in.
    ManageIdentityProvider = "setIdentityProvider removeIdentityProvider", [], [Owner];
    /// For whoever lost their second factor; never for oneself.
    ResetAdmin = "resetAdmin cancelAdminReset", [], [Owner];
}

impl Operation {
    /// Its line of the table.
    #[must_use]
    pub fn rule(self) -> &'static OperationRule {
        // The table is made by the same macro as the enum, in the same order.
        &OPERATIONS[self as usize]
    }
}
