//! Suspending a tenant and serving it again: by the operator, as the tables' owner, never by a request.
//!
//! Logins ask the database for the status each time, so that a suspension holds at the next call; the
//! change is published for what is shown from memory.

use core_kernel::{PLATFORM_TENANT, Refusal, RefusalCode, Stop, TenantId, TypedId};
use io_postgres::{Change, Database, DbError, NoTenant, TenantTx, Topic, publish};
use serde_json::json;

use crate::tenants::ending::store as endings;
use crate::tenants::{TenantStatus, store};

/// Who did it, in the audit log.
pub(super) const OPERATOR: &str = "operator";

/// The tenant that is meant by its slug or its identifier.
///
/// Nobody may look for a slug across tenants, the owner of the tables no more than others: those of
/// all tenants are read one by one, which a command that is run by hand can afford.
///
/// # Errors
/// NOT_FOUND where there is none; when the database fails.
pub async fn find_tenant(owner: &Database, named: &str) -> Result<TenantId, Stop> {
    let ids = match TenantId::from_text(named) {
        Some(id) => vec![id],
        None => store::list_ids_as_owner(&mut NoTenant::acquire(owner).await?).await?,
    };
    for id in ids {
        let settings = store::find(&mut TenantTx::begin(owner, id).await?).await?;
        if settings.is_some_and(|settings| settings.slug == named || id.to_text() == named) {
            return Ok(id);
        }
    }
    Err(Refusal::not_found("tenant").into())
}

/// What the tenant is called, by which whoever ends one shows that it is the one that is meant.
///
/// # Errors
/// NOT_FOUND; when the database fails.
pub async fn tenant_slug(owner: &Database, tenant: TenantId) -> Result<String, Stop> {
    let settings = store::find(&mut TenantTx::begin(owner, tenant).await?).await?;
    Ok(settings.ok_or_else(|| Refusal::not_found("tenant"))?.slug)
}

/// Makes this the tenant's status, and tells all gateways; whether it was another before.
///
/// # Errors
/// NOT_FOUND; NOT_ALLOWED_BY_POLICY for the platform's own tenant, without which no administrator
/// could sign in anywhere, and for one that was deleted; when the database fails.
pub async fn set_tenant_status(owner: &Database, tenant: TenantId, status: TenantStatus) -> Result<bool, Stop> {
    not_the_platform(tenant)?;
    let mut tx = TenantTx::begin(owner, tenant).await?;
    let before = store::lock(&mut tx).await?.ok_or_else(|| Refusal::not_found("tenant"))?;
    if let Some(ending) = endings::lock(&mut tx).await? {
        return Err(ending.refusal().into());
    }
    let changed = before.status != status;
    if changed {
        store::set_status(&mut tx, status).await?;
        record(&mut tx, status).await?;
        tx.commit().await?;
    }
    // Told also where it was so before: whoever repeats the command may do so because nobody heard.
    publish(owner, Change::of_tenant(Topic::Tenant, tenant)).await?;
    Ok(changed)
}

/// Without the platform's own tenant no administrator could sign in anywhere.
pub(super) fn not_the_platform(tenant: TenantId) -> Result<(), Refusal> {
    if tenant != PLATFORM_TENANT {
        return Ok(());
    }
    let message = "The platform's own tenant is always served: administrators sign in through it.";
    Err(Refusal::new(RefusalCode::NotAllowedByPolicy, message))
}

async fn record(tx: &mut TenantTx, status: TenantStatus) -> Result<(), DbError> {
    let action = match status {
        TenantStatus::Active => "tenant.resumed",
        TenantStatus::Suspended => "tenant.suspended",
    };
    let target = tx.tenant().to_text();
    svc_audit::record_as(tx, OPERATOR, action, Some(&target), json!({}), None).await
}
