//! The level in force for a user.

use crate::{AudiencePolicy, SecurityLevel};

/// The highest of the policy's minimum, the advisor's choice, and the user's choice — or the default
/// where there is none or the user may not choose.
#[must_use]
pub fn effective_level(
    audience: &AudiencePolicy,
    chosen: Option<SecurityLevel>,
    advisor: Option<SecurityLevel>,
) -> SecurityLevel {
    let own = chosen.filter(|_| audience.user_may_choose_level).unwrap_or(audience.default_level);
    own.max(audience.minimum_level).max(advisor.unwrap_or(SecurityLevel::Standard))
}

/// Whether a user may choose `level`: it counts at all, and is not below the policy's minimum or the
/// advisor's choice, so that no choice is accepted and then ignored.
#[must_use]
pub fn may_choose_level(audience: &AudiencePolicy, advisor: Option<SecurityLevel>, level: SecurityLevel) -> bool {
    audience.user_may_choose_level && level == effective_level(audience, Some(level), advisor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use SecurityLevel::{High, Standard};

    #[test]
    fn the_highest_of_three_with_the_default_standing_in() {
        let table = [
            // minimum, default, may choose, chosen, advisor, in force
            (Standard, Standard, true, None, None, Standard),
            (Standard, High, true, None, None, High),
            (Standard, High, true, Some(Standard), None, Standard),
            (Standard, High, false, Some(Standard), None, High),
            (Standard, Standard, false, Some(High), None, Standard),
            (Standard, Standard, true, Some(High), None, High),
            (High, High, true, Some(Standard), None, High),
            (Standard, Standard, true, Some(Standard), Some(High), High),
            (Standard, Standard, true, Some(High), Some(Standard), High),
        ];
        for (minimum_level, default_level, user_may_choose_level, chosen, advisor, expected) in table {
            let audience =
                AudiencePolicy { minimum_level, default_level, user_may_choose_level, ..AudiencePolicy::default() };
            assert_eq!(effective_level(&audience, chosen, advisor), expected, "{audience:?} {chosen:?} {advisor:?}");
        }
    }

    #[test]
    fn a_choice_that_would_not_count_is_not_accepted() {
        let free = AudiencePolicy::default();
        assert!(may_choose_level(&free, None, High) && may_choose_level(&free, None, Standard));
        assert!(!may_choose_level(&free, Some(High), Standard) && may_choose_level(&free, Some(High), High));
        let strict = AudiencePolicy { minimum_level: High, default_level: High, ..free.clone() };
        assert!(!may_choose_level(&strict, None, Standard));
        let fixed = AudiencePolicy { user_may_choose_level: false, ..free };
        assert!(!may_choose_level(&fixed, None, High));
    }
}
