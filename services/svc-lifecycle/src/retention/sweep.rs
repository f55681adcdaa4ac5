//! Removing what is over, tenant by tenant.

use std::collections::BTreeMap;

use core_kernel::{Fault, TenantId};
use io_postgres::{DbError, TenantTx};
use svc_platform::tenants_after;

use super::rules::RULES;
use crate::Caretaker;
use crate::store::tenants::take;

/// The most rows of a kind that one transaction removes.
const AT_ONCE: i64 = 1000;

/// What a sweep removed, by what it was; kinds of which there was nothing are not among them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Swept(pub BTreeMap<&'static str, u64>);

impl Caretaker {
    /// Removes what is over, of all tenants. Where another process is at a tenant, that one is left to
    /// it; one at which something fails is left for the next call.
    ///
    /// # Errors
    /// When it cannot be asked which tenants there are; what was removed until then stays removed.
    pub async fn sweep(&self) -> Result<Swept, Fault> {
        let mut swept = Swept::default();
        let mut after = None;
        loop {
            let tenants = tenants_after(&self.platform.database, after).await?;
            let Some(last) = tenants.last() else { return Ok(swept) };
            after = Some(*last);
            for tenant in &tenants {
                if let Err(error) = self.sweep_tenant(*tenant, &mut swept).await {
                    tracing::warn!(tenant_id = %tenant, error = %error, "what is over of a tenant stays for now");
                }
            }
        }
    }

    async fn sweep_tenant(&self, tenant: TenantId, swept: &mut Swept) -> Result<(), DbError> {
        while self.sweep_once(tenant, swept).await? {}
        Ok(())
    }

    /// One transaction for one tenant; whether there is more.
    async fn sweep_once(&self, tenant: TenantId, swept: &mut Swept) -> Result<bool, DbError> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        if !take(&mut tx).await? {
            return Ok(false);
        }
        let now = tx.tenant_now().await?;
        let mut more = false;
        for rule in &RULES {
            let removed = sqlx::query(rule.sql)
                .bind(tenant.0)
                .bind(now - (rule.after)(&self.retention))
                .bind(AT_ONCE)
                .execute(tx.connection())
                .await?
                .rows_affected();
            more |= removed >= AT_ONCE.unsigned_abs();
            if removed > 0 {
                *swept.0.entry(rule.what).or_default() += removed;
            }
        }
        tx.commit().await?;
        Ok(more)
    }
}
