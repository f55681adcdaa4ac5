//! The SQL behind [`crate::counts`].

use chrono::NaiveDate;
use core_kernel::{AdminId, Timestamp};
use io_postgres::{DbError, TenantTx};

/// Which logins are counted, and how days are cut.
pub(crate) struct CountSpan<'a> {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// The first and the last partition that can hold any.
    pub(crate) months: (NaiveDate, NaiveDate),
    pub(crate) time_zone: &'a str,
    pub(crate) advisor: Option<AdminId>,
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct CountRow {
    pub(crate) day: NaiveDate,
    pub(crate) outcome: String,
    pub(crate) completed_with: Option<String>,
    pub(crate) logins: i64,
    pub(crate) completed: i64,
}

pub(crate) async fn count_logins(tx: &mut TenantTx, span: &CountSpan<'_>) -> Result<Vec<CountRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select (l.created_at at time zone $6)::date as day, l.outcome, l.completed_with,
                count(*) as logins, count(l.completed_at) as completed
           from login l
          where l.tenant_id = $1
            and l.month between $2 and $3
            and l.created_at >= $4 and l.created_at < $5
            and ($7::uuid is null or exists (
                select from tenant_user u
                 where u.tenant_id = l.tenant_id and u.user_id = l.user_id and u.advisor_id = $7))
          group by 1, 2, 3
          order by 1, 2, 3",
    )
    .bind(tenant)
    .bind(span.months.0)
    .bind(span.months.1)
    .bind(span.from)
    .bind(span.to)
    .bind(span.time_zone)
    .bind(span.advisor.map(|advisor| advisor.0))
    .fetch_all(tx.connection())
    .await?)
}
