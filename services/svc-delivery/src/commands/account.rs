//! A tenant brings its own account at Twilio, which then carries its texts and calls.

use core_kernel::{Refusal, Stop, TenantId, TypedId as _};
use io_postgres::TenantTx;
use serde_json::json;
use svc_platform::Platform;

use crate::carriers::{TenantAccount, account_place};
use crate::providers::Carrier;
use crate::providers::twilio::check;
use crate::store;

/// Seals the account and uses it from now on, within seconds everywhere. By the operator, at the
/// tenant's word; it stands in the tenant's audit log, without the token.
///
/// # Errors
/// INVALID where the account cannot be used; a fault when the database fails.
pub async fn bring_account(platform: &Platform, tenant: TenantId, account: &TenantAccount) -> Result<(), Stop> {
    check(account.clone()).map_err(|error| Refusal::invalid("account", error.to_string()))?;
    let key = platform.keys.data_key(&platform.database, tenant).await?;
    let plain = serde_json::to_vec(account).map_err(core_kernel::Fault::internal)?;
    let sealed = key.seal(&account_place(tenant), &plain, &*platform.entropy);
    let mut tx = TenantTx::begin(&platform.database, tenant).await?;
    store::upsert_account(&mut tx, Carrier::Twilio.as_str(), &sealed, platform.now()).await?;
    record(&mut tx, "tenant.provider_brought", &account.account_sid).await?;
    Ok(tx.commit().await?)
}

/// Sends by the installation's own accounts again; whether there was one to withdraw.
///
/// # Errors
/// When the database fails.
pub async fn withdraw_account(platform: &Platform, tenant: TenantId) -> Result<bool, Stop> {
    let mut tx = TenantTx::begin(&platform.database, tenant).await?;
    let withdrawn = store::delete_account(&mut tx, Carrier::Twilio.as_str()).await?;
    if withdrawn {
        record(&mut tx, "tenant.provider_withdrawn", "").await?;
    }
    tx.commit().await?;
    Ok(withdrawn)
}

async fn record(tx: &mut TenantTx, action: &'static str, account: &str) -> Result<(), io_postgres::DbError> {
    let target = tx.tenant().to_text();
    let detail = json!({ "provider": Carrier::Twilio.as_str(), "account": account });
    svc_audit::record_as(tx, "operator", action, Some(&target), detail, None).await
}
