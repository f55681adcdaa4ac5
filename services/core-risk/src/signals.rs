//! The signals. Each looks at one thing, whatever the others say; the table is the list of them, in
//! the order in which findings are shown.
//!
//! To add a signal: a function and its line in [`SIGNALS`], a name in [`SignalKind`], a weight in
//! [`Weights`], a sentence in `wording.rs`, a section in docs/risk.md.
//!
//! *Within* a time includes its end. Times after `now` count as just now: the clock was set back, and
//! that must not wipe anything out.

use chrono::TimeDelta;
use core_kernel::Timestamp;

use crate::{Attempt, Finding, History, SEEN_DAYS, SeenKey, SignalKind, Travel, Weights, address, wording};

/// How long wrong codes count.
const WRONG_CODES_FOR: TimeDelta = TimeDelta::hours(1);
/// How long a factor is new.
const FACTOR_IS_NEW_FOR: TimeDelta = TimeDelta::hours(72);
/// How long a user may stay away.
const DORMANT_AFTER: TimeDelta = TimeDelta::days(SEEN_DAYS as i64);
/// How many logins it takes to know a user's hours.
const LOGINS_TO_KNOW_HOURS: u32 = 50;
/// One login in so many is under 2 %.
const RARE_ONE_IN: u32 = 50;

pub(crate) type Signal = fn(&Case<'_>) -> Option<Finding>;

pub(crate) const SIGNALS: [Signal; 10] = [
    impossible_travel,
    anonymizer,
    first_login,
    new_country,
    new_device,
    dormant_user,
    failed_attempts,
    factor_recently_changed,
    new_network,
    unusual_time,
];

/// Everything that a signal may look at.
pub(crate) struct Case<'a> {
    pub(crate) attempt: &'a Attempt,
    pub(crate) history: &'a History,
    pub(crate) weights: &'a Weights,
    pub(crate) max_travel_speed_kmh: u32,
    pub(crate) travel: Option<Travel>,
}

impl Case<'_> {
    fn elapsed_since(&self, then: Timestamp) -> TimeDelta {
        self.attempt.now.signed_duration_since(then)
    }

    /// Not seen in 90 days. At a first login everything is new, and saying so once is clearer.
    fn is_new(&self, key: SeenKey) -> bool {
        self.history.last_completed_at.is_some() && !self.history.seen.contains(key, self.attempt.now)
    }
}

/// The sentence is made only for what is found.
fn found(kind: SignalKind, fires: bool, score: u32, detail: impl FnOnce() -> String) -> Option<Finding> {
    (fires && score > 0).then(|| Finding { kind, score, detail: detail() })
}

fn impossible_travel(case: &Case<'_>) -> Option<Finding> {
    let (travel, last) = (case.travel?, case.history.last_place()?);
    let distance_km = last.position.distance_km(case.attempt.origin.place()?)?;
    let fires = travel.is_faster_than(case.max_travel_speed_kmh);
    found(SignalKind::ImpossibleTravel, fires, case.weights.impossible_travel.get(), || {
        wording::impossible_travel(distance_km, travel.elapsed_seconds, last.place.as_deref())
    })
}

fn anonymizer(case: &Case<'_>) -> Option<Finding> {
    let how = case.attempt.origin.anonymizer?;
    found(SignalKind::Anonymizer, true, case.weights.anonymizer.get(), || wording::anonymizer(how))
}

fn first_login(case: &Case<'_>) -> Option<Finding> {
    let fires = case.history.last_completed_at.is_none();
    found(SignalKind::FirstLogin, fires, case.weights.first_login.get(), wording::first_login)
}

fn new_country(case: &Case<'_>) -> Option<Finding> {
    let code = case.attempt.origin.country.as_deref()?;
    let fires = case.is_new(SeenKey::country(code)?);
    found(SignalKind::NewCountry, fires, case.weights.new_country.get(), || wording::new_country(code))
}

fn new_device(case: &Case<'_>) -> Option<Finding> {
    let family = &case.attempt.device;
    let fires = !case.attempt.known_device && case.is_new(SeenKey::device(family));
    found(SignalKind::NewDevice, fires, case.weights.new_device.get(), || wording::new_device(family))
}

fn dormant_user(case: &Case<'_>) -> Option<Finding> {
    let away = case.elapsed_since(case.history.last_completed_at?);
    let fires = away > DORMANT_AFTER;
    found(SignalKind::DormantUser, fires, case.weights.dormant_user.get(), || wording::dormant_user(away.num_seconds()))
}

fn failed_attempts(case: &Case<'_>) -> Option<Finding> {
    let recent = |at: &&Timestamp| case.elapsed_since(**at) <= WRONG_CODES_FOR;
    let count = case.history.wrong_codes.iter().filter(recent).count();
    let each = case.weights.wrong_code.get();
    let score = u32::try_from(count).unwrap_or(u32::MAX).saturating_mul(each);
    let score = score.min(case.weights.wrong_codes_at_most.get());
    found(SignalKind::FailedAttempts, true, score, || wording::failed_attempts(count))
}

/// The mark of a takeover: the thief adds a factor of his own and the owner logs in elsewhere, or the
/// other way round. A change whose address is not known was made by the help desk or before the first
/// login; there is no place to compare with, and it says nothing.
fn factor_recently_changed(case: &Case<'_>) -> Option<Finding> {
    let elsewhere = |from| !address::is_same_household(from, case.attempt.origin.address);
    let changes = case.history.factor_changes.iter().filter(|change| change.address.is_some_and(elsewhere));
    let latest = case.elapsed_since(changes.map(|change| change.at).max()?);
    let fires = latest <= FACTOR_IS_NEW_FOR;
    found(SignalKind::FactorRecentlyChanged, fires, case.weights.factor_recently_changed.get(), || {
        wording::factor_recently_changed(latest.num_seconds())
    })
}

fn new_network(case: &Case<'_>) -> Option<Finding> {
    let number = case.attempt.origin.network?;
    let fires = case.is_new(SeenKey::network(number));
    found(SignalKind::NewNetwork, fires, case.weights.new_network.get(), || wording::new_network(number))
}

fn unusual_time(case: &Case<'_>) -> Option<Finding> {
    let hours = &case.history.hours;
    let logins: u32 = hours.iter().copied().map(u32::from).sum();
    let at_this_hour = u32::from(*hours.get(usize::from(case.attempt.hour))?);
    let fires = logins >= LOGINS_TO_KNOW_HOURS && at_this_hour * RARE_ONE_IN < logins;
    found(SignalKind::UnusualTime, fires, case.weights.unusual_time.get(), || {
        wording::unusual_time(at_this_hour, logins)
    })
}
