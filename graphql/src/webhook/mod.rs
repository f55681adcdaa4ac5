//! Webhooks: endpoints, and what was sent to them.

mod mutations;
mod types;

pub use mutations::WebhookMutation;
pub(crate) use types::{
    WebhookDelivery, WebhookEndpoint, load_webhook_delivery, load_webhook_endpoint, tenant_webhook_endpoints,
};
