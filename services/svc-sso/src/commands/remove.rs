//! The end of a provider, and what is asked about it.

use core_access::Permit;
use core_kernel::{Fault, Stop, TenantId, TypedId};
use io_postgres::TenantTx;
use serde_json::json;

use crate::model::Provider;
use crate::store::{flows, links, providers};
use crate::{ProviderView, SingleSignOn, refusals};

impl SingleSignOn {
    /// Removes the tenant's provider of this issuer: what it opened ends, whom it knew is forgotten, and passwords
    /// are enough again.
    ///
    /// # Errors
    /// NOT_FOUND at `issuer` where there is none.
    pub async fn remove_provider(&self, permit: &Permit, issuer: &str) -> Result<(), Stop> {
        let mut tx = self.tx(permit.tenant()).await?;
        providers::lock(&mut tx).await?;
        let provider = providers::find(&mut tx).await?.filter(|provider| provider.view.issuer == issuer);
        let provider = provider.ok_or_else(|| refusals::no_provider().at("issuer"))?;
        providers::delete(&mut tx).await?;
        links::delete_of_others(&mut tx, None).await?;
        flows::delete_all(&mut tx).await?;
        let detail = json!({ "issuer": provider.view.issuer });
        svc_audit::record(&mut tx, permit.caller(), "identity_provider.removed", &permit.tenant().to_text(), detail)
            .await?;
        tx.commit().await?;
        self.admins.end_provider_sessions(permit.tenant()).await?;
        Ok(())
    }

    /// The tenant's provider, if it has one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn provider(&self, permit: &Permit) -> Result<Option<ProviderView>, Fault> {
        let mut tx = self.tx(permit.tenant()).await?;
        let provider = self.provider_in(&mut tx).await?;
        tx.commit().await?;
        Ok(provider.map(|provider| provider.view))
    }

    pub(crate) async fn provider_in(&self, tx: &mut TenantTx) -> Result<Option<Provider>, Fault> {
        let tenant: TenantId = tx.tenant();
        let mut provider = providers::find(tx).await?;
        if let Some(provider) = &mut provider {
            provider.view.redirect_uri = self.redirect_uri(tenant);
        }
        Ok(provider)
    }
}
