//! A user as administrators and integrators see it: what is stored, and what follows from it by the
//! tenant's clock and policy.

use core_contact::EmailAddress;
use core_crypto::DataKey;
use core_kernel::{Fault, Timestamp};
use core_policy::{Lock, Policy, SecurityLevel, effective_level, enrollment_required_from};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};

use crate::tenants::words;
use crate::users::UserRecord;

words! {
    /// Whether a user can log in.
    UserStatus {
        /// Nothing stands in the way.
        Active = "ACTIVE",
        /// Locked, and the lock has not run out.
        Locked = "LOCKED",
        /// Switched off by the tenant.
        Disabled = "DISABLED",
    }
    /// How far a user has come.
    EnrollmentState {
        /// Nothing yet.
        NotEnrolled = "NOT_ENROLLED",
        /// Put off at least once.
        Skipped = "SKIPPED",
        /// Has a factor that is ACTIVE or DISABLED, backup codes aside.
        Enrolled = "ENROLLED",
        /// Turned it off, with or without factors.
        OptedOut = "OPTED_OUT",
    }
}

/// A user with what follows from the clock and the policy.
#[derive(Debug, Clone)]
pub struct UserView {
    /// What is stored.
    pub record: UserRecord,
    /// The address on record.
    pub email: Option<EmailAddress>,
    /// Whether the user can log in.
    pub status: UserStatus,
    /// Until when, where LOCKED; `None` also where a person locked the user.
    pub locked_until: Option<Timestamp>,
    /// How far the user has come.
    pub enrollment: EnrollmentState,
    /// From when the user cannot skip any more.
    pub enrollment_required_from: Option<Timestamp>,
    /// The level in force.
    pub security_level: SecurityLevel,
}

/// How many users have come how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EnrollmentProgress {
    /// All.
    pub total: i64,
    /// [`EnrollmentState::Enrolled`].
    pub enrolled: i64,
    /// [`EnrollmentState::Skipped`].
    pub skipped: i64,
    /// [`EnrollmentState::OptedOut`].
    pub opted_out: i64,
    /// [`EnrollmentState::NotEnrolled`].
    pub not_enrolled: i64,
}

impl EnrollmentProgress {
    /// The sums of what was counted by state, each perhaps several times.
    pub(super) fn of(counts: Vec<(String, i64)>) -> Self {
        let mut progress = Self::default();
        for (state, count) in counts {
            progress.add(EnrollmentState::parse(&state).unwrap_or(EnrollmentState::NotEnrolled), count);
        }
        progress
    }

    fn add(&mut self, state: EnrollmentState, count: i64) {
        self.total += count;
        match state {
            EnrollmentState::Enrolled => self.enrolled += count,
            EnrollmentState::Skipped => self.skipped += count,
            EnrollmentState::OptedOut => self.opted_out += count,
            EnrollmentState::NotEnrolled => self.not_enrolled += count,
        }
    }
}

/// A user as the lists read it: filters and views must agree on status and enrollment, so both are
/// told by the same SQL.
pub(super) struct UserRow {
    pub(super) record: UserRecord,
    status: UserStatus,
    enrollment: EnrollmentState,
}

impl FromRow<'_, PgRow> for UserRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            record: UserRecord::from_row(row)?,
            status: UserStatus::parse(row.try_get("status")?).ok_or_else(|| unknown("status"))?,
            enrollment: EnrollmentState::parse(row.try_get("enrollment")?).ok_or_else(|| unknown("enrollment"))?,
        })
    }
}

fn unknown(column: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: "unknown word".into() }
}

impl UserRow {
    pub(super) fn view(self, policy: &Policy, key: &DataKey, now: Timestamp) -> Result<UserView, Fault> {
        let user = &self.record;
        let audience = policy.audience(user.kind);
        let locked_until = match user.lock {
            Some(Lock::Until(end)) if self.status == UserStatus::Locked => Some(end),
            _ => None,
        };
        Ok(UserView {
            email: user.email(key)?,
            locked_until,
            enrollment_required_from: enrollment_required_from(audience, user.first_login_at, user.skips_used, now),
            security_level: effective_level(audience, user.chosen_level, user.advisor_level),
            status: self.status,
            enrollment: self.enrollment,
            record: self.record,
        })
    }
}
