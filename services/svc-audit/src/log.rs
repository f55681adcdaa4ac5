//! The audit log: append-only, per tenant.

use std::net::IpAddr;

use core_access::{Caller, Permit};
use core_kernel::{AuditEntryId, Page, PageRequest, Timestamp, TypedId};
use io_postgres::{DbError, TenantTx};
use serde_json::Value;
use svc_platform::Platform;
use uuid::Uuid;

/// One row of the log.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AuditEntry {
    /// The entry's identifier.
    pub entry_id: Uuid,
    /// When, by the wall clock.
    pub at: Timestamp,
    /// Who: `key:NAME`, `admin:EMAIL` (also `admin:EMAIL via key:NAME`), `operator` or
    /// `system`.
    pub actor: String,
    /// What, e.g. `policy.published`.
    pub action: String,
    /// On what: an identifier.
    pub target: Option<String>,
    /// More; never a secret.
    pub detail: Value,
    /// From which address, where it is known.
    pub ip_address: Option<String>,
    /// The chain's hash; null until sealed.
    pub hash: Option<Vec<u8>>,
}

/// Which entries are wanted; empty is all.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Any of these actions.
    pub action: Option<Vec<String>>,
    /// By this actor, exactly.
    pub actor: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

/// Writes an entry in the name of the caller.
///
/// # Errors
/// When the database fails.
pub async fn record(
    tx: &mut TenantTx,
    caller: &Caller,
    action: &'static str,
    target: &str,
    detail: Value,
) -> Result<(), DbError> {
    record_as(tx, &caller.audit_name(), action, Some(target), detail, caller.ip).await
}

/// Writes an entry in another name, e.g. of a person who is signing in.
///
/// # Errors
/// When the database fails.
pub async fn record_as(
    tx: &mut TenantTx,
    actor: &str,
    action: &'static str,
    target: Option<&str>,
    detail: Value,
    ip: Option<IpAddr>,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("select add_audit($1, $2, $3, $4, $5, $6::inet)")
        .bind(tenant)
        .bind(actor)
        .bind(action)
        .bind(target)
        .bind(detail)
        .bind(ip.map(|ip| ip.to_string()))
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Writes many entries of one kind in one name, each with its target and detail.
///
/// # Errors
/// When the database fails.
pub async fn record_many(
    tx: &mut TenantTx,
    actor: &str,
    action: &'static str,
    entries: &[(String, Value)],
    ip: Option<IpAddr>,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "select add_audit($1, $2, $3, x.target, x.detail, $6::inet)
           from unnest($4::text[], $5::jsonb[]) as x (target, detail)",
    )
    .bind(tenant)
    .bind(actor)
    .bind(action)
    .bind(entries.iter().map(|(target, _)| target.as_str()).collect::<Vec<_>>())
    .bind(entries.iter().map(|(_, detail)| detail).collect::<Vec<_>>())
    .bind(ip.map(|ip| ip.to_string()))
    .execute(tx.connection())
    .await?;
    Ok(())
}

const COLUMNS_AND_FILTER: &str = "
    select entry_id, at, actor, action, target, detail, host(ip_address) as ip_address, hash
      from audit_entry
     where tenant_id = $1
       and ($2::uuid is null or entry_id < $2)
       and ($3::text[] is null or action = any ($3))
       and ($4::text is null or actor = $4)
       and ($5::timestamptz is null or at >= $5)
       and ($6::timestamptz is null or at < $6)
     order by month desc, entry_id desc
     limit $7";

/// Entries, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    platform: &Platform,
    permit: &Permit,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Page<AuditEntry>, DbError> {
    let mut tx = TenantTx::begin(&platform.database, permit.tenant()).await?;
    let after = page.after.as_deref().and_then(AuditEntryId::from_text).map(|id| id.0);
    let rows: Vec<AuditEntry> = sqlx::query_as(COLUMNS_AND_FILTER)
        .bind(permit.tenant().0)
        .bind(after)
        .bind(&filter.action)
        .bind(&filter.actor)
        .bind(filter.from)
        .bind(filter.to)
        .bind(page.limit())
        .fetch_all(tx.connection())
        .await?;
    Ok(Page::cut(page, rows, |row| AuditEntryId(row.entry_id).to_text()))
}

/// One entry by identifier.
///
/// # Errors
/// When the database fails.
pub async fn lookup(platform: &Platform, permit: &Permit, id: AuditEntryId) -> Result<Option<AuditEntry>, DbError> {
    let mut tx = TenantTx::begin(&platform.database, permit.tenant()).await?;
    Ok(sqlx::query_as(
        "select entry_id, at, actor, action, target, detail, host(ip_address) as ip_address, hash
           from audit_entry where tenant_id = $1 and month = $2 and entry_id = $3",
    )
    .bind(permit.tenant().0)
    .bind(id.month())
    .bind(id.0)
    .fetch_optional(tx.connection())
    .await?)
}
