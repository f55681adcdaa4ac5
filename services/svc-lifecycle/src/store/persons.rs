//! What is held on a person.

use core_kernel::{Fault, TypedId, UserId};
use io_postgres::{DbError, TenantTx};
use serde_json::{Map, Value};
use sqlx::AssertSqlSafe;

/// A table with a user in it.
#[derive(sqlx::FromRow)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// As it is written in a statement.
    quoted: String,
    /// Columns of bytes.
    pub(crate) sealed: Vec<String>,
}

/// The tables with a user in them that this process may read.
pub(crate) async fn list_tables(tx: &mut TenantTx) -> Result<Vec<Table>, DbError> {
    Ok(sqlx::query_as(
        "select c.relname::text as name, quote_ident(c.relname) as quoted,
                array(select s.attname::text from pg_attribute s
                       where s.attrelid = c.oid and s.atttypid = 'bytea'::regtype and not s.attisdropped) as sealed
           from pg_class c
           join pg_attribute u on u.attrelid = c.oid and u.attname = 'user_id'
           join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id'
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
            and has_table_privilege(c.oid, 'select')
          order by c.relname",
    )
    .fetch_all(tx.connection())
    .await?)
}

/// The rows of a user, as they are.
pub(crate) async fn list_rows(
    tx: &mut TenantTx,
    table: &Table,
    user: UserId,
) -> Result<Vec<Map<String, Value>>, Fault> {
    let sql = format!("select to_jsonb(x) from {} x where x.tenant_id = $1 and x.user_id = $2", table.quoted);
    let tenant = tx.tenant().0;
    let rows: Vec<Value> = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(tenant)
        .bind(user.0)
        .fetch_all(tx.connection())
        .await
        .map_err(DbError::from)?;
    rows.into_iter().map(|row| serde_json::from_value(row).map_err(Fault::internal)).collect()
}

/// What the log says of a user. Commands write a user as the API does, SQL as a UUID.
pub(crate) async fn list_entries(tx: &mut TenantTx, user: UserId) -> Result<Vec<Value>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "select to_jsonb(a) - array['sequence', 'salt', 'commitment', 'hash'] from audit_entry a
          where a.tenant_id = $1 and a.target = any ($2) order by a.month, a.entry_id",
    )
    .bind(tenant)
    .bind(vec![user.to_text(), user.0.to_string()])
    .fetch_all(tx.connection())
    .await?)
}
