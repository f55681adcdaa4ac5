//! Whose number or address it is. An attacker who has only a password must not become the owner of a
//! dormant account by enrolling a phone of his own before its user does: where the tenant supplied a
//! phone, the first number is that one, unless the help desk says otherwise; and a first mailbox is
//! the one on record.

use core_kernel::Refusal;
use core_policy::FactorKind;

use crate::refusal;
use crate::rules::step_up::Ground;

/// What the tenant knows of the user, by blind index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OnRecord {
    /// Of suggested phones.
    pub(crate) phones: Vec<Vec<u8>>,
    /// Of the address on record and suggested ones.
    pub(crate) addresses: Vec<Vec<u8>>,
}

/// Checks where a code may go; `candidates` are the indexes under which the destination may stand.
///
/// # Errors
/// VERIFICATION_REQUIRED for another number or address than the one on record.
pub(crate) fn check(
    ground: Ground,
    kind: FactorKind,
    candidates: &[Vec<u8>],
    on_record: &OnRecord,
) -> Result<(), Refusal> {
    if ground != Ground::FirstEnrollment {
        return Ok(());
    }
    let known = |indexes: &[Vec<u8>]| indexes.iter().any(|index| candidates.contains(index));
    match kind {
        FactorKind::PhonePrimary | FactorKind::PhoneRecovery => {
            let free = on_record.phones.is_empty() || known(&on_record.phones);
            if free { Ok(()) } else { Err(refusal::another_number_is_on_record()) }
        }
        FactorKind::Email if !known(&on_record.addresses) => Err(refusal::another_address_is_on_record()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ground::{FirstEnrollment, Support, Verified};

    fn index(number: u8) -> Vec<u8> {
        vec![number]
    }

    #[test]
    fn a_first_number_is_the_one_on_record() {
        let on_record = OnRecord { phones: vec![index(1), index(2)], addresses: Vec::new() };
        let check = |ground, number| check(ground, FactorKind::PhonePrimary, &[index(9), index(number)], &on_record);
        assert!(check(FirstEnrollment, 1).is_ok() && check(FirstEnrollment, 2).is_ok());
        assert!(check(FirstEnrollment, 3).is_err());
        assert!(check(Verified, 3).is_ok() && check(Support, 3).is_ok());
    }

    #[test]
    fn without_a_supplied_number_any_will_do() {
        let nothing = OnRecord::default();
        assert!(check(FirstEnrollment, FactorKind::PhoneRecovery, &[index(1)], &nothing).is_ok());
    }

    #[test]
    fn a_first_mailbox_is_the_one_on_record_and_none_is_none() {
        let on_record = OnRecord { phones: Vec::new(), addresses: vec![index(1)] };
        assert!(check(FirstEnrollment, FactorKind::Email, &[index(1)], &on_record).is_ok());
        assert!(check(FirstEnrollment, FactorKind::Email, &[index(2)], &on_record).is_err());
        assert!(check(FirstEnrollment, FactorKind::Email, &[index(2)], &OnRecord::default()).is_err());
        assert!(check(Verified, FactorKind::Email, &[index(2)], &on_record).is_ok());
    }
}
