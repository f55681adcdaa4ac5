//! Appending what was committed to a tenant's chain.

use chrono::TimeDelta;
use core_audit::{Hash, Head, SALT_LEN, genesis};
use core_kernel::{Fault, TenantId};
use io_postgres::TenantTx;
use svc_platform::Platform;

use super::store::{self, ChainRow};

/// How long a chain goes on without being signed.
pub(super) const SIGNED_EVERY: TimeDelta = TimeDelta::minutes(10);

/// A chain that is locked, and has been brought up to date so far as one transaction does it.
pub(super) struct Brought {
    /// The last entry's place; 0 where there is none.
    pub(super) sequence: i64,
    /// The last entry's hash.
    pub(super) hash: Hash,
    /// How many entries were sealed now.
    pub(super) sealed: usize,
    pub(super) chain: ChainRow,
}

/// Seals what was committed of a tenant's log; how many entries. With `wait` a new month's entries are left
/// for a minute, until those of the month before have all come.
///
/// # Errors
/// When the database fails, or nothing can be signed.
pub async fn seal_tenant(platform: &Platform, tenant: TenantId, wait: bool) -> Result<u64, Fault> {
    let mut sealed = 0;
    loop {
        let mut tx = TenantTx::begin(&platform.database, tenant).await?;
        let brought = bring_up_to_date(platform, &mut tx, wait).await?;
        sign_if_due(platform, &mut tx, &brought).await?;
        tx.commit().await?;
        platform.meters.audit_sealed.at([]).add(brought.sealed as u64);
        sealed += brought.sealed as u64;
        if (brought.sealed as i64) < store::AT_ONCE {
            return Ok(sealed);
        }
    }
}

/// Locks the chain and seals the next entries.
pub(super) async fn bring_up_to_date(platform: &Platform, tx: &mut TenantTx, wait: bool) -> Result<Brought, Fault> {
    let chain = store::lock_chain(tx, platform.now() - SIGNED_EVERY).await?;
    let mut previous = match chain.sequence {
        0 => genesis(tx.tenant()),
        _ => store::fixed(&chain.hash)?,
    };
    let mut sequence = chain.sequence;
    let mut rows = Vec::new();
    for row in store::list_unsealed(tx, wait).await? {
        sequence += 1;
        let mut salt = [0; SALT_LEN];
        platform.entropy.fill(&mut salt);
        let (month, entry) = (row.month, row.entry());
        let seal = entry.seal(sequence.cast_unsigned(), &previous, salt);
        previous = seal.hash;
        rows.push((month, entry.id, seal, salt));
    }
    if !rows.is_empty() {
        store::update_sealed(tx, &rows).await?;
        store::update_chain(tx, sequence, &previous).await?;
    }
    Ok(Brought { sequence, hash: previous, sealed: rows.len(), chain })
}

async fn sign_if_due(platform: &Platform, tx: &mut TenantTx, brought: &Brought) -> Result<(), Fault> {
    if !brought.chain.is_due || brought.sequence == brought.chain.signed_sequence {
        return Ok(());
    }
    let head = head_of(platform, tx.tenant(), brought.sequence, &brought.hash);
    store::insert_head(tx, brought.sequence, platform.now(), &signed(platform, &head)?).await?;
    // Whoever keeps the process's own log elsewhere has a witness that a database's owner cannot change.
    tracing::info!(tenant_id = %tx.tenant(), sequence = brought.sequence, hash = head.hash, "the audit log was signed");
    Ok(())
}

pub(super) fn head_of(platform: &Platform, tenant: TenantId, sequence: i64, hash: &Hash) -> Head {
    Head::new(&platform.public_url, tenant, sequence.cast_unsigned(), hash, platform.now())
}

pub(super) fn signed(platform: &Platform, head: &Head) -> Result<String, Fault> {
    let key = platform.keys.signer(platform.now())?;
    head.sign(&key).map_err(Fault::internal)
}
