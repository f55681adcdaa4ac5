//! Months of what lies in partitions.

use chrono::NaiveDate;
use io_postgres::{DbError, NoTenant};

/// Whether a table has a month that ends by then.
pub(crate) async fn has_month_before(
    connection: &mut NoTenant,
    table: &str,
    before: NaiveDate,
) -> Result<bool, DbError> {
    Ok(sqlx::query_scalar(
        "select exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid
                         where i.inhparent = $1::regclass
                           and substring(pg_get_expr(c.relpartbound, c.oid) from $x$ TO \\('([0-9-]+)'\\)$x$)::date <= $2)",
    )
    .bind(table)
    .bind(before)
    .fetch_one(connection.connection())
    .await?)
}

/// Drops one month that ends by then; its partition, and nothing when there is none.
pub(crate) async fn retire(
    connection: &mut NoTenant,
    table: &str,
    before: NaiveDate,
) -> Result<Option<String>, DbError> {
    Ok(sqlx::query_scalar("select retire_partition($1, $2)")
        .bind(table)
        .bind(before)
        .fetch_one(connection.connection())
        .await?)
}
