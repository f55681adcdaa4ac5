//! Nobody is left without a usable factor once one is mandatory.

use core_kernel::Timestamp;
use core_policy::{FirstFactor, Policy, UserFacts, mandatory_for, usable_channels};

/// Whether the factor at `index` may go: one that can be proved remains, or none is mandatory yet.
pub(crate) fn may_go(policy: &Policy, user: &UserFacts, index: usize, now: Timestamp) -> bool {
    if !mandatory_for(policy.audience(user.kind), user, now) || !user.factors[index].kind.counts_as_enrolled() {
        return true;
    }
    let mut left = user.clone();
    left.factors.remove(index);
    // What stands in for a factor does not count: neither backup codes nor an advisor's.
    left.factors.retain(|factor| factor.kind.counts_as_enrolled());
    left.backup_codes_remaining = false;
    left.temporary_access_outstanding = false;
    !usable_channels(policy, &left, FirstFactor::Password).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};
    use core_policy::{FactorFacts, FactorKind, FactorStatus, PhoneLine, UserKind};

    fn now() -> Timestamp {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn factor(kind: FactorKind, status: FactorStatus) -> FactorFacts {
        FactorFacts { kind, status, line: kind.phone_role().map(|_| PhoneLine::Mobile) }
    }

    fn user(factors: &[FactorFacts]) -> UserFacts {
        UserFacts { factors: factors.to_vec(), backup_codes_remaining: true, ..UserFacts::new(UserKind::External) }
    }

    #[test]
    fn the_last_one_stays_once_mandatory() {
        let phone = factor(FactorKind::PhonePrimary, FactorStatus::Active);
        let codes = factor(FactorKind::BackupCodes, FactorStatus::Active);
        let mandatory = Policy::new_tenant(now());
        assert!(!may_go(&mandatory, &user(&[phone, codes]), 0, now()), "backup codes are no factor");
        assert!(may_go(&mandatory, &user(&[phone, codes]), 1, now()));
        let recovery = factor(FactorKind::PhoneRecovery, FactorStatus::Active);
        assert!(may_go(&mandatory, &user(&[phone, recovery]), 0, now()));
        for useless in [
            factor(FactorKind::PhoneRecovery, FactorStatus::Disabled),
            factor(FactorKind::PhoneRecovery, FactorStatus::Pending),
            factor(FactorKind::Email, FactorStatus::Active),
        ] {
            assert!(!may_go(&mandatory, &user(&[phone, useless]), 0, now()), "{useless:?}");
        }
    }

    #[test]
    fn while_it_is_optional_every_factor_may_go() {
        let policy = Policy::new_tenant(now() + TimeDelta::days(1));
        let phone = factor(FactorKind::PhonePrimary, FactorStatus::Active);
        assert!(may_go(&policy, &user(&[phone]), 0, now()));
    }
}
