//! The platform tenant's own row.

use io_postgres::{DbError, TenantTx};

/// Makes the row; false where it is there. Waits for another process that is making it.
///
/// Of two that begin at the same instant the later may meet the row in either unique index, so that
/// no index is named; whose row it met is for [`exists`] to say.
pub(crate) async fn insert(tx: &mut TenantTx) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let inserted = sqlx::query(
        "insert into tenant (tenant_id, slug, name, environment) values ($1, 'platform', 'Postern', 'LIVE')
             on conflict do nothing",
    )
    .bind(tenant)
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Whether the row is there.
pub(crate) async fn exists(tx: &mut TenantTx) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar("select exists (select from tenant t where t.tenant_id = $1)")
        .bind(tenant)
        .fetch_one(tx.connection())
        .await?)
}
