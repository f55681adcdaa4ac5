//! Publishing and cancelling.

use async_graphql::{Context, InputObject, Object, Result};
use core_access::Operation;

use super::template::{
    PublishTemplatePolicyInput, PublishTemplatePolicyPayload, RealignTenantsInput, RealignTenantsPayload, WaveReport,
};
use super::{Policy, PolicyInput};
use crate::context::{partner_permit, permit, services};
use crate::enums::Channel;
use crate::errors::{answer, payload};
use crate::scalars::DateTime;

/// A version to publish.
#[derive(InputObject)]
pub struct PublishPolicyInput {
    /// The rules, whole.
    pub policy: PolicyInput,
    /// By the tenant's clock; left out: now.
    pub effective_at: Option<DateTime>,
    /// The version that this one was edited from; CONFLICT if another was published since.
    pub expected_version: i32,
    /// A note for colleagues, at most 1,000 characters.
    pub comment: Option<String>,
    /// Needed the first time a policy allows EMAIL; recorded in the audit log with the administrator's name.
    #[graphql(default)]
    pub acknowledge_weaker_channels: Vec<Channel>,
}

impl From<PublishPolicyInput> for svc_policy::PublishPolicyInput {
    fn from(input: PublishPolicyInput) -> Self {
        Self {
            draft: input.policy.into(),
            effective_at: input.effective_at.map(|at| at.0),
            expected_version: input.expected_version,
            comment: input.comment,
            acknowledge_weaker_channels: input.acknowledge_weaker_channels.into_iter().map(Into::into).collect(),
        }
    }
}

/// A scheduled version.
#[derive(InputObject)]
pub struct CancelScheduledPolicyInput {
    /// Its number.
    pub version: i32,
}

payload! {
    /// The version as it was published.
    PublishPolicyPayload {
        /// SCHEDULED or ACTIVE.
        policy: Policy,
    }
    /// The version as it was cancelled.
    CancelScheduledPolicyPayload {
        /// CANCELED.
        policy: Policy,
    }
}

#[derive(Default)]
pub struct PolicyMutation;

#[Object]
impl PolicyMutation {
    /// Publish a new version, now or at `effectiveAt`. `expectedVersion` guards against overwriting a colleague's. At most one
    /// version is scheduled: scheduling another cancels it.
    async fn publish_policy(&self, ctx: &Context<'_>, input: PublishPolicyInput) -> Result<PublishPolicyPayload> {
        let permit = permit(ctx, Operation::PublishPolicy)?;
        let result = Box::pin(services(ctx)?.policies.publish(&permit, input.into())).await;
        Ok(answer(result, |view| PublishPolicyPayload { policy: Some(view.into()), ..Default::default() })?)
    }

    /// Withdraw a scheduled version before it takes effect.
    async fn cancel_scheduled_policy(
        &self,
        ctx: &Context<'_>,
        input: CancelScheduledPolicyInput,
    ) -> Result<CancelScheduledPolicyPayload> {
        let permit = permit(ctx, Operation::CancelScheduledPolicy)?;
        let result = Box::pin(services(ctx)?.policies.cancel_scheduled(&permit, input.version)).await;
        Ok(answer(result, |view| CancelScheduledPolicyPayload { policy: Some(view.into()), ..Default::default() })?)
    }

    /// The partner's template for its tenants: new tenants start from it, and its locked fields hold for all of them. A tenant
    /// that would change one is told LOCKED_BY_PARTNER; in existing tenants they are set where it is applied, free ones kept.
    async fn publish_template_policy(
        &self,
        ctx: &Context<'_>,
        input: PublishTemplatePolicyInput,
    ) -> Result<PublishTemplatePolicyPayload> {
        let permit = partner_permit(ctx, Operation::PublishTemplatePolicy)?;
        let result = Box::pin(services(ctx)?.policies.publish_template(&permit, input.into())).await;
        Box::pin(WaveReport::answer(ctx, permit, result)).await
    }

    /// Bring tenants that differ to the template as it is, without publishing another: locked fields are set, free ones kept.
    async fn realign_tenants(&self, ctx: &Context<'_>, input: RealignTenantsInput) -> Result<RealignTenantsPayload> {
        let permit = partner_permit(ctx, Operation::PublishTemplatePolicy)?;
        let named = input.tenant_ids();
        let result = Box::pin(services(ctx)?.policies.realign(&permit, named.as_deref())).await;
        Box::pin(WaveReport::answer(ctx, permit, result)).await
    }
}
