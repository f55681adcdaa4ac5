//! Putting everything under another master key.

use core_crypto::{DataKey, KeyPurpose, MasterKey, OpenError, SealContext};
use core_kernel::{Entropy, TenantId};
use io_postgres::{Database, TenantTx};
use sqlx::PgConnection;
use svc_platform::{KeysError, purpose_context, signing_context};

use crate::store::{self, InstallationKeyRow};

/// What there was to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Keys of the installation: signing, code, index, pepper.
    pub installation: u64,
    /// Tenants' data keys.
    pub data: u64,
}

/// Wraps every key again under the one that seals of `master`, which opens the others. Every gateway and worker must
/// be able to read that key already; each reads it when it first meets something that lies under it. Safe to
/// repeat: what lies under it is left alone.
///
/// # Errors
/// When the database fails, or something lies under a key that is not among these.
pub async fn rewrap(
    owner: &mut PgConnection,
    tenants_of: &Database,
    tenants: &[TenantId],
    master: &MasterKey,
    entropy: &dyn Entropy,
) -> Result<Rewrapped, KeysError> {
    let mut rewrapped = Rewrapped::default();
    for row in store::list_under_others(owner, &master.id()).await? {
        let place = place_of(&row)?;
        let plain = master.open(&place, &row.sealed)?;
        let sealed = master.seal(&place, &plain, entropy);
        store::update_installation_key(owner, &row, &sealed, &master.id()).await?;
        rewrapped.installation += 1;
    }
    for tenant in tenants {
        rewrapped.data += rewrap_data_keys(tenants_of, *tenant, master, entropy).await?;
    }
    Ok(rewrapped)
}

fn place_of(row: &InstallationKeyRow) -> Result<SealContext, OpenError> {
    match row.purpose.as_deref() {
        None => Ok(signing_context(&row.name)),
        Some(purpose) => {
            let purpose = KeyPurpose::from_text(purpose).ok_or(OpenError::Malformed)?;
            Ok(purpose_context(purpose.as_str(), row.key_id))
        }
    }
}

async fn rewrap_data_keys(
    database: &Database,
    tenant: TenantId,
    master: &MasterKey,
    entropy: &dyn Entropy,
) -> Result<u64, KeysError> {
    let mut tx = TenantTx::begin(database, tenant).await?;
    let mut rewrapped = 0;
    for row in store::lock_data_keys(&mut tx).await? {
        if row.master_key_id == master.id() {
            continue;
        }
        let key = DataKey::from_wrapped(master, tenant, row.key_id, &row.sealed)?;
        store::update_data_key(&mut tx, &row, &key.wrapped(master, entropy), &master.id()).await?;
        rewrapped += 1;
    }
    tx.commit().await?;
    Ok(rewrapped)
}
