//! Who will be blocked on the date, and runs of reminders.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use core_access::{Caller, Operation, Permit};
use core_kernel::{Page, ReminderRunId, TypedId};
use svc_rollout::{BlockedUser, ReminderRun};

use crate::connection::{PageInfo, connection, page_request};
use crate::context::{permit, services};
use crate::directory::User;
use crate::enums::UserKind;
use crate::ids::id;
use crate::scalars::DateTime;

connection! {
    /// A page of runs of reminders.
    EnrollmentReminderRunConnection, EnrollmentReminderRunEdge of EnrollmentReminderRun;
}

/// Who of one audience will not get in without doing something first, once enrollment is mandatory: by the policy that will be
/// in force when everything scheduled has taken effect, and by users as they are now. Users who are disabled are not counted,
/// nor those who were never seen, where the policy grants a grace period.
pub struct EnrollmentForecast {
    forecast: svc_rollout::EnrollmentForecast,
    permit: Permit,
}

/// The forecast for one audience; `None` while no date is set.
pub(crate) async fn tenant_forecast(
    ctx: &Context<'_>,
    caller: &Caller,
    kind: UserKind,
) -> Result<Option<EnrollmentForecast>> {
    let permit = caller.permit(Operation::ReadUsers)?;
    let found = services(ctx)?.rollout.forecast(&permit, kind.into()).await?;
    Ok(found.map(|forecast| EnrollmentForecast { forecast, permit }))
}

#[Object]
impl EnrollmentForecast {
    /// The audience.
    async fn kind(&self) -> UserKind {
        self.forecast.kind.into()
    }

    /// From when enrollment is mandatory; it may be past.
    async fn mandatory_from(&self) -> DateTime {
        self.forecast.mandatory_from.into()
    }

    /// The version of the policy that says so.
    async fn policy_version(&self) -> i32 {
        self.forecast.policy_version
    }

    /// How many must enroll at their next login from then on, and cannot put it off.
    async fn not_enrolled(&self) -> i32 {
        int(self.forecast.not_enrolled)
    }

    /// How many have factors, but none that the policy accepts, and no backup code: they will be denied.
    async fn no_usable_factor(&self) -> i32 {
        int(self.forecast.no_usable_factor)
    }

    /// Those users, the longest known first.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<BlockedUserConnection> {
        let page = page_request(first, after)?;
        let rows = services(ctx)?.rollout.blocked_users(&self.permit, self.forecast.kind, &page).await?;
        Ok(BlockedUserConnection::of(rows, self.forecast.not_enrolled + self.forecast.no_usable_factor))
    }
}

/// A page of users who will be blocked.
#[derive(SimpleObject)]
pub struct BlockedUserConnection {
    /// The page's entries.
    pub edges: Vec<BlockedUserEdge>,
    /// Where the page stands.
    pub page_info: PageInfo,
    /// How many entries the whole list has.
    pub total_count: i32,
}

/// A user who will be blocked, and why.
#[derive(SimpleObject)]
pub struct BlockedUserEdge {
    /// The entry's place in the list.
    pub cursor: String,
    /// The user.
    pub node: User,
    /// Why.
    pub reason: BlockedReason,
}

/// Why a user will be blocked.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "svc_rollout::BlockedReason")]
pub enum BlockedReason {
    /// No factor: one must be enrolled at the next login, and that cannot be put off.
    NotEnrolled,
    /// Factors, but none on a channel that the policy allows, and no backup code: the login is denied.
    NoUsableFactor,
}

impl BlockedUserConnection {
    fn of(page: Page<BlockedUser>, total: i64) -> Self {
        let page_info = PageInfo::of(page.has_next, page.has_previous, page.rows.iter().map(|(cursor, _)| cursor));
        let edges = page.rows.into_iter().map(|(cursor, blocked)| BlockedUserEdge {
            cursor: cursor.0,
            node: blocked.user.into(),
            reason: blocked.reason.into(),
        });
        Self { edges: edges.collect(), page_info, total_count: int(total) }
    }
}

/// One sending of reminders to all who have not enrolled.
pub struct EnrollmentReminderRun(ReminderRun);

impl From<ReminderRun> for EnrollmentReminderRun {
    fn from(run: ReminderRun) -> Self {
        Self(run)
    }
}

/// The tenant's runs, newest first.
pub(crate) async fn tenant_reminder_runs(
    ctx: &Context<'_>,
    caller: &Caller,
    first: i32,
    after: Option<String>,
) -> Result<EnrollmentReminderRunConnection> {
    let permit = caller.permit(Operation::ReadUsers)?;
    let page = services(ctx)?.rollout.list_runs(&permit, &page_request(first, after)?).await?;
    Ok(EnrollmentReminderRunConnection::of(page, EnrollmentReminderRun::from))
}

/// A run as a node; `None` where the caller may not see it.
pub(crate) async fn load_reminder_run(ctx: &Context<'_>, id: &str) -> Result<Option<EnrollmentReminderRun>> {
    let (Some(run), Ok(permit)) = (ReminderRunId::from_text(id), permit(ctx, Operation::ReadUsers)) else {
        return Ok(None);
    };
    Ok(services(ctx)?.rollout.lookup_run(&permit, run).await?.map(EnrollmentReminderRun::from))
}

#[Object]
impl EnrollmentReminderRun {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.run_id)
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// By whom, as in the audit log.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// How many were to be reminded when it began.
    async fn recipients(&self) -> i32 {
        int(self.0.recipients)
    }

    /// How many mails it has queued so far.
    async fn queued(&self) -> i32 {
        int(self.0.queued)
    }

    /// How many were left when it ended early.
    async fn not_sent(&self) -> i32 {
        int(self.0.not_sent)
    }

    /// When it ended; null while it goes on.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime::from)
    }

    /// How it ended; null while it goes on.
    async fn ending(&self) -> Option<ReminderRunEnding> {
        self.0.ending.map(ReminderRunEnding::from)
    }
}

/// How a run of reminders ended.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "svc_rollout::RunEnding")]
pub enum ReminderRunEnding {
    /// Everybody was gone through.
    Completed,
    /// There was no room under the spending cap for the rest.
    SpendingCap,
    /// The tenant was suspended.
    Suspended,
}

pub(super) fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
