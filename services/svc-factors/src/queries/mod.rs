//! Factors, for people to see.

mod devices;

use std::collections::HashMap;

use core_access::Permit;
use core_kernel::{FactorId, Fault, UserId};
use io_postgres::TenantTx;
use uuid::Uuid;

use crate::store::factors;
use crate::{FactorView, Factors, contacts};

impl Factors {
    /// A user's factors, the oldest first; pending ones that ran out are left out. Whoever asks has
    /// found the user by a query of the directory, which knows whom the caller may see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_factors(&self, permit: &Permit, user: UserId) -> Result<Vec<FactorView>, Fault> {
        let mut of_users = self.list_factors_of(permit, &[user]).await?;
        Ok(of_users.remove(&user).unwrap_or_default())
    }

    /// The same for several users at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_factors_of(
        &self,
        permit: &Permit,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Vec<FactorView>>, Fault> {
        let key = self.platform.keys.data_key(&self.platform.database, permit.tenant()).await?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let ids: Vec<Uuid> = users.iter().map(|user| user.0).collect();
        let mut of_users: HashMap<UserId, Vec<FactorView>> = HashMap::new();
        for record in factors::list_of_users(&mut tx, &ids).await? {
            of_users.entry(record.user).or_default().push(contacts::view(&key, &record)?);
        }
        Ok(of_users)
    }

    /// One factor; `None` also for one of a user whom the caller may not see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup_factor(&self, permit: &Permit, id: FactorId) -> Result<Option<FactorView>, Fault> {
        let key = self.platform.keys.data_key(&self.platform.database, permit.tenant()).await?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let advisor = permit.caller().only_users_of();
        let found = factors::lookup_visible(&mut tx, id, advisor).await?;
        found.map(|record| contacts::view(&key, &record)).transpose()
    }
}
