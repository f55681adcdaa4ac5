//! Rehearsing a policy on a million logins: how long it takes, and what the logins that are served
//! meanwhile notice of it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::TimeDelta;
use core_access::{ApiScope, Caller, Operation, Permit, Principal, ScopeSet};
use core_kernel::{ApiKeyId, ChallengeId, Clock, Entropy, LoginId, SystemClock, SystemEntropy, TenantId, Timestamp};
use core_policy::{
    AudienceDraft, Channel, FactorFacts, FactorKind, FactorStatus, FirstFactor, LoginPurpose, PhoneLine, PolicyDraft,
    SecurityLevel, UserFacts, UserKind,
};
use io_limits::{Limits, LimitsConfig};
use svc_directory::{Directory, UserRef};
use svc_logins::{EvaluateInput, Given, Logins};
use svc_platform::Platform;
use svc_policy::Policies;
use svc_simulation::{
    SimulatePolicyInput, Simulation, SimulationOptions, SimulationStatus, SimulationWorker, Simulations,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::copy::copy;
use crate::database::BenchDatabase;
use crate::seed::{Population, external_id};
use crate::stats::Sample;
use crate::steady::decide_steadily;

/// Over how many days the logins are spread, and one day more that is rehearsed.
const DAYS: i32 = 30;
/// One login in so many was asked for a code.
const ASKED: usize = 10;

/// A login that was made some time ago.
struct Past {
    user: usize,
    login: LoginId,
    at: Timestamp,
    asked: bool,
}

/// Writes `count` logins of the first tenant's users, spread evenly over the last days, a tenth of them
/// with a code that was sent.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn history(database: &BenchDatabase, population: &Population, count: usize) -> anyhow::Result<()> {
    let facts = serde_json::to_string(&given(SystemClock.now()))?;
    history_with(database, population, count, &facts).await
}

/// The same with these facts, from which each was decided: an object of JSON, and three quarters of a row.
///
/// # Errors
/// See [`history`].
pub async fn history_with(
    database: &BenchDatabase,
    population: &Population,
    count: usize,
    facts: &str,
) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let step = TimeDelta::days(DAYS.into()).num_milliseconds() / i64::try_from(count.max(1))?;
    let users: Vec<usize> = (0..population.users.len()).filter(|n| population.users[*n].tenant == 0).collect();
    let past = |n: usize| {
        let at = now - TimeDelta::milliseconds(step * i64::try_from(n).unwrap_or(0) + 60_000);
        Past {
            user: users[n % users.len()],
            login: LoginId::new(&SystemEntropy, at),
            at,
            asked: n.is_multiple_of(ASKED),
        }
    };
    let past: Vec<Past> = (0..count).map(past).collect();
    let tenant = population.tenants[0].id;
    let mut connection = database.superuser().await?;
    let columns = "login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level, policy_version, ip_address, user_agent, max_attempts, created_at, expires_at, facts)";
    copy(&mut connection, columns, past.iter().rev(), |row, past| {
        row.uuid(tenant.0)
            .text(&past.login.month().to_string())
            .uuid(past.login.0)
            .uuid(population.users[past.user].id.0);
        let (outcome, reasons) = if past.asked { ("CHALLENGE", "{RISK_DETECTED}") } else { ("ALLOW", "{LOW_RISK}") };
        row.text("SIGN_IN").text("PASSWORD").text(outcome).text(reasons).text("STANDARD").number(1);
        row.text("198.51.100.7").text("Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0");
        row.number(5).time(past.at).time(past.at + TimeDelta::minutes(15)).text(facts);
    })
    .await?;
    let columns = "challenge (tenant_id, month, challenge_id, user_id, login_month, login_id, factor_id, kind, purpose, digits, created_at, expires_at, channel, sms_sends, sms_sent_at)";
    copy(&mut connection, columns, past.iter().rev().filter(|past| past.asked), |row, past| {
        let challenge = ChallengeId::new(&SystemEntropy, past.at);
        let user = population.users[past.user];
        row.uuid(tenant.0).text(&challenge.month().to_string()).uuid(challenge.0).uuid(user.id.0);
        row.text(&past.login.month().to_string()).uuid(past.login.0).uuid(user.phone.0).text("CODE").text("LOGIN");
        row.number(6).time(past.at).time(past.at + TimeDelta::minutes(5)).text("SMS").number(1).time(past.at);
    })
    .await
}

/// What the decisions were made from: as much as an ordinary user has.
fn given(now: Timestamp) -> Given {
    let phone = |kind| FactorFacts { kind, status: FactorStatus::Active, line: Some(PhoneLine::Mobile) };
    let mut user = UserFacts::new(UserKind::External);
    user.factors = vec![phone(FactorKind::PhonePrimary), phone(FactorKind::PhoneRecovery)];
    user.first_login_at = Some(now - TimeDelta::days(200));
    let finding = core_risk::Finding {
        kind: core_risk::SignalKind::NewNetwork,
        score: 15,
        detail: "From a network (AS64500) that was not seen in 90 days.".to_owned(),
    };
    let risk = core_risk::Recorded { findings: vec![finding], conclusive: true, ..core_risk::Recorded::default() };
    Given { user, suspended: false, risk: Some(risk) }
}

/// A firm whose policy is rehearsed, and whose users log in meanwhile.
pub struct Rehearsal {
    platform: Platform,
    tenant: TenantId,
    users: usize,
    simulations: Simulations,
    logins: Logins,
}

impl Rehearsal {
    /// On the first tenant of a database.
    ///
    /// # Errors
    /// When PostgreSQL is gone.
    pub async fn new(database: &BenchDatabase, population: &Population) -> anyhow::Result<Self> {
        let platform = database.platform(&database.app_url).await?;
        let limits = Arc::new(Limits::new(&LimitsConfig::default(), Arc::new(SystemClock))?);
        let directory = Directory::new(platform.clone(), Policies::new(platform.clone()));
        let simulations = Simulations::new(platform.clone(), directory, limits);
        let logins = crate::direct::service(database, &database.app_url, Default::default()).await?;
        let users = population.users.iter().filter(|user| user.tenant == 0).count();
        Ok(Self { platform, tenant: population.tenants[0].id, users, simulations, logins })
    }

    /// Raises everybody to HIGH, which prices a message for nearly every login, and tells how long that took.
    ///
    /// # Errors
    /// When it does not come to its end.
    pub async fn rehearse(&self) -> anyhow::Result<(Simulation, Duration)> {
        let permit = self.permit(Operation::SimulatePolicy)?;
        let input = SimulatePolicyInput { draft: high(), days: DAYS + 1 };
        let started = self.simulations.start(&permit, &input).await.map_err(|stop| anyhow::anyhow!("{stop:?}"))?;
        let worker = SimulationWorker::new(self.platform.clone(), SimulationOptions::default());
        let began = Instant::now();
        worker.round(&CancellationToken::new()).await?;
        let elapsed = began.elapsed();
        let found = self.simulations.lookup(&permit, started.id).await?.context("the simulation is gone")?;
        ensure!(found.status == SimulationStatus::Completed, "{found:?}");
        Ok((found, elapsed))
    }

    /// Decides logins at a steady rate, however long each takes.
    ///
    /// # Errors
    /// When one fails.
    pub async fn serve(&self, a_second: u32, duration: Duration) -> anyhow::Result<Sample> {
        let permit = self.permit(Operation::EvaluateLogin)?;
        decide_steadily(&self.logins, permit, (0..self.users).cycle().map(input), a_second, duration).await
    }

    fn permit(&self, operation: Operation) -> anyhow::Result<Permit> {
        let id = ApiKeyId(SystemEntropy.uuid_v7(SystemClock.now()));
        let scopes = ScopeSet::of(&[ApiScope::Login, ApiScope::Policy]);
        let principal = Principal::ApiKey { id, name: "bench".to_owned(), scopes, partner: None };
        Ok(Caller { tenant: self.tenant, principal, actor: None, ip: None }.permit(operation)?)
    }
}

fn high() -> PolicyDraft {
    let audience = AudienceDraft {
        allowed_channels: vec![Channel::Sms, Channel::Voice, Channel::Totp],
        default_level: Some(SecurityLevel::High),
        minimum_level: Some(SecurityLevel::High),
        ..AudienceDraft::default()
    };
    PolicyDraft { internal: audience.clone(), external: audience, ..PolicyDraft::default() }
}

fn input(n: usize) -> EvaluateInput {
    EvaluateInput {
        user: UserRef::ExternalId(external_id(n)),
        purpose: LoginPurpose::SignIn,
        first_factor: FirstFactor::Password,
        ip_address: "198.51.100.7".to_owned(),
        user_agent: None,
        device_token: None,
        idempotency_key: None,
    }
}

/// What a simulation does in a second, and what it costs the logins beside it.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    /// Logins decided again, a second.
    pub rate: f64,
    /// Logins served while nothing else happens.
    pub alone: Sample,
    /// Logins served beside a simulation.
    pub beside: Sample,
}

/// Rehearses a policy on all logins of a database, alone and while logins are served.
///
/// # Errors
/// When the database or an answer fails.
pub async fn measure(database: &BenchDatabase, population: &Population) -> anyhow::Result<Rehearsed> {
    const A_SECOND: u32 = 200;
    let rehearsal = Rehearsal::new(database, population).await?;
    let (found, elapsed) = rehearsal.rehearse().await?;
    let alone = rehearsal.serve(A_SECOND, Duration::from_secs(5)).await?;
    let (simulated, beside) = tokio::join!(rehearsal.rehearse(), rehearsal.serve(A_SECOND, Duration::from_secs(5)));
    simulated?;
    Ok(Rehearsed { rate: f64::from(found.logins_replayed) / elapsed.as_secs_f64(), alone, beside: beside? })
}
