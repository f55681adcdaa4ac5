//! A tenant's data key.

use std::time::Duration;

use core_crypto::DataKey;
use core_kernel::{Fault, TenantId, Timestamp};
use futures::StreamExt as _;
use io_postgres::{Database, TenantTx};
use svc_platform::Platform;

use crate::columns::{SEALED, SealedColumn};
use crate::store::{self, Replacement, SealedValue};

/// The most values that one transaction replaces.
const AT_ONCE: usize = 200;

/// How long is waited for those who have not heard.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long a new key is known before it seals: longer than any process keeps a key without looking again.
    pub ahead: Duration,
    /// How long after that the old one may still be in somebody's hand: longer than any request takes.
    pub in_flight: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { ahead: Duration::from_secs(10), in_flight: Duration::from_secs(30) }
    }
}

/// What sealing again came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Values that lie under the new key now.
    pub values: u64,
    /// Values that do not open: they stay as they are, and with them the old key.
    pub refused: u64,
}

/// Replaces tenants' data keys.
pub struct DataRotation {
    owner: Database,
    platform: Platform,
    pace: Pace,
}

impl DataRotation {
    /// A rotation, by the tables' owner.
    #[must_use]
    pub fn new(owner: Database, platform: Platform, pace: Pace) -> Self {
        Self { owner, platform, pace }
    }

    /// Makes the tenant's next key, which seals after a while; from when. One that was made before, and
    /// whose predecessor is still there, is gone on with. `None` where the tenant has no key: it is ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self, tenant: TenantId) -> Result<Option<Timestamp>, Fault> {
        let mut tx = TenantTx::begin(&self.owner, tenant).await?;
        let keys = store::lock_data_keys(&mut tx).await?;
        let Some(newest) = keys.last() else { return Ok(None) };
        if keys.len() > 1 {
            return Ok(newest.seals_from);
        }
        let (master, entropy) = (self.platform.keys.master(), &*self.platform.entropy);
        let id = newest.key_id.checked_add(1).ok_or_else(|| Fault::internal("the tenant had too many keys"))?;
        let wrapped = DataKey::generate(tenant, id, entropy).wrapped(&master, entropy);
        let ahead = self.pace.ahead.as_secs_f64();
        let seals_from = store::insert_data_key(&mut tx, id, &wrapped, &master.id(), ahead).await?;
        let detail = serde_json::json!({ "key": id });
        svc_audit::record_as(&mut tx, "operator", "data_key.rotated", None, detail, None).await?;
        tx.commit().await?;
        Ok(Some(seals_from))
    }

    /// Seals what lies under older keys again, under the newest, beside whoever reads and writes. Does nothing
    /// before that one has sealed alone for a while.
    ///
    /// # Errors
    /// When the database fails; what was sealed again stays so.
    pub async fn reseal(&self, tenant: TenantId) -> Result<Resealed, Fault> {
        let mut resealed = Resealed::default();
        let Some(key) = self.settled_key(tenant).await? else { return Ok(resealed) };
        for column in &SEALED {
            self.reseal_column(&key, column, &mut resealed).await?;
        }
        Ok(resealed)
    }

    /// Destroys the tenant's older keys, where nothing lies under them any more; false where something does, or
    /// may come to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&self, tenant: TenantId) -> Result<bool, Fault> {
        let Some(key) = self.settled_key(tenant).await? else { return Ok(false) };
        let mut tx = TenantTx::begin(&self.owner, tenant).await?;
        store::lock_data_keys(&mut tx).await?;
        if store::imports_run(&mut tx).await? {
            return Ok(false);
        }
        for column in &SEALED {
            if store::others_left(&mut tx, column, key.header()).await? {
                return Ok(false);
            }
        }
        let destroyed = store::delete_data_keys_before(&mut tx, key.id()).await?;
        if destroyed > 0 {
            let detail = serde_json::json!({ "before": key.id() });
            svc_audit::record_as(&mut tx, "operator", "data_key.destroyed", None, detail, None).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The newest key, once nobody seals under another.
    async fn settled_key(&self, tenant: TenantId) -> Result<Option<DataKey>, Fault> {
        let mut tx = TenantTx::begin(&self.owner, tenant).await?;
        let key = self.platform.keys.data_key_in(&mut tx).await?;
        let newest = store::lock_data_keys(&mut tx).await?.last().map(|row| row.key_id);
        let settled =
            newest == Some(key.id()) && store::is_settled(&mut tx, key.id(), self.pace.in_flight.as_secs_f64()).await?;
        tx.rollback().await?;
        Ok(settled.then_some(key))
    }

    async fn reseal_column(&self, key: &DataKey, column: &SealedColumn, resealed: &mut Resealed) -> Result<(), Fault> {
        let mut reading = TenantTx::begin(&self.owner, key.tenant()).await?;
        let mut batches = store::stream_others(&mut reading, column, key.header()).chunks(AT_ONCE);
        while let Some(batch) = batches.next().await {
            let values: Vec<_> = batch.into_iter().collect::<Result<_, _>>().map_err(io_postgres::DbError::from)?;
            let read = values.len() as u64;
            let replacements: Vec<_> =
                values.into_iter().filter_map(|value| self.sealed_again(key, column, value)).collect();
            resealed.refused += read - replacements.len() as u64;
            let mut tx = TenantTx::begin(&self.owner, key.tenant()).await?;
            resealed.values += store::replace(&mut tx, column, &replacements).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// `None` where it does not open; of that the key itself tells.
    fn sealed_again(&self, key: &DataKey, column: &SealedColumn, value: SealedValue) -> Option<Replacement> {
        let place = column.place(key.tenant(), value.row, value.number);
        let plain = key.open(&place, &value.sealed).ok()?;
        let sealed = key.seal(&place, &plain, &*self.platform.entropy);
        Some(Replacement { value, sealed })
    }
}
