//! What Stripe was told, by day, and the periods that it was told of.

use chrono::NaiveDate;
use core_kernel::Timestamp;
use io_postgres::{DbError, TenantTx};

use crate::{BillingPeriod, InvoiceLine, TermsCode};

/// A period that is billed through Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PeriodRow {
    pub(crate) period: BillingPeriod,
    pub(crate) terms: TermsCode,
    pub(crate) closed: bool,
}

/// A line and day as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToldDay {
    pub(crate) day: NaiveDate,
    pub(crate) line: InvoiceLine,
    /// Of earlier periods.
    pub(crate) carried: i64,
    /// The total to be told.
    pub(crate) units: i64,
    /// How often it changed.
    pub(crate) revision: i32,
    /// The total that Stripe is known to have.
    pub(crate) taken: Option<i64>,
}

type Row = (NaiveDate, String, i32, bool);

#[derive(sqlx::FromRow)]
struct ToldRow {
    day: NaiveDate,
    channel: String,
    country_group: String,
    carried: i64,
    units: i64,
    revision: i32,
    taken: Option<i64>,
}

fn read(row: Row) -> PeriodRow {
    let (first_day, plan, version, closed) = row;
    PeriodRow { period: BillingPeriod::beginning(first_day), terms: TermsCode { plan, version }, closed }
}

pub(crate) async fn find_period(tx: &mut TenantTx, period: BillingPeriod) -> Result<Option<PeriodRow>, DbError> {
    let tenant = tx.tenant().0;
    let row: Option<Row> = sqlx::query_as(
        "select period, plan_code, price_version, closed_at is not null from stripe_period
          where tenant_id = $1 and period = $2",
    )
    .bind(tenant)
    .bind(period.first_day)
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(read))
}

/// Those that are not closed, the oldest first.
pub(crate) async fn list_open_periods(tx: &mut TenantTx) -> Result<Vec<PeriodRow>, DbError> {
    let tenant = tx.tenant().0;
    let rows: Vec<Row> = sqlx::query_as(
        "select period, plan_code, price_version, false from stripe_period
          where tenant_id = $1 and closed_at is null order by period",
    )
    .bind(tenant)
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// By which terms Stripe bills a period, and those before it in which nobody looked.
pub(crate) async fn note_period(tx: &mut TenantTx, period: BillingPeriod, terms: &TermsCode) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into stripe_period as p (tenant_id, period, plan_code, price_version)
         select $1, m::date, $3, $4
           from generate_series(
                    least((select max(l.period) + interval '1 month' from stripe_period l where l.tenant_id = $1), $2),
                    $2::timestamp, interval '1 month') m
             on conflict (tenant_id, period) do update
            set plan_code = excluded.plan_code, price_version = excluded.price_version
          where p.closed_at is null
            and (p.plan_code, p.price_version) is distinct from (excluded.plan_code, excluded.price_version)",
    )
    .bind(tenant)
    .bind(period.first_day)
    .bind(&terms.plan)
    .bind(terms.version)
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(crate) async fn close_period(tx: &mut TenantTx, period: BillingPeriod, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update stripe_period set closed_at = $3 where tenant_id = $1 and period = $2")
        .bind(tenant)
        .bind(period.first_day)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// All lines and days of a period that were ever told; a sentence where a stored word is unknown.
pub(crate) async fn list_told(
    tx: &mut TenantTx,
    period: BillingPeriod,
) -> Result<Result<Vec<ToldDay>, String>, DbError> {
    let tenant = tx.tenant().0;
    let rows: Vec<ToldRow> = sqlx::query_as(
        "select day, channel, country_group, carried, units, revision, taken from stripe_usage
          where tenant_id = $1 and day >= $2 and day < $3 order by day, channel, country_group",
    )
    .bind(tenant)
    .bind(period.first_day)
    .bind(period.next)
    .fetch_all(tx.connection())
    .await?;
    let read = |row: ToldRow| {
        let line = InvoiceLine::parse(&row.channel, &row.country_group);
        let line = line.ok_or_else(|| format!("{} is no channel", row.channel))?;
        let ToldRow { day, carried, units, revision, taken, .. } = row;
        Ok(ToldDay { day, line, carried, units, revision, taken })
    };
    Ok(rows.into_iter().map(read).collect())
}

/// What of earlier periods is billed in this one; a sentence where a stored word is unknown.
pub(crate) async fn list_carried(
    tx: &mut TenantTx,
    period: BillingPeriod,
) -> Result<Result<Vec<(InvoiceLine, i64)>, String>, DbError> {
    let told = list_told(tx, period).await?;
    let carried = |day: ToldDay| (day.carried != 0).then_some((day.line, day.carried));
    Ok(told.map(|days| days.into_iter().filter_map(carried).collect()))
}

/// Notes a total that is about to be told.
pub(crate) async fn upsert_intent(
    tx: &mut TenantTx,
    day: NaiveDate,
    line: &InvoiceLine,
    units: i64,
    revision: i32,
) -> Result<(), DbError> {
    let (tenant, (channel, group)) = (tx.tenant().0, line.as_stored());
    sqlx::query(
        "insert into stripe_usage (tenant_id, day, channel, country_group, units, revision) values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id, day, channel, country_group)
             do update set units = excluded.units, revision = excluded.revision",
    )
    .bind(tenant)
    .bind(day)
    .bind(channel)
    .bind(group)
    .bind(units)
    .bind(revision)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Notes the total that Stripe has; `revision` is the one that was told.
pub(crate) async fn note_taken(
    tx: &mut TenantTx,
    day: NaiveDate,
    line: &InvoiceLine,
    revision: i32,
    units: i64,
) -> Result<(), DbError> {
    let (tenant, (channel, group)) = (tx.tenant().0, line.as_stored());
    sqlx::query(
        "update stripe_usage set taken = $6
          where tenant_id = $1 and day = $2 and channel = $3 and country_group = $4 and revision = $5",
    )
    .bind(tenant)
    .bind(day)
    .bind(channel)
    .bind(group)
    .bind(revision)
    .bind(units)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Adds units of a closed period to a day.
pub(crate) async fn carry(tx: &mut TenantTx, day: NaiveDate, line: &InvoiceLine, units: i64) -> Result<(), DbError> {
    let (tenant, (channel, group)) = (tx.tenant().0, line.as_stored());
    sqlx::query(
        "insert into stripe_usage as u (tenant_id, day, channel, country_group, carried) values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, day, channel, country_group) do update set carried = u.carried + excluded.carried",
    )
    .bind(tenant)
    .bind(day)
    .bind(channel)
    .bind(group)
    .bind(units)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What the ledger itself says of a period, by line; a sentence where a stored word is unknown.
pub(crate) async fn ledger_units(
    tx: &mut TenantTx,
    period: BillingPeriod,
) -> Result<Result<Vec<(InvoiceLine, i64)>, String>, DbError> {
    let tenant = tx.tenant().0;
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "select channel, country_group, sum(units)::bigint from usage_ledger
          where tenant_id = $1 and charged_at >= $2 and charged_at < $3 group by channel, country_group",
    )
    .bind(tenant)
    .bind(period.start())
    .bind(period.end())
    .fetch_all(tx.connection())
    .await?;
    let read = |(channel, group, units): (String, String, i64)| {
        let line = InvoiceLine::parse(&channel, &group).ok_or_else(|| format!("{channel} is no channel"))?;
        Ok((line, units))
    };
    Ok(rows.into_iter().map(read).collect())
}
