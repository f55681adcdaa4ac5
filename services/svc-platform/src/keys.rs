//! The installation's keys in memory.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use core_crypto::{
    DataKey, Jwks, KeyRing, KeyRingError, MasterKey, OpenError, SealContext, SigningKey, SigningKeyError,
};
use core_kernel::{Entropy, Fault, Stop, TenantId, Timestamp};
use io_cache::{CacheStats, TenantCache, unshare};
use io_postgres::{Database, DbError, TenantTx};
use thiserror::Error;
use uuid::Uuid;

use crate::alarm::{Alarms, alarm};
use crate::loaded::{Loaded, read};
use crate::master::{Master, MasterSource};
use crate::store;

/// A key that is replaced is known to be so as soon as a credential that is revoked.
const DATA_KEY_LIFETIME: Duration = io_cache::MAX_TTL;
const DATA_KEY_CAPACITY: u64 = 50_000;

/// Why keys cannot be used.
#[derive(Debug, Error)]
pub enum KeysError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// A sealed key does not open: another master key, or somebody moved it.
    #[error("a sealed key does not open: {0}")]
    Open(#[from] OpenError),
    /// The master key cannot be had.
    #[error("the master key cannot be read: {0}")]
    Master(String),
    /// The ring lacks a key.
    #[error(transparent)]
    Ring(#[from] KeyRingError),
    /// A signing key cannot be read.
    #[error(transparent)]
    Signing(#[from] SigningKeyError),
    /// Nothing signs.
    #[error("there is no signing key; run `postern migrate`")]
    NoSigningKey,
    /// The tenant's data key is gone: the tenant was ended.
    #[error("the tenant has no data key")]
    NoDataKey,
}

impl From<KeysError> for Fault {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Database(error) => error.into(),
            other => Self::internal(other),
        }
    }
}

impl From<KeysError> for Stop {
    fn from(error: KeysError) -> Self {
        Self::Fault(error.into())
    }
}

/// The installation's keys, unsealed; cheap to clone.
#[derive(Clone)]
pub struct Keys {
    master: Arc<Master>,
    alarms: Alarms,
    loaded: Arc<RwLock<Arc<Loaded>>>,
    data_keys: Arc<TenantCache<(), DataKey>>,
}

impl Keys {
    /// Reads and opens all keys.
    ///
    /// # Errors
    /// When the database fails or a key does not open under this master key.
    pub async fn load(database: &Database, master: MasterKey) -> Result<Self, KeysError> {
        Self::load_from(database, MasterSource::fixed(master)).await
    }

    /// Reads and opens all keys under a master key that is read anew when it does not open one: while it is
    /// being replaced it is there before anything is sealed under it.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn load_from(database: &Database, source: MasterSource) -> Result<Self, KeysError> {
        let master = Arc::new(Master::read(source).await?);
        let loaded = read(database, &master).await?;
        Ok(Self {
            master,
            alarms: Alarms::default(),
            loaded: Arc::new(RwLock::new(Arc::new(loaded))),
            data_keys: Arc::new(TenantCache::new("data_key", DATA_KEY_CAPACITY, DATA_KEY_LIFETIME)),
        })
    }

    /// Reads all keys again, after a rotation.
    ///
    /// # Errors
    /// As [`Self::load`]; the old keys stay in use then.
    pub async fn reload(&self, database: &Database) -> Result<(), KeysError> {
        let loaded = read(database, &self.master).await?;
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded);
        self.data_keys.invalidate_all();
        Ok(())
    }

    fn loaded(&self) -> Arc<Loaded> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What did not open, for whoever puts it on record.
    #[must_use]
    pub fn alarms(&self) -> &Alarms {
        &self.alarms
    }

    /// The master key.
    #[must_use]
    pub fn master(&self) -> MasterKey {
        self.master.current()
    }

    /// The keys for codes, blind indexes and tokens.
    #[must_use]
    pub fn ring(&self) -> KeyRing {
        self.loaded().ring.clone()
    }

    /// The key that signs at `now`: the newest that has begun to.
    ///
    /// # Errors
    /// When there is none.
    pub fn signer(&self, now: Timestamp) -> Result<SigningKey, KeysError> {
        self.loaded().signer(now)
    }

    /// The key set to be published at `now` (RFC 7517): the key that signs, those that will, and those that
    /// did as long as an assertion of theirs may still be shown.
    #[must_use]
    pub fn jwks(&self, now: Timestamp) -> Jwks {
        self.loaded().jwks(now)
    }

    /// Since when the key signs that signs at `now`.
    #[must_use]
    pub fn signs_since(&self, now: Timestamp) -> Option<Timestamp> {
        self.loaded().signs_since(now)
    }

    /// What data keys are held.
    #[must_use]
    pub fn data_key_stats(&self) -> CacheStats {
        self.data_keys.stats()
    }

    /// The tenant's data key, from memory where it was used before.
    ///
    /// # Errors
    /// When the database fails or the key is gone.
    pub async fn data_key(&self, database: &Database, tenant: TenantId) -> Result<Arc<DataKey>, Fault> {
        let load = || {
            database.in_time(async {
                let mut tx = TenantTx::begin(database, tenant).await?;
                Ok::<_, Fault>(self.data_key_in(&mut tx).await?)
            })
        };
        self.data_keys.get_with(tenant, &(), load).await.map_err(unshare)
    }

    /// The tenant's data key as this very transaction sees it: also that of a tenant it is making.
    ///
    /// # Errors
    /// When the database fails or the key is gone.
    pub async fn data_key_in(&self, tx: &mut TenantTx) -> Result<DataKey, KeysError> {
        let stored = store::list_data_keys(tx).await?;
        let tenant = tx.tenant();
        let mut keys = self.master.opening(|master| open_data_keys(master, tenant, &stored)).await?.into_iter();
        let seals = keys.next().ok_or(KeysError::NoDataKey)?;
        Ok(seals.with_others(keys).with_alarm(alarm(&self.alarms)))
    }

    /// Makes a new tenant's data key, in the transaction that makes the tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_data_key(&self, tx: &mut TenantTx, entropy: &dyn Entropy) -> Result<DataKey, KeysError> {
        let key = DataKey::generate(tx.tenant(), 1, entropy);
        let master = self.master();
        store::insert_data_key(tx, key.id(), &key.wrapped(&master, entropy), &master.id()).await?;
        Ok(key)
    }

    /// Forgets a tenant's data key, when the tenant ends.
    pub fn forget_data_key(&self, tenant: TenantId) {
        self.data_keys.invalidate_tenant(tenant);
    }
}

/// Where a tenant's sealed column stands; a shorthand for services.
#[must_use]
pub fn place(tenant: TenantId, table: &'static str, row: Uuid, column: &'static str) -> SealContext {
    SealContext { tenant, table, row, column }
}

fn open_data_keys(master: &MasterKey, tenant: TenantId, stored: &[(i16, Vec<u8>)]) -> Result<Vec<DataKey>, KeysError> {
    let opened = stored.iter().map(|(id, wrapped)| DataKey::from_wrapped(master, tenant, *id, wrapped));
    Ok(opened.collect::<Result<_, _>>()?)
}
