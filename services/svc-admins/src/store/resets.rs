//! The SQL of second factors that are to be set up anew; in the platform tenant.

use core_kernel::{AccountId, TenantId, Timestamp};
use io_postgres::{DbError, TenantTx};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row as _};

/// How many are done at a time.
const AT_ONCE: i64 = 20;

/// One whose day has passed.
#[derive(Debug)]
pub(crate) struct DueReset {
    pub(crate) account: AccountId,
    pub(crate) asked_in: TenantId,
}

impl FromRow<'_, PgRow> for DueReset {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self { account: AccountId(row.try_get("account_id")?), asked_in: TenantId(row.try_get("asked_in")?) })
    }
}

/// Asks for it, where nobody has; when it is due.
pub(crate) async fn insert(
    tx: &mut TenantTx,
    account: AccountId,
    asked_in: TenantId,
    now: Timestamp,
    due_at: Timestamp,
) -> Result<Timestamp, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "insert into account_reset as r (tenant_id, account_id, asked_in, asked_at, due_at) values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, account_id) do update set due_at = r.due_at
         returning r.due_at",
    )
    .bind(tenant)
    .bind(account.0)
    .bind(asked_in.0)
    .bind(now)
    .bind(due_at)
    .fetch_one(tx.connection())
    .await?)
}

/// Takes it back, or takes it as done; whether there was one, of this tenant where one is named.
pub(crate) async fn delete(tx: &mut TenantTx, account: AccountId, asked_in: Option<TenantId>) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let deleted = sqlx::query(
        "delete from account_reset
          where tenant_id = $1 and account_id = $2 and ($3::uuid is null or asked_in = $3)",
    )
    .bind(tenant)
    .bind(account.0)
    .bind(asked_in.map(|asked_in| asked_in.0))
    .execute(tx.connection())
    .await?;
    Ok(deleted.rows_affected() > 0)
}

pub(crate) async fn list_due(tx: &mut TenantTx, now: Timestamp) -> Result<Vec<DueReset>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select account_id, asked_in from account_reset where tenant_id = $1 and due_at <= $2 order by due_at limit $3",
    )
    .bind(tenant)
    .bind(now)
    .bind(AT_ONCE)
    .fetch_all(tx.connection())
    .await?)
}
