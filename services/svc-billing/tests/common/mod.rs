//! Messages that are sent and settled by hand, and what was charged for them.
#![allow(dead_code, clippy::unwrap_used, reason = "tests stop at the first surprise; each file uses some of it")]

use core_access::{Actor, AdminRole, ApiScope, Caller, Operation, Permit, Principal};
use core_kernel::{AccountId, AdminId, MessageId, SystemEntropy, TenantId, UserId};
use io_postgres::{NoTenant, TenantTx};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use svc_billing::Billing;
use testkit::{TestBed, caller};
use uuid::Uuid;

pub mod stripe;

/// What a worker or a provider tells of a message.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    pub status: &'static str,
    pub reported: bool,
    pub units: Option<i16>,
}

/// By the worker, who rendered it.
pub const fn worker(status: &'static str, units: i16) -> Told {
    Told { status, reported: false, units: Some(units) }
}

/// By the provider, who says nothing of segments.
pub const fn report(status: &'static str) -> Told {
    Told { status, reported: true, units: None }
}

pub fn billing(bed: &TestBed) -> Billing {
    Billing::new(bed.platform.clone())
}

pub fn may_manage(tenant: TenantId) -> Permit {
    caller(tenant, &[ApiScope::Tenants]).permit(Operation::ManageBilling).unwrap()
}

pub fn may_read(tenant: TenantId) -> Permit {
    caller(tenant, &[ApiScope::Read]).permit(Operation::ReadBilling).unwrap()
}

/// Whoever answers for the bill, in person.
pub fn may_open(tenant: TenantId) -> Permit {
    let (id, account) = (AdminId(Uuid::nil()), AccountId(Uuid::nil()));
    let owner = Actor { id, account, email: "owner@example.com".to_owned(), role: AdminRole::Owner };
    Caller { tenant, principal: Principal::Admin(owner), actor: None, ip: None }
        .permit(Operation::OpenBillingPortal)
        .unwrap()
}

/// A message that has just been handed to a provider.
pub async fn sending(
    bed: &TestBed,
    tenant: TenantId,
    channel: &str,
    purpose: &str,
    country: Option<&str>,
) -> MessageId {
    let id = MessageId::new(&SystemEntropy, bed.platform.now());
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query(
        "insert into message (tenant_id, month, message_id, channel, purpose, country, priority, template, created_at,
                              claimable_at, status, attempts)
         values ($1, $2, $3, $4, $5, $6, 0, 'code', tenant_now($1), clock_timestamp(), 'SENDING', 1)",
    )
    .bind(tenant.0)
    .bind(id.month())
    .bind(id.0)
    .bind(channel)
    .bind(purpose)
    .bind(country)
    .execute(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id
}

/// A text with a code, to the United States.
pub async fn text(bed: &TestBed, tenant: TenantId) -> MessageId {
    sending(bed, tenant, "SMS", "CODE", Some("US")).await
}

/// Records what became of a message; whether that was news.
pub async fn settle(bed: &TestBed, tenant: TenantId, message: MessageId, told: Told) -> bool {
    let mut connection = NoTenant::acquire(&bed.platform.database).await.unwrap();
    sqlx::query_scalar(
        "select settled from settle_messages_batch(array[$1], array[$2], array[$3], array[1::smallint], array[$4], array[$5],
             array[false], array[0], array['sandbox'], array[null::text], array[null::text], array['detail'], array[false],
             array[null::text], array[$6::smallint])",
    )
    .bind(tenant.0)
    .bind(message.month())
    .bind(message.0)
    .bind(told.reported)
    .bind(told.status)
    .bind(told.units)
    .fetch_one(connection.connection())
    .await
    .unwrap()
}

/// Sends and delivers a text of so many segments.
pub async fn delivered(bed: &TestBed, tenant: TenantId, units: i16) -> MessageId {
    let message = text(bed, tenant).await;
    assert!(settle(bed, tenant, message, worker("DELIVERED", units)).await);
    message
}

/// Kind, units and amount in millionths of every entry, the oldest first.
pub async fn ledger(bed: &TestBed, tenant: TenantId) -> Vec<(String, i32, i64)> {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query_as("select kind, units, amount from usage_ledger where tenant_id = $1 order by charged_at, entry")
        .bind(tenant.0)
        .fetch_all(tx.connection())
        .await
        .unwrap()
}

/// One number of a tenant's.
pub async fn number(bed: &TestBed, tenant: TenantId, sql: &'static str) -> i64 {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query_scalar(sql).bind(tenant.0).fetch_one(tx.connection()).await.unwrap()
}

/// A statement of the tenant's.
pub async fn run(bed: &TestBed, tenant: TenantId, sql: &'static str) {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query(sql).bind(tenant.0).execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
}

/// That the daily sums say what the ledger says, of all tenants.
pub async fn sums_are_the_ledgers(bed: &TestBed) {
    let mut superuser = PgConnection::connect(&bed.database.superuser_url()).await.unwrap();
    let grouped = |day: &str, country: &str, table: &str| {
        format!(
            "select tenant_id, {day} as day, channel, country_group, {country} as country, currency,
                    sum(units) as units, sum(amount) as amount from {table} group by 1, 2, 3, 4, 5, 6"
        )
    };
    let (l, r) = (
        grouped("(charged_at at time zone 'UTC')::date", "coalesce(country, '')", "usage_ledger"),
        grouped("day", "country", "usage_rollup"),
    );
    let sql = format!("select count(*) from (({l} except {r}) union all ({r} except {l})) x");
    let differing: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut superuser).await.unwrap();
    assert_eq!(differing, 0, "the daily sums differ from the ledger");
}

/// Users with a phone each, to whom codes can be sent.
pub async fn crowd(bed: &TestBed, tenant: TenantId, size: i32) -> Vec<(UserId, Uuid)> {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "with people as (
             insert into tenant_user (tenant_id, user_id, external_id, external_id_folded, kind, created_at)
             select $1, uuid_v7(), 'u' || n, 'u' || n, 'EXTERNAL', tenant_now($1) from generate_series(1, $2) n
             returning user_id
         )
         insert into factor (tenant_id, factor_id, user_id, kind, status, line, country, secret_sealed, blind_index, created_at)
         select $1, uuid_v7(), p.user_id, 'PHONE_PRIMARY', 'ACTIVE', 'MOBILE', 'US', '\\x00', uuid_send(p.user_id), tenant_now($1)
           from people p
         returning user_id, factor_id",
    )
    .bind(tenant.0)
    .bind(size)
    .fetch_all(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    rows.into_iter().map(|(user, factor)| (UserId(user), factor)).collect()
}

/// Sends a code as an enrollment does; the outcome and the message, whether it was queued or not.
pub async fn send_code(bed: &TestBed, tenant: TenantId, (user, factor): (UserId, Uuid)) -> (String, MessageId) {
    let message = MessageId::new(&SystemEntropy, bed.platform.now());
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let outcome = sqlx::query_scalar(
        "select outcome from send_code($1, tenant_now($1), $2, null, null, $3, 'SMS', 'ENROLL', uuid_v7(), this_month(),
                                       $4, $5, 1::smallint, 6::smallint, 300, 30)",
    )
    .bind(tenant.0)
    .bind(user.0)
    .bind(factor)
    .bind(message.0)
    .bind(message.month())
    .fetch_one(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    (outcome, message)
}

/// Has a worker claim it.
pub async fn claimed(bed: &TestBed, tenant: TenantId, message: MessageId) {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query(
        "update message set status = 'SENDING', attempts = 1 where tenant_id = $1 and month = $2 and message_id = $3",
    )
    .bind(tenant.0)
    .bind(message.month())
    .bind(message.0)
    .execute(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
}
