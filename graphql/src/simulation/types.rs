//! A simulation and what it found.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use core_access::Operation;
use core_kernel::{Fault, LoginId, PolicySimulationId, TypedId};
use svc_simulation::{Example, Simulation, Transition};

use crate::connection::page_request;
use crate::context::{permit, services};
use crate::directory::{User, UserConnection};
use crate::enums::{DecisionReason, JobStatus, LoginOutcome};
use crate::ids::id;
use crate::loaders::loaders;
use crate::login::Login;
use crate::money::Money;
use crate::scalars::DateTime;

/// What would have been different, had a policy been in force: no login is changed by asking. Read it by `node` until it is
/// COMPLETED, before which it has found nothing yet; kept for a day.
pub struct PolicySimulation(Simulation);

impl From<Simulation> for PolicySimulation {
    fn from(view: Simulation) -> Self {
        Self(view)
    }
}

/// The simulation of that identifier; `None` where the caller may not see it, or it was deleted.
pub(crate) async fn load_simulation(ctx: &Context<'_>, id: &str) -> Result<Option<PolicySimulation>> {
    let (Some(simulation), Ok(permit)) = (PolicySimulationId::from_text(id), permit(ctx, Operation::ReadPolicy)) else {
        return Ok(None);
    };
    Ok(services(ctx)?.simulations.lookup(&permit, simulation).await?.map(PolicySimulation::from))
}

#[Object]
impl PolicySimulation {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// How far it has come.
    async fn status(&self) -> JobStatus {
        self.0.status.into()
    }

    /// Why it FAILED.
    async fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }

    /// The logins of how many days.
    async fn days(&self) -> i32 {
        self.0.days
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it came to its end.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime::from)
    }

    /// Logins decided again, so far.
    async fn logins_replayed(&self) -> i32 {
        self.0.logins_replayed
    }

    /// Logins that cannot be: what their decision was made from was not kept at the time.
    async fn logins_skipped(&self) -> i32 {
        self.0.logins_skipped
    }

    /// Counts by how a login was decided and how it would be; logins that do not change included.
    async fn transitions(&self) -> Vec<OutcomeTransition> {
        self.0.transitions.iter().map(Into::into).collect()
    }

    /// Users who would be unable to log in: a login of theirs that was not denied would have been, and with the factors that
    /// they have today, or the risk of their latest login, the next would be.
    async fn users_locked_out(&self) -> i32 {
        self.0.users_locked_out
    }

    /// Those users, newest first.
    async fn locked_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<UserConnection> {
        let permit = permit(ctx, Operation::ReadPolicy)?;
        let page = page_request(first, after)?;
        let page = services(ctx)?.simulations.locked_out(&permit, self.0.id, &page).await?;
        Ok(UserConnection::of_counted(page, self.0.users_locked_out.into(), User::from))
    }

    /// Codes that were sent for these logins.
    async fn messages_before(&self) -> i32 {
        int(self.0.messages_before)
    }

    /// Codes that would have been.
    async fn messages_after(&self) -> i32 {
        int(self.0.messages_after)
    }

    /// What those cost, at list price; a SANDBOX, which is never billed, is told as well.
    async fn cost_before(&self) -> Money {
        self.0.cost_before.into()
    }

    /// What these would have.
    async fn cost_after(&self) -> Money {
        self.0.cost_after.into()
    }

    /// Some of the logins that change, for a person to look at; at most 20, the kinds of change in turn.
    async fn examples(&self) -> Vec<SimulatedLogin> {
        self.0.examples.iter().cloned().map(SimulatedLogin).collect()
    }
}

/// How often logins were decided one way, and would be another.
#[derive(SimpleObject)]
pub struct OutcomeTransition {
    /// As they were decided.
    from: LoginOutcome,
    /// As they would be.
    to: LoginOutcome,
    /// How many.
    count: i32,
}

impl From<&Transition> for OutcomeTransition {
    fn from(transition: &Transition) -> Self {
        Self { from: transition.from.into(), to: transition.to.into(), count: int(transition.count) }
    }
}

/// A login that changes.
pub struct SimulatedLogin(Example);

#[Object]
impl SimulatedLogin {
    /// As it was.
    async fn login(&self, ctx: &Context<'_>) -> Result<Login> {
        let (permit, logins) = (permit(ctx, Operation::ReadPolicy)?, services(ctx)?.logins.clone());
        let load = |ids: Vec<LoginId>| async move { logins.lookup_logins(&permit, &ids).await };
        let found = loaders(ctx)?.simulated.load(self.0.login, load).await?;
        Ok(found.map(Login::from).ok_or_else(|| Fault::internal("a simulation refers to a login that is not there"))?)
    }

    /// As it would be decided.
    async fn outcome(&self) -> LoginOutcome {
        self.0.outcome.into()
    }

    /// Why.
    async fn reasons(&self) -> Vec<DecisionReason> {
        self.0.reasons.iter().map(|reason| (*reason).into()).collect()
    }
}

/// A simulation counts to a million.
fn int(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
