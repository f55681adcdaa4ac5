//! Making and rotating the installation's keys; by the tables' owner (`migrate`, `keys`), since the
//! role that serves may only read them.

use chrono::Duration;
use core_crypto::{KeyPurpose, MasterKey, SealContext, SigningKey, generate_purpose_secret};
use core_kernel::{Entropy, Timestamp};
use io_postgres::DbError;
use sqlx::{Connection as _, PgConnection};

use crate::{KeysError, store};

/// How long a new signing key is published before it signs: longer than integrators may cache the key set.
const PUBLISHED_AHEAD: Duration = Duration::minutes(15);

/// Makes what a new installation lacks: one key of each purpose and one that signs. Safe to repeat.
///
/// # Errors
/// When the database fails.
pub async fn ensure_installation_keys(
    owner: &mut PgConnection,
    master: &MasterKey,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<(), KeysError> {
    for purpose in KeyPurpose::ALL {
        if store::count_crypto_keys(owner, purpose).await? == 0 {
            let secret = generate_purpose_secret(entropy);
            let sealed = master.seal(&purpose_context(purpose.as_str(), 1), &secret[..], entropy);
            store::insert_crypto_key(owner, purpose, 1, &sealed, &master.id()).await?;
        }
    }
    if store::count_signing_keys(owner).await? == 0 {
        insert_signing_key(owner, master, entropy, now).await?;
    }
    Ok(())
}

/// Publishes a new signing key that takes over in 15 minutes, and withdraws those whose last
/// assertions have run out. Until then both are in the published set, and then the old one drops out of
/// it by itself.
///
/// # Errors
/// When the database fails.
pub async fn rotate_signing_key(
    owner: &mut PgConnection,
    master: &MasterKey,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<String, KeysError> {
    store::withdraw_signing_keys(owner, now - PUBLISHED_AHEAD).await?;
    insert_signing_key(owner, master, entropy, now + PUBLISHED_AHEAD).await
}

/// Withdraws every signing key at once and signs with a new one: what the old ones signed is not believed
/// any more by whoever reads the published set anew.
///
/// # Errors
/// When the database fails.
pub async fn replace_signing_keys(
    owner: &mut PgConnection,
    master: &MasterKey,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<String, KeysError> {
    let mut transaction = owner.begin().await.map_err(DbError::from)?;
    store::withdraw_all_signing_keys(&mut transaction).await?;
    let kid = insert_signing_key(&mut transaction, master, entropy, now).await?;
    transaction.commit().await.map_err(DbError::from)?;
    Ok(kid)
}

async fn insert_signing_key(
    owner: &mut PgConnection,
    master: &MasterKey,
    entropy: &dyn Entropy,
    signs_from: Timestamp,
) -> Result<String, KeysError> {
    let key = SigningKey::generate(entropy);
    let sealed = master.seal(&signing_context(key.kid()), key.to_pkcs8(), entropy);
    store::insert_signing_key(owner, key.public_jwk(), &sealed, &master.id(), signs_from).await?;
    Ok(key.kid().to_owned())
}

/// Where a key of the ring stands.
#[must_use]
pub fn purpose_context(purpose: &str, id: i16) -> SealContext {
    SealContext::platform("crypto_key", &format!("{purpose}/{id}"), "sealed")
}

/// Where a signing key stands.
#[must_use]
pub fn signing_context(kid: &str) -> SealContext {
    SealContext::platform("signing_key", kid, "sealed")
}
