//! The administrator who looks after a user, as whoever may see the user sees them.

use core_access::{AdminRole, Permit};
use core_kernel::{AdminId, Fault, Timestamp};
use io_postgres::TenantTx;

use crate::Directory;

/// An administrator who looks after users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvisorRecord {
    /// The administrator.
    pub admin_id: AdminId,
    /// Where mail reaches them.
    pub email: String,
    /// A name for persons to read.
    pub display_name: Option<String>,
    /// The role in the tenant.
    pub role: AdminRole,
    /// When they last signed in, by the wall clock.
    pub last_signed_in_at: Option<Timestamp>,
}

impl Directory {
    /// The administrator of this identifier; `None` where they were removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn advisor(&self, permit: &Permit, id: AdminId) -> Result<Option<AdvisorRecord>, Fault> {
        type Row = (String, Option<String>, String, Option<Timestamp>);
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let row: Option<Row> = sqlx::query_as(
            "select a.email, a.display_name, a.role, a.last_signed_in_at from tenant_admin a
              where a.tenant_id = $1 and a.admin_id = $2 and a.removed_at is null",
        )
        .bind(permit.tenant().0)
        .bind(id.0)
        .fetch_optional(tx.connection())
        .await
        .map_err(io_postgres::DbError)?;
        Ok(row.and_then(|(email, display_name, role, last_signed_in_at)| {
            let role = AdminRole::parse(&role)?;
            Some(AdvisorRecord { admin_id: id, email, display_name, role, last_signed_in_at })
        }))
    }
}
