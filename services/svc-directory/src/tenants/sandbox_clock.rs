//! Moving a sandbox's clock: forward only, so that nothing that has run out comes back.

use core_access::Permit;
use core_kernel::{Refusal, RefusalCode, Stop, Timestamp, TypedId};
use io_postgres::{Change, TenantTx, Topic};
use serde_json::json;

use crate::Directory;
use crate::tenants::{Environment, TenantSettings, store};

const MAX_STEP_SECONDS: i64 = 31_536_000;
/// A hundred years: every date that can be reached has a form in RFC 3339.
const MAX_OFFSET_SECONDS: i64 = 100 * MAX_STEP_SECONDS;

impl Directory {
    /// Moves the clock of a SANDBOX tenant forward; what it shows then.
    ///
    /// # Errors
    /// INVALID at `seconds` out of 1 to 31,536,000, or a hundred years ahead; NOT_ALLOWED_BY_POLICY for
    /// a LIVE tenant, whose clock is everybody's.
    pub async fn advance_sandbox_clock(&self, permit: &Permit, seconds: i64) -> Result<Timestamp, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let settings = store::lock(&mut tx).await?.ok_or_else(super::settings::no_such_tenant)?;
        check(&settings, seconds)?;
        store::advance_clock(&mut tx, seconds).await?;
        let clock = tx.tenant_now().await?;
        let detail = json!({ "seconds": seconds, "clock": clock });
        let target = permit.tenant().to_text();
        svc_audit::record(&mut tx, permit.caller(), "tenant.clock_advanced", &target, detail).await?;
        tx.commit().await?;
        self.announce(Change::of_tenant(Topic::Tenant, permit.tenant())).await;
        Ok(clock)
    }
}

fn check(settings: &TenantSettings, seconds: i64) -> Result<(), Refusal> {
    if settings.environment == Environment::Live {
        let message = "The clock of a LIVE tenant cannot be moved; use a SANDBOX tenant.";
        return Err(Refusal::new(RefusalCode::NotAllowedByPolicy, message));
    }
    if !(1..=MAX_STEP_SECONDS).contains(&seconds) {
        return Err(Refusal::invalid("seconds", "This must be 1 to 31,536,000 (a year)."));
    }
    if settings.clock_offset_seconds + seconds > MAX_OFFSET_SECONDS {
        return Err(Refusal::invalid("seconds", "The clock cannot be more than a hundred years ahead."));
    }
    Ok(())
}
