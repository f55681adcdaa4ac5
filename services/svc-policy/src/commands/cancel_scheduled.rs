//! Cancelling a version before it takes effect.

use core_access::Permit;
use core_kernel::{Refusal, RefusalCode, Stop, TypedId};
use io_postgres::TenantTx;
use serde_json::json;

use crate::model::{PolicyStatus, PolicyView};
use crate::{Policies, store};

impl Policies {
    /// Cancels a scheduled version.
    ///
    /// # Errors
    /// NOT_FOUND at `version`; CONFLICT at `version` if it is in force, was, or is cancelled already.
    pub async fn cancel_scheduled(&self, permit: &Permit, version: i32) -> Result<PolicyView, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        store::lock_tenant(&mut tx).await?;
        let head = store::load_head(&mut tx).await?;
        let canceled = store::cancel_scheduled(&mut tx, head.now, Some(version)).await?;
        let view = store::find_by_version(&mut tx, version).await?.ok_or_else(|| no_such_version(version))?;
        if canceled.is_empty() {
            return Err(too_late(view.status).into());
        }
        let detail = json!({ "version": version, "effective_at": view.version.effective_at });
        let id = view.version.policy_id.to_text();
        svc_audit::record(&mut tx, permit.caller(), "policy.canceled", &id, detail).await?;
        tx.commit().await?;
        self.announce(permit.tenant()).await;
        Ok(view)
    }
}

fn no_such_version(version: i32) -> Refusal {
    Refusal::not_found(&format!("version {version}")).at("version")
}

fn too_late(status: PolicyStatus) -> Refusal {
    let message = match status {
        PolicyStatus::Canceled => "This version is cancelled already.",
        PolicyStatus::Scheduled | PolicyStatus::Active | PolicyStatus::Superseded => {
            "This version has taken effect and cannot be cancelled. Publish another one instead."
        }
    };
    Refusal::new(RefusalCode::Conflict, message).at("version")
}
