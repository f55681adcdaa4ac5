//! The SQL of logos. What is asked for is written with the tenant's settings (svc-directory).

use core_kernel::TenantId;
use io_postgres::{DbError, NoTenant, TenantTx};
use uuid::Uuid;

/// A logo in a worker's hands.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Claim {
    /// From where.
    pub(crate) source: String,
    /// How often, this time included.
    pub(crate) tries: i16,
}

pub(crate) async fn logos_due(connection: &mut NoTenant, limit: i32) -> Result<Vec<TenantId>, DbError> {
    let ids: Vec<Uuid> =
        sqlx::query_scalar("select postern_cross.logos_due($1)").bind(limit).fetch_all(connection.connection()).await?;
    Ok(ids.into_iter().map(TenantId).collect())
}

/// Takes what is due. A worker that dies with it leaves it to another, this many seconds later.
pub(crate) async fn claim(tx: &mut TenantTx, lease_seconds: f64) -> Result<Option<Claim>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "update tenant_logo l
            set tries = l.tries + 1, due_at = clock_timestamp() + make_interval(secs => $2)
          where l.tenant_id = $1 and l.due_at <= clock_timestamp()
         returning l.source, l.tries",
    )
    .bind(tenant)
    .bind(lease_seconds)
    .fetch_optional(tx.connection())
    .await?)
}

/// Keeps the picture; false where another logo has been named since.
pub(crate) async fn keep(tx: &mut TenantTx, source: &str, picture: &[u8], digest: [u8; 32]) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let kept = sqlx::query(
        "with kept as (
             update tenant_logo l set picture = $3, due_at = null where l.tenant_id = $1 and l.source = $2
             returning l.tenant_id)
         update tenant t set logo_digest = $4, logo_problem = null from kept where t.tenant_id = kept.tenant_id",
    )
    .bind(tenant)
    .bind(source)
    .bind(picture)
    .bind(&digest[..])
    .execute(tx.connection())
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Notes why there is no picture, and when to try again, if at all; false where another logo has been
/// named since.
pub(crate) async fn note(
    tx: &mut TenantTx,
    source: &str,
    problem: &str,
    again_in_seconds: Option<f64>,
) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let noted = sqlx::query(
        "with noted as (
             update tenant_logo l set due_at = clock_timestamp() + make_interval(secs => $4)
              where l.tenant_id = $1 and l.source = $2
             returning l.tenant_id)
         update tenant t set logo_problem = $3 from noted where t.tenant_id = noted.tenant_id",
    )
    .bind(tenant)
    .bind(source)
    .bind(problem)
    .bind(again_in_seconds)
    .execute(tx.connection())
    .await?;
    Ok(noted.rows_affected() == 1)
}

pub(crate) async fn find_picture(tx: &mut TenantTx, digest: [u8; 32]) -> Result<Option<Vec<u8>>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "select l.picture from tenant_logo l join tenant t on t.tenant_id = l.tenant_id
          where l.tenant_id = $1 and t.logo_digest = $2 and l.picture is not null",
    )
    .bind(tenant)
    .bind(&digest[..])
    .fetch_optional(tx.connection())
    .await?)
}
