//! One attempt at one delivery.

use std::time::Duration;

use bytes::Bytes;
use core_crypto::WebhookSecret;
use core_kernel::{Fault, TypedId, made_at};
use io_outbound::Target;
use io_postgres::TenantTx;
use io_traces::spans;
use serde_json::json;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::WebhookWorker;
use crate::store::{self, Claim, Endpoint, Settlement};
use crate::verdict::{Fate, complaint, fate};

impl WebhookWorker {
    /// Sends, and records what came of it. Where that fails the lease runs out, and it is sent again.
    pub(super) async fn attempt(&self, claim: &Claim) {
        let (span, begun) = (spans::webhook(), Instant::now());
        let recorded = match self.send(claim).instrument(span.clone()).await {
            Ok(answer) => {
                spans::answered(&span, answer.as_ref().copied().unwrap_or(599));
                let settlement = self.settlement(claim, answer);
                self.count(claim, &settlement, begun.elapsed());
                self.record(claim, &settlement).await
            }
            Err(fault) => Err(fault),
        };
        if let Err(fault) = recorded {
            tracing::warn!(delivery_id = %claim.delivery, error = %fault, "a webhook's delivery is not recorded");
        }
    }

    /// The answer's status, or why there is none, for a person.
    ///
    /// # Errors
    /// When the keys cannot be had at the moment.
    async fn send(&self, claim: &Claim) -> Result<Result<u16, String>, Fault> {
        let target = match Target::parse(&claim.url, self.outbound.rules()) {
            Ok(target) => target,
            Err(unfit) => return Ok(Err(unfit.to_string())),
        };
        let Some(headers) = self.headers(claim).await? else {
            return Ok(Err("The signing secret cannot be read.".to_owned()));
        };
        let body = Bytes::copy_from_slice(claim.body.as_bytes());
        let answer = self.outbound.post_json(&target, &headers, body).await;
        Ok(answer.map(|status| status.as_u16()).map_err(|failure| failure.to_string()))
    }

    /// By the Standard Webhooks specification; `None` where a secret does not open.
    async fn headers(&self, claim: &Claim) -> Result<Option<[(&'static str, String); 3]>, Fault> {
        let key = self.platform.keys.data_key(&self.platform.database, claim.tenant).await?;
        let now = self.platform.now();
        let secrets = match claim.secrets.open(&key, claim.endpoint, now) {
            Ok(secrets) => secrets,
            Err(fault) => {
                let source = std::error::Error::source(&fault).map(ToString::to_string);
                tracing::error!(endpoint_id = %claim.endpoint, error = source.as_deref(), "a secret does not open");
                return Ok(None);
            }
        };
        let id = claim.event.to_text();
        let sign = |secret: &WebhookSecret| secret.sign(&id, now, claim.body.as_bytes());
        let signatures: Vec<_> = secrets.iter().map(sign).collect();
        Ok(Some([
            ("webhook-id", id),
            ("webhook-timestamp", now.timestamp().to_string()),
            ("webhook-signature", signatures.join(" ")),
        ]))
    }

    fn settlement(&self, claim: &Claim, answer: Result<u16, String>) -> Settlement {
        let status = answer.as_ref().ok().copied();
        let fate = fate(status, claim.tries, self.chance());
        Settlement {
            status: match fate {
                Fate::Delivered => "DELIVERED",
                Fate::Again(_) => "QUEUED",
                Fate::GivenUp | Fate::Gone => "FAILED",
            },
            retry_seconds: if let Fate::Again(pause) = fate { pause.as_secs_f64() } else { 0.0 },
            response_status: status.and_then(|status| i16::try_from(status).ok()),
            failure: answer.map_or_else(Some, complaint),
            gone: fate == Fate::Gone,
        }
    }

    fn count(&self, claim: &Claim, settlement: &Settlement, took: Duration) {
        let meters = &self.platform.meters;
        meters.webhook_deliveries.at([settlement.status]).add_one();
        meters.webhook_duration.at([]).observe(took.as_secs_f64());
        if let Some(happened) = made_at(claim.event.0).filter(|_| settlement.status == "DELIVERED") {
            meters.webhook_delay.at([]).observe((self.platform.now() - happened).as_seconds_f64().max(0.0));
        }
    }

    fn chance(&self) -> f64 {
        let mut bytes = [0; 4];
        self.platform.entropy.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    }

    async fn record(&self, claim: &Claim, settlement: &Settlement) -> Result<(), Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, claim.tenant).await?;
        let Some(endpoint) = store::settle(&mut tx, claim, settlement).await? else { return Ok(()) };
        if endpoint == Endpoint::Disabled {
            self.tell_admins(&mut tx, claim).await?;
        }
        let (action, detail) = match endpoint {
            Endpoint::Unchanged => return Ok(tx.commit().await?),
            Endpoint::Disabled if settlement.gone => ("webhook.disabled", json!({ "reason": "GONE" })),
            Endpoint::Disabled => ("webhook.disabled", json!({ "reason": "FAILING" })),
            Endpoint::Enabled => ("webhook.enabled", json!({})),
        };
        let target = claim.endpoint.to_text();
        svc_audit::record_as(&mut tx, "system", action, Some(&target), detail, None).await?;
        Ok(tx.commit().await?)
    }

    /// Nobody looks at an endpoint that used to work.
    async fn tell_admins(&self, tx: &mut TenantTx, claim: &Claim) -> Result<(), Fault> {
        let target = Target::parse(&claim.url, self.outbound.rules()).ok();
        store::tell_admins(tx, target.as_ref().map(Target::host)).await?;
        Ok(())
    }
}
