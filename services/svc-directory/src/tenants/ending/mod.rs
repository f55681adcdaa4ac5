//! Deleting a tenant, in two steps. From the first second on it is there for nobody: it is suspended,
//! its keys are unknown, nobody has a role in it, and nothing of it is sent. What it holds is kept until
//! [`Ending::erase_after`], so that a mistake can be undone; then a worker destroys its data keys and
//! erases the rest (svc-lifecycle).
//!
//! Like suspending, by the operator as the tables' owner, never by a request.

pub(super) mod store;

use chrono::TimeDelta;
use core_kernel::{Refusal, RefusalCode, Stop, TenantId, Timestamp, TypedId};
use io_postgres::{Change, Database, DbError, TenantTx, Topic, publish};
use serde_json::{Value, json};

use crate::tenants::status::{OPERATOR, not_the_platform};
use crate::tenants::{TenantStatus, store as tenants};

/// A tenant's end; times are by the wall clock.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Ending {
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// From then on it is erased; until then it can be restored.
    pub erase_after: Timestamp,
    /// When its data keys were destroyed: nothing comes back.
    pub keys_destroyed_at: Option<Timestamp>,
    /// When all was done.
    pub erased_at: Option<Timestamp>,
    status_before: String,
}

impl Ending {
    /// Why nothing can be done with the tenant but restoring it, or not even that.
    pub(super) fn refusal(&self) -> Refusal {
        let day = self.erase_after.format("%-d %B %Y, %H:%M UTC");
        let message = match (self.erased_at, self.keys_destroyed_at) {
            (Some(at), _) => format!("This tenant was erased on {}.", at.format("%-d %B %Y")),
            (None, Some(_)) => "This tenant is being erased: its data keys are destroyed.".to_owned(),
            (None, None) => format!("This tenant was deleted. It can be restored until {day}."),
        };
        Refusal::new(RefusalCode::NotAllowedByPolicy, message)
    }
}

/// Ends a tenant at `now`; what it holds is kept for `keep`, and until when is the answer.
///
/// # Errors
/// NOT_FOUND; NOT_ALLOWED_BY_POLICY for one that was deleted before, and for the platform's own; when
/// the database fails.
pub async fn delete_tenant(
    owner: &Database,
    tenant: TenantId,
    now: Timestamp,
    keep: TimeDelta,
) -> Result<Timestamp, Stop> {
    not_the_platform(tenant)?;
    let mut tx = TenantTx::begin(owner, tenant).await?;
    let before = tenants::lock(&mut tx).await?.ok_or_else(|| Refusal::not_found("tenant"))?;
    if let Some(ending) = store::lock(&mut tx).await? {
        return Err(ending.refusal().into());
    }
    let erase_after = now + keep;
    store::insert(&mut tx, OPERATOR, now, erase_after, before.status).await?;
    tenants::set_status(&mut tx, TenantStatus::Suspended).await?;
    store::cancel_messages(&mut tx).await?;
    record(&mut tx, "tenant.deleted", json!({ "erase_after": erase_after })).await?;
    tx.commit().await?;
    announce(owner, tenant).await?;
    Ok(erase_after)
}

/// Gives a deleted tenant back as it was; served, or suspended as it was before.
///
/// # Errors
/// NOT_FOUND; NOT_ALLOWED_BY_POLICY where it was not deleted, or its time is over; when the database
/// fails.
pub async fn restore_tenant(owner: &Database, tenant: TenantId, now: Timestamp) -> Result<TenantStatus, Stop> {
    let mut tx = TenantTx::begin(owner, tenant).await?;
    tenants::lock(&mut tx).await?.ok_or_else(|| Refusal::not_found("tenant"))?;
    let ending = store::lock(&mut tx)
        .await?
        .ok_or_else(|| Refusal::new(RefusalCode::NotAllowedByPolicy, "This tenant was not deleted."))?;
    if ending.keys_destroyed_at.is_some() {
        return Err(ending.refusal().into());
    }
    if ending.erase_after <= now {
        let message = "The time in which this tenant could be restored is over.";
        return Err(Refusal::new(RefusalCode::NotAllowedByPolicy, message).into());
    }
    let status = TenantStatus::parse(&ending.status_before).unwrap_or(TenantStatus::Suspended);
    // First: as long as there is an end, the tenant stays suspended.
    store::delete(&mut tx).await?;
    tenants::set_status(&mut tx, status).await?;
    record(&mut tx, "tenant.restored", json!({ "status": status.as_str() })).await?;
    tx.commit().await?;
    announce(owner, tenant).await?;
    Ok(status)
}

/// Whether and how a tenant ends.
///
/// # Errors
/// When the database fails.
pub async fn lookup_ending(database: &Database, tenant: TenantId) -> Result<Option<Ending>, DbError> {
    store::find(&mut TenantTx::begin(database, tenant).await?).await
}

async fn record(tx: &mut TenantTx, action: &'static str, detail: Value) -> Result<(), DbError> {
    let target = tx.tenant().to_text();
    svc_audit::record_as(tx, OPERATOR, action, Some(&target), detail, None).await
}

/// Every gateway forgets the tenant, its keys and its administrators.
async fn announce(owner: &Database, tenant: TenantId) -> Result<(), DbError> {
    for topic in [Topic::Tenant, Topic::ApiKey, Topic::Admin] {
        publish(owner, Change::of_tenant(topic, tenant)).await?;
    }
    Ok(())
}
