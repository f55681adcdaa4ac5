//! A new secret, beside which the old one signs for a day.

use core_access::Permit;
use core_crypto::WebhookSecret;
use core_kernel::{Redacted, Stop, TypedId, WebhookEndpointId};
use io_postgres::TenantTx;
use serde_json::json;

use super::create::IssuedSecret;
use crate::refusals::no_such_endpoint;
use crate::{Webhooks, store};

impl Webhooks {
    /// Gives an endpoint a new secret. A second rotation within the day ends the oldest at once.
    ///
    /// # Errors
    /// NOT_FOUND at `id`.
    pub async fn rotate(&self, permit: &Permit, id: &str) -> Result<IssuedSecret, Stop> {
        let id = WebhookEndpointId::from_text(id).ok_or_else(no_such_endpoint)?;
        let (entropy, now) = (&*self.platform.entropy, self.platform.now());
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let sealed = store::lock_endpoint(&mut tx, id).await?.ok_or_else(no_such_endpoint)?;
        let key = self.platform.keys.data_key_in(&mut tx).await?;
        let secret = WebhookSecret::generate(entropy);
        let rotated = sealed.rotated(&key, id, &secret, entropy, now)?;
        store::update_secrets(&mut tx, id, &rotated).await?;
        let endpoint = store::find_endpoint(&mut tx, id).await?.ok_or_else(no_such_endpoint)?;
        let detail = json!({ "previous_until": rotated.previous_secret_until });
        svc_audit::record(&mut tx, permit.caller(), "webhook.secret_rotated", &id.to_text(), detail).await?;
        tx.commit().await?;
        Ok(IssuedSecret { secret: Redacted::new(secret.expose()), endpoint })
    }
}
