//! The platform tenant's own row.

use io_postgres::{DbError, TenantTx};

/// Makes the row; false where it is there. Waits for another process that is making it.
pub(crate) async fn insert(tx: &mut TenantTx) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let inserted = sqlx::query(
        "insert into tenant (tenant_id, slug, name, environment) values ($1, 'platform', 'Postern', 'LIVE')
             on conflict (tenant_id) do nothing",
    )
    .bind(tenant)
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() > 0)
}
