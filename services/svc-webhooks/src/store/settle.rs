//! What became of an attempt, for the delivery and for its endpoint.

use io_postgres::{DbError, TenantTx};

use super::Claim;

/// An attempt's outcome.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settlement {
    pub(crate) status: &'static str,
    pub(crate) retry_seconds: f64,
    pub(crate) response_status: Option<i16>,
    pub(crate) failure: Option<String>,
    /// The endpoint says that it is no more.
    pub(crate) gone: bool,
}

/// What it means for the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// As before, as far as anybody need be told.
    Unchanged,
    /// Nothing more is sent to it.
    Disabled,
    /// It is back.
    Enabled,
}

/// Records the outcome of this very attempt. `None` where it is not this worker's any more, or the
/// endpoint was deleted. The endpoint is locked first: so does whoever deletes it.
pub(crate) async fn settle(
    tx: &mut TenantTx,
    claim: &Claim,
    settlement: &Settlement,
) -> Result<Option<Endpoint>, DbError> {
    let was_disabled: Option<bool> = sqlx::query_scalar(
        "select disabled_at is not null from webhook_endpoint
          where tenant_id = $1 and endpoint_id = $2 for no key update",
    )
    .bind(claim.tenant.0)
    .bind(claim.endpoint.0)
    .fetch_optional(tx.connection())
    .await?;
    let Some(was_disabled) = was_disabled else { return Ok(None) };
    if !settle_delivery(tx, claim, settlement).await? {
        return Ok(None);
    }
    let is_disabled = match settlement.status {
        "DELIVERED" => note_success(tx, claim).await?,
        _ => note_failure(tx, claim, settlement).await?,
    };
    Ok(Some(match (was_disabled, is_disabled) {
        (false, true) => Endpoint::Disabled,
        (true, false) => Endpoint::Enabled,
        _ => Endpoint::Unchanged,
    }))
}

async fn settle_delivery(tx: &mut TenantTx, claim: &Claim, settlement: &Settlement) -> Result<bool, DbError> {
    let settled = sqlx::query(
        "update webhook_delivery d
            set status = $5, due_at = clock_timestamp() + make_interval(secs => $6), response_status = $7, failure = $8,
                delivered_at = case when $5 = 'DELIVERED' then clock_timestamp() else d.delivered_at end
          where d.tenant_id = $1 and d.month = $2 and d.delivery_id = $3 and d.status = 'SENDING' and d.attempts = $4",
    )
    .bind(claim.tenant.0)
    .bind(claim.month)
    .bind(claim.delivery.0)
    .bind(claim.attempt)
    .bind(settlement.status)
    .bind(settlement.retry_seconds)
    .bind(settlement.response_status)
    .bind(&settlement.failure)
    .execute(tx.connection())
    .await?;
    Ok(settled.rows_affected() > 0)
}

/// What nobody asked for may have been on its way when the endpoint was disabled: it does not enable it.
async fn note_success(tx: &mut TenantTx, claim: &Claim) -> Result<bool, DbError> {
    Ok(sqlx::query_scalar(
        "update webhook_endpoint e
            set last_delivery_at = clock_timestamp(), failing_since = null,
                disabled_at = case when $3 then null else e.disabled_at end
          where e.tenant_id = $1 and e.endpoint_id = $2
         returning e.disabled_at is not null",
    )
    .bind(claim.tenant.0)
    .bind(claim.endpoint.0)
    .bind(claim.asked)
    .fetch_one(tx.connection())
    .await?)
}

async fn note_failure(tx: &mut TenantTx, claim: &Claim, settlement: &Settlement) -> Result<bool, DbError> {
    Ok(sqlx::query_scalar(
        "update webhook_endpoint e
            set failing_since = coalesce(e.failing_since, clock_timestamp()),
                disabled_at = coalesce(e.disabled_at, case
                    when $3 or ($4 and e.failing_since < clock_timestamp() - interval '5 days') then clock_timestamp() end)
          where e.tenant_id = $1 and e.endpoint_id = $2
         returning e.disabled_at is not null",
    )
    .bind(claim.tenant.0)
    .bind(claim.endpoint.0)
    .bind(settlement.gone)
    .bind(settlement.status == "FAILED")
    .fetch_one(tx.connection())
    .await?)
}
