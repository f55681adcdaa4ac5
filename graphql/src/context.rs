//! What a resolver finds in its context: who is calling, and the services.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::Context;
use core_access::{Caller, Operation, PartnerCaller, PartnerPermit, Permit};
use core_kernel::Fault;
use svc_directory::Directory;
use svc_platform::Platform;
use svc_policy::Policies;

/// Who makes this request, as the gateway found it out.
#[derive(Debug, Clone)]
pub enum Authority {
    /// Within a tenant: its own credential, or a partner's that named it.
    Tenant(Arc<Caller>),
    /// A partner's credential that named no tenant.
    Partner(Arc<PartnerCaller>),
}

/// What is known of the request besides its credential.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// As in the logs and in the answer's `X-Request-Id`.
    pub request_id: String,
    /// The client's address, where it is known.
    pub ip: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
}

/// The handles of all services. A service's resolvers add their handle here.
#[derive(Clone)]
pub struct Services {
    /// Database, clocks, keys.
    pub platform: Platform,
    /// Versions of policies.
    pub policies: Policies,
    /// Rehearsals of policies.
    pub simulations: svc_simulation::Simulations,
    /// Partners, tenants, API keys and users.
    pub directory: Directory,
    /// Messages, to read.
    pub messages: svc_delivery::Messages,
    /// The login path.
    pub logins: svc_logins::Logins,
    /// Hosted prompts.
    pub prompts: svc_prompt::Prompts,
    /// What users can prove.
    pub factors: svc_factors::Factors,
    /// The help desk.
    pub help_desk: svc_helpdesk::HelpDesk,
    /// Administrators.
    pub admins: svc_admins::Admins,
    /// Tenants' identity providers.
    pub sso: svc_sso::SingleSignOn,
    /// Outgoing webhooks.
    pub webhooks: svc_webhooks::Webhooks,
    /// Files of users and tenants.
    pub imports: svc_onboarding::Imports,
    /// Forecasts and reminders.
    pub rollout: svc_rollout::Rollout,
    /// Usage, plans and spending caps.
    pub billing: svc_billing::Billing,
}

/// The services of this schema.
///
/// # Errors
/// INTERNAL in a schema that was made for printing alone.
pub fn services<'a>(ctx: &Context<'a>) -> Result<&'a Services, Fault> {
    ctx.data_opt::<Services>().ok_or_else(|| Fault::internal("a schema without services was asked"))
}

/// Who makes this request.
///
/// # Errors
/// UNAUTHENTICATED for nobody.
pub fn authority<'a>(ctx: &Context<'a>) -> Result<&'a Authority, Fault> {
    ctx.data_opt::<Authority>().ok_or(Fault::Unauthenticated)
}

/// The caller within a tenant.
///
/// # Errors
/// FORBIDDEN with reason TENANT_REQUIRED for a partner's credential that named no tenant.
pub fn caller<'a>(ctx: &Context<'a>) -> Result<&'a Caller, Fault> {
    match authority(ctx)? {
        Authority::Tenant(caller) => Ok(caller),
        Authority::Partner(_) => Err(Fault::Forbidden { reason: Some("TENANT_REQUIRED") }),
    }
}

/// Proof that the caller may perform this operation in its tenant.
///
/// # Errors
/// FORBIDDEN where the table says no.
pub fn permit(ctx: &Context<'_>, operation: Operation) -> Result<Permit, Fault> {
    caller(ctx)?.permit(operation)
}

/// Who acts for a partner behind this request, whether they named a tenant or not.
#[must_use]
pub fn partner_caller(ctx: &Context<'_>) -> Option<PartnerCaller> {
    match authority(ctx).ok()? {
        Authority::Partner(caller) => Some(PartnerCaller::clone(caller)),
        Authority::Tenant(caller) => caller.partner(),
    }
}

/// Proof that the caller may perform this operation of the partner itself.
///
/// # Errors
/// FORBIDDEN for whoever is no partner, or lacks scope and role.
pub fn partner_permit(ctx: &Context<'_>, operation: Operation) -> Result<PartnerPermit, Fault> {
    partner_caller(ctx).ok_or(Fault::Forbidden { reason: None })?.permit(operation)
}
