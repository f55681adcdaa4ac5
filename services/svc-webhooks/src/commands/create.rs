//! A new endpoint.

use core_access::Permit;
use core_crypto::WebhookSecret;
use core_kernel::{Redacted, Stop, TypedId, WebhookEndpointId};
use io_outbound::Target;
use io_postgres::TenantTx;
use serde_json::json;
use svc_audit::EventKind;

use crate::model::EndpointRecord;
use crate::refusals::{MAX_ENDPOINTS, too_many_endpoints, unfit};
use crate::secrets::SealedSecrets;
use crate::{Webhooks, store};

/// `CreateWebhookEndpointInput`.
#[derive(Debug, Clone, Default)]
pub struct CreateEndpoint {
    /// `url`.
    pub url: String,
    /// `events`; empty: all.
    pub events: Vec<EventKind>,
}

/// An endpoint with a new secret.
#[derive(Debug, Clone)]
pub struct IssuedSecret {
    /// The secret, shown once.
    pub secret: Redacted<String>,
    /// Whose it is.
    pub endpoint: EndpointRecord,
}

impl Webhooks {
    /// Makes an endpoint. It is told of what happens from now on.
    ///
    /// # Errors
    /// INVALID at `url`; CONFLICT where there are ten already.
    pub async fn create(&self, permit: &Permit, input: &CreateEndpoint) -> Result<IssuedSecret, Stop> {
        let target = Target::parse(&input.url, self.rules).map_err(unfit)?;
        // In the order of the list, each once.
        let events: Vec<_> = EventKind::ALL.iter().copied().filter(|kind| input.events.contains(kind)).collect();
        let entropy = &*self.platform.entropy;
        let id = WebhookEndpointId::new(entropy, self.platform.now());
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        store::lock_tenant(&mut tx).await?;
        if store::count_endpoints(&mut tx).await? >= MAX_ENDPOINTS {
            return Err(too_many_endpoints().into());
        }
        let secret = WebhookSecret::generate(entropy);
        let key = self.platform.keys.data_key_in(&mut tx).await?;
        let sealed = SealedSecrets::first(&key, id, &secret, entropy);
        let endpoint = store::insert_endpoint(&mut tx, id, target.as_str(), &events, &sealed).await?;
        store::note_login_interest(&mut tx).await?;
        let names: Vec<_> = events.iter().map(|kind| kind.as_str()).collect();
        let detail = json!({ "url": target.without_query(), "events": names });
        svc_audit::record(&mut tx, permit.caller(), "webhook.created", &id.to_text(), detail).await?;
        tx.commit().await?;
        Ok(IssuedSecret { secret: Redacted::new(secret.expose()), endpoint })
    }
}
