//! A file's blocks, as they come in and are read again.
//!
//! They come in as two arrays and not by COPY: an upload is dropped wherever its sender hangs up, and the driver
//! cannot take a COPY back that was dropped before its end.

use core_kernel::ImportId;
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

/// A block as it is stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SealedBlock {
    pub(crate) block_no: i32,
    pub(crate) sealed: Vec<u8>,
}

/// Stores blocks of an import that is arriving, and says that it is; false where it is not any more.
pub(crate) async fn insert_blocks(tx: &mut TenantTx, id: ImportId, blocks: &[SealedBlock]) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    if !still_arriving(tx, id).await? {
        return Ok(false);
    }
    let (numbers, sealed): (Vec<i32>, Vec<&[u8]>) = blocks.iter().map(|block| (block.block_no, &*block.sealed)).unzip();
    sqlx::query(
        "insert into import_block (tenant_id, import_id, block_no, sealed)
         select $1, $2, b.block_no, b.sealed from unnest($3::integer[], $4::bytea[]) b (block_no, sealed)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(numbers)
    .bind(sealed)
    .execute(tx.connection())
    .await?;
    Ok(true)
}

/// Says that the import is still arriving; false where it is not any more.
pub(crate) async fn still_arriving(tx: &mut TenantTx, id: ImportId) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let renewed = sqlx::query(
        "update import_job j set due_at = clock_timestamp() + interval '2 minutes'
          where j.tenant_id = $1 and j.import_id = $2 and j.status = 'RECEIVING'",
    )
    .bind(tenant)
    .bind(id.0)
    .execute(tx.connection())
    .await?;
    Ok(renewed.rows_affected() > 0)
}

/// The next blocks from this one on, in order.
pub(crate) async fn list_blocks(
    tx: &mut TenantTx,
    id: ImportId,
    from: i32,
    limit: i64,
) -> Result<Vec<SealedBlock>, DbError> {
    let tenant: Uuid = tx.tenant().0;
    Ok(sqlx::query_as(
        "select b.block_no, b.sealed from import_block b
          where b.tenant_id = $1 and b.import_id = $2 and b.block_no >= $3 order by b.block_no limit $4",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(from)
    .bind(limit)
    .fetch_all(tx.connection())
    .await?)
}

/// The file is of no more use.
pub(crate) async fn delete_blocks(tx: &mut TenantTx, id: ImportId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("delete from import_block b where b.tenant_id = $1 and b.import_id = $2")
        .bind(tenant)
        .bind(id.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}
