//! Making, changing and trying endpoints.

use async_graphql::{Context, ID, InputObject, Object, Result};
use core_access::Operation;
use svc_webhooks::CreateEndpoint;

use super::{WebhookDelivery, WebhookEndpoint};
use crate::context::{permit, services};
use crate::enums::WebhookEvent;
use crate::errors::{answer, payload};
use crate::ids;

/// A new endpoint.
#[derive(InputObject)]
pub struct CreateWebhookEndpointInput {
    /// Where events are posted: https, on the public internet, port 443 or 1024 and above.
    pub url: String,
    /// Empty: all.
    #[graphql(default)]
    pub events: Vec<WebhookEvent>,
}

/// An endpoint.
#[derive(InputObject)]
pub struct RotateWebhookSecretInput {
    /// Which.
    pub id: ID,
}

/// An endpoint.
#[derive(InputObject)]
pub struct DeleteWebhookEndpointInput {
    /// Which.
    pub id: ID,
}

/// An endpoint.
#[derive(InputObject)]
pub struct TestWebhookEndpointInput {
    /// Which.
    pub id: ID,
}

/// A delivery.
#[derive(InputObject)]
pub struct RedeliverWebhookInput {
    /// Which; it must have arrived, or been given up.
    pub delivery_id: ID,
}

payload! {
    /// The endpoint with its secret.
    CreateWebhookEndpointPayload {
        /// Standard Webhooks signing secret (`whsec_…`), shown once.
        secret: String,
        /// What was made.
        endpoint: WebhookEndpoint,
    }
    /// The endpoint with its new secret.
    RotateWebhookSecretPayload {
        /// The new one; the old one signs beside it for 24 hours.
        secret: String,
        /// Whose it is.
        endpoint: WebhookEndpoint,
    }
    /// The endpoint is gone.
    DeleteWebhookEndpointPayload {
        /// Which it was.
        deleted_id: ID,
    }
    /// The delivery as it was queued again.
    RedeliverWebhookPayload {
        /// QUEUED.
        delivery: WebhookDelivery,
    }
    /// The test as it was queued.
    TestWebhookEndpointPayload {
        /// QUEUED: read it by `node` to see what came of it.
        delivery: WebhookDelivery,
    }
}

#[derive(Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Be told of what happens from now on. A tenant has at most ten endpoints: CONFLICT.
    async fn create_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        input: CreateWebhookEndpointInput,
    ) -> Result<CreateWebhookEndpointPayload> {
        let permit = permit(ctx, Operation::ManageWebhooks)?;
        let events = input.events.into_iter().map(Into::into).collect();
        let input = CreateEndpoint { url: input.url, events };
        let result = Box::pin(services(ctx)?.webhooks.create(&permit, &input)).await;
        Ok(answer(result, |issued| CreateWebhookEndpointPayload {
            secret: Some(issued.secret.into_exposed()),
            endpoint: Some(issued.endpoint.into()),
            ..Default::default()
        })?)
    }

    /// A new secret. Rotate twice to end a secret that has leaked at once: no more than two sign.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        input: RotateWebhookSecretInput,
    ) -> Result<RotateWebhookSecretPayload> {
        let permit = permit(ctx, Operation::RotateWebhookSecret)?;
        let result = Box::pin(services(ctx)?.webhooks.rotate(&permit, input.id.as_str())).await;
        Ok(answer(result, |issued| RotateWebhookSecretPayload {
            secret: Some(issued.secret.into_exposed()),
            endpoint: Some(issued.endpoint.into()),
            ..Default::default()
        })?)
    }

    /// Be told of nothing more there; its deliveries are deleted with it.
    async fn delete_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        input: DeleteWebhookEndpointInput,
    ) -> Result<DeleteWebhookEndpointPayload> {
        let permit = permit(ctx, Operation::ManageWebhooks)?;
        let result = Box::pin(services(ctx)?.webhooks.delete(&permit, input.id.as_str())).await;
        Ok(answer(result, |id| DeleteWebhookEndpointPayload { deleted_id: Some(ids::id(id)), ..Default::default() })?)
    }

    /// Send a delivery once more, with the same `webhook-id` and body.
    async fn redeliver_webhook(
        &self,
        ctx: &Context<'_>,
        input: RedeliverWebhookInput,
    ) -> Result<RedeliverWebhookPayload> {
        let permit = permit(ctx, Operation::SendWebhooks)?;
        let result = Box::pin(services(ctx)?.webhooks.redeliver(&permit, input.delivery_id.as_str())).await;
        Ok(answer(result, |delivery| RedeliverWebhookPayload {
            delivery: Some(delivery.into()),
            ..Default::default()
        })?)
    }

    /// Post a `webhook.test`, whatever the endpoint wants to be told of. One that arrives enables an endpoint that was disabled.
    async fn test_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        input: TestWebhookEndpointInput,
    ) -> Result<TestWebhookEndpointPayload> {
        let permit = permit(ctx, Operation::SendWebhooks)?;
        let result = Box::pin(services(ctx)?.webhooks.test(&permit, input.id.as_str())).await;
        Ok(answer(result, |delivery| TestWebhookEndpointPayload {
            delivery: Some(delivery.into()),
            ..Default::default()
        })?)
    }
}
