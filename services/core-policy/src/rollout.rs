//! The rollout: when enrollment stops being optional for one user. `skipEnrollment`, `optOut` and
//! the decision ask the same functions, each by the clock of its own moment.

use chrono::{DateTime, TimeDelta, Utc};
use core_kernel::Timestamp;

use crate::methods::enrollment_channels;
use crate::{AudiencePolicy, EnrollmentOffer, FirstFactor, SecurityLevel, UserFacts};

/// Whether enrollment is mandatory for this user now: the date has come, and no grace is left to a
/// user first seen after it; or every skip is used up.
#[must_use]
pub fn mandatory_for(audience: &AudiencePolicy, user: &UserFacts, now: Timestamp) -> bool {
    enrollment_required_from(audience, user.first_login_at, user.skips_used, now).is_some_and(|from| from <= now)
}

/// From when this user cannot skip any more, the grace period included; `None` while there is no
/// date. A user never seen before counts as first seen `now`; one who has used up every skip cannot
/// skip from `now` on at the latest.
#[must_use]
pub fn enrollment_required_from(
    audience: &AudiencePolicy,
    first_login_at: Option<Timestamp>,
    skips_used: u32,
    now: Timestamp,
) -> Option<Timestamp> {
    let by_date = audience.mandatory_from.map(|from| end_of_grace(audience, from, first_login_at.unwrap_or(now)));
    let exhausted = audience.max_skips.is_some_and(|max| skips_used >= max);
    if exhausted { Some(by_date.map_or(now, |date| date.min(now))) } else { by_date }
}

fn end_of_grace(audience: &AudiencePolicy, mandatory_from: Timestamp, first_seen: Timestamp) -> Timestamp {
    if audience.grace_period_seconds == 0 || first_seen <= mandatory_from {
        return mandatory_from;
    }
    let grace = TimeDelta::seconds(i64::from(audience.grace_period_seconds));
    first_seen.checked_add_signed(grace).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// How often this user may still skip; `None`: no limit but the deadline.
#[must_use]
pub fn skips_remaining(audience: &AudiencePolicy, skips_used: u32) -> Option<u32> {
    audience.max_skips.map(|max| max.saturating_sub(skips_used))
}

/// Whether an ENROLL may be skipped at this moment: never after a mailed link, never by a user who
/// has a factor, never once it is mandatory. Locks and suspensions are the caller's to check.
#[must_use]
pub fn may_skip(audience: &AudiencePolicy, user: &UserFacts, first_factor: FirstFactor, now: Timestamp) -> bool {
    first_factor != FirstFactor::OneTimeLink && !user.has_factor() && !mandatory_for(audience, user, now)
}

/// Whether the user may turn two-factor authentication off: not once it is mandatory, and not while
/// the policy's minimum or the advisor's choice is HIGH.
#[must_use]
pub fn may_opt_out(audience: &AudiencePolicy, user: &UserFacts, now: Timestamp) -> bool {
    let high = Some(SecurityLevel::High);
    let held_high = audience.minimum_level == SecurityLevel::High || user.advisor_level == high;
    !held_high && !mandatory_for(audience, user, now)
}

/// What an ENROLL offers at this moment.
#[must_use]
pub fn enrollment_offer(
    audience: &AudiencePolicy,
    user: &UserFacts,
    first_factor: FirstFactor,
    now: Timestamp,
) -> EnrollmentOffer {
    let skippable = may_skip(audience, user, first_factor, now);
    EnrollmentOffer {
        skippable,
        skips_remaining: if skippable { skips_remaining(audience, user.skips_used) } else { Some(0) },
        deadline: enrollment_required_from(audience, user.first_login_at, user.skips_used, now),
        channels: enrollment_channels(audience, first_factor),
    }
}
