//! Rows that were refused.

use core_kernel::ImportId;
use io_postgres::{DbError, TenantTx};
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::RowFault;

/// A refused row as it is written.
pub(crate) struct NewRefusal {
    pub(crate) line: i32,
    pub(crate) faults: Vec<RowFault>,
    pub(crate) sealed: Vec<u8>,
}

pub(crate) async fn insert_refusals(tx: &mut TenantTx, id: ImportId, refused: &[NewRefusal]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    let sealed: Vec<&[u8]> = refused.iter().map(|row| &row.sealed[..]).collect();
    sqlx::query(
        "insert into import_refusal (tenant_id, import_id, line, faults, sealed)
         select $1, $2, x.line, x.faults, x.sealed
           from unnest($3::integer[], $4::jsonb[], $5::bytea[]) as x (line, faults, sealed)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(refused.iter().map(|row| row.line).collect::<Vec<_>>())
    .bind(refused.iter().map(|row| Json(&row.faults)).collect::<Vec<_>>())
    .bind(sealed)
    .execute(tx.connection())
    .await?;
    Ok(())
}

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct RefusalRow {
    pub(crate) line: i32,
    pub(crate) faults: Json<Vec<RowFault>>,
    pub(crate) sealed: Vec<u8>,
}

/// Refused rows behind this line, in the order of the file.
pub(crate) async fn list_refusals(
    tx: &mut TenantTx,
    id: ImportId,
    after: i32,
    limit: i64,
) -> Result<Vec<RefusalRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select r.line, r.faults, r.sealed from import_refusal r
          where r.tenant_id = $1 and r.import_id = $2 and r.line > $3 order by r.line limit $4",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(after)
    .bind(limit)
    .fetch_all(tx.connection())
    .await?)
}

/// The first refused rows of each of these imports, in the order of its file.
pub(crate) async fn list_refusals_of(
    tx: &mut TenantTx,
    imports: &[ImportId],
    limit: i64,
) -> Result<Vec<(Uuid, i32, Json<Vec<RowFault>>)>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select wanted.import_id, r.line, r.faults
           from unnest($2::uuid[]) as wanted (import_id) cross join lateral
                (select r.line, r.faults from import_refusal r
                  where r.tenant_id = $1 and r.import_id = wanted.import_id order by r.line limit $3) r
          order by r.line",
    )
    .bind(tenant)
    .bind(imports.iter().map(|import| import.0).collect::<Vec<_>>())
    .bind(limit)
    .fetch_all(tx.connection())
    .await?)
}
