//! Ending a simulation before its time.

use core_access::Permit;
use core_kernel::{PolicySimulationId, Stop, TypedId};
use io_postgres::TenantTx;
use serde_json::json;

use crate::model::Simulation;
use crate::refusals::{ended_already, no_such_simulation};
use crate::{Simulations, store};

impl Simulations {
    /// Ends a simulation; its worker stops at its next page.
    ///
    /// # Errors
    /// NOT_FOUND at `id`; CONFLICT at `id` where it has come to its end.
    pub async fn cancel(&self, permit: &Permit, id: &str) -> Result<Simulation, Stop> {
        let id = PolicySimulationId::from_text(id).ok_or_else(no_such_simulation)?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let ended = store::cancel(&mut tx, id).await?;
        let row = store::lookup(&mut tx, id).await?.ok_or_else(no_such_simulation)?;
        if !ended {
            return Err(ended_already().into());
        }
        svc_audit::record(&mut tx, permit.caller(), "policy.simulation_canceled", &id.to_text(), json!({})).await?;
        tx.commit().await?;
        Ok(row.into_view()?)
    }
}
