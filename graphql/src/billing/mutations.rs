//! Changing the plan and the spending cap, and the way to where bills are paid.

use async_graphql::{Context, InputObject, Object, Result};
use core_access::Operation;

use super::BillingAccount;
use crate::context::{permit, services};
use crate::errors::{answer, payload};
use crate::scalars::Decimal;

/// A plan to change to.
#[derive(InputObject)]
pub struct ChangePlanInput {
    /// One of `BillingAccount.offeredPlans`.
    pub plan_code: String,
}

/// A spending cap.
#[derive(InputObject)]
pub struct SetSpendingCapInput {
    /// A period, in the account's currency, at list price; null removes the cap.
    pub cap: Option<Decimal>,
}

/// Where the pages lead back to.
#[derive(InputObject)]
pub struct CreateBillingPortalSessionInput {
    /// On this installation's origin, or on one that the tenant's `returnUrls` name.
    pub return_url: String,
}

payload! {
    /// The account on its plan.
    ChangePlanPayload {
        /// As it stands now.
        billing: BillingAccount,
    }
    /// The account with its cap.
    SetSpendingCapPayload {
        /// As it stands now.
        billing: BillingAccount,
    }
    /// Pages of the payment provider's.
    CreateBillingPortalSessionPayload {
        /// To be opened by the person who asked, within minutes.
        url: String,
    }
}

#[derive(Default)]
pub struct BillingMutation;

#[Object]
impl BillingMutation {
    /// Another plan, from now on: the one at a billing period's end holds for all of the period, its fee, its included
    /// units and its prices. NOT_FOUND for one that is not offered.
    async fn change_plan(&self, ctx: &Context<'_>, input: ChangePlanInput) -> Result<ChangePlanPayload> {
        let permit = permit(ctx, Operation::ManageBilling)?;
        let result = Box::pin(services(ctx)?.billing.change_plan(&permit, &input.plan_code)).await;
        Ok(answer(result, |account| ChangePlanPayload { billing: Some(account.into()), ..Default::default() })?)
    }

    /// How much the messages of a billing period may cost. What would pass it is not sent (SPENDING_CAP_REACHED); users with an
    /// authenticator app or backup codes are not kept out. Owners are told at 80 % and 100 %, once a period.
    async fn set_spending_cap(&self, ctx: &Context<'_>, input: SetSpendingCapInput) -> Result<SetSpendingCapPayload> {
        let permit = permit(ctx, Operation::ManageBilling)?;
        let cap = input.cap.as_ref().map(|cap| cap.0.as_str());
        let result = Box::pin(services(ctx)?.billing.set_spending_cap(&permit, cap)).await;
        Ok(answer(result, |account| SetSpendingCapPayload { billing: Some(account.into()), ..Default::default() })?)
    }

    /// Opens the payment provider's pages for this tenant: means of payment, invoices. NOT_FOUND where nothing is collected
    /// from it; INVALID for a foreign `returnUrl`.
    async fn create_billing_portal_session(
        &self,
        ctx: &Context<'_>,
        input: CreateBillingPortalSessionInput,
    ) -> Result<CreateBillingPortalSessionPayload> {
        let permit = permit(ctx, Operation::OpenBillingPortal)?;
        let result = Box::pin(services(ctx)?.billing.open_portal(&permit, &input.return_url)).await;
        Ok(answer(result, |url| CreateBillingPortalSessionPayload { url: Some(url), ..Default::default() })?)
    }
}
