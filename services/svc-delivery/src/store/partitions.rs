//! Months of what lies in partitions.

use io_postgres::{DbError, NoTenant};
use sqlx::types::chrono::NaiveDate;

/// Creates the partitions of so many months, the first that of a day; how many were new.
pub(crate) async fn ensure_partitions(connection: &mut NoTenant, from: NaiveDate, months: i32) -> Result<i32, DbError> {
    Ok(sqlx::query_scalar("select ensure_partitions($1, $2)")
        .bind(from)
        .bind(months)
        .fetch_one(connection.connection())
        .await?)
}
