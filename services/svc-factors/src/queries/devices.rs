//! Trusted devices, for people to see.

use std::collections::HashMap;

use core_access::Permit;
use core_kernel::{DeviceId, Fault, UserId};
use io_postgres::TenantTx;
use uuid::Uuid;

use crate::store::devices::{self, DeviceRow};
use crate::{DeviceView, Factors};

impl Factors {
    /// The trusted devices of several users, the newest first; those that ran out are left out. Whoever
    /// asks has found the users by a query of the directory, which knows whom the caller may see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_devices_of(
        &self,
        permit: &Permit,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Vec<DeviceView>>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let ids: Vec<Uuid> = users.iter().map(|user| user.0).collect();
        let mut of_users: HashMap<UserId, Vec<DeviceView>> = HashMap::new();
        for row in devices::list_of_users(&mut tx, &ids).await? {
            of_users.entry(UserId(row.user_id)).or_default().push(row.into());
        }
        Ok(of_users)
    }

    /// One device; `None` also for one of a user whom the caller may not see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup_device(&self, permit: &Permit, id: DeviceId) -> Result<Option<DeviceView>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let advisor = permit.caller().only_users_of();
        Ok(devices::lookup_visible(&mut tx, id, advisor).await?.map(DeviceView::from))
    }
}

impl From<DeviceRow> for DeviceView {
    fn from(row: DeviceRow) -> Self {
        Self {
            device_id: DeviceId(row.device_id),
            user_id: UserId(row.user_id),
            user_agent: row.user_agent,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
        }
    }
}
