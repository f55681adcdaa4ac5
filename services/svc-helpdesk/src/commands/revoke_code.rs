//! Taking a code back.

use core_access::Permit;
use core_kernel::{Stop, TemporaryAccessCodeId, TypedId};
use io_postgres::TenantTx;
use serde_json::json;

use crate::model::TemporaryAccessCode;
use crate::{HelpDesk, refusal, store};

impl HelpDesk {
    /// Revokes a code. One that is revoked already stays as it is, and is no refusal: what was wanted
    /// holds.
    ///
    /// # Errors
    /// NOT_FOUND at `id`; ALREADY_COMPLETED where it was used.
    pub async fn revoke_temporary_access_code(&self, permit: &Permit, id: &str) -> Result<TemporaryAccessCode, Stop> {
        let Some(id) = TemporaryAccessCodeId::from_text(id) else { return Err(refusal::no_such_code().into()) };
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let only = permit.caller().only_users_of();
        let found = store::codes::find(&mut tx, id, only).await?.ok_or_else(refusal::no_such_code)?;
        let now = tx.tenant_now().await?;
        let Some(revoked) = store::codes::revoke(&mut tx, id, now).await? else {
            // Read again: it may have been used since it was found.
            let found = store::codes::find(&mut tx, id, only).await?.unwrap_or(found);
            return if found.used_at.is_some() { Err(refusal::code_already_used().into()) } else { Ok(found) };
        };
        let detail = json!({"code_id": id.to_text()});
        let user = revoked.user_id.to_text();
        svc_audit::record(&mut tx, permit.caller(), "temporary_access.revoked", &user, detail).await?;
        tx.commit().await?;
        Ok(revoked)
    }
}
