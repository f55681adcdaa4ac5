//! The pepper of API keys' digests.
//!
//! A digest cannot be made anew without the key itself, which nobody keeps: it is, when the key is next used
//! (svc-directory). So the old pepper stays until every key that matters was used, or its time is over.

use std::time::Duration;

use core_crypto::{KeyPurpose, MasterKey, generate_purpose_secret};
use core_kernel::{Entropy, TenantId};
use io_postgres::{Database, DbError, TenantTx};
use sqlx::PgConnection;
use svc_platform::{KeysError, purpose_context};

use crate::store;

/// How many API keys of tenants lie under the newest pepper, and how many under others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ApiKeysUnder {
    /// Under the newest.
    pub newest: i64,
    /// Under others: they are unknown once those are retired.
    pub others: i64,
}

impl ApiKeysUnder {
    /// Counts keys that hold.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(owner: &mut PgConnection, database: &Database, tenants: &[TenantId]) -> Result<Self, DbError> {
        let pepper = store::newest_pepper(owner).await?;
        let mut under = Self::default();
        for tenant in tenants {
            let mut tx = TenantTx::begin(database, *tenant).await?;
            for (id, count) in store::count_api_keys(&mut tx).await? {
                *if id == pepper { &mut under.newest } else { &mut under.others } += count;
            }
        }
        Ok(under)
    }
}

/// Makes a new pepper, which makes digests once it is known everywhere; its number.
///
/// # Errors
/// When the database fails.
pub async fn rotate_pepper(
    owner: &mut PgConnection,
    master: &MasterKey,
    entropy: &dyn Entropy,
    ahead: Duration,
) -> Result<i16, KeysError> {
    let id = store::newest_pepper(owner).await? + 1;
    let secret = generate_purpose_secret(entropy);
    let sealed = master.seal(&purpose_context(KeyPurpose::Pepper.as_str(), id), &secret[..], entropy);
    store::insert_pepper(owner, id, &sealed, &master.id(), ahead.as_secs_f64()).await?;
    Ok(id)
}

/// Destroys all peppers but the newest that makes digests; how many. What is stored by a digest of theirs is
/// unknown from there on: API keys that were not used since, codes and addresses of callbacks that were
/// given out before.
///
/// # Errors
/// When the database fails.
pub async fn retire_peppers(owner: &mut PgConnection) -> Result<u64, DbError> {
    store::delete_old_peppers(owner).await
}
