//! Changing the plan and the spending cap.

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
}

#[derive(Default)]
pub struct BillingMutation;

#[Object]
impl BillingMutation {
    /// Another plan, from now on. NOT_FOUND for one that is not offered.
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
}
