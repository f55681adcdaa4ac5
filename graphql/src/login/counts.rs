//! How many logins there were, for charts.

use async_graphql::{Context, Result, SimpleObject};
use core_access::{Caller, Operation};
use core_kernel::{Refusal, Stop};
use svc_logins::CountRange;

use crate::context::services;
use crate::enums::{Completion, LoginOutcome};
use crate::scalars::DateTime;

/// How many logins of one day were decided and completed alike.
#[derive(SimpleObject)]
pub struct LoginCount {
    /// The day in the tenant's time zone, e.g. `2026-03-01`.
    pub day: String,
    /// What the policy decided.
    pub outcome: LoginOutcome,
    /// How they were completed; null for those that were not, and for those that were allowed outright.
    pub completed_with: Option<Completion>,
    /// How many.
    pub logins: i32,
    /// How many of them are complete.
    pub completed: i32,
}

impl From<svc_logins::LoginCount> for LoginCount {
    fn from(count: svc_logins::LoginCount) -> Self {
        let number = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            day: count.day.to_string(),
            outcome: count.outcome.into(),
            completed_with: count.completed_with.map(Into::into),
            logins: number(count.logins),
            completed: number(count.completed),
        }
    }
}

/// `Tenant.loginCounts`.
///
/// # Errors
/// FORBIDDEN; BAD_REQUEST for times that cannot be read, are in the wrong order or too far apart.
pub(crate) async fn tenant_login_counts(
    ctx: &Context<'_>,
    caller: &Caller,
    from: &DateTime,
    to: &DateTime,
    time_zone: &str,
) -> Result<Vec<LoginCount>> {
    let permit = caller.permit(Operation::ReadLogins)?;
    let range = range(from, to).map_err(Stop::from)?;
    let counts = Box::pin(services(ctx)?.logins.count_logins(&permit, &range, time_zone)).await?;
    Ok(counts.into_iter().map(LoginCount::from).collect())
}

fn range(from: &DateTime, to: &DateTime) -> Result<CountRange, Refusal> {
    CountRange::new(from.read("from")?, to.read("to")?)
}
