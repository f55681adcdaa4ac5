//! The SQL of sign-ins that are on their way.

use core_kernel::{AdminId, Timestamp};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

/// A sign-in that is sent off.
pub(crate) struct NewFlow<'a> {
    pub(crate) state: &'a [u8; 32],
    pub(crate) browser: &'a [u8; 32],
    /// Who tries it.
    pub(crate) tried_by: Option<AdminId>,
    pub(crate) expires_at: Timestamp,
}

/// One that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flow {
    pub(crate) tried_by: Option<AdminId>,
}

pub(crate) async fn insert(tx: &mut TenantTx, new: &NewFlow<'_>) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into identity_flow (tenant_id, state_digest, browser_digest, tried_by, expires_at)
         values ($1, $2, $3, $4, $5)",
    )
    .bind(tenant)
    .bind(&new.state[..])
    .bind(&new.browser[..])
    .bind(new.tried_by.map(|admin| admin.0))
    .bind(new.expires_at)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Uses one up: of two who bring the same answer, one finds nothing. One that another browser began stays, for
/// that browser to finish.
pub(crate) async fn take(
    tx: &mut TenantTx,
    state: &[u8; 32],
    browser: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Flow>, DbError> {
    let tenant = tx.tenant().0;
    let taken: Option<Option<Uuid>> = sqlx::query_scalar(
        "delete from identity_flow
          where tenant_id = $1 and state_digest = $2 and browser_digest = $3 and expires_at > $4 returning tried_by",
    )
    .bind(tenant)
    .bind(&state[..])
    .bind(&browser[..])
    .bind(now)
    .fetch_optional(tx.connection())
    .await?;
    Ok(taken.map(|tried_by| Flow { tried_by: tried_by.map(AdminId) }))
}

/// Forgets those that are over; the tenant's next sign-in does it, so that nothing need sweep.
pub(crate) async fn delete_over(tx: &mut TenantTx, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("delete from identity_flow where tenant_id = $1 and expires_at <= $2")
        .bind(tenant)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(crate) async fn delete_all(tx: &mut TenantTx) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("delete from identity_flow where tenant_id = $1").bind(tenant).execute(tx.connection()).await?;
    Ok(())
}
