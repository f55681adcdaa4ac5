//! Stripe's webhooks.

use core_kernel::Fault;
use io_postgres::{NoTenant, TenantTx};
use io_stripe::WebhookKey;
use serde::Deserialize;
use svc_platform::Platform;

use crate::store::stripe as store;

/// Where Stripe reports. Cheap to clone.
#[derive(Clone)]
pub struct StripeEvents {
    platform: Platform,
    key: WebhookKey,
}

/// What is read of an event: whom it is about.
#[derive(Deserialize)]
struct Event {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    object: String,
    id: Option<String>,
    #[serde(default)]
    customer: Customer,
}

/// Named, told in full, or not there.
#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Customer {
    Id(String),
    Whole {
        id: String,
    },
    #[default]
    None,
}

impl StripeEvents {
    /// Takes what is signed with this key.
    #[must_use]
    pub const fn new(platform: Platform, key: WebhookKey) -> Self {
        Self { platform, key }
    }

    /// Notes that something happened to a customer of ours; false where the signature is not Stripe's.
    /// Nothing else of the event is believed: the worker reads how things stand.
    ///
    /// # Errors
    /// When the database fails; Stripe sends it again then.
    pub async fn note(&self, signature: &str, body: &[u8]) -> Result<bool, Fault> {
        let now = self.platform.now();
        if self.key.verify(signature, body, now).is_err() {
            return Ok(false);
        }
        // What cannot be read is Stripe's all the same, and would not become better by being sent again.
        let Some(customer) = serde_json::from_slice(body).ok().and_then(customer_of) else { return Ok(true) };
        let mut connection = NoTenant::acquire(&self.platform.database).await?;
        let tenant = store::tenant_of_customer(&mut connection, &customer).await?;
        drop(connection);
        if let Some(tenant) = tenant {
            let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
            store::mark_stale(&mut tx, now).await?;
            tx.commit().await?;
        }
        Ok(true)
    }
}

fn customer_of(event: Event) -> Option<String> {
    let object = event.data.object;
    match object.customer {
        Customer::Id(id) | Customer::Whole { id } => Some(id),
        Customer::None if object.object == "customer" => object.id,
        Customer::None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_about_a_customer_or_about_nobody() {
        let of = |object: &str| {
            let body = format!(r#"{{"id": "evt_1", "type": "x", "data": {{"object": {object}}}}}"#);
            serde_json::from_str(&body).ok().and_then(customer_of)
        };
        let named = Some("cus_1".to_owned());
        assert_eq!(of(r#"{"object": "invoice", "id": "in_1", "customer": "cus_1"}"#), named);
        assert_eq!(of(r#"{"object": "subscription", "customer": {"id": "cus_1", "object": "customer"}}"#), named);
        assert_eq!(of(r#"{"object": "customer", "id": "cus_1"}"#), named);
        assert_eq!(of(r#"{"object": "payout", "id": "po_1", "customer": null}"#), None);
        assert_eq!(of(r#"{"object": "payout", "id": "po_1"}"#), None);
        assert_eq!(of("7"), None);
    }
}
