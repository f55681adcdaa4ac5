//! Listing and revoking keys.

use core_access::{PartnerPermit, Permit};
use core_kernel::{ApiKeyId, Fault, PartnerId, Refusal, Stop, TypedId};
use io_postgres::{Change, PartnerTx, TenantTx, Topic};
use serde_json::json;

use super::{ApiKeyRecord, store};
use crate::Directory;

impl Directory {
    /// Ends a key: at once here, within a second everywhere. One that was revoked before stays so.
    ///
    /// # Errors
    /// NOT_FOUND at `id`.
    pub async fn revoke_api_key(&self, permit: &Permit, id: &str) -> Result<ApiKeyRecord, Stop> {
        let id = ApiKeyId::from_text(id).ok_or_else(no_such_key)?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let revoked = store::revoke(&mut tx, id, self.platform.now()).await?;
        let key = store::find(&mut tx, id).await?.ok_or_else(no_such_key)?;
        if revoked {
            let detail = json!({ "name": key.name });
            svc_audit::record(&mut tx, permit.caller(), "api_key.revoked", &id.to_text(), detail).await?;
        }
        tx.commit().await?;
        self.announce(Change::of_tenant(Topic::ApiKey, permit.tenant())).await;
        Ok(key)
    }

    /// All keys of the tenant, newest first, without their secrets.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_api_keys(&self, permit: &Permit) -> Result<Vec<ApiKeyRecord>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        Ok(store::list(&mut tx).await?)
    }

    /// One key of the tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn api_key(&self, permit: &Permit, id: ApiKeyId) -> Result<Option<ApiKeyRecord>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        Ok(store::find(&mut tx, id).await?)
    }

    /// Ends a key of a partner: at once here, within a second everywhere; by the command line, never by a
    /// request. One that was revoked before stays so.
    ///
    /// # Errors
    /// NOT_FOUND at `id`.
    pub async fn revoke_partner_api_key(&self, partner: PartnerId, id: &str) -> Result<ApiKeyRecord, Stop> {
        let id = ApiKeyId::from_text(id).ok_or_else(no_such_key)?;
        let mut tx = PartnerTx::begin(&self.platform.database, partner).await?;
        store::revoke_of_partner(&mut tx, id, self.platform.now()).await?;
        let key = store::find_of_partner(&mut tx, id).await?.ok_or_else(no_such_key)?;
        tx.commit().await?;
        self.announce(Change { topic: Topic::ApiKey, subject: partner.0 }).await;
        Ok(key)
    }

    /// All keys of a partner, newest first, without their secrets; by the command line.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_partner_api_keys(&self, partner: PartnerId) -> Result<Vec<ApiKeyRecord>, Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, partner).await?;
        Ok(store::list_of_partner(&mut tx).await?)
    }

    /// One key of the partner.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn partner_api_key(&self, permit: &PartnerPermit, id: ApiKeyId) -> Result<Option<ApiKeyRecord>, Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        Ok(store::find_of_partner(&mut tx, id).await?)
    }
}

fn no_such_key() -> Refusal {
    Refusal::not_found("API key").at("id")
}
