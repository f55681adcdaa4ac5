//! The audit log as it is read; it is written by commands alone.

use async_graphql::{Context, ID, InputObject, Object, Result};
use core_access::{Operation, Permit};
use core_kernel::{AuditEntryId, Stop, TypedId};
use data_encoding::HEXLOWER;

use crate::connection::{connection, page_request};
use crate::context::{permit, services};
use crate::ids::id;
use crate::scalars::{DateTime, IpAddress, Json};

connection! {
    /// A page of the audit log.
    AuditEntryConnection, AuditEntryEdge of AuditEntry;
}

/// Which entries are wanted; empty is all.
#[derive(InputObject, Default)]
pub struct AuditFilter {
    /// Any of these actions.
    pub action: Option<Vec<String>>,
    /// By this actor, exactly as an entry shows it.
    pub actor: Option<String>,
    /// Not before.
    pub from: Option<DateTime>,
    /// Before.
    pub to: Option<DateTime>,
}

/// One thing that was done. Append-only.
pub struct AuditEntry(svc_audit::AuditEntry);

#[Object]
impl AuditEntry {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(AuditEntryId(self.0.entry_id))
    }

    /// When, by the wall clock.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// Who: an administrator, an API key, or the system.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// What, e.g. `policy.published`.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// On what.
    async fn target(&self) -> Option<&str> {
        self.0.target.as_deref()
    }

    /// More of it; never a secret.
    async fn detail(&self) -> Option<Json> {
        Some(Json(self.0.detail.clone()))
    }

    /// From which address, where it is known.
    async fn ip_address(&self) -> Option<IpAddress> {
        self.0.ip_address.clone().map(IpAddress)
    }

    /// Covers this entry and the one before it. Null until sealed.
    async fn hash(&self) -> Option<String> {
        self.0.hash.as_deref().map(|hash| HEXLOWER.encode(hash))
    }
}

pub(crate) async fn audit_log(
    ctx: &Context<'_>,
    permit: &Permit,
    first: i32,
    after: Option<String>,
    filter: Option<AuditFilter>,
) -> Result<AuditEntryConnection> {
    let filter = filter.unwrap_or_default();
    let filter = svc_audit::AuditFilter {
        action: filter.action,
        actor: filter.actor,
        from: filter.from.map(|at| at.read("filter.from")).transpose().map_err(Stop::from)?,
        to: filter.to.map(|at| at.read("filter.to")).transpose().map_err(Stop::from)?,
    };
    let page = svc_audit::list(&services(ctx)?.platform, permit, &filter, &page_request(first, after)?).await;
    Ok(AuditEntryConnection::of(page.map_err(core_kernel::Fault::from)?, AuditEntry))
}

pub(crate) async fn load_audit_entry(ctx: &Context<'_>, id: &str) -> Result<Option<AuditEntry>> {
    let (Some(entry), Ok(permit)) = (AuditEntryId::from_text(id), permit(ctx, Operation::ReadAudit)) else {
        return Ok(None);
    };
    let found = svc_audit::lookup(&services(ctx)?.platform, &permit, entry).await;
    Ok(found.map_err(core_kernel::Fault::from)?.map(AuditEntry))
}
