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

macro_rules! select_page {
    ($action:literal) => {
        concat!(
            "select e.entry_id, e.at, e.actor, e.action, e.target, e.detail, host(e.ip_address) as ip_address, e.hash, e.month
               from audit_entry e
              where e.tenant_id = $1
                and ($2::uuid is null or e.entry_id < $2)
                and ($3::text is null or e.actor = $3)
                and ($4::timestamptz is null or e.at >= $4)
                and ($5::timestamptz is null or e.at < $5)",
            $action,
            " order by e.month desc, e.entry_id desc limit $6"
        )
    };
}

const PAGE: &str = select_page!("");

/// Each action's newest, from an index of its own; of these the newest.
const PAGE_OF_ACTIONS: &str = concat!(
    "select page.* from (select distinct action from unnest($7::text[]) as given (action)) wanted cross join lateral (",
    select_page!(" and e.action = wanted.action"),
    ") page order by page.month desc, page.entry_id desc limit $6"
);

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
    // Not kept as a prepared statement: how it is best read depends on what it is narrowed to.
    let mut query = sqlx::query_as(if filter.action.is_some() { PAGE_OF_ACTIONS } else { PAGE })
        .persistent(false)
        .bind(permit.tenant().0)
        .bind(after)
        .bind(&filter.actor)
        .bind(filter.from)
        .bind(filter.to)
        .bind(page.limit());
    if let Some(actions) = &filter.action {
        query = query.bind(actions);
    }
    let rows: Vec<AuditEntry> = query.fetch_all(tx.connection()).await?;
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
