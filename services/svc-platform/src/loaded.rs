//! The keys of the ring and the signing keys, as they were read last.

use chrono::TimeDelta;
use core_crypto::{
    ASSERTION_LIFETIME_SECONDS, Jwks, KeyPurpose, KeyRing, MasterKey, OpenError, PurposeSecret, SigningKey,
    VERIFY_LEEWAY_SECONDS,
};
use core_kernel::Timestamp;
use io_postgres::{Database, NoTenant};

use crate::KeysError;
use crate::installation_keys::{purpose_context, signing_context};
use crate::master::Master;
use crate::store;

/// How long after it was replaced a signing key is published: until its last assertion has run out, and the
/// clocks of those who check them agree.
const PUBLISHED_AFTER: TimeDelta = TimeDelta::seconds(ASSERTION_LIFETIME_SECONDS + 2 * VERIFY_LEEWAY_SECONDS);

pub(crate) struct Loaded {
    pub(crate) ring: KeyRing,
    /// By the time from which each signs.
    signing: Vec<(Timestamp, SigningKey)>,
}

impl Loaded {
    /// The key that signs at `now`: the newest that has begun to.
    pub(crate) fn signer(&self, now: Timestamp) -> Result<SigningKey, KeysError> {
        let begun = self.signing.iter().rfind(|(from, _)| *from <= now).or_else(|| self.signing.first());
        begun.map(|(_, key)| key.clone()).ok_or(KeysError::NoSigningKey)
    }

    /// Since when it does.
    pub(crate) fn signs_since(&self, now: Timestamp) -> Option<Timestamp> {
        self.signing.iter().rfind(|(from, _)| *from <= now).map(|(from, _)| *from)
    }

    /// Those that sign, will, or did as long as an assertion of theirs may still be shown.
    pub(crate) fn jwks(&self, now: Timestamp) -> Jwks {
        let replaced = |at: usize| self.signing.get(at + 1).is_some_and(|(from, _)| *from + PUBLISHED_AFTER <= now);
        let shown = self.signing.iter().enumerate().filter(|(at, _)| !replaced(*at));
        Jwks { keys: shown.map(|(_, (_, key))| key.public_jwk().clone()).collect() }
    }
}

pub(crate) async fn read(database: &Database, master: &Master) -> Result<Loaded, KeysError> {
    let mut connection = NoTenant::acquire(database).await?;
    let ring = store::list_crypto_keys(&mut connection).await?;
    let signing = store::list_signing_keys(&mut connection).await?;
    drop(connection);
    master.opening(|master| open_all(master, &ring, &signing)).await
}

fn open_all(
    master: &MasterKey,
    ring: &[store::CryptoKeyRow],
    signs: &[store::SigningKeyRow],
) -> Result<Loaded, KeysError> {
    let mut secrets = Vec::new();
    for row in ring {
        let Some(purpose) = KeyPurpose::from_text(&row.purpose) else { continue };
        let opened = master.open(&purpose_context(&row.purpose, row.key_id), &row.sealed)?;
        let secret = <[u8; 32]>::try_from(opened.as_slice()).map_err(|_| OpenError::Malformed)?;
        secrets.push(PurposeSecret { purpose, id: row.key_id, secret: secret.into(), retired: row.retired });
    }
    let mut signing = Vec::new();
    for row in signs {
        let der = master.open(&signing_context(&row.kid), &row.sealed)?;
        signing.push((row.signs_from, SigningKey::from_pkcs8(&der)?));
    }
    Ok(Loaded { ring: KeyRing::new(secrets)?, signing })
}
