//! Forecasts and reminders as others see them.

use core_kernel::{ReminderRunId, Timestamp};
use core_policy::UserKind;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use svc_delivery::MailPreview;
use svc_directory::UserView;

/// Who of one audience will not get in without doing something first, once enrollment is mandatory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrollmentForecast {
    /// The audience.
    pub kind: UserKind,
    /// From when it is mandatory, which may be past.
    pub mandatory_from: Timestamp,
    /// The version of the policy that says so: in force, or the scheduled one.
    pub policy_version: i32,
    /// [`BlockedReason::NotEnrolled`].
    pub not_enrolled: i64,
    /// [`BlockedReason::NoUsableFactor`].
    pub no_usable_factor: i64,
}

/// Why a user will be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockedReason {
    /// No factor: the user must enroll one at the next login, and cannot put it off.
    NotEnrolled,
    /// Factors, but none on a channel that the policy allows, and no backup code: the user is denied.
    NoUsableFactor,
}

/// A user of a forecast.
#[derive(Debug, Clone)]
pub struct BlockedUser {
    /// The user.
    pub user: UserView,
    /// Why.
    pub reason: BlockedReason,
}

/// What became of an order to remind.
#[derive(Debug, Clone)]
pub struct Reminders {
    /// Of a rehearsal, how many would be reminded now; else, how many were, or will be as soon as the
    /// run comes to them.
    pub recipients: i64,
    /// How the mail looks.
    pub preview: MailPreview,
    /// None of a rehearsal, and where there was nobody to remind.
    pub run: Option<ReminderRun>,
}

/// How a run of reminders ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunEnding {
    /// Everybody was gone through.
    Completed,
    /// There was no room under the spending cap for the rest.
    SpendingCap,
    /// The tenant was suspended.
    Suspended,
}

impl RunEnding {
    /// As it is stored, and the API's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "COMPLETED",
            Self::SpendingCap => "SPENDING_CAP",
            Self::Suspended => "SUSPENDED",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Completed, Self::SpendingCap, Self::Suspended].into_iter().find(|ending| ending.as_str() == name)
    }
}

/// One run of reminders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderRun {
    /// The run.
    pub run_id: ReminderRunId,
    /// When it was asked for, by the tenant's clock.
    pub created_at: Timestamp,
    /// By whom, as in the audit log.
    pub created_by: String,
    /// How many were to be reminded when it began.
    pub recipients: i64,
    /// How many mails it has queued so far.
    pub queued: i64,
    /// How many were left when it ended early.
    pub not_sent: i64,
    /// When it ended; `None`: it goes on.
    pub ended_at: Option<Timestamp>,
    /// How it ended.
    pub ending: Option<RunEnding>,
}

impl FromRow<'_, PgRow> for ReminderRun {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let ending: Option<String> = row.try_get("ending")?;
        let unknown = || sqlx::Error::ColumnDecode { index: "ending".to_owned(), source: "unknown word".into() };
        Ok(Self {
            run_id: ReminderRunId(row.try_get("run_id")?),
            created_at: row.try_get("created_at")?,
            created_by: row.try_get("created_by")?,
            recipients: row.try_get::<i32, _>("recipients")?.into(),
            queued: row.try_get::<i32, _>("queued")?.into(),
            not_sent: row.try_get::<i32, _>("not_sent")?.into(),
            ended_at: row.try_get("ended_at")?,
            ending: ending.map(|name| RunEnding::parse(&name).ok_or_else(unknown)).transpose()?,
        })
    }
}
