//! Blind indexes: sealed contacts are found by a keyed digest, so that "which users have this number?"
//! can be asked of the table only by whoever holds the key, and never across tenants.

use core_kernel::TenantId;

use crate::keyring::{KeyPurpose, KeyRing, PurposeKey};

/// A contact's digest: 128 bits, for finding, not for proving.
pub type BlindIndex = [u8; 16];

/// What is indexed; the same text as another kind has another index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlindKind {
    /// A telephone number in E.164 form.
    Phone,
    /// An email address in its normalised form.
    Email,
    /// A passkey's credential identifier in base 32.
    Passkey,
}

impl BlindKind {
    fn name(self) -> &'static [u8] {
        match self {
            Self::Phone => b"phone",
            Self::Email => b"email",
            Self::Passkey => b"passkey",
        }
    }
}

/// The index to store for an already normalised value, with the number of its key.
#[must_use]
pub fn blind_index(ring: &KeyRing, tenant: TenantId, kind: BlindKind, normalized: &str) -> (i16, BlindIndex) {
    index_under(ring.current(KeyPurpose::Index), tenant, kind, normalized)
}

/// The indexes under which a value may be stored, one for each INDEX key, the current first.
#[must_use]
pub fn blind_indexes(ring: &KeyRing, tenant: TenantId, kind: BlindKind, normalized: &str) -> Vec<(i16, BlindIndex)> {
    ring.all(KeyPurpose::Index).iter().map(|key| index_under(key, tenant, kind, normalized)).collect()
}

fn index_under(key: &PurposeKey, tenant: TenantId, kind: BlindKind, normalized: &str) -> (i16, BlindIndex) {
    let mac = key.mac(&[b"postern blind index", tenant.0.as_bytes(), kind.name(), normalized.as_bytes()]);
    let mut index = BlindIndex::default();
    index.copy_from_slice(&mac[..16]);
    (key.id(), index)
}

#[cfg(test)]
mod tests {
    use core_kernel::SeededEntropy;
    use uuid::Uuid;

    use super::*;

    const TENANT: TenantId = TenantId(Uuid::from_u128(1));

    #[test]
    fn one_value_has_one_index_within_a_tenant_and_kind() {
        let entropy = SeededEntropy::new(1);
        let ring = KeyRing::generate(&entropy);
        let index = |tenant, kind, value| blind_index(&ring, tenant, kind, value);
        let first = index(TENANT, BlindKind::Phone, "+14155550132");
        assert_eq!(first, index(TENANT, BlindKind::Phone, "+14155550132"));
        assert_eq!(blind_indexes(&ring, TENANT, BlindKind::Phone, "+14155550132"), [first]);
        let others = [
            index(TENANT, BlindKind::Phone, "+14155550133"),
            index(TENANT, BlindKind::Email, "+14155550132"),
            index(TenantId(Uuid::from_u128(2)), BlindKind::Phone, "+14155550132"),
            blind_index(&KeyRing::generate(&entropy), TENANT, BlindKind::Phone, "+14155550132"),
        ];
        assert!(others.iter().all(|other| *other != first));
    }
}
