//! Version 1, in the transaction that makes the tenant.

use core_kernel::{PolicyId, Timestamp};
use core_policy::Policy;
use io_postgres::{DbError, TenantTx};

use crate::model::PolicyVersion;
use crate::{Policies, store};

impl Policies {
    /// Writes a new tenant's first version, in force from `now` on. Weaker channels that it allows
    /// count as accepted with it: whoever calls this has made sure that they were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_first_version(
        &self,
        tx: &mut TenantTx,
        policy: Policy,
        published_by: &str,
        now: Timestamp,
    ) -> Result<PolicyVersion, DbError> {
        let version = PolicyVersion {
            version: 1,
            policy_id: PolicyId::new(&*self.platform.entropy, self.platform.now()),
            acknowledged: policy.weaker_channels(),
            policy,
            effective_at: now,
            published_at: now,
            published_by: Some(published_by.to_owned()),
            comment: None,
            canceled_at: None,
        };
        store::insert(tx, &version).await?;
        Ok(version)
    }
}
