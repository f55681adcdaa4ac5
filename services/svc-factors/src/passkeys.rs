//! Passkeys between the browser, where they are made, and the table, where they are sealed. While a
//! passkey is PENDING its row holds what its authenticator was asked; then the public key.

use core_crypto::{BlindKind, DataKey, KeyRing, blind_index, blind_indexes};
use core_kernel::{Fault, TenantId, encode_base32};
use core_passkey::{Passkey, Registration};
use core_policy::{FactorKind, FactorStatus};
use serde::de::DeserializeOwned;

use crate::contacts::secret_place;
use crate::store::factors::FactorRecord;

/// How many one person may have.
pub(crate) const MAX_PASSKEYS: usize = 10;

/// What a PENDING passkey's authenticator was asked.
pub(crate) fn open_registration(key: &DataKey, factor: &FactorRecord) -> Result<Registration, Fault> {
    open(key, factor)
}

/// The confirmed passkeys among these factors.
pub(crate) fn confirmed(factors: &[FactorRecord]) -> impl Iterator<Item = &FactorRecord> {
    factors.iter().filter(|factor| factor.kind == FactorKind::Passkey && factor.status != FactorStatus::Pending)
}

/// Those of one relying party, opened.
pub(crate) fn open_of_party(key: &DataKey, factors: &[FactorRecord], rp_id: &str) -> Result<Vec<Passkey>, Fault> {
    let of_party = |factor: &&FactorRecord| factor.passkey.as_ref().is_some_and(|label| label.rp_id == rp_id);
    confirmed(factors).filter(of_party).map(|factor| open(key, factor)).collect()
}

fn open<T: DeserializeOwned>(key: &DataKey, factor: &FactorRecord) -> Result<T, Fault> {
    let sealed = factor.secret_sealed.as_deref().unwrap_or_default();
    let opened = key.open(&secret_place(key.tenant(), factor.id), sealed).map_err(Fault::internal)?;
    serde_json::from_slice(&opened).map_err(Fault::internal)
}

/// The index to store.
pub(crate) fn index(ring: &KeyRing, tenant: TenantId, passkey: &Passkey) -> Vec<u8> {
    blind_index(ring, tenant, BlindKind::Passkey, &encode_base32(passkey.credential_id())).1.to_vec()
}

/// The indexes under which it may be stored.
pub(crate) fn indexes(ring: &KeyRing, tenant: TenantId, passkey: &Passkey) -> Vec<Vec<u8>> {
    let name = encode_base32(passkey.credential_id());
    blind_indexes(ring, tenant, BlindKind::Passkey, &name).into_iter().map(|(_, index)| index.to_vec()).collect()
}
