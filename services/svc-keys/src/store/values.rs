//! What lies under data keys. Names of tables and columns are this crate's own constants.

use futures::stream::BoxStream;
use io_postgres::{DbError, TenantTx};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::SealedColumn;

/// A value that lies under another key.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct SealedValue {
    pub(crate) row: Uuid,
    pub(crate) number: i32,
    pub(crate) sealed: Vec<u8>,
}

/// Values of a column that do not begin with `header`, as they come.
pub(crate) fn stream_others<'a>(
    tx: &'a mut TenantTx,
    column: &SealedColumn,
    header: [u8; 5],
) -> BoxStream<'a, Result<SealedValue, sqlx::Error>> {
    let tenant = tx.tenant().0;
    let (SealedColumn { table, column, .. }, (id, number)) = (*column, column.keys());
    let sql = format!(
        "select {id} as row, {number} as number, {column} as sealed from {table}
          where tenant_id = $1 and length({column}) > 0 and substr({column}, 1, 5) <> $2"
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(tenant).bind(header.to_vec()).fetch(tx.connection())
}

/// Whether a column holds a value that does not begin with `header`.
pub(crate) async fn others_left(tx: &mut TenantTx, column: &SealedColumn, header: [u8; 5]) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let SealedColumn { table, column, .. } = column;
    let sql = format!(
        "select exists (select from {table}
                         where tenant_id = $1 and length({column}) > 0 and substr({column}, 1, 5) <> $2)"
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).bind(tenant).bind(header.to_vec()).fetch_one(tx.connection()).await?)
}

/// A value, and what takes its place.
pub(crate) struct Replacement {
    pub(crate) value: SealedValue,
    pub(crate) sealed: Vec<u8>,
}

/// Puts values in others' places; where somebody wrote meanwhile, that stays.
pub(crate) async fn replace(tx: &mut TenantTx, column: &SealedColumn, values: &[Replacement]) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    let (SealedColumn { table, column, .. }, (id, number)) = (column, column.keys());
    let sql = format!(
        "update {table} set {column} = n.new
           from unnest($2::uuid[], $3::integer[], $4::bytea[], $5::bytea[]) as n (for_row, for_number, old, new)
          where tenant_id = $1 and {id} = n.for_row and {number} = n.for_number and {column} = n.old"
    );
    Ok(sqlx::query(AssertSqlSafe(sql))
        .bind(tenant)
        .bind(values.iter().map(|one| one.value.row).collect::<Vec<_>>())
        .bind(values.iter().map(|one| one.value.number).collect::<Vec<_>>())
        .bind(values.iter().map(|one| &one.value.sealed[..]).collect::<Vec<_>>())
        .bind(values.iter().map(|one| &one.sealed[..]).collect::<Vec<_>>())
        .execute(tx.connection())
        .await?
        .rows_affected())
}
