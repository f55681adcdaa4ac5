//! An endpoint and a delivery, and how they are found.

use async_graphql::{Context, ID, Object, Result};
use core_access::{Caller, Operation};
use core_kernel::{TypedId, WebhookDeliveryId, WebhookEndpointId};
use svc_webhooks::{DeliveryRecord, EndpointRecord, wire_name};

use crate::connection::{connection, page_request};
use crate::context::{permit, services};
use crate::enums::{WebhookDeliveryStatus, WebhookEvent};
use crate::ids::id;
use crate::loaders::turn;
use crate::scalars::DateTime;

connection! {
    /// A page of an endpoint's deliveries.
    WebhookDeliveryConnection, WebhookDeliveryEdge of WebhookDelivery;
}

/// Where a tenant is told of events, by the Standard Webhooks specification. Its secret is shown once.
pub struct WebhookEndpoint(EndpointRecord);

impl From<EndpointRecord> for WebhookEndpoint {
    fn from(record: EndpointRecord) -> Self {
        Self(record)
    }
}

#[Object]
impl WebhookEndpoint {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.endpoint_id)
    }

    /// Where events are posted.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// What it is told of; empty: all.
    async fn events(&self) -> Vec<WebhookEvent> {
        self.0.events.iter().map(|kind| (*kind).into()).collect()
    }

    /// When it was made; it is told of what happened later.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When something last arrived.
    async fn last_delivery_at(&self) -> Option<DateTime> {
        self.0.last_delivery_at.map(DateTime::from)
    }

    /// Nothing has arrived since; null while deliveries succeed.
    async fn failing_since(&self) -> Option<DateTime> {
        self.0.failing_since.map(DateTime::from)
    }

    /// Nothing more is sent since: it answered 410 Gone, or failed for five days. `testWebhookEndpoint` ends this, once the
    /// test arrives.
    async fn disabled_at(&self) -> Option<DateTime> {
        self.0.disabled_at.map(DateTime::from)
    }

    /// What was sent to it, and what will be, newest first.
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<WebhookDeliveryConnection> {
        let permit = permit(ctx, Operation::ReadWebhooks)?;
        let page = page_request(first, after)?;
        let _turn = turn(ctx).await?;
        let page = Box::pin(services(ctx)?.webhooks.deliveries(&permit, self.0.endpoint_id, &page)).await?;
        Ok(WebhookDeliveryConnection::of(page, WebhookDelivery::from))
    }
}

/// One event on its way to one endpoint.
pub struct WebhookDelivery(DeliveryRecord);

impl From<DeliveryRecord> for WebhookDelivery {
    fn from(record: DeliveryRecord) -> Self {
        Self(record)
    }
}

#[Object]
impl WebhookDelivery {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.delivery_id)
    }

    /// What `webhook-id` says: the same for every attempt, and for every endpoint that is told of the event.
    async fn webhook_id(&self) -> String {
        self.0.event_id.to_text()
    }

    /// What happened; null for a test.
    async fn event(&self) -> Option<WebhookEvent> {
        self.0.kind.map(WebhookEvent::from)
    }

    /// Its name on the wire, such as `login.completed`.
    async fn r#type(&self) -> String {
        self.0.kind.map_or_else(|| "webhook.test".to_owned(), wire_name)
    }

    /// What is posted, byte for byte.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// How far it is.
    async fn status(&self) -> WebhookDeliveryStatus {
        self.0.status.into()
    }

    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempts.into()
    }

    /// When the event happened.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last tried.
    async fn last_attempt_at(&self) -> Option<DateTime> {
        self.0.last_attempt_at.map(DateTime::from)
    }

    /// When it will be tried next; null unless it is QUEUED.
    async fn next_attempt_at(&self) -> Option<DateTime> {
        self.0.next_attempt_at.map(DateTime::from)
    }

    /// When it arrived.
    async fn delivered_at(&self) -> Option<DateTime> {
        self.0.delivered_at.map(DateTime::from)
    }

    /// The HTTP status of the last answer; null where there was none.
    async fn response_status(&self) -> Option<i32> {
        self.0.response_status.map(i32::from)
    }

    /// What was wrong with the last attempt, for a person.
    async fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }
}

/// `Tenant.webhookEndpoints`, the oldest first.
///
/// # Errors
/// FORBIDDEN.
pub(crate) async fn tenant_webhook_endpoints(ctx: &Context<'_>, caller: &Caller) -> Result<Vec<WebhookEndpoint>> {
    let permit = caller.permit(Operation::ReadWebhooks)?;
    let endpoints = Box::pin(services(ctx)?.webhooks.list(&permit)).await?;
    Ok(endpoints.into_iter().map(WebhookEndpoint::from).collect())
}

/// For `node`.
///
/// # Errors
/// When the database fails.
pub(crate) async fn load_webhook_endpoint(ctx: &Context<'_>, id: &str) -> Result<Option<WebhookEndpoint>> {
    let (Some(id), Ok(permit)) = (WebhookEndpointId::from_text(id), permit(ctx, Operation::ReadWebhooks)) else {
        return Ok(None);
    };
    Ok(services(ctx)?.webhooks.lookup(&permit, id).await?.map(WebhookEndpoint::from))
}

/// For `node`.
///
/// # Errors
/// When the database fails.
pub(crate) async fn load_webhook_delivery(ctx: &Context<'_>, id: &str) -> Result<Option<WebhookDelivery>> {
    let (Some(id), Ok(permit)) = (WebhookDeliveryId::from_text(id), permit(ctx, Operation::ReadWebhooks)) else {
        return Ok(None);
    };
    Ok(services(ctx)?.webhooks.lookup_delivery(&permit, id).await?.map(WebhookDelivery::from))
}
