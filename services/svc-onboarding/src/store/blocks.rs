//! A file's blocks. They come in by COPY, which does not go into a table under row-level security: a
//! temporary table of the connection's takes them, and the tenant's context passes them on.

use core_kernel::ImportId;
use io_postgres::{DbError, TenantTx};
use sqlx::Executor as _;
use uuid::Uuid;

/// Once per connection: its rows go with every transaction.
const STAGE: &str = "set local client_min_messages = warning;
    create temporary table if not exists import_stage (block_no integer not null, sealed bytea not null) on commit delete rows";
const COPY: &str = "copy pg_temp.import_stage (block_no, sealed) from stdin (format binary)";
/// <https://www.postgresql.org/docs/15/sql-copy.html>, *Binary Format*: signature, flags, no extension.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: &[u8] = &(-1_i16).to_be_bytes();

/// A block as it is stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SealedBlock {
    pub(crate) block_no: i32,
    pub(crate) sealed: Vec<u8>,
}

impl SealedBlock {
    /// A tuple of two fields: an integer of four bytes and bytes.
    fn tuple(&self) -> Vec<u8> {
        let length = i32::try_from(self.sealed.len()).unwrap_or(i32::MAX);
        [
            &2_i16.to_be_bytes()[..],
            &4_i32.to_be_bytes(),
            &self.block_no.to_be_bytes(),
            &length.to_be_bytes(),
            &self.sealed,
        ]
        .concat()
    }
}

/// Stores blocks of an import that is arriving, and says that it is; false where it is not any more.
pub(crate) async fn insert_blocks(tx: &mut TenantTx, id: ImportId, blocks: &[SealedBlock]) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    if !still_arriving(tx, id).await? {
        return Ok(false);
    }
    tx.connection().execute(sqlx::raw_sql(STAGE)).await?;
    let mut copy = tx.connection().copy_in_raw(COPY).await?;
    copy.send(SIGNATURE).await?;
    for block in blocks {
        copy.send(block.tuple()).await?;
    }
    copy.send(TRAILER).await?;
    copy.finish().await?;
    sqlx::query(
        "insert into import_block (tenant_id, import_id, block_no, sealed)
         select $1, $2, s.block_no, s.sealed from pg_temp.import_stage s",
    )
    .bind(tenant)
    .bind(id.0)
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
