//! Numbers that asked for no more texts, and that took it back.

use core_kernel::TenantId;
use io_postgres::DbError;
use sqlx::PgConnection;
use uuid::Uuid;

/// All that there are; asked when somebody writes to a sender that all speak by.
pub(crate) async fn all_tenants(connection: &mut PgConnection) -> Result<Vec<TenantId>, DbError> {
    let all: Vec<Uuid> =
        sqlx::query_scalar("select postern_cross.list_tenants(null, $1)").bind(i32::MAX).fetch_all(connection).await?;
    Ok(all.into_iter().map(TenantId).collect())
}

/// Each tenant with its own index of the number.
pub(crate) async fn note_opt_outs(
    connection: &mut PgConnection,
    numbers: &[(TenantId, Vec<u8>)],
    stopped: bool,
    told_by: &str,
) -> Result<(), DbError> {
    sqlx::query("select note_opt_outs($1, $2, $3, $4)")
        .bind(numbers.iter().map(|(tenant, _)| tenant.0).collect::<Vec<_>>())
        .bind(numbers.iter().map(|(_, index)| index.clone()).collect::<Vec<_>>())
        .bind(stopped)
        .bind(told_by)
        .execute(connection)
        .await?;
    Ok(())
}
