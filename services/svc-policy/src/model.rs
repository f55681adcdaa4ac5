//! Versions, and which of them is in force.

use core_access::Caller;
use core_kernel::{Fault, PolicyId, Timestamp};
use core_policy::{Channel, Policy};

/// One numbered version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Counts up from 1 within the tenant.
    pub version: i32,
    /// Its public identifier.
    pub policy_id: PolicyId,
    /// The rules.
    pub policy: Policy,
    /// From then on it is in force, by the tenant's clock, until a later one is.
    pub effective_at: Timestamp,
    /// When it was published, by the tenant's clock.
    pub published_at: Timestamp,
    /// Who published it, as in the audit log.
    pub published_by: Option<String>,
    /// What the publisher wrote about it.
    pub comment: Option<String>,
    /// The weaker channels whose risk was accepted with it.
    pub acknowledged: Vec<Channel>,
    /// When it was cancelled before it took effect.
    pub canceled_at: Option<Timestamp>,
}

/// Where a version stands; the names are those of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyStatus {
    /// Takes effect later.
    Scheduled,
    /// In force.
    Active,
    /// A later one is, or was, in force.
    Superseded,
    /// Cancelled before it took effect.
    Canceled,
}

impl PolicyStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Scheduled, Self::Active, Self::Superseded, Self::Canceled];

    /// The API's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Active => "ACTIVE",
            Self::Superseded => "SUPERSEDED",
            Self::Canceled => "CANCELED",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// A version with where it stood when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyView {
    /// The version.
    pub version: PolicyVersion,
    /// Where it stood.
    pub status: PolicyStatus,
}

/// A tenant's versions from which the one in force is told: those of the last hour, the one in force
/// before it, and every scheduled one. The hour is for callers whose `now` was read before the
/// snapshot was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySnapshot {
    /// By the time from which each is in force, ties by version.
    versions: Vec<PolicyVersion>,
}

impl PolicySnapshot {
    pub(crate) fn new(mut versions: Vec<PolicyVersion>) -> Self {
        versions.retain(|version| version.canceled_at.is_none());
        versions.sort_by_key(|version| (version.effective_at, version.version));
        Self { versions }
    }

    /// The version in force at `now`, by the tenant's clock: of those that have taken effect the one
    /// that did so last, ties by version. To a server whose clock is behind, a tenant that was made a
    /// moment ago is not there yet: its first version is in force all the same, since that dates by the
    /// database's clock. `None`, of no versions at all, allows nobody; see [`Self::require`].
    #[must_use]
    pub fn in_force(&self, now: Timestamp) -> Option<&PolicyVersion> {
        self.versions.iter().rfind(|version| version.effective_at <= now).or_else(|| self.versions.first())
    }

    /// The version that will be in force when everything scheduled has taken effect: what is announced
    /// and forecast. `None` where there is no version at all.
    #[must_use]
    pub fn coming(&self) -> Option<&PolicyVersion> {
        self.versions.last()
    }

    /// The version in force, without which nothing can be decided.
    ///
    /// # Errors
    /// INTERNAL when there is none.
    pub fn require(&self, now: Timestamp) -> Result<&PolicyVersion, Fault> {
        self.in_force(now).ok_or_else(|| Fault::internal("no version of the tenant's policy is in force"))
    }
}

/// Who published, as a version keeps it.
pub(crate) fn publisher(caller: &Caller) -> String {
    caller.audit_name()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use uuid::Uuid;

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn version(number: i32, effective: i64) -> PolicyVersion {
        PolicyVersion {
            version: number,
            policy_id: PolicyId(Uuid::from_u128(1)),
            policy: Policy::default(),
            effective_at: at(effective),
            published_at: at(0),
            published_by: None,
            comment: None,
            acknowledged: Vec::new(),
            canceled_at: None,
        }
    }

    fn number_in_force(snapshot: &PolicySnapshot, seconds: i64) -> Option<i32> {
        snapshot.in_force(at(seconds)).map(|version| version.version)
    }

    #[test]
    fn the_one_that_took_effect_last_is_in_force() {
        let snapshot = PolicySnapshot::new(vec![version(3, 5), version(1, 0), version(2, 10)]);
        let expected = [(0, Some(1)), (4, Some(1)), (5, Some(3)), (9, Some(3)), (10, Some(2)), (99, Some(2))];
        for (seconds, number) in expected {
            assert_eq!(number_in_force(&snapshot, seconds), number, "at {seconds}");
        }
    }

    #[test]
    fn a_clock_that_is_behind_meets_the_first_version_and_none_that_is_scheduled() {
        let snapshot = PolicySnapshot::new(vec![version(2, 3_600), version(1, 0)]);
        assert_eq!(number_in_force(&snapshot, -200), Some(1));
        snapshot.require(at(-200)).unwrap();
    }

    #[test]
    fn the_one_that_takes_effect_last_is_coming() {
        let mut cancelled = version(4, 30);
        cancelled.canceled_at = Some(at(1));
        let snapshot = PolicySnapshot::new(vec![version(3, 5), version(2, 10), version(1, 0), cancelled]);
        assert_eq!(snapshot.coming().map(|version| version.version), Some(2));
        assert_eq!(PolicySnapshot::new(Vec::new()).coming(), None);
    }

    #[test]
    fn of_two_at_the_same_instant_the_later_version_is() {
        let snapshot = PolicySnapshot::new(vec![version(2, 5), version(1, 5)]);
        assert_eq!(number_in_force(&snapshot, 5), Some(2));
    }

    #[test]
    fn a_cancelled_one_never_is() {
        let mut cancelled = version(2, 5);
        cancelled.canceled_at = Some(at(1));
        let snapshot = PolicySnapshot::new(vec![version(1, 0), cancelled]);
        assert_eq!(number_in_force(&snapshot, 6), Some(1));
    }

    #[test]
    fn nothing_in_force_is_a_fault_and_no_default() {
        let empty = PolicySnapshot::new(Vec::new());
        assert!(empty.in_force(at(0)).is_none());
        assert!(matches!(empty.require(at(0)), Err(Fault::Internal(_))));
    }

    #[test]
    fn statuses_have_the_names_of_the_api() {
        for status in PolicyStatus::ALL {
            assert_eq!(PolicyStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(PolicyStatus::parse("active"), None);
    }
}
