//! The installation's keys in memory.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use core_crypto::{
    DataKey, Jwks, KeyPurpose, KeyRing, KeyRingError, MasterKey, OpenError, PurposeSecret, SealContext, SigningKey,
    SigningKeyError,
};
use core_kernel::{Entropy, Fault, Stop, TenantId, Timestamp};
use io_cache::{TenantCache, unshare};
use io_postgres::{Database, DbError, NoTenant, TenantTx};
use thiserror::Error;
use uuid::Uuid;

use crate::installation_keys::{purpose_context, signing_context};
use crate::store;

/// A tenant's data key never changes in place: it is kept long, and dropped when the tenant ends.
const DATA_KEY_LIFETIME: Duration = Duration::from_hours(1);
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

struct Loaded {
    ring: KeyRing,
    /// By the time from which each signs.
    signing: Vec<(Timestamp, SigningKey)>,
}

/// The installation's keys, unsealed; cheap to clone.
#[derive(Clone)]
pub struct Keys {
    master: MasterKey,
    loaded: Arc<RwLock<Arc<Loaded>>>,
    data_keys: Arc<TenantCache<(), DataKey>>,
}

impl Keys {
    /// Reads and opens all keys.
    ///
    /// # Errors
    /// When the database fails or a key does not open under this master key.
    pub async fn load(database: &Database, master: MasterKey) -> Result<Self, KeysError> {
        let loaded = read(database, &master).await?;
        Ok(Self {
            master,
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
        *self.loaded.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(loaded);
        self.data_keys.invalidate_all();
        Ok(())
    }

    fn loaded(&self) -> Arc<Loaded> {
        self.loaded.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
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
        let loaded = self.loaded();
        let begun = loaded.signing.iter().rfind(|(from, _)| *from <= now).or_else(|| loaded.signing.first());
        begun.map(|(_, key)| key.clone()).ok_or(KeysError::NoSigningKey)
    }

    /// The published key set (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> Jwks {
        Jwks { keys: self.loaded().signing.iter().map(|(_, key)| key.public_jwk().clone()).collect() }
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
        let (id, wrapped) = store::find_data_key(tx).await?.ok_or(KeysError::NoDataKey)?;
        Ok(DataKey::from_wrapped(&self.master, tx.tenant(), id, &wrapped)?)
    }

    /// Makes a new tenant's data key, in the transaction that makes the tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_data_key(&self, tx: &mut TenantTx, entropy: &dyn Entropy) -> Result<DataKey, KeysError> {
        let key = DataKey::generate(tx.tenant(), 1, entropy);
        let wrapped = key.wrapped(&self.master, entropy);
        store::insert_data_key(tx, key.id(), &wrapped, &self.master.id()).await?;
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

async fn read(database: &Database, master: &MasterKey) -> Result<Loaded, KeysError> {
    let mut connection = NoTenant::acquire(database).await?;
    let mut secrets = Vec::new();
    for row in store::list_crypto_keys(&mut connection).await? {
        let Some(purpose) = KeyPurpose::from_text(&row.purpose) else { continue };
        let opened = master.open(&purpose_context(&row.purpose, row.key_id), &row.sealed)?;
        let secret = <[u8; 32]>::try_from(opened.as_slice()).map_err(|_| OpenError::Malformed)?;
        secrets.push(PurposeSecret { purpose, id: row.key_id, secret: secret.into(), retired: row.retired });
    }
    let mut signing = Vec::new();
    for row in store::list_signing_keys(&mut connection).await? {
        let der = master.open(&signing_context(&row.kid), &row.sealed)?;
        signing.push((row.signs_from, SigningKey::from_pkcs8(&der)?));
    }
    Ok(Loaded { ring: KeyRing::new(secrets)?, signing })
}
