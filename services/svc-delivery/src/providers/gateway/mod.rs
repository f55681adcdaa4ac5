//! Texts and calls by the operator's own gateway: a JSON POST signed as Standard Webhooks asks for.
//! docs/operators-messages.md describes it for whoever writes the other side.

mod answers;
mod request;

use core_crypto::{WebhookHeaders, WebhookSecret};
use core_kernel::{Redacted, Timestamp};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use thiserror::Error;
use url::Url;

pub(crate) use answers::report;

use super::web::{self, is_private};
use super::{Carrier, Outcome, Outgoing, Provider};
use crate::callback_urls::CallbackUrls;

/// `http_provider.*`.
#[derive(Debug, Clone)]
pub struct GatewayOptions {
    /// Where messages are posted to.
    pub url: Url,
    /// Shared with the gateway: `whsec_` and base64 of 24 to 64 random bytes.
    pub secret: Redacted<String>,
}

/// Why a gateway cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GatewayConfigError {
    /// Codes would cross a network in the open.
    #[error("http_provider.url must be https, or on this machine")]
    Url,
    /// Not a secret.
    #[error("http_provider.secret must be whsec_ and 24 to 64 random bytes in base64")]
    Secret,
}

/// The operator's gateway.
pub(crate) struct Gateway {
    client: Client,
    url: Url,
    secret: WebhookSecret,
    urls: CallbackUrls,
}

impl Gateway {
    pub(crate) fn new(
        client: Client,
        options: &GatewayOptions,
        urls: CallbackUrls,
    ) -> Result<Self, GatewayConfigError> {
        if !is_private(&options.url) {
            return Err(GatewayConfigError::Url);
        }
        let secret = WebhookSecret::parse(options.secret.expose().trim()).map_err(|_| GatewayConfigError::Secret)?;
        Ok(Self { client, url: options.url.clone(), secret, urls })
    }

    /// Whether the gateway sent this.
    pub(crate) fn has_signed(&self, headers: WebhookHeaders<'_>, body: &[u8], now: Timestamp) -> bool {
        self.secret.verify(headers, body, now)
    }

    async fn post(&self, message: &Outgoing) -> Outcome {
        let body = request::body(message, &self.urls.of(Carrier::Http, message));
        let id = request::id(message);
        let signature = self.secret.sign(&id, message.sent_at, &body);
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", message.sent_at.timestamp())
            .header("webhook-signature", signature)
            .body(body);
        answers::outcome(web::ask(request).await)
    }
}

impl Provider for Gateway {
    fn reports(&self) -> bool {
        true
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        self.post(message).boxed()
    }
}
