//! Asking for a simulation, and ending one.

use async_graphql::{Context, ID, InputObject, Object, Result};
use core_access::Operation;

use super::PolicySimulation;
use crate::context::{permit, services};
use crate::errors::{answer, payload};
use crate::policy::PolicyInput;

/// A policy to rehearse.
#[derive(InputObject)]
pub struct SimulatePolicyInput {
    /// The rules, whole. Mandatory at once (`mandatoryFrom` left out) counts as mandatory since ever.
    pub policy: PolicyInput,
    /// The logins of how many days, 1 to 90; of more than a million the latest million.
    #[graphql(default = 30)]
    pub days: i32,
}

/// A simulation.
#[derive(InputObject)]
pub struct CancelSimulationInput {
    /// Which.
    pub id: ID,
}

payload! {
    /// The simulation as it was queued.
    SimulatePolicyPayload {
        /// QUEUED: read it by `node` until it is COMPLETED.
        simulation: PolicySimulation,
    }
    /// The simulation as it was ended.
    CancelSimulationPayload {
        /// CANCELED.
        simulation: PolicySimulation,
    }
}

#[derive(Default)]
pub struct SimulationMutation;

#[Object]
impl SimulationMutation {
    /// Rehearse a policy on the logins of the last days; a job. Nothing is changed by it. A tenant has one simulation at a time:
    /// CONFLICT while another is under way.
    async fn simulate_policy(&self, ctx: &Context<'_>, input: SimulatePolicyInput) -> Result<SimulatePolicyPayload> {
        let permit = permit(ctx, Operation::SimulatePolicy)?;
        let input = svc_simulation::SimulatePolicyInput { draft: input.policy.into(), days: input.days };
        let result = services(ctx)?.simulations.start(&permit, &input).await;
        Ok(answer(result, |view| SimulatePolicyPayload { simulation: Some(view.into()), ..Default::default() })?)
    }

    /// End a simulation before it is complete.
    async fn cancel_simulation(
        &self,
        ctx: &Context<'_>,
        input: CancelSimulationInput,
    ) -> Result<CancelSimulationPayload> {
        let permit = permit(ctx, Operation::SimulatePolicy)?;
        let result = services(ctx)?.simulations.cancel(&permit, input.id.as_str()).await;
        Ok(answer(result, |view| CancelSimulationPayload { simulation: Some(view.into()), ..Default::default() })?)
    }
}
