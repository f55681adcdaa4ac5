//! Phones that the tenant supplies, by the thousand: an import, a directory of its own.
//!
//! A supplied phone is *suggested*: shown masked as the first choice, proving nothing, until the user
//! confirms it or another takes its place. Where the tenant vouches for it, it is ACTIVE at once, but for
//! users alone who have no factor yet: what a user has proved is not replaced by a file, which is worth
//! no more than the key that it was sent with.

use core_contact::PhoneNumber;
use core_crypto::{BlindKind, DataKey, KeyRing, blind_index, blind_indexes};
use core_kernel::{Entropy, FactorId, TenantId, Timestamp, UserId};
use core_policy::{FactorKind, FactorStatus, PhoneLine};

use crate::contacts;

pub use crate::store::supplied::{
    activate_suggestions, begin_first_factors, end_suggestions, insert_supplied, list_standing,
};

/// A factor that a user has, as far as a supplied phone has to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub id: FactorId,
    /// Whose.
    pub user: UserId,
    /// Of which kind.
    pub kind: FactorKind,
    /// How far it has come; REMOVED ones are not asked for.
    pub status: FactorStatus,
    /// Whether the tenant supplied it and nobody confirmed it.
    pub suggested: bool,
    /// By what its destination is found.
    pub index: Option<Vec<u8>>,
}

impl Standing {
    fn stands(&self) -> bool {
        self.status != FactorStatus::Pending
    }
}

/// What becomes of a supplied phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supply {
    /// Nothing: it is there, or the user has proved another.
    Keep,
    /// It is suggested, in the place of another suggestion where there is one.
    Suggest {
        /// Ends.
        instead_of: Option<FactorId>,
    },
    /// The suggestion that is there becomes ACTIVE.
    Confirm(FactorId),
    /// It is ACTIVE, in the place of another suggestion where there is one.
    Activate {
        /// Ends.
        instead_of: Option<FactorId>,
    },
}

/// Decides about one phone of one user. `standing` is what the user has, `candidates` the indexes under
/// which the number may stand, and `vouched` whether it may be ACTIVE at all.
#[must_use]
pub fn supply(standing: &[Standing], kind: FactorKind, candidates: &[Vec<u8>], vouched: bool) -> Supply {
    let of_kind = || standing.iter().filter(|factor| factor.kind == kind);
    if of_kind().any(Standing::stands) {
        return Supply::Keep;
    }
    let suggestion = of_kind().find(|factor| factor.suggested);
    let instead_of = suggestion.map(|factor| factor.id);
    let same = suggestion.is_some_and(|factor| factor.index.as_ref().is_some_and(|index| candidates.contains(index)));
    let enrolled = standing.iter().any(|factor| factor.stands() && factor.kind.counts_as_enrolled());
    match (vouched && !enrolled, instead_of) {
        (true, Some(suggestion)) if same => Supply::Confirm(suggestion),
        (true, instead_of) => Supply::Activate { instead_of },
        (false, _) if same => Supply::Keep,
        (false, instead_of) => Supply::Suggest { instead_of },
    }
}

/// The indexes under which a number may stand.
#[must_use]
pub fn phone_indexes(ring: &KeyRing, tenant: TenantId, number: &PhoneNumber) -> Vec<Vec<u8>> {
    let indexes = blind_indexes(ring, tenant, BlindKind::Phone, number.e164());
    indexes.into_iter().map(|(_, index)| index.to_vec()).collect()
}

/// A supplied phone as it is stored.
#[derive(Debug, Clone)]
pub struct SuppliedPhone {
    pub(crate) id: FactorId,
    pub(crate) user: UserId,
    pub(crate) kind: FactorKind,
    pub(crate) active: bool,
    pub(crate) line: PhoneLine,
    pub(crate) country: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) index: Vec<u8>,
}

/// What phones are sealed with.
pub struct Sealing<'a> {
    /// Keys of blind indexes.
    pub ring: &'a KeyRing,
    /// The tenant's.
    pub key: &'a DataKey,
    /// For identifiers and nonces.
    pub entropy: &'a dyn Entropy,
    /// For identifiers.
    pub now: Timestamp,
}

impl Sealing<'_> {
    /// A phone of a user, sealed; ACTIVE or suggested.
    #[must_use]
    pub fn phone(&self, user: UserId, kind: FactorKind, number: &PhoneNumber, active: bool) -> SuppliedPhone {
        let id = FactorId::new(self.entropy, self.now);
        let (_, index) = blind_index(self.ring, self.key.tenant(), BlindKind::Phone, number.e164());
        SuppliedPhone {
            id,
            user,
            kind,
            active,
            line: if number.can_receive_sms() { PhoneLine::Mobile } else { PhoneLine::Landline },
            country: number.region().to_owned(),
            sealed: contacts::seal(self.key, id, number.e164().as_bytes(), self.entropy),
            index: index.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FactorKind::{BackupCodes, PhonePrimary, PhoneRecovery, Totp};
    use FactorStatus::{Active, Disabled, Pending};
    use uuid::Uuid;

    fn factor(id: u128, kind: FactorKind, status: FactorStatus, suggested: bool, index: u8) -> Standing {
        let (id, user) = (FactorId(Uuid::from_u128(id)), UserId(Uuid::nil()));
        Standing { id, user, kind, status, suggested, index: Some(vec![index]) }
    }

    fn primary(standing: &[Standing], index: u8, vouched: bool) -> Supply {
        supply(standing, PhonePrimary, &[vec![99], vec![index]], vouched)
    }

    const ONE: Option<FactorId> = Some(FactorId(Uuid::from_u128(1)));

    #[test]
    fn a_first_phone_is_suggested_or_where_it_is_vouched_for_active() {
        assert_eq!(primary(&[], 7, false), Supply::Suggest { instead_of: None });
        assert_eq!(primary(&[], 7, true), Supply::Activate { instead_of: None });
        let begun = [factor(1, PhonePrimary, Pending, false, 7)];
        assert_eq!(primary(&begun, 7, true), Supply::Activate { instead_of: None }, "what the user began is not ours");
    }

    #[test]
    fn the_same_again_changes_nothing_and_another_takes_its_place() {
        let suggested = [factor(1, PhonePrimary, Pending, true, 7)];
        assert_eq!(primary(&suggested, 7, false), Supply::Keep);
        assert_eq!(primary(&suggested, 8, false), Supply::Suggest { instead_of: ONE });
        assert_eq!(primary(&suggested, 8, true), Supply::Activate { instead_of: ONE });
        assert_eq!(primary(&suggested, 7, true), Supply::Confirm(FactorId(Uuid::from_u128(1))));
    }

    #[test]
    fn what_a_user_has_proved_is_never_replaced() {
        for status in [Active, Disabled] {
            let proved = [factor(1, PhonePrimary, status, false, 7), factor(2, PhonePrimary, Pending, true, 9)];
            for (index, vouched) in [(7, false), (7, true), (8, false), (8, true)] {
                assert_eq!(primary(&proved, index, vouched), Supply::Keep);
            }
        }
    }

    #[test]
    fn whoever_has_another_factor_is_given_suggestions_alone() {
        for kind in [Totp, PhoneRecovery] {
            let enrolled = [factor(1, kind, Active, false, 7)];
            assert_eq!(primary(&enrolled, 8, true), Supply::Suggest { instead_of: None });
        }
        let codes = [factor(1, BackupCodes, Active, false, 7)];
        assert_eq!(primary(&codes, 8, true), Supply::Activate { instead_of: None }, "codes on paper are no factor");
    }

    #[test]
    fn a_sealed_phone_opens_where_it_stands() {
        let entropy = core_kernel::SeededEntropy::new(3);
        let (ring, tenant) = (KeyRing::generate(&entropy), TenantId(Uuid::from_u128(5)));
        let key = DataKey::generate(tenant, 1, &entropy);
        let sealing = Sealing { ring: &ring, key: &key, entropy: &entropy, now: chrono::DateTime::UNIX_EPOCH };
        let number = PhoneNumber::parse("+1 415 555 0132").unwrap();
        let phone = sealing.phone(UserId(Uuid::nil()), PhoneRecovery, &number, false);
        let place = svc_platform::place(tenant, "factor", phone.id.0, "secret_sealed");
        assert_eq!(&*key.open(&place, &phone.sealed).unwrap(), b"+14155550132");
        assert_eq!(phone_indexes(&ring, tenant, &number), [phone.index]);
        assert_eq!((phone.country.as_str(), phone.line), ("US", PhoneLine::Mobile));
    }
}
