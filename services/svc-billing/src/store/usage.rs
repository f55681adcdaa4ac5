//! Sums of what was charged.

use core_kernel::Timestamp;
use io_postgres::{DbError, TenantTx};
use sqlx::types::chrono::NaiveDate;

use super::currency;
use crate::usage::{UsageBucket, UsagePoint, UsageRange};
use crate::{BilledChannel, BillingPeriod, Currency, DayUnits, InvoiceLine, Money};

/// What days cost, from the first to before the end, in millionths of the currency's minor unit.
pub(crate) async fn sum_of_days(
    tx: &mut TenantTx,
    first: NaiveDate,
    end: NaiveDate,
    currency: Currency,
) -> Result<i64, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "select coalesce(sum(amount), 0)::bigint from usage_rollup
          where tenant_id = $1 and day >= $2 and day < $3 and currency = $4",
    )
    .bind(tenant)
    .bind(first)
    .bind(end)
    .bind(currency.code())
    .fetch_one(tx.connection())
    .await?)
}

/// What was used in a period, by day and line, from the daily sums; a sentence where a stored word is
/// unknown.
pub(crate) async fn list_day_units(
    tx: &mut TenantTx,
    period: BillingPeriod,
    currency: Currency,
) -> Result<Result<Vec<DayUnits>, String>, DbError> {
    let tenant = tx.tenant().0;
    let rows: Vec<(NaiveDate, String, String, i64)> = sqlx::query_as(
        "select day, channel, country_group, sum(units)::bigint from usage_rollup
          where tenant_id = $1 and day >= $2 and day < $3 and currency = $4
          group by day, channel, country_group having sum(units) <> 0 order by day, channel, country_group",
    )
    .bind(tenant)
    .bind(period.first_day)
    .bind(period.next)
    .bind(currency.code())
    .fetch_all(tx.connection())
    .await?;
    let read = |(day, channel, group, units): (NaiveDate, String, String, i64)| {
        let line = InvoiceLine::parse(&channel, &group).ok_or_else(|| format!("{channel} is no channel"))?;
        Ok(DayUnits { day, line, units })
    };
    Ok(rows.into_iter().map(read).collect())
}

#[derive(sqlx::FromRow)]
struct Row {
    at: Timestamp,
    channel: String,
    country: Option<String>,
    units: i64,
    amount: i64,
    currency: String,
}

/// In order of time, channel and country; buckets without usage are left out. A sentence where a
/// stored word is unknown.
pub(crate) async fn list_usage(
    tx: &mut TenantTx,
    range: &UsageRange,
) -> Result<Result<Vec<UsagePoint>, String>, DbError> {
    let rows = match range.bucket() {
        UsageBucket::Hour => by_hour(tx, range).await?,
        UsageBucket::Day => by_day(tx, range).await?,
        UsageBucket::Month => by_month(tx, range).await?,
    };
    Ok(rows.into_iter().map(read).collect())
}

async fn by_day(tx: &mut TenantTx, range: &UsageRange) -> Result<Vec<Row>, DbError> {
    let tenant = tx.tenant().0;
    let (first, end) = range.days();
    // Grouped by what the primary key begins with: read in its order, nothing is sorted.
    Ok(sqlx::query_as(
        "select day::timestamp at time zone 'UTC' as at, channel, nullif(country, '') as country,
                sum(units)::bigint as units, sum(amount)::bigint as amount, currency
           from usage_rollup
          where tenant_id = $1 and day >= $2 and day < $3
          group by tenant_id, day, channel, usage_rollup.country, currency
         having sum(units) <> 0 or sum(amount) <> 0
          order by tenant_id, day, channel, usage_rollup.country, currency",
    )
    .bind(tenant)
    .bind(first)
    .bind(end)
    .fetch_all(tx.connection())
    .await?)
}

async fn by_month(tx: &mut TenantTx, range: &UsageRange) -> Result<Vec<Row>, DbError> {
    let tenant = tx.tenant().0;
    let (first, end) = range.days();
    Ok(sqlx::query_as(
        "select date_trunc('month', day::timestamp) at time zone 'UTC' as at, channel, nullif(country, '') as country,
                sum(units)::bigint as units, sum(amount)::bigint as amount, currency
           from usage_rollup
          where tenant_id = $1 and day >= $2 and day < $3
          group by 1, channel, usage_rollup.country, currency
         having sum(units) <> 0 or sum(amount) <> 0
          order by 1, channel, usage_rollup.country, currency",
    )
    .bind(tenant)
    .bind(first)
    .bind(end)
    .fetch_all(tx.connection())
    .await?)
}

async fn by_hour(tx: &mut TenantTx, range: &UsageRange) -> Result<Vec<Row>, DbError> {
    let tenant = tx.tenant().0;
    let (first, end) = range.hours();
    Ok(sqlx::query_as(
        "select date_trunc('hour', charged_at, 'UTC') as at, channel, country,
                sum(units)::bigint as units, sum(amount)::bigint as amount, currency
           from usage_ledger
          where tenant_id = $1 and charged_at >= $2 and charged_at < $3
          group by 1, channel, country, currency
         having sum(units) <> 0 or sum(amount) <> 0
          order by 1, channel, country nulls first, currency",
    )
    .bind(tenant)
    .bind(first)
    .bind(end)
    .fetch_all(tx.connection())
    .await?)
}

fn read(row: Row) -> Result<UsagePoint, String> {
    let channel = BilledChannel::parse(&row.channel).ok_or_else(|| format!("{} is no channel", row.channel))?;
    let amount = Money::from_millionths(row.amount.into(), currency(&row.currency)?);
    Ok(UsagePoint { at: row.at, channel, country: row.country, units: row.units, amount })
}
