//! A tenant. Its settings are read from memory; what lies deeper is asked for in the tenant's own
//! name, also where a partner reached it through its list.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use core_access::{Caller, Operation, PartnerCaller};
use core_kernel::{Fault, TenantId, TypedId};
use svc_directory::TenantSettings;

use super::user::UserConnection;
use super::user_inputs::UserFilter;
use super::{ApiKey, User};
use crate::admin::{Admin, tenant_admins};
use crate::audit::{AuditEntryConnection, AuditFilter, audit_log};
use crate::billing::{BillingAccount, UsagePoint, tenant_billing, tenant_usage};
use crate::connection::{connection, page_request, wants};
use crate::context::{caller, partner_caller, services};
use crate::enums::{Environment, TenantStatus, UsageBucket, UserKind};
use crate::helpdesk::{TemporaryAccessRequestConnection, tenant_temporary_access_requests};
use crate::identity_provider::{IdentityProvider, tenant_identity_provider, tenant_redirect_uri};
use crate::ids::id;
use crate::import::{ImportJobConnection, tenant_imports};
use crate::loaders::turn;
use crate::login::{LoginConnection, LoginCount, LoginFilter, login_list, tenant_login_counts};
use crate::message::{BlockedPrefix, MessageConnection, MessageFilter, tenant_blocked_prefixes, tenant_messages};
use crate::policy::{Policy, PolicyConnection};
use crate::rollout::{EnrollmentForecast, EnrollmentReminderRunConnection, tenant_forecast, tenant_reminder_runs};
use crate::scalars::DateTime;
use crate::webhook::{WebhookEndpoint, tenant_webhook_endpoints};

connection! {
    /// A page of a partner's tenants.
    TenantConnection, TenantEdge of Tenant, counted;
}

/// A firm with its own policy, users and administrators.
pub struct Tenant {
    settings: Arc<TenantSettings>,
    caller: Caller,
}

impl Tenant {
    /// A tenant of the partner, for which the partner's key acts.
    pub(crate) fn new(tenant: TenantId, settings: Arc<TenantSettings>, partner: &PartnerCaller) -> Self {
        Self { settings, caller: partner.in_tenant(tenant, None) }
    }

    /// The caller, where this is the tenant that the request acts for: what lies below, such as a
    /// user's factors, is read in the request's name.
    fn acting(&self, ctx: &Context<'_>) -> Result<&Caller, Fault> {
        match caller(ctx) {
            Ok(acting) if acting.tenant == self.settings.tenant_id => Ok(&self.caller),
            _ => Err(Fault::Forbidden { reason: Some("TENANT_REQUIRED") }),
        }
    }
}

/// The tenant this request acts for.
///
/// # Errors
/// FORBIDDEN with reason TENANT_REQUIRED where a partner named none.
pub(crate) async fn own_tenant(ctx: &Context<'_>) -> Result<Tenant> {
    let caller = caller(ctx)?;
    caller.permit(Operation::ReadTenant)?;
    let settings = services(ctx)?.directory.settings(caller.tenant).await?;
    Ok(Tenant { settings, caller: caller.clone() })
}

/// The tenant of that identifier: the caller's own, or one of the partner's.
pub(crate) async fn load_tenant(ctx: &Context<'_>, id: &str) -> Result<Option<Tenant>> {
    let Some(wanted) = TenantId::from_text(id) else { return Ok(None) };
    if caller(ctx).is_ok_and(|caller| caller.tenant == wanted) {
        return own_tenant(ctx).await.map(Some);
    }
    let Some(partner) = partner_caller(ctx) else { return Ok(None) };
    let Ok(permit) = partner.permit(Operation::ReadPartner) else { return Ok(None) };
    let found = services(ctx)?.directory.tenant_of_partner(&permit, wanted).await?;
    Ok(found.map(|settings| Tenant::new(wanted, settings.into(), &partner)))
}

#[Object]
impl Tenant {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(self.settings.tenant_id)
    }

    /// Unique within the platform; a partner's stable key for re-imports.
    async fn slug(&self) -> &str {
        &self.settings.slug
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.settings.name
    }

    /// Whether it is real.
    async fn environment(&self) -> Environment {
        self.settings.environment.into()
    }

    /// Whether it is served.
    async fn status(&self) -> TenantStatus {
        self.settings.status.into()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.settings.created_at.into()
    }

    /// Its looks.
    async fn branding(&self) -> Branding {
        Branding::from(&*self.settings)
    }

    /// Default language of messages and pages, BCP 47.
    async fn language(&self) -> &str {
        &self.settings.language
    }

    /// IANA name; dates are shown and days are counted in it.
    async fn time_zone(&self) -> &str {
        &self.settings.time_zone
    }

    /// The relying party of passkeys made on the firm's own pages.
    async fn webauthn(&self) -> WebauthnSettings {
        let webauthn = &self.settings.webauthn;
        WebauthnSettings { rp_id: webauthn.rp_id.clone(), origins: webauthn.origins.clone() }
    }

    /// Where hosted pages and one-time links may return to: exact origins and path prefixes.
    async fn return_urls(&self) -> &[String] {
        &self.settings.return_urls
    }

    /// Now, as this tenant sees it: differs from the wall clock only in a SANDBOX tenant whose clock was moved.
    async fn clock(&self, ctx: &Context<'_>) -> Result<DateTime> {
        Ok(self.settings.clock(services(ctx)?.platform.now()).into())
    }

    /// The policy in force.
    async fn policy(&self, ctx: &Context<'_>) -> Result<Policy> {
        let permit = self.caller.permit(Operation::ReadPolicy)?;
        let _turn = turn(ctx).await?;
        Ok(services(ctx)?.policies.active(&permit).await?.into())
    }

    /// All versions, newest first, the scheduled ones included.
    async fn policy_versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<PolicyConnection> {
        let permit = self.caller.permit(Operation::ReadPolicy)?;
        let _turn = turn(ctx).await?;
        let page = services(ctx)?.policies.list_versions(&permit, &page_request(first, after)?).await?;
        Ok(PolicyConnection::of(page, Policy::from))
    }

    /// Users, newest first. `search` is the beginning of an external identifier, part of a name, or a whole email address.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
        search: Option<String>,
        filter: Option<UserFilter>,
    ) -> Result<UserConnection> {
        let permit = self.acting(ctx)?.permit(Operation::ReadUsers)?;
        let (page, filter) = (page_request(first, after)?, filter.unwrap_or_default().into());
        let directory = &services(ctx)?.directory;
        let rows = directory.list_users(&permit, &page, search.as_deref(), &filter).await?;
        let total = match wants(ctx, "totalCount") {
            true => directory.count_users(&permit, search.as_deref(), &filter).await?,
            false => 0,
        };
        Ok(UserConnection::of_counted(rows, total, User::from))
    }

    /// How many users have come how far.
    async fn enrollment_progress(&self, ctx: &Context<'_>, kind: Option<UserKind>) -> Result<EnrollmentProgress> {
        let permit = self.caller.permit(Operation::ReadUsers)?;
        let _turn = turn(ctx).await?;
        let progress = services(ctx)?.directory.enrollment_progress(&permit, kind.map(Into::into)).await?;
        Ok(progress.into())
    }

    /// Who will not get in without doing something first, once enrollment is mandatory for this audience; null while no version
    /// of the policy, scheduled ones included, sets a date.
    async fn enrollment_forecast(&self, ctx: &Context<'_>, kind: UserKind) -> Result<Option<EnrollmentForecast>> {
        tenant_forecast(ctx, self.acting(ctx)?, kind).await
    }

    /// Runs of reminders, newest first.
    async fn enrollment_reminders(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<EnrollmentReminderRunConnection> {
        tenant_reminder_runs(ctx, self.acting(ctx)?, first, after).await
    }

    /// API keys, newest first, without their secrets.
    async fn api_keys(&self, ctx: &Context<'_>) -> Result<Vec<ApiKey>> {
        let permit = self.caller.permit(Operation::ReadApiKeys)?;
        let _turn = turn(ctx).await?;
        let keys = services(ctx)?.directory.list_api_keys(&permit).await?;
        Ok(keys.into_iter().map(ApiKey::from).collect())
    }

    /// Administrators, the oldest first, those who did not come yet included.
    async fn admins(&self, ctx: &Context<'_>) -> Result<Vec<Admin>> {
        let _turn = turn(ctx).await?;
        tenant_admins(ctx, &self.caller).await
    }

    /// Its own identity provider, by which its administrators sign in to the console; null where there is none.
    async fn identity_provider(&self, ctx: &Context<'_>) -> Result<Option<IdentityProvider>> {
        tenant_identity_provider(ctx, self.acting(ctx)?).await
    }

    /// Where such a provider sends people back to: to be registered with it first, to the letter.
    async fn identity_provider_redirect_uri(&self, ctx: &Context<'_>) -> Result<String> {
        tenant_redirect_uri(ctx, self.acting(ctx)?)
    }

    /// Where it is told of events, the oldest endpoint first.
    async fn webhook_endpoints(&self, ctx: &Context<'_>) -> Result<Vec<WebhookEndpoint>> {
        tenant_webhook_endpoints(ctx, self.acting(ctx)?).await
    }

    /// Logins, newest first.
    async fn logins(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
        filter: Option<LoginFilter>,
    ) -> Result<LoginConnection> {
        let permit = self.acting(ctx)?.permit(Operation::ReadLogins)?;
        login_list(ctx, &permit, filter, first, after).await
    }

    /// How many logins began between two times by the tenant's clock, at most 100 days apart: by the day of the tenant's time
    /// zone, what was decided, and how they were completed. The oldest day first; those without logins are left out.
    async fn login_counts(&self, ctx: &Context<'_>, from: DateTime, to: DateTime) -> Result<Vec<LoginCount>> {
        tenant_login_counts(ctx, self.acting(ctx)?, &from, &to, &self.settings.time_zone).await
    }

    /// Messages, newest first.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
        filter: Option<MessageFilter>,
    ) -> Result<MessageConnection> {
        self.acting(ctx)?;
        tenant_messages(ctx, first, after, filter).await
    }

    /// Users' pleas to their advisors, newest first.
    async fn temporary_access_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
        open: Option<bool>,
    ) -> Result<TemporaryAccessRequestConnection> {
        self.acting(ctx)?;
        tenant_temporary_access_requests(ctx, first, after, open).await
    }

    /// What was charged, by UTC hour, day or month, channel and country: whole buckets, from the one in which `from` lies to
    /// the last that begins before `to`; those without usage are left out. At most 7 days by hour, 400 days by day, ten years by month.
    async fn usage(
        &self,
        ctx: &Context<'_>,
        from: DateTime,
        to: DateTime,
        #[graphql(default_with = "UsageBucket::Day")] bucket: UsageBucket,
    ) -> Result<Vec<UsagePoint>> {
        tenant_usage(ctx, self.acting(ctx)?, &from, &to, bucket).await
    }

    /// Prefixes of numbers to which no codes go at the moment, the latest first.
    async fn blocked_prefixes(&self, ctx: &Context<'_>) -> Result<Vec<BlockedPrefix>> {
        let permit = self.acting(ctx)?.permit(Operation::ReadTenant)?;
        tenant_blocked_prefixes(ctx, &permit).await
    }

    /// The bill so far, the plan and the spending cap.
    async fn billing(&self, ctx: &Context<'_>) -> Result<BillingAccount> {
        tenant_billing(ctx, self.acting(ctx)?).await
    }

    /// Imports of users, newest first.
    async fn imports(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<ImportJobConnection> {
        tenant_imports(ctx, self.acting(ctx)?, first, after).await
    }

    /// What was done by whom, newest first.
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
        filter: Option<AuditFilter>,
    ) -> Result<AuditEntryConnection> {
        let permit = self.acting(ctx)?.permit(Operation::ReadAudit)?;
        audit_log(ctx, &permit, first, after, filter).await
    }
}

/// A tenant's looks.
#[derive(SimpleObject)]
pub struct Branding {
    /// What users know the firm by; the tenant's name where nothing else was set.
    pub product_name: String,
    /// An https address.
    pub logo_url: Option<String>,
    /// The logo as this server shows it, which fetched it once from `logoUrl`: a path below its own address. Null until then.
    pub logo_path: Option<String>,
    /// Why it could not be fetched, or not be shown, for a person.
    pub logo_problem: Option<String>,
    /// #rrggbb.
    pub color: Option<String>,
    /// How users reach a person, shown on the hosted prompt.
    pub support_contact: Option<String>,
    /// Texts end in the origin-bound form for this domain.
    pub domain: Option<String>,
}

impl From<&TenantSettings> for Branding {
    fn from(settings: &TenantSettings) -> Self {
        let branding = settings.branding.clone();
        Self {
            product_name: settings.product_name().to_owned(),
            logo_url: branding.logo_url,
            logo_path: settings.logo_path(),
            logo_problem: settings.logo.problem.clone(),
            color: branding.color,
            support_contact: branding.support_contact,
            domain: branding.domain,
        }
    }
}

/// The relying party of passkeys made on the firm's own pages; the hosted prompt has its own.
#[derive(SimpleObject)]
pub struct WebauthnSettings {
    /// A domain.
    pub rp_id: Option<String>,
    /// Origins at or below it.
    pub origins: Vec<String>,
}

/// How many users have come how far.
#[derive(SimpleObject)]
pub struct EnrollmentProgress {
    /// All.
    pub total: i32,
    /// Have a factor.
    pub enrolled: i32,
    /// Put it off.
    pub skipped: i32,
    /// Turned it off.
    pub opted_out: i32,
    /// Nothing yet.
    pub not_enrolled: i32,
}

impl From<svc_directory::EnrollmentProgress> for EnrollmentProgress {
    fn from(progress: svc_directory::EnrollmentProgress) -> Self {
        let int = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            total: int(progress.total),
            enrolled: int(progress.enrolled),
            skipped: int(progress.skipped),
            opted_out: int(progress.opted_out),
            not_enrolled: int(progress.not_enrolled),
        }
    }
}
