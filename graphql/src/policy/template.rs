//! A partner's template, the tenants that differ from it, and bringing them to it.

use std::collections::HashMap;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use core_access::{Operation, PartnerPermit};
use core_kernel::{Fault, Page, PolicyId, Stop, TenantId};
use svc_policy::{Alignment, PublishedTemplate, TemplateVersion, TenantAlignment, TenantDrift};

use super::{Policy, PolicyInput};
use crate::connection::{PageInfo, page_request, wants};
use crate::context::{partner_caller, services};
use crate::directory::Tenant;
use crate::enums::Channel;
use crate::errors::{Payload, answer, payload};

/// What the partner's tenants start from, and what holds for all of them. Fields are named as paths into `PolicyInput`,
/// e.g. `external.mandatoryFrom`; a path to a group, such as `external` or `codes`, is all that is below it.
pub struct TemplatePolicy {
    template: TemplateVersion,
    permit: PartnerPermit,
}

/// The partner's template, for a partner that published one.
pub(crate) async fn partner_template(ctx: &Context<'_>, permit: &PartnerPermit) -> Result<Option<TemplatePolicy>> {
    let found = services(ctx)?.policies.template(permit).await?;
    Ok(found.map(|template| TemplatePolicy { template, permit: permit.clone() }))
}

/// A version of the caller's own template, as a node.
pub(super) async fn load_template(ctx: &Context<'_>, id: PolicyId) -> Result<Option<Policy>> {
    let permit = partner_caller(ctx).map(|partner| partner.permit(Operation::ReadPartner));
    let Some(Ok(permit)) = permit else { return Ok(None) };
    Ok(services(ctx)?.policies.lookup_template(&permit, id).await?.map(|template| template.view().into()))
}

#[Object]
impl TemplatePolicy {
    /// The rules; `version` counts the template's versions.
    async fn policy(&self) -> Policy {
        self.template.view().into()
    }

    /// What tenants cannot change.
    async fn locked_fields(&self) -> &[String] {
        self.template.locked.names()
    }

    /// Tenants whose policy, or one that is scheduled, differs from the template in locked fields, and in which; by slug. Free
    /// fields are the tenants' own, and no drift.
    async fn drift(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<TemplateDriftConnection> {
        let page = page_request(first, after)?;
        let (page, total) = services(ctx)?.policies.template_drift(&self.permit, &self.template, &page).await?;
        let ids: Vec<_> = page.rows.iter().map(|(_, drift)| drift.tenant).collect();
        let tenants = tenants_by_id(ctx, &self.permit, &ids).await?;
        Ok(TemplateDriftConnection::of(page, total, tenants))
    }
}

/// A page of the tenants that differ from the template.
#[derive(SimpleObject)]
pub struct TemplateDriftConnection {
    /// The page's entries.
    pub edges: Vec<TemplateDriftEdge>,
    /// Where the page stands.
    pub page_info: PageInfo,
    /// How many tenants differ.
    pub total_count: i32,
}

/// A tenant that differs, and in what.
#[derive(SimpleObject)]
pub struct TemplateDriftEdge {
    /// The entry's place in the list.
    pub cursor: String,
    /// The tenant.
    pub node: Tenant,
    /// The locked fields in which it differs.
    pub fields: Vec<&'static str>,
}

impl TemplateDriftConnection {
    fn of(page: Page<TenantDrift>, total: i64, mut tenants: HashMap<TenantId, Tenant>) -> Self {
        let page_info = PageInfo::of(page.has_next, page.has_previous, page.rows.iter().map(|(cursor, _)| cursor));
        let edges = page.rows.into_iter().filter_map(|(cursor, drift)| {
            let node = tenants.remove(&drift.tenant)?;
            Some(TemplateDriftEdge { cursor: cursor.0, node, fields: drift.fields })
        });
        Self { edges: edges.collect(), page_info, total_count: i32::try_from(total).unwrap_or(i32::MAX) }
    }
}

async fn tenants_by_id(
    ctx: &Context<'_>,
    permit: &PartnerPermit,
    ids: &[TenantId],
) -> Result<HashMap<TenantId, Tenant>, Fault> {
    let found = services(ctx)?.directory.tenants_by_id(permit, ids).await?;
    let of = |settings: svc_directory::TenantSettings| {
        let id = settings.tenant_id;
        (id, Tenant::new(id, settings.into(), permit.caller()))
    };
    Ok(found.into_iter().map(of).collect())
}

/// A template to publish.
#[derive(InputObject)]
pub struct PublishTemplatePolicyInput {
    /// The rules, whole. *At once* is when this is published.
    pub policy: PolicyInput,
    /// What tenants cannot change.
    #[graphql(default)]
    pub locked_fields: Vec<String>,
    /// Publish a new version to existing tenants whose locked fields differ: to all, or to a first wave of these.
    #[graphql(default)]
    pub apply_to_tenants: bool,
    /// The wave; left out: all.
    pub tenant_ids: Option<Vec<ID>>,
    /// Needed the first time a template allows EMAIL; recorded in the audit log of every tenant that it reaches.
    #[graphql(default)]
    pub acknowledge_weaker_channels: Vec<Channel>,
    /// The version that this one was edited from, 0 for the first; CONFLICT if another was published since. Left out: whichever.
    pub expected_version: Option<i32>,
}

impl From<PublishTemplatePolicyInput> for svc_policy::PublishTemplateInput {
    fn from(input: PublishTemplatePolicyInput) -> Self {
        Self {
            draft: input.policy.into(),
            locked_fields: input.locked_fields,
            apply_to_tenants: input.apply_to_tenants,
            tenant_ids: texts(input.tenant_ids),
            acknowledge_weaker_channels: input.acknowledge_weaker_channels.into_iter().map(Into::into).collect(),
            expected_version: input.expected_version,
        }
    }
}

/// Tenants to bring to the template.
#[derive(InputObject)]
pub struct RealignTenantsInput {
    /// Left out: all that differ from it.
    pub tenant_ids: Option<Vec<ID>>,
}

impl RealignTenantsInput {
    pub(super) fn tenant_ids(self) -> Option<Vec<String>> {
        texts(self.tenant_ids)
    }
}

fn texts(ids: Option<Vec<ID>>) -> Option<Vec<String>> {
    ids.map(|ids| ids.into_iter().map(|id| id.0).collect())
}

/// Payloads that tell of a wave.
macro_rules! wave_payloads {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        payload! {$(
            $(#[$doc])*
            $name {
                /// The template. What says the same as the version before it makes no new one.
                template: TemplatePolicy,
                /// How many tenants have a new version of their policy.
                tenants_changed: i32,
                /// How many were not reached, or failed: their policies are as they were, and repeating the call goes on with them.
                tenants_failed: i32,
                /// One by one, by slug.
                results: Vec<TemplateResult>,
            }
        )*}

        $(impl From<WaveReport> for $name {
            fn from(report: WaveReport) -> Self {
                Self {
                    template: Some(report.template),
                    tenants_changed: Some(report.changed),
                    tenants_failed: Some(report.failed),
                    results: Some(report.results),
                    user_errors: Vec::new(),
                }
            }
        })*
    };
}

wave_payloads! {
    /// The template as it was published, and what became of the tenants to which it was applied.
    PublishTemplatePolicyPayload,
    /// The template as it is, and what became of the tenants.
    RealignTenantsPayload,
}

/// What became of one tenant.
#[derive(SimpleObject)]
pub struct TemplateResult {
    /// The tenant.
    pub tenant: Tenant,
    /// What became of it.
    pub outcome: TemplateOutcome,
    /// What was changed: the locked fields that differed, and those free ones that could not stand beside them.
    pub fields: Vec<&'static str>,
    /// Of FAILED: why, for a person.
    pub message: Option<&'static str>,
}

/// What became of a tenant to which a template was applied.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateOutcome {
    /// It has a new version, two where one is scheduled.
    Changed,
    /// Its locked fields were as the template has them.
    Unchanged,
    /// Nothing of it was changed; `message` says why.
    Failed,
}

/// A wave as payloads tell of it.
pub(super) struct WaveReport {
    template: TemplatePolicy,
    changed: i32,
    failed: i32,
    results: Vec<TemplateResult>,
}

impl WaveReport {
    /// The payload of a wave.
    pub(super) async fn answer<P: Payload + From<Self>>(
        ctx: &Context<'_>,
        permit: PartnerPermit,
        result: Result<PublishedTemplate, Stop>,
    ) -> Result<P> {
        match result {
            Ok(published) => Ok(Self::of(ctx, permit, published).await?.into()),
            Err(stop) => Ok(answer(Err::<P, _>(stop), |payload| payload)?),
        }
    }

    async fn of(ctx: &Context<'_>, permit: PartnerPermit, published: PublishedTemplate) -> Result<Self> {
        let wave = published.wave;
        let ids: Vec<_> = wave.tenants.iter().map(|one| one.tenant).collect();
        let mut tenants = match wants(ctx, "results") {
            true => tenants_by_id(ctx, &permit, &ids).await?,
            false => HashMap::new(),
        };
        let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        Ok(Self {
            changed: count(wave.changed()),
            failed: count(wave.failed()),
            results: wave.tenants.into_iter().filter_map(|one| result(one, &mut tenants)).collect(),
            template: TemplatePolicy { template: published.template, permit },
        })
    }
}

fn result(one: TenantAlignment, tenants: &mut HashMap<TenantId, Tenant>) -> Option<TemplateResult> {
    let tenant = tenants.remove(&one.tenant)?;
    let (outcome, fields, message) = match one.alignment {
        Alignment::Changed { fields, .. } => (TemplateOutcome::Changed, fields, None),
        Alignment::Unchanged => (TemplateOutcome::Unchanged, Vec::new(), None),
        Alignment::Failed(why) => (TemplateOutcome::Failed, Vec::new(), Some(why)),
    };
    Some(TemplateResult { tenant, outcome, fields, message })
}
