//! The tenant in which administrators are users.

use core_kernel::{Fault, PLATFORM_TENANT, Timestamp};
use core_policy::{AudiencePolicy, Channel, Policy, SecurityLevel};
use io_postgres::TenantTx;
use svc_platform::Platform;
use svc_policy::Policies;

use crate::store::platform_tenant;

/// Makes the platform tenant where there is none; safe to repeat, and by several processes at once.
///
/// # Errors
/// When the database fails, or another tenant has the slug `platform`.
pub async fn ensure_platform_tenant(platform: &Platform, policies: &Policies) -> Result<(), Fault> {
    let mut tx = TenantTx::begin(&platform.database, PLATFORM_TENANT).await?;
    if platform_tenant::insert(&mut tx).await? {
        platform.keys.create_data_key(&mut tx, &*platform.entropy).await?;
        let now = tx.tenant_now().await?;
        policies.insert_first_version(&mut tx, console_policy(now), "system", now).await?;
    } else if !platform_tenant::exists(&mut tx).await? {
        return Err(Fault::internal("another tenant has the slug `platform`"));
    }
    tx.commit().await?;
    Ok(())
}

/// A second factor at every sign-in, whatever device or network; a mailbox is none, since the
/// invitation went there.
fn console_policy(now: Timestamp) -> Policy {
    let mut policy = Policy::new_tenant(now);
    policy.internal = always_asked(policy.internal);
    policy.external = always_asked(policy.external);
    policy
}

fn always_asked(audience: AudiencePolicy) -> AudiencePolicy {
    AudiencePolicy {
        allowed_channels: vec![Channel::Totp, Channel::Passkey, Channel::Sms, Channel::Voice],
        default_level: SecurityLevel::High,
        minimum_level: SecurityLevel::High,
        user_may_choose_level: false,
        trusted_device_seconds: 0,
        ..audience
    }
}
